/** @file
 * Aggregates: things that decide. An aggregate is the state that its stream of events adds up to;
 * a decision is made on that state, and recorded as further events.
 *
 * The state is a struct of the program's, which only its evolve functions change: one for each type
 * of event. So a state that was loaded and one that was just decided upon are the same.
 *
 * An aggregate belongs to one thread at a time.
 */
#ifndef MISAS_AGGREGATE_H
#define MISAS_AGGREGATE_H

#include <stdbool.h>

#include "misas/event_store.h"
#include "misas/schema.h"

#ifdef __cplusplus
extern "C" {
#endif

/** There is no aggregate of this id; data: "aggregate", "id". Tagged not_found. */
#define MISAS_ERROR_AGGREGATE_NOT_FOUND "misas.aggregate.not_found"
/** There is one already; data: "aggregate", "id". Tagged already_exists. */
#define MISAS_ERROR_AGGREGATE_EXISTS "misas.aggregate.already_exists"
/** The stream holds an event that this type of aggregate does not know: it is a stream of another
 * type, or an evolve function is missing; data: "aggregate", "stream", "type", "version". Tagged
 * validation. */
#define MISAS_ERROR_AGGREGATE_UNEXPECTED_EVENT "misas.aggregate.unexpected_event"
/** A name, an id or an option that can't be; data: "field", "value", "reason". Tagged validation.
 */
#define MISAS_ERROR_AGGREGATE_INVALID "misas.aggregate.invalid"

#define MISAS_AGGREGATE_NAME_MAX_BYTES 128

typedef struct misas_aggregate_type misas_aggregate_type;
typedef struct misas_aggregate misas_aggregate;

/** Any function: generated code casts it back to what it was before it calls it. */
typedef void (*misas_function)(void);

typedef struct misas_aggregate_options {
    const char *name;  /**< as in "account": its streams are account-<id>. Letters, digits, `_` and
                          `.`; required */
    size_t state_size; /**< of the program's struct, which begins zeroed; required */
    void (*release)(void *state); /**< frees what a state points to, not itself; also after an
                                     evolve function failed half-way; NULL: nothing */
} misas_aggregate_options;

/** Filled before it is used, from then on constant and shared by all threads. Most programs have
 * it made by misas_subsystem_add_aggregate. */
misas_error *misas_aggregate_type_new(misas_aggregate_type **out,
                                      const misas_aggregate_options *options);
void misas_aggregate_type_free(misas_aggregate_type *type);

const char *misas_aggregate_type_name(const misas_aggregate_type *type);

/** The first mistake made in filling it, still owned by the type; NULL: none. Reported by whatever
 * uses the type. */
const misas_error *misas_aggregate_type_mistake(const misas_aggregate_type *type);

/** How generated code calls an evolve function with its own message. */
typedef misas_error *(*misas_evolve_invoker)(misas_function function, void *state,
                                             const ProtobufCMessage *message);

/** Called by generated code, `<event>_evolve`: from now on events of `type` change the state by
 * `function`; NULL: they leave it as it is. */
void misas_aggregate_type_evolve(misas_aggregate_type *aggregate_type, const misas_type *type,
                                 misas_evolve_invoker invoker, misas_function function);

/** A new aggregate of version 0, whose stream is not there yet. It borrows the type. Errors:
 * MISAS_ERROR_AGGREGATE_INVALID. */
misas_error *misas_aggregate_new(misas_aggregate **out, const misas_aggregate_type *type,
                                 const char *id);
void misas_aggregate_free(misas_aggregate *aggregate);

const char *misas_aggregate_id(const misas_aggregate *aggregate);
const char *misas_aggregate_stream(const misas_aggregate *aggregate);

/** The version of its stream when it was loaded or saved last, 0 for none. */
uint64_t misas_aggregate_version(const misas_aggregate *aggregate);

/** The program's struct, with what was recorded taken in. */
const void *misas_aggregate_state(const misas_aggregate *aggregate);

/** What was recorded since it was loaded or saved last, in a handler by this handler; lives until
 * the next call on the aggregate. NULL when there is nothing. */
const misas_new_event *misas_aggregate_uncommitted(const misas_aggregate *aggregate,
                                                   size_t *out_count);

/** Called by generated code, `<event>_record`: packs the message, lets the state evolve by it, and
 * keeps it to be appended. After an error nothing is recorded, but the state may be spoilt: the
 * aggregate can then only be freed or loaded anew, and saving it fails with
 * MISAS_ERROR_AGGREGATE_INVALID. Errors: MISAS_ERROR_AGGREGATE_UNEXPECTED_EVENT, those of
 * misas_message_encode and of the evolve function. */
misas_error *misas_aggregate_record(misas_aggregate *aggregate, const misas_type *type,
                                    const ProtobufCMessage *message);

/** Loads and saves aggregates of one type outside of handlers, which do it by their context. */
typedef struct misas_repository misas_repository;

/** Borrows both for its life. Any number of threads may use it. */
misas_error *misas_repository_new(misas_repository **out, misas_event_store *store,
                                  const misas_aggregate_type *type);
void misas_repository_free(misas_repository *repository);

/** Free the aggregate with misas_aggregate_free. Errors: MISAS_ERROR_AGGREGATE_NOT_FOUND,
 * MISAS_ERROR_AGGREGATE_UNEXPECTED_EVENT, those of reading and of evolve functions. */
misas_error *misas_repository_load(misas_aggregate **out, misas_repository *repository,
                                   const char *id);

misas_error *misas_repository_exists(bool *out, misas_repository *repository, const char *id);

/** Appends what was recorded, expecting a stream that is not there. `metadata` may be NULL. Errors:
 * MISAS_ERROR_AGGREGATE_EXISTS, those of misas_event_store_append. */
misas_error *misas_repository_add(misas_repository *repository, misas_aggregate *aggregate,
                                  const misas_metadata *metadata);

/** Appends what was recorded, expecting the version that the aggregate has. Nothing recorded:
 * nothing is done. Errors: MISAS_ERROR_CONCURRENCY when another was faster: load it anew and decide
 * again; those of misas_event_store_append. */
misas_error *misas_repository_save(misas_repository *repository, misas_aggregate *aggregate,
                                   const misas_metadata *metadata);

#ifdef __cplusplus
}
#endif

#endif
