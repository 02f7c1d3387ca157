/** Event handlers that write down what they were called with, for tests of event processors. */
#ifndef MISAS_TESTS_RECORDER_H
#define MISAS_TESTS_RECORDER_H

#include <pthread.h>

#include "support/ledger.h"

/** Starts as RECORDER_EMPTY. */
typedef struct test_recorder {
    pthread_mutex_t mutex; /* guards what follows */
    char text[4000];       /* "+5 -3 " for Deposited of 5, Withdrawn of 3; "o" for Opened */
    int calls;             /* also of those that failed */
    int failing_cents;     /* a Deposited of so many fails ... */
    int times_to_fail;     /* ... so often; -1: always */
    const char *tags;      /* ... with these */
    void (*act)(misas_context *context, const Bank__Ledger__V1__Deposited *event,
                struct test_recorder *self); /* what a Deposited does besides; NULL: nothing */
} test_recorder;

#define RECORDER_EMPTY {.mutex = PTHREAD_MUTEX_INITIALIZER}

/** Registers its handlers with a processor; they find it as the service of this name. */
void recorder_register(test_recorder *recorder, misas_subsystem *subsystem,
                       misas_event_processor *processor);

/** Waits until its text is this; the test fails when that takes too long. */
void recorder_await(test_recorder *recorder, const char *text);

/** Waits until its handlers were called so often. */
void recorder_await_calls(test_recorder *recorder, int calls);

#endif
