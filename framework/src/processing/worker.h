/** Private: a worker handles the messages of one queue, batch by batch, each batch in one
 * transaction. */
#ifndef MISAS_SRC_PROCESSING_WORKER_H
#define MISAS_SRC_PROCESSING_WORKER_H

#include <pthread.h>

#include "bus/queue.h"
#include "log/outage.h"
#include "misas/processing.h"
#include "processing/handle.h"

/** A message in hand, and what became of it. */
typedef struct misas__job {
    misas__bus_item *item;
    misas_reply reply; /* in the draft's arena */
    misas_error *error;
    misas_error *refusal; /* writing what it asks for failed: it is refused with this; NULL: not */
    int attempts;         /* that failed */
    bool is_answered;     /* it was handled before, or it can't be: `reply` and `error` say how */
} misas__job;

typedef struct misas__worker {
    misas__session session;
    misas__bus_queue *queue;
    misas__bus_queue *const *all_queues; /* of the processor; ends with NULL */
    int max_attempts;
    size_t max_batch;
    misas__job *jobs; /* room for a batch */
    misas__bus_item **items;
    void (*on_fatal)(void *argument, misas_error *error);
    void *on_fatal_argument;

    size_t first;            /* of the jobs that are left */
    size_t count;            /* of jobs in hand */
    size_t limit;            /* how many are tried in one transaction */
    bool expects_duplicates; /* in the next round messages are looked up before they are handled */
    bool is_looking;         /* in this one they were */
    int failures;            /* in a row, of what comes first */
    misas__outage outage;
    pthread_t thread;
} misas__worker;

typedef struct misas__worker_options {
    const misas_command_processor_options *processor; /* complete */
    misas__bus_queue *queue;
    misas__bus_queue *const *all_queues; /* of the processor; ends with NULL */
} misas__worker_options;

/** Makes it and starts its thread. */
misas_error *misas__worker_start(misas__worker **out, const misas__worker_options *options);

/** Waits for the thread, whose queue was stopped, and frees all. NULL is accepted. */
void misas__worker_end(misas__worker *worker);

/** Decides upon the jobs from the first on that are left, as many as fit into one transaction:
 * `*out_count`. `*out_error` is why the one after them could not be decided upon, or NULL. */
void misas__worker_decide(size_t *out_count, misas_error **out_error, misas__worker *worker);

/** Finds out which of the jobs to be tried next were handled before, or are predictions that are
 * gone. */
misas_error *misas__worker_find_handled(misas__worker *worker, size_t count);

#endif
