#include "support/answers.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "support/test.h"

enum { timeout_s = 60 };

static void take_reply(test_answers *to, const misas_reply *reply)
{
    char shown[sizeof to->last_reply];

    snprintf(shown, sizeof shown, "%.50s %zu", reply->type != NULL ? reply->type : "none",
             reply->payload_size);
    if (to->successes > 0 && strcmp(shown, to->last_reply) != 0) {
        to->other_replies++;
    }
    memcpy(to->last_reply, shown, sizeof shown);
    to->successes++;
}

void answers_take(void *argument, const misas_reply *reply, misas_error *error)
{
    test_answers *to = argument;

    pthread_mutex_lock(&to->mutex);
    if (error == NULL) {
        take_reply(to, reply);
    } else {
        to->errors++;
        to->of_type += to->type != NULL && misas_error_is(error, to->type) ? 1 : 0;
    }
    pthread_cond_broadcast(&to->came);
    pthread_mutex_unlock(&to->mutex);
    misas_error_free(error);
}

void answers_await(test_answers *to, int count)
{
    struct timespec deadline;
    int waited = 0;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += timeout_s;
    pthread_mutex_lock(&to->mutex);
    while (to->successes + to->errors < count && waited == 0) {
        waited = pthread_cond_timedwait(&to->came, &to->mutex, &deadline);
    }
    pthread_mutex_unlock(&to->mutex);
    assert_int_equal(to->successes + to->errors, count);
}
