/** @file
 * The context of a handler: the message at hand, and whatever the handler may do.
 *
 * All that a handler does by its context is one unit of work: the events that its aggregates
 * record, documents, predictions, commands, and its reply take effect together, once, when it
 * returns NULL; none of it does when it returns an error. The tags of the error decide what then
 * happens: a retriable one is tried again, a fatal one stops the process, any other is the answer.
 * A handler may be called again for the same message, also after it returned NULL, when its work
 * could not be written: beside its context it must do nothing that can't be done twice.
 *
 * A context lives for one call of the handler, on its thread.
 */
#ifndef MISAS_CONTEXT_H
#define MISAS_CONTEXT_H

#include "misas/aggregate.h"
#include "misas/document_store.h"
#include "misas/envelope.h"
#include "misas/log.h"
#include "misas/prediction.h"
#include "misas/schema.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The context can't do this here (a query changes nothing, an event has no reply, …), or the
 * subsystem does not have what was named; data: "operation" or "name". */
#define MISAS_ERROR_CONTEXT "misas.context.invalid"

typedef struct misas_context misas_context;

/** How generated code calls a handler with its own message. */
typedef misas_error *(*misas_handler_invoker)(misas_function handler, misas_context *context,
                                              const ProtobufCMessage *message);

/** The message that is handled; of an event, too. */
const misas_envelope *misas_context_envelope(const misas_context *context);

/** The event that is handled, with its stream and position; NULL when it is no event. */
const misas_event *misas_context_event(const misas_context *context);

/** The system's time, see clock.h. */
int64_t misas_context_now_us(const misas_context *context);

/** Logs with the correlation id of the message. */
const misas_logger *misas_context_logger(const misas_context *context);

/** The service registered under this name. Errors: MISAS_ERROR_CONTEXT when there is none. */
misas_error *misas_context_service(void **out, const misas_context *context, const char *name);

/** The aggregate of this id, with what this handler has recorded so far. What is recorded on it is
 * saved when the handler returns NULL. Belongs to the context. Errors:
 * MISAS_ERROR_AGGREGATE_NOT_FOUND, those of misas_repository_load; MISAS_ERROR_CONTEXT when the
 * subsystem has no such type of aggregate. */
misas_error *misas_context_load(misas_aggregate **out, misas_context *context,
                                const char *aggregate, const char *id);

/** A new aggregate, which is there for others when the handler returns NULL, if anything is
 * recorded on it. Errors: MISAS_ERROR_AGGREGATE_EXISTS, and as above. */
misas_error *misas_context_add(misas_aggregate **out, misas_context *context, const char *aggregate,
                               const char *id);

/** The aggregate of this id, or else a new one, as the two functions above. Errors: as
 * misas_context_load, but for MISAS_ERROR_AGGREGATE_NOT_FOUND. */
misas_error *misas_context_load_or_add(misas_aggregate **out, misas_context *context,
                                       const char *aggregate, const char *id);

/** Errors: as misas_context_load, but for MISAS_ERROR_AGGREGATE_NOT_FOUND. */
misas_error *misas_context_exists(bool *out, misas_context *context, const char *aggregate,
                                  const char *id);

/** Called by generated code, `<command>_send_from`: sends a command when the handler returns NULL.
 * Its id is derived from that of the message at hand, so that it is the same however often that is
 * handled. Errors: those of misas_message_encode; MISAS_ERROR_CONTEXT. */
misas_error *misas_context_send(misas_context *context, const misas_type *type,
                                const ProtobufCMessage *command);

/** Called by generated code, `<reply>_reply`: the content of the answer; the last one counts. A
 * handler that sets none answers without content. Errors: as above. */
misas_error *misas_context_reply(misas_context *context, const misas_type *type,
                                 const ProtobufCMessage *reply);

/** Called by generated code, `<prediction>_predict`: adds a prediction, which will be handled at
 * its time, when the handler returns NULL. Its key is the text of its type's key field, if that
 * states one. `options` say when, and must not be NULL. Errors: MISAS_ERROR_PREDICTION_INVALID,
 * MISAS_ERROR_PREDICTION_EXISTS, those of misas_message_encode; MISAS_ERROR_CONTEXT. That there is
 * one of this id already may also be found out when the handler has returned: then that is what the
 * message is refused with. */
misas_error *misas_context_predict(misas_context *context, const misas_type *type,
                                   const ProtobufCMessage *prediction,
                                   const misas_prediction_options *options);

/** Cancels the prediction of this id, when the handler returns NULL; also one that this handler has
 * added. If there is none, nothing happens. Errors: MISAS_ERROR_PREDICTION_INVALID,
 * MISAS_ERROR_CONTEXT. */
misas_error *misas_context_cancel_prediction(misas_context *context, const char *id);

/** Called by generated code, `<prediction>_cancel`: cancels all predictions of a type with this
 * key, as above. Errors: MISAS_ERROR_PREDICTION_INVALID; MISAS_ERROR_CONTEXT, also for a type that
 * states no key field. */
misas_error *misas_context_cancel_predictions(misas_context *context, const misas_type *type,
                                              const char *key);

/** Called by generated code, `<document>_load`: the document of this id, as a message, with what
 * handlers of this batch have changed in it so far. It belongs to the context, and is read once.
 * What the handler changes in it is written when it returns NULL: its memory is as
 * misas_message_free expects it (misas_message_set_text replaces a text). A change that another has
 * made meanwhile is not overwritten: then the message is handled again. In a query it is to be
 * looked at. Errors: MISAS_ERROR_DOCUMENT_NOT_FOUND, MISAS_ERROR_JSON_INVALID for what is no
 * message of this type, those of the storage; MISAS_ERROR_CONTEXT when the subsystem does not keep
 * documents of this type. */
misas_error *misas_context_load_document(ProtobufCMessage **out, misas_context *context,
                                         const misas_type *type, const char *id);

/** Called by generated code, `<document>_load_or_add`: as above, or else a new document, which has
 * its id and is empty otherwise. Errors: as above, but for MISAS_ERROR_DOCUMENT_NOT_FOUND. */
misas_error *misas_context_load_or_add_document(ProtobufCMessage **out, misas_context *context,
                                                const misas_type *type, const char *id);

/** Called by generated code, `<document>_find`: the documents that a query finds, in its order, as
 * messages to be looked at; the paths of its conditions have the names that fields have in JSON
 * (lowerCamelCase). All of it belongs to the context. `query` may be NULL: all. Errors: those of
 * misas_documents_find, and as above. */
misas_error *misas_context_find_documents(ProtobufCMessage ***out, size_t *out_count,
                                          misas_context *context, const misas_type *type,
                                          const misas_document_query *query);

/** Called by generated code, `<document>_remove`: if there is such a document. What was loaded of
 * it is freed. Errors: as misas_context_load_or_add_document. */
misas_error *misas_context_remove_document(misas_context *context, const misas_type *type,
                                           const char *id);

/** Called by generated code, `<document>_clear`: removes all documents of the type's collection.
 * What was loaded of them is freed. Errors: as above. */
misas_error *misas_context_clear_documents(misas_context *context, const misas_type *type);

/** The documents, within this handler's unit of work; belongs to the context. What was changed in
 * documents that were loaded as messages is written first. Errors: those of beginning a
 * transaction, and of writing. */
misas_error *misas_context_documents(misas_documents **out, misas_context *context);

#ifdef __cplusplus
}
#endif

#endif
