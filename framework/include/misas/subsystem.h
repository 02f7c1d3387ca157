/** @file
 * A subsystem: the messages it knows, and who handles them.
 *
 * Whatever is registered is registered before the subsystem runs; registering returns nothing, and
 * the first mistake is kept to be reported when it is to run. From then on a subsystem is constant
 * and shared by all threads.
 */
#ifndef MISAS_SUBSYSTEM_H
#define MISAS_SUBSYSTEM_H

#include "misas/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Something was registered twice, or can't be registered; data: "subsystem", "name", "reason".
 * Tagged validation. */
#define MISAS_ERROR_SUBSYSTEM_INVALID "misas.subsystem.invalid"

typedef struct misas_subsystem misas_subsystem;

/** `system` and `name` make up the source of its messages: /<system>/<name>. Both: letters, digits,
 * `-` and `_`. */
misas_error *misas_subsystem_new(misas_subsystem **out, const char *system, const char *name);
void misas_subsystem_free(misas_subsystem *subsystem);

const char *misas_subsystem_name(const misas_subsystem *subsystem);

/** The first mistake made in registering, still owned by the subsystem; NULL: none. */
const misas_error *misas_subsystem_mistake(const misas_subsystem *subsystem);

/** The types of a .proto file, which must outlive the subsystem. Only needed for types that nothing
 * is registered for, but which shall be decoded by name. */
void misas_subsystem_add_schema(misas_subsystem *subsystem, const misas_schema *schema);

/** A service for handlers, by name: a client, a configuration. Must outlive the subsystem, and be
 * fit for many threads. */
void misas_subsystem_add_service(misas_subsystem *subsystem, const char *name, void *service);

/** A type of aggregate, to be filled by generated `<event>_evolve`; belongs to the subsystem. Never
 * NULL: after a mistake it takes everything and keeps nothing. */
misas_aggregate_type *misas_subsystem_add_aggregate(misas_subsystem *subsystem,
                                                    const misas_aggregate_options *options);

/** Called by generated code, `<document>_keep`: handlers may load documents of this type, whose
 * collection is there when the system has started. */
void misas_subsystem_keep(misas_subsystem *subsystem, const misas_type *type);

/** A collection of documents that are of no type; it is there when the system has started. */
void misas_subsystem_add_collection(misas_subsystem *subsystem, const char *name);

/** Called by generated code, `<command>_handle` and `<query>_handle`: one handler a type. */
void misas_subsystem_handle(misas_subsystem *subsystem, const misas_type *type,
                            misas_handler_invoker invoker, misas_function handler);

/** How generated code calls a decide function with its own command. */
typedef misas_error *(*misas_decide_invoker)(misas_function decide, misas_aggregate *aggregate,
                                             const ProtobufCMessage *command);

/** Whether a command begins the life of its aggregate. */
typedef enum misas_decides_on {
    MISAS_DECIDES_ON_EXISTING, /**< else MISAS_ERROR_AGGREGATE_NOT_FOUND */
    MISAS_DECIDES_ON_NEW,      /**< else MISAS_ERROR_AGGREGATE_EXISTS */
    MISAS_DECIDES_ON_ANY
} misas_decides_on;

/** Called by generated code, `<command>_decide`: instead of a handler, a function that looks at the
 * state of the aggregate that the command's key field names and records what it decides: it needs
 * no context. */
void misas_subsystem_decide(misas_subsystem *subsystem, const misas_type *type,
                            const char *aggregate, misas_decides_on on,
                            misas_decide_invoker invoker, misas_function decide);

/** What becomes of an event whose handler fails. An event that can't be decoded, or that has
 * crashed the process three times, is set aside at once in any case. */
typedef enum misas_failure_strategy {
    MISAS_FAILURE_DELAYS,    /**< the processor stops at it, and tries it again after longer and
                                longer pauses: nothing is out of order */
    MISAS_FAILURE_SETS_ASIDE /**< it becomes a dead letter, and the processor goes on; retriable
                                errors are tried again first */
} misas_failure_strategy;

