/** The answers to commands that were sent without waiting for each. */
#ifndef MISAS_TESTS_ANSWERS_H
#define MISAS_TESTS_ANSWERS_H

#include <pthread.h>

#include "misas/bus.h"

/** Starts as ANSWERS_NONE. */
typedef struct test_answers {
    pthread_mutex_t mutex;
    pthread_cond_t came;
    int successes;
    int errors;
    int of_type; /* errors of the type below */
    const char *type;
    char last_reply[64]; /* the type and size of the last content */
    int other_replies;   /* that were not like the one before */
} test_answers;

#define ANSWERS_NONE(error_type) \
    {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0, (error_type), "", 0}

/** A completion; its argument is the answers. */
void answers_take(void *argument, const misas_reply *reply, misas_error *error);

/** Waits until so many have come; the test fails when that takes too long. */
void answers_await(test_answers *to, int count);

#endif
