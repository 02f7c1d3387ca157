#include "plugin.h"

/* Inline, so that a program needs only what it calls. The library keeps a program's function as a
 * misas_function; an invoker knows what it was and calls it as that, since a call by another type
 * than its own would be undefined.
 *
 * @name@ is the name of the message, @prefix@, @c_type@ and @macro@ are its names in C, @role@ is
 * the name of its option. @reply_name@, @reply_prefix@ and @reply_c_type@ are those of the message
 * that answers it. */

static const char event_append[] =
    "/** Appends one @name@. `out` and `metadata` may be NULL. Errors:\n"
    " * those of misas_message_encode and misas_event_store_append. */\n"
    "static inline misas_error *@prefix@_append(\n"
    "    misas_append_result *out, misas_event_store *store, const char *stream,\n"
    "    misas_expected_version expected, const @c_type@ *message,\n"
    "    const misas_metadata *metadata)\n"
    "{\n"
    "    return misas_generated_append(out, store, stream, expected,\n"
    "                                  &@prefix@_type,\n"
    "                                  &message->base, metadata);\n"
    "}\n";

static const char event_new_event[] =
    "/** Fills in an event for misas_event_store_append; its payload is the caller's, and freed\n"
    " * with free(). Errors: those of misas_message_encode. */\n"
    "static inline misas_error *@prefix@_new_event(\n"
    "    misas_new_event *out, const @c_type@ *message)\n"
    "{\n"
    "    return misas_generated_new_event(out, &@prefix@_type,\n"
    "                                     &message->base);\n"
    "}\n";

static const char event_is[] = "/** Whether the event is of this type, whatever its version. */\n"
                               "static inline bool @prefix@_is(const misas_event *event)\n"
                               "{\n"
                               "    return misas_generated_is(event, &@prefix@_type);\n"
                               "}\n";

static const char event_decode[] =
    "/** Free the message with misas_message_free(&message->base). Errors:\n"
    " * MISAS_ERROR_UNDECODABLE, also for an event of another type or version. */\n"
    "static inline misas_error *@prefix@_decode(\n"
    "    @c_type@ **out, const misas_event *event)\n"
    "{\n"
    "    ProtobufCMessage *message = NULL;\n"
    "    misas_error *error =\n"
    "        misas_generated_decode(&message, event, &@prefix@_type);\n"
    "\n"
    "    *out = (@c_type@ *)message;\n"
    "    return error;\n"
    "}\n";

static const char event_evolver[] =
    "/** Changes the state of an aggregate by one @name@, which has happened:\n"
    " * an error means that there is no memory, or that the stream makes no sense. On the thread "
    "of\n"
    " * the aggregate; many aggregates at once. Must not block. */\n"
    "typedef misas_error *(*@prefix@_evolver)(\n"
    "    void *state, const @c_type@ *event);\n";

static const char event_evolver_invoker[] =
    "/** Of misas_aggregate_type_evolve. */\n"
    "static inline misas_error *@prefix@_evolver_invoker(\n"
    "    misas_function evolver, void *state, const ProtobufCMessage *event)\n"
    "{\n"
    "    return ((@prefix@_evolver)evolver)(\n"
    "        state, (const @c_type@ *)event);\n"
    "}\n";

static const char event_evolve[] =
    "/** From now on each @name@ changes the state by `evolver`; NULL: it\n"
    " * leaves it as it is. The type of aggregate keeps the first mistake. */\n"
    "static inline void @prefix@_evolve(\n"
    "    misas_aggregate_type *aggregate, @prefix@_evolver evolver)\n"
    "{\n"
    "    misas_aggregate_type_evolve(aggregate, &@prefix@_type,\n"
    "                                @prefix@_evolver_invoker,\n"
    "                                (misas_function)evolver);\n"
    "}\n";

static const char event_record[] =
    "/** Records one @name@: the state evolves by it, and it is appended when\n"
    " * the aggregate is saved. Errors: those of misas_aggregate_record. */\n"
    "static inline misas_error *@prefix@_record(\n"
    "    misas_aggregate *aggregate, const @c_type@ *event)\n"
    "{\n"
    "    return misas_aggregate_record(aggregate, &@prefix@_type,\n"
    "                                  &event->base);\n"
    "}\n";

static const char handler[] =
    "/** Handles one @name@, which lives until it returns; context.h says what it\n"
    " * may do. On any thread, many at once, each with its own context. */\n"
    "typedef misas_error *(*@prefix@_handler)(\n"
    "    misas_context *context, const @c_type@ *@role@);\n";