/** When a processor's checkpoint moves past an event. */
typedef enum misas_checkpoint_strategy {
    MISAS_CHECKPOINT_WITH_EFFECTS, /**< in the transaction of what its handlers did: exactly once */
    MISAS_CHECKPOINT_AFTER_EFFECTS, /**< in one of its own: after a crash it may be handled again */
    MISAS_CHECKPOINT_BEFORE_EFFECTS /**< likewise: after a crash it may not have been handled */
} misas_checkpoint_strategy;

/** Handles events in the order of the store's log, from its checkpoint on: once each, by one
 * instance at a time. */
typedef struct misas_event_processor misas_event_processor;

/** Zero members mean the defaults. */
typedef struct misas_event_processor_options {
    const char *name; /**< its checkpoint is that of "<subsystem>.<name>"; letters, digits, `-`,
                         `_`; not "commands" or "predictions"; required */
    misas_failure_strategy on_failure;
    misas_checkpoint_strategy checkpoint;
    bool
        begins_at_end; /**< when it runs for the first time: what was recorded before is left out */
    int max_batch;     /**< events handled in one transaction; 0: 500 */
    int max_attempts;  /**< to handle an event before it is set aside, if it is; 0: 5 */
} misas_event_processor_options;

/** A processor of events, to be filled by generated `<event>_on` and the functions below; belongs
 * to the subsystem. Never NULL: after a mistake it takes everything and keeps nothing. */
misas_event_processor *misas_subsystem_add_event_processor(
    misas_subsystem *subsystem, const misas_event_processor_options *options);

/** Called by generated code, `<event>_on`: a handler of events of this type. One type may have
 * several, which are called in the order they were added; the event is handled when all of them
 * are done. */
void misas_event_processor_handle(misas_event_processor *processor, const misas_type *type,
                                  misas_handler_invoker invoker, misas_function handler);

/** Handles many events at once, all from one batch, in order, whatever their type: of the types
 * given to misas_event_processor_handle_batches. Rolled back and called again with fewer when it,
 * or a handler of the batch, fails. */
typedef misas_error *(*misas_batch_handler)(misas_context *context,
                                            const misas_event *const *events, size_t count,
                                            void *argument);

/** Calls `handler` with batches of events of these types, which end with NULL, after the handlers
 * of single events. Once for each processor. */
void misas_event_processor_handle_batches(misas_event_processor *processor,
                                          const misas_type *const *types,
                                          misas_batch_handler handler, void *argument);

/** Clears what a projection has made, so that it can be made anew from the first event on. */
typedef misas_error *(*misas_reset_handler)(misas_context *context, void *argument);

/** Called, in the order added, when the processor is reset (misas_system_reset_processor, or the
 * subcommand `processors reset`), in the transaction that sets its checkpoint back to 0 and forgets
 * its dead letters. The processor leads no longer then, so that no event is handled meanwhile. A
 * processor without such a handler can't be reset. */
void misas_event_processor_on_reset(misas_event_processor *processor, misas_reset_handler handler,
                                    void *argument);

/** What comes after a middleware: the next one or the handler. */
typedef struct misas_next misas_next;

/** Calls what comes next; at most once. */
misas_error *misas_next_call(const misas_next *next, misas_context *context,
                             const ProtobufCMessage *message);

/** Stands around the handlers: may look, refuse by an error instead of calling the next, or change
 * the error on its way back. On the handlers' threads, many at once. */
typedef misas_error *(*misas_middleware)(misas_context *context, const ProtobufCMessage *message,
                                         const misas_next *next, void *argument);

/** Around all handlers of messages of this kind; those added first are outermost. */
void misas_subsystem_add_middleware(misas_subsystem *subsystem, misas_kind kind,
                                    misas_middleware middleware, void *argument);

#ifdef __cplusplus
}
#endif

#endif
