/** @file
 * Processing: the workers that take messages off the bus and have them handled.
 *
 * A command takes effect exactly once. Its worker takes as many as are waiting, has them decided
 * upon one after another, and writes what they all ask for in one transaction (group commit),
 * together with a record of each command and its answer. A command that comes again, by source and
 * id, gets the same answer again. If a batch can't be written it is undone, and tried again in
 * smaller ones, down to one command.
 */
#ifndef MISAS_PROCESSING_H
#define MISAS_PROCESSING_H

#include "misas/bus.h"
#include "misas/log.h"
#include "misas/storage.h"
#include "misas/subsystem.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A message has the source and id of another that was handled before, but not its content; data:
 * "source", "id". Tagged validation. */
#define MISAS_ERROR_MESSAGE_ID_REUSED "misas.processing.message_id_reused"
/** A handler worked on documents or SQL, and took longer than a transaction may stand open; data:
 * "type", "id", "milliseconds". */
#define MISAS_ERROR_HANDLER_TOO_SLOW "misas.processing.handler_too_slow"
/** What a message asks for could not be written, time and again; the cause says why; data: "type",
 * "id". Tagged retriable. */
#define MISAS_ERROR_NOT_WRITTEN "misas.processing.not_written"
/** Why an event, a prediction or a sent command was set aside: the process ended three times while
 * it was handled. */
#define MISAS_ERROR_HANDLER_CRASHED "misas.processing.handler_crashed"
/** An option that can't be; data: "option", "reason". Tagged validation. */
#define MISAS_ERROR_PROCESSING_OPTIONS "misas.processing.options_invalid"

/** Zero members mean the defaults. */
typedef struct misas_command_processor_options {
    const misas_subsystem *subsystem; /**< required; must outlive the processor, and is not changed
                                         any more */
    misas_storage *storage;           /**< required; must outlive the processor */
    misas_bus *bus;                   /**< required; must outlive the processor */
    const misas_clock *clock;         /**< the system's; NULL: the machine's */
    misas_logger logger;
    int workers;           /**< threads; commands of one key go to the same; 0: 1, at most 64 */
    int window;            /**< commands on their way to one worker before senders wait; 0: 2,000 */
    int max_batch;         /**< commands in one transaction; 0: 1,000 */
    int cached_aggregates; /**< that a worker keeps at hand; 0: 10,000 */
    int max_attempts;      /**< to handle a command whose handler fails with a retriable error, or
                              is overtaken by another writer, before that is the answer; 0: 5 */
    void (*on_fatal)(void *argument,
                     misas_error *error); /**< a handler failed with a fatal error, which is given
                                             away; the processor handles nothing more. On a
                                             worker's thread; must not stop the processor itself;
                                             NULL: the error is logged */
    void *on_fatal_argument;
} misas_command_processor_options;

typedef struct misas_command_processor misas_command_processor;

/** Starts to handle a subsystem's commands, and to answer its queries. While the storage is away,
 * it waits, logs, and goes on by itself. Errors: the subsystem's first mistake,
 * MISAS_ERROR_PROCESSING_OPTIONS, MISAS_ERROR_SUBSYSTEM_INVALID when another on the bus handles the
 * same messages. */
misas_error *misas_command_processor_start(misas_command_processor **out,
                                           const misas_command_processor_options *options);

/** Finishes the batches in hand, answers what has not begun with MISAS_ERROR_BUS_STOPPED, and frees
 * the processor. NULL is accepted. */
void misas_command_processor_stop(misas_command_processor *processor);

/** Zero members mean the defaults. */
typedef struct misas_command_dispatcher_options {
    const misas_subsystem *subsystem; /**< required; must outlive the dispatcher, and is not changed
                                         any more */
    misas_storage *storage;           /**< required; must outlive the dispatcher */
    misas_bus *bus;                   /**< required; must outlive the dispatcher */
    misas_logger logger;
    const char *owner; /**< names this instance in the checkpoints; borrowed; NULL: host and process
                        */
    int64_t retention_s; /**< for how long handled messages are remembered: longer than anybody
                            could send one again; 0: 7 days */
} misas_command_dispatcher_options;

