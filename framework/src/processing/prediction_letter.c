#include "processing/prediction_letter.h"

#include <stdio.h>
#include <string.h>

#include "metadata/copy.h"
#include "misas/clock.h"

static const char prefix[] = MISAS__PREDICTION_STREAM_PREFIX;

/* Two texts as one; NULL when there is no memory. */
static const char *join(misas__arena *arena, const char *first, const char *second)
{
    size_t size = strlen(first) + strlen(second) + 1;
    char *text = misas__arena_allocate(arena, size);

    if (text != NULL) {
        snprintf(text, size, "%s%s", first, second);
    }
    return text;
}

/* Its fields, and with them what an event has no place for. */
static misas_error *keep_metadata(misas_metadata *out, misas__arena *arena,
                                  const misas_envelope *envelope)
{
    size_t count = misas__count_fields(envelope->metadata.fields);
    misas_field *fields = misas__arena_allocate(arena, (count + 3) * sizeof *fields);
    char *due_at = misas__arena_allocate(arena, MISAS_TIME_TEXT_SIZE);

    if (fields == NULL || due_at == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < count; i++) {
        fields[i] = envelope->metadata.fields[i];
    }
    if (envelope->key != NULL) {
        fields[count++] = (misas_field){MISAS__PREDICTION_KEY, envelope->key};
    }
    fields[count++] =
        (misas_field){MISAS__PREDICTION_DUE_AT, misas_time_write(due_at, envelope->due_at_us)};
    fields[count] = (misas_field){NULL, NULL};
    *out = envelope->metadata;
    out->fields = fields;
    return NULL;
}

static misas_error *keep_event(misas_event *out, misas__arena *arena,
                               const misas_envelope *envelope)
{
    *out = (misas_event){
        .stream = join(arena, prefix, envelope->id),
        .version = 1,
        .type = envelope->type,
        .type_version = envelope->type_version,
        .recorded_at_us = envelope->time_us,
        .payload = envelope->payload,
        .payload_size = envelope->payload_size,
        .part_count = 1,
    };
    if (out->stream == NULL) {
        return misas_error_out_of_memory();
    }
    misas_error *error = keep_metadata(&out->metadata, arena, envelope);

    return error == NULL ? misas__derived_uuid(&out->id, envelope->source, envelope->id, 0) : error;
}

misas_error *misas__draft_set_prediction_aside(misas__draft *draft,
                                               const misas__refused_prediction *refused)
{
    const misas_envelope *envelope = refused->envelope;
    misas__dead_letter letter = {
        .processor = join(&draft->arena, refused->subsystem, MISAS__PREDICTIONS_ENDING),
        .attempts = refused->attempts,
    };
    misas_error *error = letter.processor == NULL
                             ? misas_error_out_of_memory()
                             : keep_event(&letter.event, &draft->arena, envelope);

    if (error == NULL) {
        error = misas__draft_add_dead_letter(draft, &letter, refused->why);
    }
    return error == NULL
               ? misas__draft_add_fired(
                     draft, &(misas__prediction_reference){envelope->id, envelope->time_us})
               : error;
}

misas_error *misas__set_prediction_aside(misas_storage *storage,
                                         const misas__refused_prediction *refused)
{
    misas__draft draft = {.count = {0}};
    misas__transaction *transaction = NULL;
    misas_error *error = misas__draft_set_prediction_aside(&draft, refused);

    if (error == NULL) {
        error = misas__transaction_new(&transaction, storage);
    }
    if (error == NULL) {
        error = misas__draft_write(&draft, transaction);
        transaction->functions->free(transaction);
    }
    misas__draft_free(&draft);
    return error;
}

bool misas__is_prediction_letter(const misas__dead_letter *letter)
{
    return strncmp(letter->event.stream, prefix, sizeof prefix - 1) == 0;
}

/* The fields that the prediction had itself. */
static misas_error *own_fields(const misas_field **out, misas__arena *arena,
                               const misas_field *kept)
{
    misas_field *fields =
        misas__arena_allocate(arena, (misas__count_fields(kept) + 1) * sizeof *fields);
    size_t count = 0;

    if (fields == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; kept != NULL && kept[i].name != NULL; i++) {
        if (strcmp(kept[i].name, MISAS__PREDICTION_KEY) != 0 &&
            strcmp(kept[i].name, MISAS__PREDICTION_DUE_AT) != 0) {
            fields[count++] = kept[i];
        }
    }
    fields[count] = (misas_field){NULL, NULL};
    *out = count > 0 ? fields : NULL;
    return NULL;
}

static misas_error *read_due_at(int64_t *out_us, const misas_metadata *metadata)
{
    const char *due_at = misas_metadata_get(metadata, MISAS__PREDICTION_DUE_AT);

    return misas_time_parse(out_us, due_at != NULL ? due_at : "");
}

static misas_error *restore(misas_new_prediction *out, misas__arena *arena,
                            const misas_event *event)
{
    *out = (misas_new_prediction){
        .id = event->stream + sizeof prefix - 1,
        .key = misas_metadata_get(&event->metadata, MISAS__PREDICTION_KEY),
        .type = event->type,
        .type_version = event->type_version,
        .payload = event->payload,
        .payload_size = event->payload_size,
        .metadata = event->metadata,
    };
    misas_error *error = own_fields(&out->metadata.fields, arena, event->metadata.fields);

    return error == NULL ? read_due_at(&out->due_at_us, &event->metadata) : error;
}

misas_error *misas__predict_again(misas_storage *storage, const misas__dead_letter *letter)
{
    misas__prediction_change change = {.kind = MISAS__PREDICTION_ADD};
    misas__arena arena = {0};
    misas_error *error = restore(&change.prediction, &arena, &letter->event);

    if (error == NULL) {
        error = misas__storage_write(storage, &(misas__batch){.predictions = &change,
                                                              .prediction_count = 1,
                                                              .settled_dead_letters = &letter->id,
                                                              .settled_dead_letter_count = 1});
    }
    misas__arena_free(&arena);
    return error;
}
