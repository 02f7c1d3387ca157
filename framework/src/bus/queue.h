/** Private: messages on their way to one worker. */
#ifndef MISAS_SRC_BUS_QUEUE_H
#define MISAS_SRC_BUS_QUEUE_H

#include <stdbool.h>

#include "misas/bus.h"
#include "storage/transaction.h"

typedef struct misas__bus_item misas__bus_item;

/** A message that was sent. Ended with misas__bus_item_complete. */
struct misas__bus_item {
    misas_envelope *envelope; /* a copy of its own */
    misas_kind kind;          /* of its type */
    uint8_t digest[misas__digest_size];
    misas_completion completion; /* NULL: nobody asks */
    void *argument;
    misas__bus_item *next;
};

/** Tells the sender, and frees the item. Takes the error; `reply` may be NULL. */
void misas__bus_item_complete(misas__bus_item *item, const misas_reply *reply, misas_error *error);

/** Any number of threads put, one takes. */
typedef struct misas__bus_queue misas__bus_queue;

/** `window`: how many items may be on their way, from when they are put until they are released. */
misas_error *misas__bus_queue_new(misas__bus_queue **out, size_t window);

/** It must be empty. */
void misas__bus_queue_free(misas__bus_queue *queue);

typedef enum misas__put_outcome {
    MISAS__PUT,
    MISAS__PUT_FULL,   /* there was no room for `timeout_ms` */
    MISAS__PUT_STOPPED /* nobody will take it */
} misas__put_outcome;

/** Puts an item at the end; unless it could be put, it stays the caller's. */
misas__put_outcome misas__bus_queue_put(misas__bus_queue *queue, misas__bus_item *item,
                                        int timeout_ms);

/** Takes up to `max` items from the front; waits up to `timeout_ms` for the first. 0 after that, or
 * when it was stopped. */
size_t misas__bus_queue_take(misas__bus_queue *queue, misas__bus_item **items, size_t max,
                             int timeout_ms);

/** So many items taken have been completed: there is room for others. */
void misas__bus_queue_release(misas__bus_queue *queue, size_t count);

/** From now on nothing can be put, and nobody waits. Any thread. */
void misas__bus_queue_stop(misas__bus_queue *queue);
bool misas__bus_queue_is_stopped(misas__bus_queue *queue);

/** Waits up to `timeout_ms`; returns at once when it is stopped. */
void misas__bus_queue_pause(misas__bus_queue *queue, int timeout_ms);

/** Completes what is left in a stopped queue with MISAS_ERROR_BUS_STOPPED. */
void misas__bus_queue_drain(misas__bus_queue *queue);

#endif
