#include "processing/handle.h"

#include <string.h>

#include "event/event_decode.h"
#include "eventstore/event_store.h"
#include "eventstore/validate.h"

enum { most_sent_by_a_part = 65536 };

/* What was recorded must be fit to be appended. */
static misas_error *check_events(const misas_context *context, const misas__touch *touch)
{
    const misas_aggregate *aggregate = touch->cached->aggregate;
    size_t count = aggregate->uncommitted_count - touch->uncommitted_before;

    if (aggregate->is_spoilt) {
        return misas__aggregate_spoilt(aggregate);
    }
    if (count > 0 && context->session->transaction == NULL) {
        return misas__context_refused("record", "a query changes nothing");
    }
    return count > 0
               ? misas__check_events(
                     aggregate->stream, aggregate->uncommitted + touch->uncommitted_before, count,
                     misas_storage_event_store(context->session->storage)->max_event_bytes)
               : NULL;
}

static misas_error *complete_events(misas_context *context)
{
    const misas__draft *draft = &context->session->draft;
    misas_metadata metadata =
        misas_metadata_caused_by(&context->envelope->metadata, context->envelope->id);
    misas_error *error = NULL;

    for (size_t i = context->began_at.touch_count; i < draft->count.touch_count; i++) {
        const misas__touch *touch = &draft->touches[i];
        misas_aggregate *aggregate = touch->cached->aggregate;

        for (size_t j = touch->uncommitted_before; j < aggregate->uncommitted_count; j++) {
            aggregate->uncommitted[j].metadata = metadata;
        }
        error = error == NULL ? check_events(context, touch) : error;
    }
    return error;
}

/* Nothing of it shall be left. Whatever can't be undone breaks the transaction, and writing fails.
 */
static misas_error *undo(misas_context *context, misas_error *error)
{
    misas__session *session = context->session;
    misas__transaction *transaction = session->transaction;

    misas__draft_undo(&session->draft, &context->began_at);
    if (!context->has_savepoint) {
        return error;
    }
    misas_error *failure = transaction->functions->roll_back_to_savepoint(transaction);

    if (failure == NULL) {
        return error;
    }
    misas_error_free(error);
    return failure;
}

static void begin(misas_context *out, misas__session *session, const misas_envelope *envelope,
                  misas_kind kind)
{
    *out = (misas_context){
        .session = session,
        .envelope = envelope,
        .kind = kind,
        .logger = {session->logger.log, envelope->metadata.correlation_id},
        .began_at = session->draft.count,
        .sender = envelope->source,
    };
}

static misas_error *handled_later(void)
{
    return misas_error_new(&(misas_error_options){
        .type_name = MISAS_ERROR_CONTEXT,
        .message = "it is handled again, after others",
        .tags = MISAS_TAG_RETRIABLE,
    });
}

/* Takes what the handlers returned. */
static void finish(misas__outcome *out, misas_context *context, misas_error *error)
{
    if (error == NULL) {
        error = complete_events(context);
    }
    if (error == NULL) {
        error = misas__context_finish_documents(context);
    }
    if (error == NULL && context->ends_batch) { /* the handler went on without its aggregate */
        error = handled_later();
    }
    *out = (misas__outcome){
        .reply = context->reply,
        .error = error != NULL ? undo(context, error) : NULL,
        .ends_batch = context->ends_batch,
    };
}

void misas__handle_decoded(misas__outcome *out, misas__session *session,
                           const misas_envelope *envelope, const misas__handler *handler,
                           const ProtobufCMessage *message)
{
    misas_context context;

    begin(&context, session, envelope, handler->type->kind);
    finish(out, &context, misas__call_handler(session->subsystem, handler, &context, message));
}

static misas_error *no_handler(const misas_envelope *envelope, const misas_subsystem *subsystem)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_UNKNOWN_TYPE,
            .data = (misas_field[]){{"type", envelope->type}, {NULL, NULL}},
            .tags = MISAS_TAG_NOT_FOUND,
        },
        "the subsystem %s has no handler for %s", subsystem->name, envelope->type);
}

void misas__handle(misas__outcome *out, misas__session *session, const misas_envelope *envelope)
{
    const misas__handler *handler =
        misas__subsystem_find_handler(session->subsystem, envelope->type);
    ProtobufCMessage *message = NULL;
    misas_error *error = handler == NULL
                             ? no_handler(envelope, session->subsystem)
                             : misas_message_decode(&message, handler->type, envelope->payload,
                                                    envelope->payload_size, NULL);

    if (error != NULL) {
        *out = (misas__outcome){.error = error, .is_undecodable = true};
        return;
    }
    misas__handle_decoded(out, session, envelope, handler, message);
    misas_message_free(message);
}

