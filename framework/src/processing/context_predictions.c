#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "eventstore/event_store.h"
#include "misas/clock.h"
#include "processing/context.h"
#include "storage/batch.h"
#include "text/names.h"

/* The ids of sent commands are derived from the numbers below. */
static const uint32_t first_number = UINT32_C(0x80000000);

static misas_error *invalid(const char *field, const char *value, const char *reason)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_PREDICTION_INVALID,
            .data =
                (misas_field[]){
                    {"field", field}, {"value", value}, {"reason", reason}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the %s of a prediction is not valid: %s", field, reason);
}

static misas_error *check_allowed(const misas_context *context, const char *operation,
                                  const misas_type *type)
{
    if (context->session->transaction == NULL) {
        return misas__context_refused(operation, "a query changes nothing");
    }
    return type == NULL || type->kind == MISAS_KIND_PREDICTION
               ? NULL
               : misas__context_refused(operation, "only predictions are predicted");
}

/* Checks a text and keeps a copy of it. */
static misas_error *keep_line(const char **out, misas_context *context, const char *field,
                              const char *line)
{
    size_t max_bytes =
        strcmp(field, "id") == 0 ? MISAS_PREDICTION_ID_MAX_BYTES : MISAS_PREDICTION_KEY_MAX_BYTES;
    const char *problem = misas__line_problem(line, max_bytes);

    if (problem != NULL) {
        return invalid(field, line != NULL ? line : "", problem);
    }
    *out = misas__session_keep_text(context->session, line);
    return *out != NULL ? NULL : misas_error_out_of_memory();
}

static misas_error *keep_id(const char **out, misas_context *context, const char *id)
{
    if (id != NULL) {
        return keep_line(out, context, "id", id);
    }
    misas_error *error =
        misas__context_derive_id(out, context, first_number + context->named_count);

    context->named_count++;
    return error;
}

/* Of a type that states no key field there is none. */
static misas_error *keep_key(const char **out, misas_context *context, const misas_type *type,
                             const ProtobufCMessage *prediction)
{
    const char *key = NULL;

    if (type->key_field == NULL) {
        return NULL;
    }
    misas_error_free(misas_message_key(&key, type, prediction)); /* of an empty one: still NULL */
    return keep_line(out, context, "key", key);
}

static misas_error *invalid_number(const char *field, int64_t value, const char *reason)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, value);
    return invalid(field, text, reason);
}

static misas_error *keep_payload(misas_new_prediction *out, misas_context *context,
                                 const misas_type *type, const ProtobufCMessage *prediction)
{
    misas__session *session = context->session;
    misas_error *error =
        misas__session_pack(&out->payload, &out->payload_size, session, type, prediction);

    return error == NULL &&
                   out->payload_size > misas_storage_event_store(session->storage)->max_event_bytes
               ? invalid_number("payload", (int64_t)out->payload_size,
                                "it is larger than an event may be")
               : error;
}

static misas_error *fill(misas_new_prediction *out, misas_context *context, const misas_type *type,
                         const ProtobufCMessage *prediction)
{
    misas_error *error = keep_key(&out->key, context, type, prediction);

    if (error == NULL) {
        error = keep_payload(out, context, type, prediction);
    }
    out->type = type->descriptor->name;
    out->type_version = type->version;
    out->metadata = misas_metadata_caused_by(&context->envelope->metadata, context->envelope->id);
    return error;
}

/* What the draft makes of this id. */
typedef enum standing { standing_untouched, standing_there, standing_gone } standing;

/* `added` is what the draft has of the id by then, or NULL. A cancellation by key may also concern
 * one that was stored before: whoever can't tell takes it for gone, and leaves it to the writing.
 */
static bool may_cancel_by_key(const misas__prediction_change *change,
                              const misas_new_prediction *added)
{
    if (added == NULL) {
        return true;
    }
    return added->key != NULL && strcmp(change->prediction.type, added->type) == 0 &&
           strcmp(change->prediction.key, added->key) == 0;
}

