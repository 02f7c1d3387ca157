#include "aggregate/aggregate.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/event_decode.h"
#include "memory/growth.h"
#include "text/names.h"

misas_error *misas__aggregate_check_id(const char *id)
{
    const char *problem =
        misas__name_problem(id, MISAS_STREAM_MAX_BYTES - MISAS_AGGREGATE_NAME_MAX_BYTES - 1);

    if (problem == NULL) {
        return NULL;
    }
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_AGGREGATE_INVALID,
            .data = (misas_field[]){{"field", "id"},
                                    {"value", id != NULL ? id : ""},
                                    {"reason", problem},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the id of an aggregate is not valid: %s", problem);
}

char *misas__aggregate_stream_name(const misas_aggregate_type *type, const char *id)
{
    size_t size = strlen(type->name) + strlen(id) + 2;
    char *name = malloc(size);

    if (name != NULL) {
        snprintf(name, size, "%s-%s", type->name, id);
    }
    return name;
}

misas_error *misas_aggregate_new(misas_aggregate **out, const misas_aggregate_type *type,
                                 const char *id)
{
    misas_error *error = misas__aggregate_check_id(id);

    if (error != NULL) {
        return error;
    }
    misas_aggregate *aggregate = calloc(1, sizeof *aggregate);

    if (aggregate == NULL) {
        return misas_error_out_of_memory();
    }
    aggregate->type = type;
    aggregate->stream = misas__aggregate_stream_name(type, id);
    aggregate->state = calloc(1, type->state_size);
    if (aggregate->stream == NULL || aggregate->state == NULL) {
        misas_aggregate_free(aggregate);
        return misas_error_out_of_memory();
    }
    *out = aggregate;
    return NULL;
}

void misas_aggregate_free(misas_aggregate *aggregate)
{
    if (aggregate == NULL) {
        return;
    }
    misas__aggregate_keep_uncommitted(aggregate, 0);
    if (aggregate->state != NULL && aggregate->type->release != NULL) {
        aggregate->type->release(aggregate->state);
    }
    free(aggregate->uncommitted);
    free(aggregate->state);
    free(aggregate->stream);
    free(aggregate);
}

const char *misas_aggregate_id(const misas_aggregate *aggregate)
{
    return aggregate->stream + strlen(aggregate->type->name) + 1;
}

const char *misas_aggregate_stream(const misas_aggregate *aggregate)
{
    return aggregate->stream;
}

uint64_t misas_aggregate_version(const misas_aggregate *aggregate)
{
    return aggregate->version;
}

const void *misas_aggregate_state(const misas_aggregate *aggregate)
{
    return aggregate->state;
}

const misas_new_event *misas_aggregate_uncommitted(const misas_aggregate *aggregate,
                                                   size_t *out_count)
{
    *out_count = aggregate->uncommitted_count - aggregate->uncommitted_of_others;
    return *out_count > 0 ? aggregate->uncommitted + aggregate->uncommitted_of_others : NULL;
}

void misas__aggregate_keep_uncommitted(misas_aggregate *aggregate, size_t count)
{
    while (aggregate->uncommitted_count > count) {
        aggregate->uncommitted_count--;
        free((void *)(uintptr_t)aggregate->uncommitted[aggregate->uncommitted_count].payload);
    }
    if (aggregate->uncommitted_of_others > count) {
        aggregate->uncommitted_of_others = count;
    }
}

void misas__aggregate_committed(misas_aggregate *aggregate, uint64_t version)
{
    misas__aggregate_keep_uncommitted(aggregate, 0);
    aggregate->version = version;
}

static misas_error *unexpected_event(const misas_aggregate *aggregate, const char *type,
                                     uint64_t version)
{
    char version_text[24];

    snprintf(version_text, sizeof version_text, "%" PRIu64, version);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_AGGREGATE_UNEXPECTED_EVENT,
            .data = (misas_field[]){{"aggregate", aggregate->type->name},
                                    {"stream", aggregate->stream},
                                    {"type", type},
                                    {"version", version_text},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the aggregate type %s does not know %s, event %s of stream %s", aggregate->type->name,
        type, version_text, aggregate->stream);
}

static misas_error *evolve(misas_aggregate *aggregate, const misas__evolver *evolver,
                           const ProtobufCMessage *message)
{
    if (evolver->function == NULL) {
        return NULL;
    }
    misas_error *error = evolver->invoker(evolver->function, aggregate->state, message);

    aggregate->is_spoilt = aggregate->is_spoilt || error != NULL;
    return error;
}

/* Takes the payload, also when it fails. */
static misas_error *keep(misas_aggregate *aggregate, const misas__evolver *evolver,
                         const ProtobufCMessage *message, const misas_new_event *event)
{
    misas_new_event *items = misas__grow(aggregate->uncommitted, aggregate->uncommitted_count,
                                         &aggregate->uncommitted_capacity, sizeof *items);
    misas_error *error = items == NULL ? misas_error_out_of_memory() : NULL;

    if (error == NULL) {
        aggregate->uncommitted = items;
        error = evolve(aggregate, evolver, message);
    }
    if (error != NULL) {
        free((void *)(uintptr_t)event->payload);
        return error;
    }
    items[aggregate->uncommitted_count++] = *event;
    return NULL;
}

misas_error *misas_aggregate_record(misas_aggregate *aggregate, const misas_type *type,
                                    const ProtobufCMessage *message)
{
    const misas__evolver *evolver = misas__find_evolver(aggregate->type, type->descriptor->name);
    void *payload = NULL;
    size_t size = 0;

    if (aggregate->is_spoilt) {
        return misas__aggregate_spoilt(aggregate);
    }
    if (evolver == NULL) {
        return unexpected_event(aggregate, type->descriptor->name,
                                aggregate->version + aggregate->uncommitted_count + 1);
    }
    misas_error *error = misas_message_encode(&payload, &size, type, message);

    return error != NULL ? error
                         : keep(aggregate, evolver, message,
                                &(misas_new_event){.id = misas_uuid_new_v7(),
                                                   .type = type->descriptor->name,
                                                   .type_version = type->version,
                                                   .payload = payload,
                                                   .payload_size = size});
}

static misas_error *evolve_by_stored(misas_aggregate *aggregate, const misas_event *event)
{
    const misas__evolver *evolver = misas__find_evolver(aggregate->type, event->type);
    ProtobufCMessage *message = NULL;

    if (evolver == NULL) {
        return unexpected_event(aggregate, event->type, event->version);
    }
    misas_error *error = misas__event_decode(&message, event, evolver->type);

    if (error == NULL) {
        error = evolve(aggregate, evolver, message);
        misas_message_free(message);
    }
    aggregate->version = event->version;
    return error;
}

misas_error *misas__aggregate_read(misas_aggregate *aggregate, misas_event_store *store)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;
    misas_error *error = misas_event_store_read_stream(
        &reader, store, aggregate->stream, &(misas_read_options){.from = aggregate->version + 1});

    do {
        if (error == NULL) {
            error = misas_event_reader_next(&event, reader);
        }
        if (error == NULL && event != NULL) {
            error = evolve_by_stored(aggregate, event);
        }
    } while (error == NULL && event != NULL);
    misas_event_reader_free(reader);
    return error;
}

misas_error *misas__aggregate_exists(bool *out, const misas_aggregate_type *type,
                                     misas_event_store *store, const char *id)
{
    misas_error *error = misas__aggregate_check_id(id);

    if (error != NULL) {
        return error;
    }
    char *stream = misas__aggregate_stream_name(type, id);

    if (stream == NULL) {
        return misas_error_out_of_memory();
    }
    error = misas_event_store_stream_exists(out, store, stream);
    free(stream);
    return error;
}
