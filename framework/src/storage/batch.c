#include "storage/batch.h"

#include <stdlib.h>
#include <string.h>

#include "eventstore/event_store.h"
#include "eventstore/validate.h"

int misas__handled_compare(const misas__handled *left, const misas__handled *right)
{
    int by_source = strcmp(left->source, right->source);

    return by_source != 0 ? by_source : strcmp(left->id, right->id);
}

misas_error *misas__handled_meanwhile_error(void)
{
    return misas_error_new(&(misas_error_options){
        .type_name = MISAS__ERROR_HANDLED_MEANWHILE,
        .message = "a message of the batch was handled meanwhile by another",
        .tags = MISAS_TAG_CONFLICT,
    });
}

misas_error *misas__prediction_exists_error(const char *id)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_PREDICTION_EXISTS,
            .data = (misas_field[]){{"id", id}, {NULL, NULL}},
            .tags = MISAS_TAG_ALREADY_EXISTS,
        },
        "there is a prediction %s already", id);
}

misas_error *misas__prediction_gone_error(void)
{
    return misas_error_new(&(misas_error_options){
        .type_name = MISAS__ERROR_PREDICTION_GONE,
        .message = "a prediction of the batch was handled, cancelled or replaced meanwhile",
        .tags = MISAS_TAG_CONFLICT,
    });
}

static int compare_pointers(const void *left, const void *right)
{
    return misas__handled_compare(*(const misas__handled *const *)left,
                                  *(const misas__handled *const *)right);
}

static misas_error *sort_handled(misas__prepared_batch *out, const misas__batch *batch)
{
    out->handled_count = batch->handled_count;
    for (size_t i = 0; i < batch->handled_count; i++) {
        out->handled[i] = &batch->handled[i];
    }
    if (batch->handled_count > 1) {
        qsort(out->handled, batch->handled_count, sizeof(const misas__handled *), compare_pointers);
    }
    for (size_t i = 1; i < batch->handled_count; i++) {
        if (misas__handled_compare(out->handled[i - 1], out->handled[i]) == 0) {
            return misas__invalid_argument("id", out->handled[i]->id,
                                           "its message is in the batch twice");
        }
    }
    return NULL;
}

static misas_error *check_streams(const misas__batch *batch)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < batch->stream_count && error == NULL; i++) {
        error = misas__check_own_stream(batch->streams[i].stream);
        if (error == NULL) {
            error =
                misas__check_expected_version(batch->streams[i].stream, batch->streams[i].expected);
        }
    }
    return error;
}

static misas_error *add_event(misas__batch_event *out, const misas__batch_event *event,
                              const char *stream, size_t max_event_bytes)
{
    *out = *event;
    if (misas_uuid_is_none(out->event.id)) {
        out->event.id = misas_uuid_new_v7();
    }
    if (out->event.type_version == 0) {
        out->event.type_version = 1;
    }
    return misas__check_events(stream, &out->event, 1, max_event_bytes);
}

static misas_error *name_command_stream(const char **out, misas__arena *arena, misas_uuid id)
{
    static const char prefix[] = MISAS__COMMAND_STREAM_PREFIX;
    char *name = misas__arena_allocate(arena, sizeof prefix + MISAS_UUID_TEXT_SIZE);

    if (name == NULL) {
        return misas_error_out_of_memory();
    }
    memcpy(name, prefix, sizeof prefix);
    misas_uuid_write(name + sizeof prefix - 1, id);
    *out = name;
    return NULL;
}

static misas_error *add_command(misas__batch_event *out_event, misas__batch_stream *out_stream,
                                misas__arena *arena, const misas_envelope *command)
{
    out_event->event = (misas_new_event){
        .type = command->type,
        .type_version = command->type_version,
        .payload = command->payload,
        .payload_size = command->payload_size,
        .metadata = command->metadata,
    };
    *out_stream = (misas__batch_stream){.expected = MISAS_NO_STREAM};
    misas_error *error = misas_uuid_parse(&out_event->event.id, command->id);

    if (error != NULL) {
        return misas_error_wrap(error, "sending a command: its id");
    }
    return name_command_stream(&out_stream->stream, arena, out_event->event.id);
}

static int compare_ids(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(misas_uuid));
}

static misas_error *check_ids_differ(misas__arena *arena, const misas__event_batch *events)
{
    misas_uuid *ids = misas__arena_allocate(arena, events->event_count * sizeof *ids);

    if (ids == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < events->event_count; i++) {
        ids[i] = events->events[i].event.id;
    }
    qsort(ids, events->event_count, sizeof *ids, compare_ids);
    for (size_t i = 1; i < events->event_count; i++) {
        if (misas_uuid_equal(ids[i - 1], ids[i])) {
            char text[MISAS_UUID_TEXT_SIZE];

            return misas__invalid_argument("id", misas_uuid_write(text, ids[i]),
                                           "two events of one batch have it");
        }
    }
    return NULL;
}

static misas_error *add_events(misas__batch_event *events, misas__batch_stream *streams,
                               misas__arena *arena, const misas__batch *batch,
                               size_t max_event_bytes)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < batch->event_count && error == NULL; i++) {
        const misas__batch_event *event = &batch->events[i];

        error = add_event(&events[i], event, batch->streams[event->stream_index].stream,
                          max_event_bytes);
    }
    for (size_t i = 0; i < batch->stream_count; i++) {
        streams[i] = batch->streams[i];
    }
    for (size_t i = 0; i < batch->command_count && error == NULL; i++) {
        misas__batch_event *event = &events[batch->event_count + i];
        misas__batch_stream *stream = &streams[batch->stream_count + i];

        event->stream_index = batch->stream_count + i;
        error = add_command(event, stream, arena, &batch->commands[i]);
        if (error == NULL) {
            error = add_event(event, event, stream->stream, max_event_bytes);
        }
    }
    return error;
}

misas_error *misas__batch_prepare(misas__prepared_batch *out, misas__arena *arena,
                                  const misas__batch *batch, const misas_event_store *store)
{
    size_t event_count = batch->event_count + batch->command_count;
    size_t stream_count = batch->stream_count + batch->command_count;
    misas__batch_event *events = misas__arena_allocate(arena, event_count * sizeof *events);
    misas__batch_stream *streams = misas__arena_allocate(arena, stream_count * sizeof *streams);

    out->versions = misas__arena_allocate(arena, stream_count * sizeof *out->versions);
    out->handled =
        misas__arena_allocate(arena, batch->handled_count * sizeof(const misas__handled *));
    if (events == NULL || streams == NULL || out->versions == NULL || out->handled == NULL) {
        return misas_error_out_of_memory();
    }
    out->events = (misas__event_batch){streams, stream_count, events, event_count};
    misas_error *error = sort_handled(out, batch);

    if (error == NULL) {
        error = check_streams(batch);
    }
    if (error == NULL) {
        error = add_events(events, streams, arena, batch, store->max_event_bytes);
    }
    return error != NULL || event_count < 2 ? error : check_ids_differ(arena, &out->events);
}
