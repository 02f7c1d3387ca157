/** @file
 * The bus: takes messages to the subsystems that handle them.
 *
 * A bus in memory serves the subsystems of one process. What is on it is lost with the process; a
 * command is accepted when its answer is there. Whoever has none sends it again with the same id:
 * it takes effect once.
 */
#ifndef MISAS_BUS_H
#define MISAS_BUS_H

#include "misas/clock.h"
#include "misas/envelope.h"
#include "misas/schema.h"

#ifdef __cplusplus
extern "C" {
#endif

/** No subsystem on the bus handles messages of this type; data: "type". Tagged not_found. */
#define MISAS_ERROR_NO_HANDLER "misas.bus.no_handler"
/** Only commands are sent, and only queries are asked; this type is something else; data: "type",
 * "kind" ("command", "event", "prediction", "query", "document" or "part"). Tagged validation. */
#define MISAS_ERROR_BUS_WRONG_KIND "misas.bus.wrong_kind"
/** As many messages as the window holds are on their way, and none was answered in time; data:
 * "type", "id". Tagged retriable. */
#define MISAS_ERROR_BUS_FULL "misas.bus.full"
/** There was no answer in time; the command may still take effect: send it again with the same id
 * to learn of it; data: "type", "id". Tagged retriable. */
#define MISAS_ERROR_NO_ANSWER "misas.bus.no_answer"
/** The subsystem was stopped before it was known that the message was handled; data: "type", "id".
 * Tagged retriable. */
#define MISAS_ERROR_BUS_STOPPED "misas.bus.stopped"
/** To wait for an answer on a thread that handles messages could last forever; data: "type". */
#define MISAS_ERROR_BUS_WOULD_BLOCK "misas.bus.would_block"

typedef struct misas_bus misas_bus;

/** NULL or zero members mean the defaults. */
typedef struct misas_bus_options {
    const char *source;       /**< of what is sent from outside of handlers; NULL: "/misas" */
    const misas_clock *clock; /**< stamps messages; borrowed; NULL: the machine's */
} misas_bus_options;

/** A bus within this process. `options` may be NULL. */
misas_error *misas_bus_new_memory(misas_bus **out, const misas_bus_options *options);

/** No processor may be left on it. NULL is accepted. */
void misas_bus_free(misas_bus *bus);

/** What became of a command: `reply` (or NULL, when there was an error) lives until this returns;
 * `error` is given to whoever implements this, and freed or kept by it. Called once for each send
 * that returned NULL, on the thread that handled the command or stopped the bus; must not block. */
typedef void (*misas_completion)(void *argument, const misas_reply *reply, misas_error *error);

/** NULL or zero members mean the defaults. */
typedef struct misas_send_options {
    const char *id;     /**< to be able to send again; NULL: a UUIDv7 */
    const char *source; /**< NULL: the bus's own */
    misas_metadata metadata;
    int timeout_ms; /**< to wait for room in the window and, in send_and_wait, for the answer; 0:
                       30,000 */
    misas_completion completion; /**< of misas_bus_send; NULL: nobody asks */
    void *argument;
} misas_send_options;

/** Sends a command. Errors: MISAS_ERROR_BUS_WRONG_KIND, MISAS_ERROR_NO_HANDLER,
 * MISAS_ERROR_BUS_FULL, MISAS_ERROR_BUS_STOPPED, MISAS_ERROR_ENVELOPE_INVALID, those of
 * misas_message_encode and misas_message_key. */
misas_error *misas_bus_send(misas_bus *bus, const misas_type *type, const ProtobufCMessage *message,
                            const misas_send_options *options);

/** Sends a command and waits. `out` may be NULL; `*out` is freed with free(). Errors: what the
 * handler refused it with; MISAS_ERROR_NO_ANSWER, MISAS_ERROR_BUS_WOULD_BLOCK, and as above. */
misas_error *misas_bus_send_and_wait(misas_reply **out, misas_bus *bus, const misas_type *type,
                                     const ProtobufCMessage *message,
                                     const misas_send_options *options);

/** Asks a query: its handler runs on the caller's thread. `*out` is freed with free(). Errors: as
 * above, but for those of waiting. */
misas_error *misas_bus_ask(misas_reply **out, misas_bus *bus, const misas_type *type,
                           const ProtobufCMessage *query, const misas_send_options *options);

#ifdef __cplusplus
}
#endif

#endif
