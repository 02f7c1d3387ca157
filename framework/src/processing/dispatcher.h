/** Private: commands that handlers have sent, on their way from the log to the bus. */
#ifndef MISAS_SRC_PROCESSING_DISPATCHER_H
#define MISAS_SRC_PROCESSING_DISPATCHER_H

#include "log/outage.h"
#include "misas/processing.h"
#include "processing/lease.h"
#include "processing/options.h"
#include "processing/progress.h"
#include "processing/stop_signal.h"

enum { misas__dispatch_window = 500 }; /* commands on their way */

/* A command on its way. */
typedef struct misas__dispatched {
    struct misas_command_dispatcher *dispatcher;
    misas_event *event;
    misas_error *aside; /* why it is to be set aside instead; NULL: it is sent */
    bool is_on_its_way;
    bool is_answered; /* guarded by the mutex, as is_on_its_way and failures */
    int failures;
    int64_t send_at_ms;
} misas__dispatched;

/* A dead letter that is sent once more. */
typedef struct misas__retried_command {
    misas__dispatched sent;
    misas__arena arena;
    const misas__dead_letter *letter; /* in the arena; NULL: none is in hand */
    int64_t looked_ms;
} misas__retried_command;

struct misas_command_dispatcher {
    misas_command_dispatcher_options options; /* complete */
    char owner[misas__owner_size];
    char *name;
    const char **types; /* of the commands that the subsystem handles; ends with NULL */
    misas__lease lease;
    misas__stop_signal stop;
    misas__transaction *transaction;
    misas_subscription *subscription;
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    misas__dispatched ring[misas__dispatch_window]; /* in the order of the log, from `first` on */
    size_t first;
    size_t count;
    misas__retried_command retried;
    size_t to_try_alone; /* so many may have been on their way when the leader before crashed */
    uint64_t position;   /* of the checkpoint */
    uint64_t done;       /* all up to here is answered */
    int64_t moved_ms;
    int64_t renewed_ms;
    int64_t forgot_ms; /* old messages */
    misas__progress_record progress;
    misas__outage outage;
    pthread_t thread;
    bool has_thread;
};

/** Sends a command, if it is time to. False when there was no room for it. */
bool misas__dispatched_send(misas__dispatched *command);

/** Writes a batch together with the checkpoint at `position`. */
misas_error *misas__dispatch_write(misas_command_dispatcher *dispatcher, uint64_t position,
                                   const misas__batch *batch);

/** Takes a dead letter that is to be retried, sends it, and settles it when it was answered: a
 * little with each step. */
misas_error *misas__dispatch_retry(misas_command_dispatcher *dispatcher);

/** Nothing is on its way any more: what was not answered is to be retried still, if
 * `is_leading`. */
void misas__dispatch_retry_end(misas_command_dispatcher *dispatcher, bool is_leading);

/** Sends what is due, and moves the checkpoint past what is answered. */
misas_error *misas__dispatch_step(misas_command_dispatcher *dispatcher);

/** Waits until nothing is on its way, notes what was answered, and forgets the rest: it is in the
 * log.
 */
void misas__dispatch_end(misas_command_dispatcher *dispatcher);

#endif
