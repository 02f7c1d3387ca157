#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envelope/digest.h"
#include "processing/context.h"

misas_error *misas__context_refused(const char *operation, const char *reason)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_CONTEXT,
            .data = (misas_field[]){{"operation", operation}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "%s: %s", operation, reason);
}

const char *misas__session_keep_text(misas__session *session, const char *text)
{
    return misas__arena_copy_text(&session->draft.arena, text);
}

misas_error *misas__session_pack(const void **out, size_t *out_size, misas__session *session,
                                 const misas_type *type, const ProtobufCMessage *message)
{
    void *payload = NULL;
    misas_error *error = misas_message_encode(&payload, out_size, type, message);

    if (error != NULL) {
        return error;
    }
    void *copy = misas__arena_allocate(&session->draft.arena, *out_size > 0 ? *out_size : 1);

    if (copy != NULL) {
        memcpy(copy, payload, *out_size);
    }
    free(payload);
    *out = copy;
    return copy != NULL ? NULL : misas_error_out_of_memory();
}

misas_error *misas__context_derive_id(const char **out, misas_context *context, uint32_t counter)
{
    char text[MISAS_UUID_TEXT_SIZE];
    misas_uuid id;
    misas_error *error = misas__derived_uuid(&id, context->sender, context->envelope->id, counter);

    if (error != NULL) {
        return error;
    }
    *out = misas__session_keep_text(context->session, misas_uuid_write(text, id));
    return *out != NULL ? NULL : misas_error_out_of_memory();
}

/* What the log has no columns for. */
static const misas_field *log_fields(misas_context *context, const misas_envelope *envelope)
{
    misas_field *fields = misas__arena_allocate(&context->session->draft.arena, 3 * sizeof *fields);

    if (fields != NULL) {
        fields[0] = (misas_field){MISAS__COMMAND_SOURCE, envelope->source};
        fields[1] = (misas_field){envelope->key != NULL ? MISAS__COMMAND_KEY : NULL, envelope->key};
        fields[2] = (misas_field){NULL, NULL};
    }
    return fields;
}

static misas_error *fill_command(misas_envelope *envelope, misas_context *context,
                                 const misas_type *type, const ProtobufCMessage *command)
{
    const char *key = NULL;
    misas_error *error = misas__context_derive_id(&envelope->id, context, context->sent_count);

    if (error == NULL && type->key_field != NULL) {
        error = misas_message_key(&key, type, command);
    }
    if (error == NULL && key != NULL) {
        envelope->key = misas__session_keep_text(context->session, key);
        error = envelope->key == NULL ? misas_error_out_of_memory() : NULL;
    }
    if (error == NULL) {
        error = misas_envelope_validate(envelope);
    }
    if (error == NULL) {
        error = misas__session_pack(&envelope->payload, &envelope->payload_size, context->session,
                                    type, command);
    }
    return error;
}

/* Whoever handles a message again sends the same commands again, of which one that is in the log is
 * sent. That is looked for only when a batch could not be written: it is rare. */
static misas_error *was_sent(bool *out, const misas_context *context, const char *id)
{
    char stream[sizeof MISAS__COMMAND_STREAM_PREFIX + MISAS_UUID_TEXT_SIZE];

    *out = false;
    if (!context->session->is_careful) {
        return NULL;
    }
    snprintf(stream, sizeof stream, "%s%s", MISAS__COMMAND_STREAM_PREFIX, id);
    return misas_event_store_stream_exists(
        out, misas_storage_event_store(context->session->storage), stream);
}

static misas_error *add_command(misas_context *context, misas_envelope *envelope)
{
    bool is_there = false;
    misas_error *error = was_sent(&is_there, context, envelope->id);

    if (error != NULL || is_there) {
        return error;
    }
    envelope->metadata.fields = log_fields(context, envelope);
    return envelope->metadata.fields != NULL
               ? misas__draft_add_command(&context->session->draft, envelope)
               : misas_error_out_of_memory();
}

misas_error *misas_context_send(misas_context *context, const misas_type *type,
                                const ProtobufCMessage *command)
{
    misas__session *session = context->session;
    misas_envelope envelope = {
        .source = session->subsystem->source,
        .type = type->descriptor->name,
        .type_version = type->version,
        .time_us = misas_context_now_us(context),
        .metadata = misas_metadata_caused_by(&context->envelope->metadata, context->envelope->id),
    };

    if (session->transaction == NULL) {
        return misas__context_refused("send", "a query changes nothing");
    }
    if (type->kind != MISAS_KIND_COMMAND) {
        return misas__context_refused("send", "only commands are sent");
    }
    misas_error *error = fill_command(&envelope, context, type, command);

    if (error == NULL) {
        error = add_command(context, &envelope);
    }
    if (error == NULL) {
        context->sent_count++;
    }
    return error;
}

misas_error *misas_context_reply(misas_context *context, const misas_type *type,
                                 const ProtobufCMessage *reply)
{
    misas_reply packed = {.type = type->descriptor->name};

    if (context->kind != MISAS_KIND_COMMAND && context->kind != MISAS_KIND_QUERY) {
        return misas__context_refused("reply", "only commands and queries are answered");
    }
    misas_error *error =
        misas__session_pack(&packed.payload, &packed.payload_size, context->session, type, reply);

    if (error == NULL) {
        context->reply = packed;
    }
    return error;
}
