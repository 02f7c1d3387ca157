/** @file
 * What the code made by protoc-gen-misas calls. A program calls the typed functions of its
 * <file>.misas.h instead.
 */
#ifndef MISAS_GENERATED_H
#define MISAS_GENERATED_H

#include "misas/envelope.h"
#include "misas/event_store.h"
#include "misas/schema.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Appends the message as one event, with the type's name and version. `out` and `metadata` may be
 * NULL. Errors: those of misas_message_encode and misas_event_store_append. */
misas_error *misas_generated_append(misas_append_result *out, misas_event_store *store,
                                    const char *stream, misas_expected_version expected,
                                    const misas_type *type, const ProtobufCMessage *message,
                                    const misas_metadata *metadata);

/** Packs the message; `out->payload` is the caller's, to be freed with free(). Errors: those of
 * misas_message_encode. */
misas_error *misas_generated_new_event(misas_new_event *out, const misas_type *type,
                                       const ProtobufCMessage *message);

/** Whether the event is of this type, whatever its version. */
bool misas_generated_is(const misas_event *event, const misas_type *type);

/** Decodes the event's payload; `*out` is NULL after an error. An event was appended here, so that
 * only the depth of its nesting is limited. Errors: MISAS_ERROR_UNDECODABLE, also for an event of
 * another type or version. */
misas_error *misas_generated_decode(ProtobufCMessage **out, const misas_event *event,
                                    const misas_type *type);

/** Decodes the reply's content; `*out` is NULL after an error. Only the depth of its nesting is
 * limited, as above: it was encoded by a subsystem of ours. `reply` may be NULL, which has no
 * content. Errors: MISAS_ERROR_UNDECODABLE, also for a reply of another type or without content. */
misas_error *misas_generated_read_reply(ProtobufCMessage **out, const misas_reply *reply,
                                        const misas_type *type);

struct misas_bus;
struct misas_send_options;

/** Asks the query, which is of `type`, and decodes the answer, which is to be of `reply_type`;
 * `*out` is NULL after an error. `options` may be NULL. Errors: those of misas_bus_ask, and of
 * misas_generated_read_reply. */
misas_error *misas_generated_ask(ProtobufCMessage **out, const misas_type *reply_type,
                                 struct misas_bus *bus, const misas_type *type,
                                 const ProtobufCMessage *query,
                                 const struct misas_send_options *options);

#ifdef __cplusplus
}
#endif

#endif
