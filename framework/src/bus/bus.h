/** Private: how subsystems take part in a bus. */
#ifndef MISAS_SRC_BUS_BUS_H
#define MISAS_SRC_BUS_BUS_H

#include <pthread.h>

#include "bus/queue.h"
#include "memory/arena.h"
#include "subsystem/subsystem.h"

/** Takes the messages of one subsystem off the bus. */
typedef struct misas__bus_consumer {
    const misas_subsystem *subsystem;
    misas__bus_queue **queues; /* messages of one key are all put into the same */
    size_t queue_count;
    /* Answers a query, on the caller's thread; `*out` is freed with free(). */
    misas_error *(*ask)(misas_reply **out, void *self, const misas_envelope *envelope,
                        const ProtobufCMessage *query);
    void *self;
} misas__bus_consumer;

/** A bus in memory. */
struct misas_bus {
    char *source;
    const misas_clock *clock;
    pthread_rwlock_t lock; /* guards the consumers; held while a message is put */
    misas__bus_consumer *consumers;
    size_t count;
    size_t capacity;
    uint64_t generation; /* of the consumers */
};

/** Errors: MISAS_ERROR_SUBSYSTEM_INVALID when another consumer handles messages of the same type.
 */
misas_error *misas__bus_add_consumer(misas_bus *bus, const misas__bus_consumer *consumer);

/** The queues of the consumer must have been stopped; when this returns nobody uses them. */
void misas__bus_remove_consumer(misas_bus *bus, const void *self);

/** The types of predictions that are handled on a bus. Starts zeroed. */
typedef struct misas__bus_predictions {
    misas__arena arena;
    const char **types;      /* ends with NULL */
    const char **subsystems; /* who handles each: its name */
    uint64_t generation;     /* of the bus's consumers */
} misas__bus_predictions;

/** Learns of those who came and left; `*out_has_changed` says whether any did. */
misas_error *misas__bus_learn_predictions(misas__bus_predictions *known, bool *out_has_changed,
                                          misas_bus *bus);

/** The name of the subsystem that handles them; NULL: none of those known. */
const char *misas__bus_subsystem_of(const misas__bus_predictions *known, const char *type);

void misas__bus_predictions_free(misas__bus_predictions *known);

/** A command as misas_bus_send would send it, to be sent by the function below; `*out` is freed
 * with free(). Errors: those of misas_bus_send about the message itself. */
misas_error *misas__bus_pack(misas_envelope **out, const misas_bus *bus, const misas_type *type,
                             const ProtobufCMessage *message, const misas_send_options *options);

/** As misas_bus_send, for a command or prediction that is packed already; of the options it takes
 * the completion and the time to wait for room: 0 is none. */
misas_error *misas__bus_send_envelope(misas_bus *bus, const misas_envelope *envelope,
                                      const misas_send_options *options);

/** From now on this thread handles messages, and must not wait for answers. */
void misas__bus_enter_worker(void);

/** Whether this thread handles messages. */
bool misas__bus_is_worker(void);

#endif
