#include "upcaster/apply.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/names.h"
#include "upcaster/upcasters.h"

/* A function may emit what its next upcaster takes: a chain longer than this is a circle. */
enum { max_chain = 100 };

struct misas_upcast {
    misas__upcasted *result;
    const misas_upcasters *upcasters;
    const misas_upcaster *upcaster; /* that is at work */
    const misas_event *event;       /* that it works on */
    int depth;
};

bool misas__upcasters_are_none(const misas_upcasters *upcasters)
{
    return upcasters == NULL || upcasters->count == 0;
}

bool misas__upcasters_take(const misas_upcasters *upcasters, const misas_event *event)
{
    return misas__upcasters_find(upcasters, event->type, event->type_version) != NULL;
}

void *misas_upcast_allocate(misas_upcast *upcast, size_t size)
{
    return misas__arena_allocate(&upcast->result->arena, size);
}

misas__arena *misas__upcast_arena(misas_upcast *upcast)
{
    return &upcast->result->arena;
}

static misas_error *add_result(misas__upcasted *result, const misas_event *event)
{
    if (result->count == result->capacity) {
        size_t capacity = result->capacity > 0 ? result->capacity * 2 : 4;
        misas_event *events = realloc(result->events, capacity * sizeof *events);

        if (events == NULL) {
            return misas_error_out_of_memory();
        }
        result->events = events;
        result->capacity = capacity;
    }
    result->events[result->count++] = *event;
    return NULL;
}

static misas_error *run(misas_upcast *upcast);

static misas_error *circle_error(const misas_event *event)
{
    return misas__upcaster_invalid(event->type, event->type_version, "it chains in a circle");
}

/* Hands an event on to the upcaster that takes it, or, where none does, to the result. */
static misas_error *hand_on(misas__upcasted *result, const misas_upcasters *upcasters,
                            const misas_event *event, int depth)
{
    misas_upcast next = {
        .result = result,
        .upcasters = upcasters,
        .upcaster = misas__upcasters_find(upcasters, event->type, event->type_version),
        .event = event,
        .depth = depth,
    };

    if (next.upcaster == NULL) {
        return add_result(result, event);
    }
    result->is_in_circle = result->is_in_circle || depth > max_chain;
    return result->is_in_circle ? circle_error(event) : run(&next);
}

static misas_error *emit(misas_upcast *upcast, const char *type, uint32_t type_version,
                         const void *payload, size_t payload_size)
{
    misas_event event = *upcast->event;

    event.type = type;
    event.type_version = type_version;
    event.payload = payload;
    event.payload_size = payload_size;
    return hand_on(upcast->result, upcast->upcasters, &event, upcast->depth + 1);
}

static misas_error *run(misas_upcast *upcast)
{
    const misas_upcaster *upcaster = upcast->upcaster;
    const void *payload = upcast->event->payload;
    size_t payload_size = upcast->event->payload_size;
    misas_error *error = NULL;

    if (upcaster->function != NULL) {
        return upcaster->function(upcast, upcast->event, upcaster->argument);
    }
    if (upcaster->steps != NULL) {
        error = misas__upcast_run_steps(&payload, &payload_size, upcast, upcaster, upcast->event);
    }
    if (error == NULL) {
        error = emit(upcast, upcaster->to_type, upcaster->to_version, payload, payload_size);
    }
    return error;
}

misas_error *misas_upcast_emit(misas_upcast *upcast, const char *type, uint32_t type_version,
                               const void *payload, size_t payload_size)
{
    const misas_upcaster *upcaster = upcast->upcaster;
    const char *chosen = type != NULL ? type : upcaster->to_type;
    bool is_to_type = strcmp(chosen, upcaster->to_type) == 0;

    if (!is_to_type && !misas__names_contain(upcaster->emits, chosen)) {
        return misas__upcaster_invalid(upcaster->type, upcaster->version,
                                       "it emits a type that it does not declare");
    }
    if (type_version == 0) {
        type_version = is_to_type ? upcaster->to_version : 1;
    }
    void *copy = misas_upcast_allocate(upcast, payload_size > 0 ? payload_size : 1);
    if (copy == NULL) {
        return misas_error_out_of_memory();
    }
    if (payload_size > 0) {
        memcpy(copy, payload, payload_size);
    }
    return emit(upcast, chosen, type_version, copy, payload_size);
}

static misas_error *failed(misas_error *cause, const misas_event *event)
{
    char version_text[12];
    char position_text[24];

    snprintf(version_text, sizeof version_text, "%" PRIu32, event->type_version);
    snprintf(position_text, sizeof position_text, "%" PRIu64, event->position);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_UPCASTING_FAILED,
            .cause = cause,
            .data = (misas_field[]){{"type", event->type},
                                    {"version", version_text},
                                    {"stream", event->stream},
                                    {"position", position_text},
                                    {NULL, NULL}},
        },
        "upcasting %s version %s at position %s of stream %s", event->type, version_text,
        position_text, event->stream);
}

misas_error *misas__upcasters_apply(misas__upcasted *out, const misas_upcasters *upcasters,
                                    const misas_event *event)
{
    misas__upcasted_clear(out);
    misas_error *error = hand_on(out, upcasters, event, 0);

    if (error == NULL && out->is_in_circle) {
        error = circle_error(event);
    }
    if (error != NULL) {
        misas__upcasted_clear(out);
        return failed(error, event);
    }
    for (size_t i = 0; i < out->count; i++) {
        out->events[i].part = (uint32_t)i;
        out->events[i].part_count = (uint32_t)out->count;
    }
    return NULL;
}

void misas__upcasted_clear(misas__upcasted *upcasted)
{
    upcasted->count = 0;
    upcasted->is_in_circle = false;
    misas__arena_reset(&upcasted->arena);
}

void misas__upcasted_free(misas__upcasted *upcasted)
{
    free(upcasted->events);
    misas__arena_free(&upcasted->arena);
    *upcasted = (misas__upcasted){0};
}
