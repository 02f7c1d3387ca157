/* Who wants a system to stop, and who waits for that. */
#include "clock/monotonic.h"
#include "system/system.h"

/* Takes the error. */
static void tell(const misas_system *system, misas_error *error)
{
    misas_log_write_error(&system->logger, MISAS_LOG_ERROR,
                          "another error, while the system stops already", error, NULL);
    misas_error_free(error);
}

void misas_system_request_stop(misas_system *system, misas_error *error)
{
    misas_error *second = NULL;

    pthread_mutex_lock(&system->mutex);
    if (!system->is_to_stop) {
        system->is_to_stop = true;
        system->to_stop_since_ms = misas__monotonic_ms();
    }
    if (system->reason == NULL) {
        system->reason = error;
    } else {
        second = error;
    }
    pthread_cond_broadcast(&system->changed);
    pthread_mutex_unlock(&system->mutex);
    if (second != NULL) {
        tell(system, second);
    }
}

void misas__system_wait(misas_system *system)
{
    pthread_mutex_lock(&system->mutex);
    while (!system->is_to_stop) {
        pthread_cond_wait(&system->changed, &system->mutex);
    }
    pthread_mutex_unlock(&system->mutex);
}

misas_error *misas__system_take_reason(misas_system *system)
{
    pthread_mutex_lock(&system->mutex);
    misas_error *reason = system->reason;

    system->reason = NULL;
    pthread_mutex_unlock(&system->mutex);
    return reason;
}

bool misas__system_has_reason(misas_system *system)
{
    pthread_mutex_lock(&system->mutex);
    bool has_reason = system->reason != NULL;

    pthread_mutex_unlock(&system->mutex);
    return has_reason;
}

int64_t misas__system_to_stop_since_ms(misas_system *system)
{
    pthread_mutex_lock(&system->mutex);
    int64_t since_ms = system->is_to_stop ? system->to_stop_since_ms : 0;

    pthread_mutex_unlock(&system->mutex);
    return since_ms;
}