static const char handler_invoker[] =
    "/** Calls it. */\n"
    "static inline misas_error *@prefix@_handler_invoker(\n"
    "    misas_function handler, misas_context *context, const ProtobufCMessage *@role@)\n"
    "{\n"
    "    return ((@prefix@_handler)handler)(\n"
    "        context, (const @c_type@ *)@role@);\n"
    "}\n";

static const char handle[] =
    "/** Registers the handler of each @name@. The subsystem keeps the first\n"
    " * mistake. */\n"
    "static inline void @prefix@_handle(\n"
    "    misas_subsystem *subsystem, @prefix@_handler handler)\n"
    "{\n"
    "    misas_subsystem_handle(subsystem, &@prefix@_type,\n"
    "                           @prefix@_handler_invoker,\n"
    "                           (misas_function)handler);\n"
    "}\n";

static const char event_on[] =
    "/** From now on the event processor calls `handler` for each @name@. The\n"
    " * subsystem keeps the first mistake. */\n"
    "static inline void @prefix@_on(\n"
    "    misas_event_processor *processor, @prefix@_handler handler)\n"
    "{\n"
    "    misas_event_processor_handle(processor, &@prefix@_type,\n"
    "                                 @prefix@_handler_invoker,\n"
    "                                 (misas_function)handler);\n"
    "}\n";

static const char command_decider[] =
    "/** Decides on one @name@, which lives until it returns, by the state of\n"
    " * the aggregate, and records on it what it decides. On any thread, many at once, each with "
    "its\n"
    " * own aggregate. Must not block. */\n"
    "typedef misas_error *(*@prefix@_decider)(\n"
    "    misas_aggregate *aggregate, const @c_type@ *command);\n";

static const char command_decider_invoker[] =
    "/** Of misas_subsystem_decide. */\n"
    "static inline misas_error *@prefix@_decider_invoker(\n"
    "    misas_function decide, misas_aggregate *aggregate, const ProtobufCMessage *command)\n"
    "{\n"
    "    return ((@prefix@_decider)decide)(\n"
    "        aggregate, (const @c_type@ *)command);\n"
    "}\n";

static const char command_decide[] =
    "/** Registers, instead of a handler, who decides on each @name@:\n"
    " * `aggregate` is the name of the type of the aggregate that its key field names. The "
    "subsystem\n"
    " * keeps the first mistake. */\n"
    "static inline void @prefix@_decide(\n"
    "    misas_subsystem *subsystem, const char *aggregate, misas_decides_on on,\n"
    "    @prefix@_decider decide)\n"
    "{\n"
    "    misas_subsystem_decide(subsystem, &@prefix@_type,\n"
    "                           aggregate, on, @prefix@_decider_invoker,\n"
    "                           (misas_function)decide);\n"
    "}\n";

static const char command_send_from[] =
    "/** Sends one @name@ when the handler returns NULL. Errors: those of\n"
    " * misas_context_send. */\n"
    "static inline misas_error *@prefix@_send_from(\n"
    "    misas_context *context, const @c_type@ *command)\n"
    "{\n"
    "    return misas_context_send(context, &@prefix@_type,\n"
    "                              &command->base);\n"
    "}\n";

static const char command_send[] = "/** Sends one @name@. `options` may be NULL. Errors: those of\n"
                                   " * misas_bus_send. */\n"
                                   "static inline misas_error *@prefix@_send(\n"
                                   "    misas_bus *bus, const @c_type@ *command,\n"
                                   "    const misas_send_options *options)\n"
                                   "{\n"
                                   "    return misas_bus_send(bus, &@prefix@_type,\n"
                                   "                          &command->base, options);\n"
                                   "}\n";

static const char command_send_and_wait[] =
    "/** Sends one @name@ and waits for the answer. `out` and `options` may be\n"
    " * NULL; `*out` is freed with free(). Errors: those of misas_bus_send_and_wait. */\n"
    "static inline misas_error *@prefix@_send_and_wait(\n"
    "    misas_reply **out, misas_bus *bus, const @c_type@ *command,\n"
    "    const misas_send_options *options)\n"
    "{\n"
    "    return misas_bus_send_and_wait(out, bus, &@prefix@_type,\n"
    "                                   &command->base, options);\n"
    "}\n";

static const char command_send_by[] =
    "/** Sends one @name@ by a sender, until it is answered. `options` may be\n"
    " * NULL. Errors: those of misas_sender_send. */\n"
    "static inline misas_error *@prefix@_send_by(\n"
    "    misas_sender *sender, const @c_type@ *command,\n"
    "    const misas_sender_command *options)\n"
    "{\n"
    "    return misas_sender_send(sender, &@prefix@_type,\n"
    "                             &command->base, options);\n"
    "}\n";

