#include "bus/waiter.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "bus/errors.h"
#include "clock/deadline.h"
#include "clock/monotonic.h"

struct misas__bus_waiter {
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t answered;
    bool is_answered;
    misas_reply *reply;
    misas_error *error;
    int users; /* the thread that waits, and the message */
};

misas_error *misas__bus_waiter_new(misas__bus_waiter **out)
{
    misas__bus_waiter *waiter = calloc(1, sizeof *waiter);

    if (waiter == NULL) {
        return misas_error_out_of_memory();
    }
    pthread_mutex_init(&waiter->mutex, NULL);
    misas__condition_init(&waiter->answered);
    waiter->users = 2;
    *out = waiter;
    return NULL;
}

static void leave(misas__bus_waiter *waiter, int users)
{
    pthread_mutex_lock(&waiter->mutex);
    waiter->users -= users;
    bool is_last = waiter->users == 0;

    pthread_mutex_unlock(&waiter->mutex);
    if (is_last) {
        free(waiter->reply);
        misas_error_free(waiter->error);
        pthread_cond_destroy(&waiter->answered);
        pthread_mutex_destroy(&waiter->mutex);
        free(waiter);
    }
}

void misas__bus_waiter_abandon(misas__bus_waiter *waiter)
{
    leave(waiter, 2);
}

void misas__bus_waiter_complete(void *argument, const misas_reply *reply, misas_error *error)
{
    misas__bus_waiter *waiter = argument;
    misas_reply *copy = NULL;

    if (error == NULL && reply != NULL) {
        error = misas_reply_copy(&copy, reply);
    }
    pthread_mutex_lock(&waiter->mutex);
    waiter->reply = copy;
    waiter->error = error;
    waiter->is_answered = true;
    pthread_cond_signal(&waiter->answered);
    pthread_mutex_unlock(&waiter->mutex);
    leave(waiter, 1);
}

static bool wait_until_answered(misas__bus_waiter *waiter, int64_t deadline_ms)
{
    int64_t left_ms = deadline_ms - misas__monotonic_ms();
    struct timespec deadline = misas__deadline_after_ms(left_ms > 0 ? (int)left_ms : 0);
    int waited = 0;

    while (!waiter->is_answered && waited == 0) {
        waited = pthread_cond_timedwait(&waiter->answered, &waiter->mutex, &deadline);
    }
    return waiter->is_answered;
}

misas_error *misas__bus_waiter_wait(misas_reply **out, misas__bus_waiter *waiter,
                                    int64_t deadline_ms, const misas_envelope *sent)
{
    misas_error *error = NULL;

    pthread_mutex_lock(&waiter->mutex);
    bool is_answered = wait_until_answered(waiter, deadline_ms);

    if (is_answered) {
        error = waiter->error;
        waiter->error = NULL;
    }
    if (is_answered && error == NULL && out != NULL) {
        *out = waiter->reply;
        waiter->reply = NULL;
    }
    pthread_mutex_unlock(&waiter->mutex);
    leave(waiter, 1);
    return is_answered ? error : misas__bus_no_answer(sent);
}