/** Takes commands that handlers have sent from the store's log, where they were written together
 * with what else the handler did, to the bus. */
typedef struct misas_command_dispatcher misas_command_dispatcher;

/** Starts to send on the commands that a subsystem handles, in the order of the log (but one that
 * is tried again may be overtaken), each until it is answered: that is, until it took effect or was
 * refused. Of several instances one leads, by a lease on the checkpoint "<subsystem>.commands".
 * Errors: as misas_command_processor_start. */
misas_error *misas_command_dispatcher_start(misas_command_dispatcher **out,
                                            const misas_command_dispatcher_options *options);

/** Waits for the answers to what is on its way, and frees it. Before the command processor is
 * stopped, or after: what that has not begun with is sent again by the next. NULL is accepted. */
void misas_command_dispatcher_stop(misas_command_dispatcher *dispatcher);

/** Zero members mean the defaults. */
typedef struct misas_predictor_options {
    misas_storage *storage;   /**< required; must outlive the predictor */
    misas_bus *bus;           /**< required; must outlive the predictor */
    const misas_clock *clock; /**< the system's; borrowed; NULL: that of the storage */
    misas_clock *measured;    /**< a clock to be set by that of the storage with each poll, which
                                 `clock` stands on; borrowed; NULL: none */
    misas_logger logger;
} misas_predictor_options;

/** Has predictions handled when their time has come. */
typedef struct misas_predictor misas_predictor;

/** Starts to look every 25 ms for predictions that are due, and to publish them on the bus, if
 * anybody handles them there. Several predictors share the work: each claims some for 10 s, and
 * again while they are in hand. One whose process ended is published by another; that it was
 * handled is noted in the transaction of its handler's effects, so that it fires once. A prediction
 * that is refused, can't be decoded, or has ended its process three times becomes a dead letter of
 * "<subsystem>.predictions"; after a retriable error it stays, and is tried again about 10 s later.
 * Errors: MISAS_ERROR_PROCESSING_OPTIONS. */
misas_error *misas_predictor_start(misas_predictor **out, const misas_predictor_options *options);

/** Waits until what was published is handled (or its processor stopped), and frees it. NULL is
 * accepted. */
void misas_predictor_stop(misas_predictor *predictor);

/** Zero members mean the defaults. */
typedef struct misas_event_processing_options {
    const misas_subsystem *subsystem; /**< required; must outlive the processing, and is not changed
                                         any more */
    misas_storage *storage;           /**< required; must outlive the processing */
    const misas_clock *clock;         /**< the system's; NULL: the machine's */
    misas_logger logger;
    const char *owner;     /**< names this instance in the checkpoints; borrowed; NULL: host and
                              process */
    int cached_aggregates; /**< that a processor keeps at hand; 0: 10,000 */
    void (*on_fatal)(void *argument, misas_error *error); /**< as of a command processor */
    void *on_fatal_argument;
} misas_event_processing_options;

typedef struct misas_event_processing misas_event_processing;

/** Runs all event processors of a subsystem, each on a thread of its own. Of several instances one
 * leads each processor, by a lease of 3 s on its checkpoint, and the others stand by. A leader that
 * stopped or lost touch can't write any more once another leads. Errors: the subsystem's first
 * mistake, MISAS_ERROR_PROCESSING_OPTIONS. */
misas_error *misas_event_processing_start(misas_event_processing **out,
                                          const misas_event_processing_options *options);

/** Finishes the batches in hand, gives the leases back, and frees it. NULL is accepted. */
void misas_event_processing_stop(misas_event_processing *processing);

#ifdef __cplusplus
}
#endif

#endif