static const char prediction_predict[] =
    "/** Predicts one @name@, when the handler returns NULL. Errors: those of\n"
    " * misas_context_predict. */\n"
    "static inline misas_error *@prefix@_predict(\n"
    "    misas_context *context, const @c_type@ *prediction,\n"
    "    const misas_prediction_options *options)\n"
    "{\n"
    "    return misas_context_predict(context, &@prefix@_type,\n"
    "                                 &prediction->base, options);\n"
    "}\n";

static const char prediction_cancel[] =
    "/** Cancels each @name@ with this key, when the handler returns NULL. Errors:\n"
    " * those of misas_context_cancel_predictions. */\n"
    "static inline misas_error *@prefix@_cancel(\n"
    "    misas_context *context, const char *key)\n"
    "{\n"
    "    return misas_context_cancel_predictions(\n"
    "        context, &@prefix@_type, key);\n"
    "}\n";

static const char query_ask[] =
    "/** Asks one @name@. `options` may be NULL; `*out` is freed with free().\n"
    " * Errors: those of misas_bus_ask. */\n"
    "static inline misas_error *@prefix@_ask(\n"
    "    misas_reply **out, misas_bus *bus, const @c_type@ *query,\n"
    "    const misas_send_options *options)\n"
    "{\n"
    "    return misas_bus_ask(out, bus, &@prefix@_type,\n"
    "                         &query->base, options);\n"
    "}\n";

static const char query_ask_replied[] =
    "/** Asks one @name@. `options` may be NULL. Free the answer with\n"
    " * misas_message_free(&(*out)->base); it is NULL after an error. Errors: those of\n"
    " * misas_generated_ask. */\n"
    "static inline misas_error *@prefix@_ask(\n"
    "    @reply_c_type@ **out, misas_bus *bus,\n"
    "    const @c_type@ *query, const misas_send_options *options)\n"
    "{\n"
    "    ProtobufCMessage *message = NULL;\n"
    "    misas_error *error =\n"
    "        misas_generated_ask(&message, &@reply_prefix@_type, bus,\n"
    "                            &@prefix@_type,\n"
    "                            &query->base, options);\n"
    "\n"
    "    *out = (@reply_c_type@ *)message;\n"
    "    return error;\n"
    "}\n";

static const char reply[] =
    "/** Makes a @name@ the content of the answer; the last one counts. Errors:\n"
    " * those of misas_context_reply. */\n"
    "static inline misas_error *@prefix@_reply(\n"
    "    misas_context *context, const @c_type@ *reply)\n"
    "{\n"
    "    return misas_context_reply(context, &@prefix@_type,\n"
    "                               &reply->base);\n"
    "}\n";

static const char read_reply[] =
    "/** Free the message with misas_message_free(&message->base). Errors:\n"
    " * MISAS_ERROR_UNDECODABLE, also for a reply of another type or without content. */\n"
    "static inline misas_error *@prefix@_read_reply(\n"
    "    @c_type@ **out, const misas_reply *reply)\n"
    "{\n"
    "    ProtobufCMessage *message = NULL;\n"
    "    misas_error *error =\n"
    "        misas_generated_read_reply(&message, reply, &@prefix@_type);\n"
    "\n"
    "    *out = (@c_type@ *)message;\n"
    "    return error;\n"
    "}\n";

static const char document_keep[] = "/** The subsystem keeps documents of this type: their "
                                    "collection is there when it has started.\n"
                                    " * The subsystem keeps the first mistake. */\n"
                                    "static inline void @prefix@_keep(misas_subsystem *subsystem)\n"
                                    "{\n"
                                    "    misas_subsystem_keep(subsystem, &@prefix@_type);\n"
                                    "}\n";

static const char document_load[] =
    "/** The @name@ of this id; belongs to the context. What the handler changes\n"
    " * in it is written with all else. Errors: those of misas_context_load_document. */\n"
    "static inline misas_error *@prefix@_load(\n"
    "    @c_type@ **out, misas_context *context, const char *id)\n"
    "{\n"
    "    ProtobufCMessage *message = NULL;\n"
    "    misas_error *error =\n"
    "        misas_context_load_document(&message, context, &@prefix@_type, id);\n"
    "\n"
    "    *out = (@c_type@ *)message;\n"
    "    return error;\n"
    "}\n";

