/** A gate that threads wait at until the test opens it. */
#ifndef MISAS_TESTS_GATE_H
#define MISAS_TESTS_GATE_H

#include <pthread.h>

/** Starts as GATE_CLOSED. */
typedef struct test_gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int waiting; /* threads that have come to it */
    int is_open;
} test_gate;

#define GATE_CLOSED {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0}

/** Waits until it is open. */
void gate_pass(test_gate *at);

/** Waits until a thread has come to it. */
void gate_await(test_gate *at);

void gate_open(test_gate *at);

#endif
