/** The outbox: commands that were sent and are not answered yet. Those that got no answer are sent
 * again, as the same. */
#ifndef FLIGHTS_FEEDER_OUTBOX_H
#define FLIGHTS_FEEDER_OUTBOX_H

#include <pthread.h>

#include "flights/feeder/publication.h"

typedef struct outbox_entry outbox_entry;

typedef struct outbox {
    misas_bus *bus;
    const misas_logger *logger;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    outbox_entry *again; /* got no answer; the first one first */
    outbox_entry **last_again;
    size_t unanswered; /* on their way, or to be sent again */
    uint64_t sent;
    uint64_t accepted;
    uint64_t refused;
    uint64_t retried;
    bool is_stopped;
} outbox;

void outbox_begin(outbox *out);

/** Nothing is on its way any more. */
void outbox_end(outbox *self);

/** Sends it, and what has to be sent again; waits while too much is unanswered. Takes the
 * publication. */
misas_error *outbox_send(outbox *self, publication *command);

/** Waits until everything is answered, or it is stopped. */
void outbox_flush(outbox *self);

/** Nothing is sent any more. Any thread. */
void outbox_stop(outbox *self);

#endif
