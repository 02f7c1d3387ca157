#include "processing/stop_signal.h"

#include "clock/deadline.h"

void misas__stop_signal_begin(misas__stop_signal *signal)
{
    pthread_mutex_init(&signal->mutex, NULL);
    misas__condition_init(&signal->given);
    signal->is_given = false;
}

void misas__stop_signal_end(misas__stop_signal *signal)
{
    pthread_cond_destroy(&signal->given);
    pthread_mutex_destroy(&signal->mutex);
}

void misas__stop_signal_give(misas__stop_signal *signal)
{
    pthread_mutex_lock(&signal->mutex);
    signal->is_given = true;
    pthread_cond_broadcast(&signal->given);
    pthread_mutex_unlock(&signal->mutex);
}

bool misas__stop_signal_is_given(misas__stop_signal *signal)
{
    return misas__stop_signal_wait(signal, 0);
}

bool misas__stop_signal_wait(misas__stop_signal *signal, int timeout_ms)
{
    struct timespec deadline = misas__deadline_after_ms(timeout_ms);
    int waited = 0;

    pthread_mutex_lock(&signal->mutex);
    while (!signal->is_given && waited == 0 && timeout_ms > 0) {
        waited = pthread_cond_timedwait(&signal->given, &signal->mutex, &deadline);
    }
    bool is_given = signal->is_given;

    pthread_mutex_unlock(&signal->mutex);
    return is_given;
}
