/** Threads that do the same. They make no assertions: those belong to the test's own thread. */
#ifndef MISAS_TESTS_CONTRACT_WORKERS_H
#define MISAS_TESTS_CONTRACT_WORKERS_H

#include <pthread.h>

#include "contract/words.h"

typedef struct worker {
    size_t index;
    misas_event_store *store;
    void *argument;
    misas_error *error; /* what it ended with */
    misas_append_result result;
    pthread_t thread;
    void (*work)(struct worker *worker);
} worker;

/** Starts `count` workers, each with its index. */
void workers_start(worker *workers, size_t count, const worker *like);

/** Waits until all are done. */
void workers_join(worker *workers, size_t count);

/** Fails on the first error of a worker. */
void workers_assert_no_errors(worker *workers, size_t count);

#endif
