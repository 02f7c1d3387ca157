/** @file
 * A sender: feeds commands from outside into a system, each until it is answered.
 *
 * Up to a window of commands are unanswered at a time; who sends more waits. A command that got no
 * answer (see misas_sender_send) is sent again as the same, with its id and source, so that it
 * takes effect once, however often it is sent. For programs that read commands from a file, a queue
 * or a network, and send them at the rate at which they are handled:
 *
 *     misas_error *error = misas_sender_new(&sender, &(misas_sender_options){.bus = bus});
 *
 *     while (error == NULL && read_next(&order)) {
 *         error = shop_v1_order_send_by(sender, &order, &(misas_sender_command){.id = order_id});
 *     }
 *     if (error == NULL) {
 *         error = misas_sender_flush(sender);
 *     }
 *     misas_sender_free(sender);
 *
 * What is unanswered is in memory: after a crash, begin again with the first command that may not
 * have been answered, with the same ids.
 */
#ifndef MISAS_SENDER_H
#define MISAS_SENDER_H

#include "misas/bus.h"
#include "misas/log.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The sender was stopped before there was an answer. A command that was handed over may still take
 * effect, or has: send it again with the same id to learn of it. The cause, if any, says why it had
 * no answer when it was last sent; data, of a command: "type", and "id" if it has one. Tagged
 * retriable. */
#define MISAS_ERROR_SENDER_STOPPED "misas.sender.stopped"

/** Any number of threads may use one. */
typedef struct misas_sender misas_sender;

/** NULL or zero members mean the defaults. */
typedef struct misas_sender_options {
    misas_bus *bus;      /**< required; borrowed: used until the sender was stopped */
    misas_logger logger; /**< told of refusals nobody asked for (info), and of what is sent again
                            (warning); the log is borrowed: used until all is answered */
    int window;          /**< commands unanswered before senders wait; 0: 4,000 */
} misas_sender_options;

/** Has a thread of its own, which sends again what must be. Errors: MISAS_ERROR_PROCESSING_OPTIONS
 * without a bus. */
misas_error *misas_sender_new(misas_sender **out, const misas_sender_options *options);

/** Stops it, waits until each command that is on its way was answered by the bus, and frees it.
 * With a processor that waits for its storage that can last as long, unless the processor is
 * stopped: so a program that must end soon calls misas_sender_stop, stops its processors (which
 * answers all), and then calls this. No other thread may use the sender any more; not from a
 * completion. NULL is accepted. */
void misas_sender_free(misas_sender *sender);

/** NULL or zero members mean the defaults; all is copied, but for the argument. */
typedef struct misas_sender_command {
    const char *id;     /**< NULL: a UUIDv7, the same each time it is sent */
    const char *source; /**< NULL: the bus's own */
    misas_metadata metadata;
    misas_completion completion; /**< called once, if misas_sender_send returned NULL: with the
                                    reply; with the error by which it was refused; or with
                                    MISAS_ERROR_SENDER_STOPPED. On the thread that handled it or
                                    stopped its processor, or on the sender's own; must not block;
                                    of this sender it may use misas_sender_count and
                                    misas_sender_stop. NULL: nobody asks */
    void *argument;              /**< of the completion */
} misas_sender_command;

/** Called by generated code, `<command>_send_by`, or for a type that is only known when it runs:
 * sends a command, which is packed before this returns: `message` is the caller's, as before.
 * Waits as long as the window is full, or the bus has no room. `options` may be NULL.
 *
 * After NULL the command is sent again for as long as what comes back is no answer: an error tagged
 * retriable or fatal, MISAS_ERROR_CONCURRENCY, or that nobody handles it any more. All that wait
 * for that are sent again together, in the order in which they came back, after a pause: 40 ms,
 * then twice as long as before, up to 5 s, by the one that came back most often. A command that is
 * sent again may be overtaken by any sent after it, also of the same key: where the order matters,
 * wait for the answer before sending the next.
 *
 * After an error nothing was sent, and nothing will be. Errors: MISAS_ERROR_BUS_WRONG_KIND,
 * MISAS_ERROR_NO_HANDLER, MISAS_ERROR_ENVELOPE_INVALID, MISAS_ERROR_METADATA_INVALID, those of
 * misas_message_encode and misas_message_key, MISAS_ERROR_SENDER_STOPPED;
 * MISAS_ERROR_BUS_WOULD_BLOCK on a thread that handles messages. */
misas_error *misas_sender_send(misas_sender *sender, const misas_type *type,
                               const ProtobufCMessage *message,
                               const misas_sender_command *options);

/** Waits until every command was answered, and its completion has returned; also those that others
 * send meanwhile. Errors: MISAS_ERROR_SENDER_STOPPED; MISAS_ERROR_BUS_WOULD_BLOCK on a thread that
 * handles messages. */
misas_error *misas_sender_flush(misas_sender *sender);

/** From now on nothing is sent, and nobody waits: what is unanswered stays so, unless its answer is
 * on its way already. When this returns, which takes a tenth of a second at most, the bus is not
 * used any more. Any thread, any number of times. NULL is accepted. */
void misas_sender_stop(misas_sender *sender);

/** Of commands, since the sender was made. A plain record. */
typedef struct misas_sender_counts {
    uint64_t sent;       /**< each once: accepted, refused and unanswered together */
    uint64_t accepted;   /**< they took effect */
    uint64_t refused;    /**< they will not */
    uint64_t unanswered; /**< on their way, or to be sent again; after a stop also given up */
    uint64_t retried;    /**< how often one was sent again */
} misas_sender_counts;

/** Any thread. */
void misas_sender_count(misas_sender_counts *out, misas_sender *sender);

#ifdef __cplusplus
}
#endif

#endif