static const char document_load_or_add[] =
    "/** The @name@ of this id, or else a new one, as above. Errors: those of\n"
    " * misas_context_load_or_add_document. */\n"
    "static inline misas_error *@prefix@_load_or_add(\n"
    "    @c_type@ **out, misas_context *context, const char *id)\n"
    "{\n"
    "    ProtobufCMessage *message = NULL;\n"
    "    misas_error *error =\n"
    "        misas_context_load_or_add_document(&message, context, &@prefix@_type, id);\n"
    "\n"
    "    *out = (@c_type@ *)message;\n"
    "    return error;\n"
    "}\n";

static const char document_find[] =
    "/** Each @name@ that a query finds; `query` may be NULL: all. To be looked at;\n"
    " * belongs to the context. Errors: those of misas_context_find_documents. */\n"
    "static inline misas_error *@prefix@_find(\n"
    "    @c_type@ ***out, size_t *out_count, misas_context *context,\n"
    "    const misas_document_query *query)\n"
    "{\n"
    "    ProtobufCMessage **messages = NULL;\n"
    "    misas_error *error = misas_context_find_documents(\n"
    "        &messages, out_count, context, &@prefix@_type, query);\n"
    "\n"
    "    *out = (@c_type@ **)(void *)messages;\n"
    "    return error;\n"
    "}\n";

static const char document_remove[] =
    "/** Removes the @name@ of this id, if there is one. Errors: those of\n"
    " * misas_context_remove_document. */\n"
    "static inline misas_error *@prefix@_remove(\n"
    "    misas_context *context, const char *id)\n"
    "{\n"
    "    return misas_context_remove_document(context, &@prefix@_type, id);\n"
    "}\n";

static const char document_clear[] =
    "/** Removes each @name@. Errors: those of misas_context_clear_documents. */\n"
    "static inline misas_error *@prefix@_clear(misas_context *context)\n"
    "{\n"
    "    return misas_context_clear_documents(context, &@prefix@_type);\n"
    "}\n";

const char glue_example[] =
    "/** A @name@ for a scenario, see misas/testing.h. */\n"
    "#define @macro@(...) \\\n"
    "    ((misas_example){&@prefix@_type, \\\n"
    "                     &(const @c_type@){ \\\n"
    "                         .base = {.descriptor = NULL}, __VA_ARGS__}})\n";

const glue_piece glue_pieces[] = {
    {GLUE_EVENT, "_append", event_append},
    {GLUE_EVENT, "_new_event", event_new_event},
    {GLUE_EVENT, "_is", event_is},
    {GLUE_EVENT, "_decode", event_decode},
    {GLUE_EVENT, "_evolver", event_evolver},
    {GLUE_EVENT, "_evolver_invoker", event_evolver_invoker},
    {GLUE_EVENT, "_evolve", event_evolve},
    {GLUE_EVENT, "_record", event_record},
    {GLUE_EVENT | GLUE_HANDLED, "_handler", handler},
    {GLUE_EVENT | GLUE_HANDLED, "_handler_invoker", handler_invoker},
    {GLUE_EVENT, "_on", event_on},
    {GLUE_HANDLED, "_handle", handle},
    {GLUE_COMMAND, "_decider", command_decider},
    {GLUE_COMMAND, "_decider_invoker", command_decider_invoker},
    {GLUE_COMMAND, "_decide", command_decide},
    {GLUE_COMMAND, "_send_from", command_send_from},
    {GLUE_COMMAND, "_send", command_send},
    {GLUE_COMMAND, "_send_and_wait", command_send_and_wait},
    {GLUE_COMMAND, "_send_by", command_send_by},
    {GLUE_PREDICTION, "_predict", prediction_predict},
    {GLUE_PREDICTION, "_cancel", prediction_cancel},
    {GLUE_QUERY, "_ask", query_ask},
    {GLUE_REPLIED_QUERY, "_ask", query_ask_replied},
    {GLUE_REPLY | GLUE_DOCUMENT, "_reply", reply},
    {GLUE_REPLY | GLUE_DOCUMENT, "_read_reply", read_reply},
    {GLUE_DOCUMENT, "_keep", document_keep},
    {GLUE_DOCUMENT, "_load", document_load},
    {GLUE_DOCUMENT, "_load_or_add", document_load_or_add},
    {GLUE_DOCUMENT, "_find", document_find},
    {GLUE_DOCUMENT, "_remove", document_remove},
    {GLUE_DOCUMENT, "_clear", document_clear},
    {GLUE_NONE, NULL, NULL},
};
