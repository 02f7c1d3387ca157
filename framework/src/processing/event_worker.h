/** Private: a worker handles the events of one processor, batch by batch, while it leads. */
#ifndef MISAS_SRC_PROCESSING_EVENT_WORKER_H
#define MISAS_SRC_PROCESSING_EVENT_WORKER_H

#include "log/outage.h"
#include "misas/processing.h"
#include "processing/handle.h"
#include "processing/lease.h"
#include "processing/progress.h"
#include "processing/stop_signal.h"

/** An event in hand. An event of which upcasting made several stays together. */
typedef struct misas__event_job {
    misas_event *event;
    misas_error
        *aside; /* of the first part: why the event is to be set aside; NULL: it is handled */
} misas__event_job;

typedef struct misas__event_worker {
    misas__session session;
    const misas_event_processor *processor;
    misas__lease lease;
    misas__stop_signal *stop;
    void (*on_fatal)(void *argument, misas_error *error);
    void *on_fatal_argument;

    pthread_mutex_t subscription_mutex; /* held by its thread to change what follows */
    misas_subscription *subscription;
    uint64_t position;      /* of the checkpoint */
    misas__event_job *jobs; /* in hand */
    size_t count;
    size_t capacity;
    size_t first;        /* of those that are left */
    size_t limit;        /* how many events are tried in one transaction */
    size_t to_try_alone; /* so many events may have been in hand when the leader before crashed */
    bool is_after_crash; /* the leader before has not left in order */
    int failures;        /* in a row, of what comes first */
    int64_t looked_ms;   /* for dead letters to be retried, and to move the checkpoint while idle */
    misas__checkpoint_move move;
    misas__progress_record progress;
    misas__outage outage;
    pthread_t thread;
} misas__event_worker;

typedef struct misas__event_worker_options {
    const misas_event_processing_options *processing; /* complete */
    const misas_event_processor *processor;
    misas__stop_signal *stop;
} misas__event_worker_options;

/** Makes it and starts its thread. */
misas_error *misas__event_worker_start(misas__event_worker **out,
                                       const misas__event_worker_options *options);

/** It waits for events no longer, since its stop signal was given. Any thread. */
void misas__event_worker_interrupt(misas__event_worker *worker);

/** Waits for the thread, whose stop signal was given, and frees all. NULL is accepted. */
void misas__event_worker_end(misas__event_worker *worker);

/** Handles the events in hand, until none is left or the worker does not lead any more. */
void misas__event_worker_handle(misas__event_worker *worker);

/** Handles the dead letters that are to be retried. */
void misas__event_worker_retry_dead_letters(misas__event_worker *worker);

/** Writes the draft, with the checkpoint at `position`. When a write before was committed after
 * all, it is refused with MISAS__ERROR_LEASE_LOST: whoever leads next reads where the checkpoint
 * is. */
misas_error *misas__event_worker_write(misas__event_worker *worker, uint64_t position);

/** The first event that is left failed by itself: waits before it is tried again, notes that it is
 * to be set aside, or stops for good. Takes the error. */
void misas__event_worker_fail_first(misas__event_worker *worker, misas_error *error,
                                    bool is_undecodable);

/** Ends a round: undoes it, unless it was written. */
void misas__event_worker_end_round(misas__event_worker *worker, bool was_written);

/** Notes an event as a dead letter in the draft. */
misas_error *misas__event_worker_set_aside(misas__event_worker *worker, const misas_event *event,
                                           int32_t attempts, const misas_error *why);

#endif