/* An event as a message. Its parts, when upcasting has made several of it, send their own. */
static void begin_event(misas_context *out, misas__session *session, misas_envelope *envelope,
                        const misas_event *event)
{
    begin(out, session, envelope, MISAS_KIND_EVENT);
    out->event = event;
    out->sent_count = event->part * most_sent_by_a_part;
}

/* Its id lives as long as the batch: what the handlers record has it as its cause. */
static misas_error *fill_envelope(misas_envelope *out, misas__session *session,
                                  const misas_event *event)
{
    char id[MISAS_UUID_TEXT_SIZE];

    *out = (misas_envelope){
        .id = misas__session_keep_text(session, misas_uuid_write(id, event->id)),
        .source = session->subsystem->source,
        .type = event->type,
        .type_version = event->type_version,
        .key = event->stream,
        .time_us = event->recorded_at_us,
        .payload = event->payload,
        .payload_size = event->payload_size,
        .metadata = event->metadata,
    };
    return out->id != NULL ? NULL : misas_error_out_of_memory();
}

static const misas__handler *next_handler(const misas_event_processor *processor, size_t *index,
                                          const char *type)
{
    while (*index < processor->handler_count) {
        const misas__handler *handler = &processor->handlers[(*index)++];

        if (strcmp(handler->type->descriptor->name, type) == 0) {
            return handler;
        }
    }
    return NULL;
}

static misas_error *call_event_handlers(misas_context *context,
                                        const misas_event_processor *processor, size_t index,
                                        const ProtobufCMessage *message)
{
    misas_error *error = NULL;
    const char *type = context->event->type;

    for (const misas__handler *handler = next_handler(processor, &index, type);
         handler != NULL && error == NULL; handler = next_handler(processor, &index, type)) {
        error = misas__call_handler(context->session->subsystem, handler, context, message);
    }
    return error;
}

static void handle_decoded_event(misas__outcome *out, misas__session *session,
                                 const misas_event_processor *processor, const misas_event *event,
                                 const ProtobufCMessage *message)
{
    misas_envelope envelope;
    misas_context context;
    misas_error *error = fill_envelope(&envelope, session, event);

    if (error != NULL) {
        out->error = error;
        return;
    }
    begin_event(&context, session, &envelope, event);
    context.sender = processor->name;
    finish(out, &context, call_event_handlers(&context, processor, 0, message));
}

void misas__handle_event(misas__outcome *out, misas__session *session,
                         const misas_event_processor *processor, const misas_event *event)
{
    size_t index = 0;
    const misas__handler *first = next_handler(processor, &index, event->type);
    ProtobufCMessage *message = NULL;

    *out = (misas__outcome){0};
    if (first == NULL) { /* it is for the handler of batches alone */
        return;
    }
    out->error = misas__event_decode(&message, event, first->type);
    out->is_undecodable = out->error != NULL;
    if (out->error == NULL) {
        handle_decoded_event(out, session, processor, event, message);
        misas_message_free(message);
    }
}

void misas__handle_event_batch(misas__outcome *out, misas__session *session,
                               const misas_event_processor *processor,
                               const misas_event *const *events, size_t count)
{
    misas_envelope envelope;
    misas_context context;
    misas_error *error = fill_envelope(&envelope, session, events[count - 1]);

    *out = (misas__outcome){.error = error};
    if (error != NULL) {
        return;
    }
    begin_event(&context, session, &envelope, events[count - 1]);
    context.sender = processor->name;
    context.sent_count = UINT32_MAX / 2; /* apart from what the handlers of the event send */
    finish(out, &context,
           processor->batch_handler(&context, events, count, processor->batch_argument));
}

void misas__handle_reset(misas__outcome *out, misas__session *session,
                         const misas_event_processor *processor)
{
    const misas_envelope envelope = {.id = "reset", .source = processor->name, .type = "reset"};
    misas_context context;
    misas_error *error = NULL;

    begin(&context, session, &envelope, MISAS_KIND_EVENT);
    for (size_t i = 0; i < processor->reset_count && error == NULL; i++) {
        error = processor->resets[i].handler(&context, processor->resets[i].argument);
    }
    finish(out, &context, error);
}