static bool concerns(const misas__prediction_change *change, const char *id,
                     const misas_new_prediction *added)
{
    return change->kind == MISAS__PREDICTION_CANCEL_KEY ? may_cancel_by_key(change, added)
                                                        : strcmp(change->prediction.id, id) == 0;
}

static standing find_in_draft(const misas__draft *draft, const char *id)
{
    const misas_new_prediction *added = NULL;
    standing found = standing_untouched;

    for (size_t i = 0; i < draft->count.prediction_count; i++) {
        const misas__prediction_change *change = &draft->predictions[i];

        if (concerns(change, id, added)) {
            bool is_there =
                change->kind == MISAS__PREDICTION_ADD || change->kind == MISAS__PREDICTION_REPLACE;

            added = is_there ? &change->prediction : NULL;
            found = is_there ? standing_there : standing_gone;
        }
    }
    return found;
}

static misas_error *check_storage(misas__session *session, const char *id)
{
    bool is_there = false;
    misas_error *error = session->transaction->functions->find_predictions(
        &is_there, session->transaction, &(misas__prediction_reference){.id = id}, 1);

    return error == NULL && is_there ? misas__prediction_exists_error(id) : error;
}

/* A new prediction is most likely not there: that is left to the writing. When that fails, the
 * batch is decided upon again, with care. */
static misas_error *check_absent(misas__session *session, const char *id)
{
    standing found = session->is_careful ? find_in_draft(&session->draft, id) : standing_gone;

    if (found == standing_there) {
        return misas__prediction_exists_error(id);
    }
    return found == standing_untouched ? check_storage(session, id) : NULL;
}

misas_error *misas_context_predict(misas_context *context, const misas_type *type,
                                   const ProtobufCMessage *prediction,
                                   const misas_prediction_options *options)
{
    misas__prediction_change change = {
        .kind = options->replaces ? MISAS__PREDICTION_REPLACE : MISAS__PREDICTION_ADD,
        .prediction = {.due_at_us = options->due_at_us},
    };
    misas_error *error = check_allowed(context, "predict", type);

    if (error == NULL &&
        (options->due_at_us < MISAS_TIME_MIN_US || options->due_at_us > MISAS_TIME_MAX_US)) {
        error =
            invalid_number("due_at_us", options->due_at_us, "it is outside the years 0001 to 9999");
    }
    if (error == NULL) {
        error = keep_id(&change.prediction.id, context, options->id);
    }
    if (error == NULL) {
        error = fill(&change.prediction, context, type, prediction);
    }
    if (error == NULL && !options->replaces) {
        error = check_absent(context->session, change.prediction.id);
    }
    return error == NULL ? misas__draft_add_prediction(&context->session->draft, &change) : error;
}

misas_error *misas_context_cancel_prediction(misas_context *context, const char *id)
{
    misas__prediction_change change = {.kind = MISAS__PREDICTION_CANCEL_ID};
    misas_error *error = check_allowed(context, "cancel_prediction", NULL);

    if (error == NULL) {
        error = keep_line(&change.prediction.id, context, "id", id);
    }
    return error == NULL ? misas__draft_add_prediction(&context->session->draft, &change) : error;
}

misas_error *misas_context_cancel_predictions(misas_context *context, const misas_type *type,
                                              const char *key)
{
    misas__prediction_change change = {
        .kind = MISAS__PREDICTION_CANCEL_KEY,
        .prediction = {.type = type->descriptor->name},
    };
    misas_error *error = check_allowed(context, "cancel_predictions", type);

    if (error == NULL && type->key_field == NULL) {
        error = misas__context_refused("cancel_predictions", "its type states no key field");
    }
    if (error == NULL) {
        error = keep_line(&change.prediction.key, context, "key", key);
    }
    return error == NULL ? misas__draft_add_prediction(&context->session->draft, &change) : error;
}
