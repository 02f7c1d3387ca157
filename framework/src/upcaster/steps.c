#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "misas/schema.h"
#include "upcaster/apply.h"
#include "upcaster/upcasters.h"
#include "upcaster/wire.h"

/* What a step does to the message that holds the field it names. */
typedef misas_error *(*field_edit)(misas__wire_message *message, uint32_t number, void *argument);

/* A walk down a path, one message at a time, into every occurrence of a repeated submessage. */
typedef struct walk {
    misas__arena *arena;
    bool makes_way;       /* makes the submessages on the path that are not there */
    bool takes_only_last; /* of the occurrences: there is one place to go to */
    field_edit edit;
    void *argument;
} walk;

static const misas__wire_field *find_last(const misas__wire_message *message, uint32_t number)
{
    for (size_t i = message->count; i > 0; i--) {
        if (message->fields[i - 1].number == number) {
            return &message->fields[i - 1];
        }
    }
    return NULL;
}

static misas_error *not_a_message(uint32_t number)
{
    char text[12];

    snprintf(text, sizeof text, "%" PRIu32, number);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_UNDECODABLE,
            .data = (misas_field[]){{"field", text}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "field %s is on the path of a step, but is not a message", text);
}

/* A value is never lost: where it should be put, there has to be a message, or nothing yet. */
static misas_error *make_way(misas__wire_message *message, uint32_t number, const walk *way)
{
    static const misas_wire_value empty = {.wire_type = misas__wire_bytes, .bytes = ""};
    const misas__wire_field *last = find_last(message, number);

    if (last == NULL) {
        return misas__wire_add(message, way->arena, number, &empty);
    }
    return last->value.wire_type == misas__wire_bytes ? NULL : not_a_message(number);
}

static misas_error *walk_into(misas_wire_value *value, const uint32_t *path, const walk *way);

/* At most as deep as a path is long. */
static misas_error *walk_down(misas__wire_message *message, const uint32_t *path, const walk *way)
{
    uint32_t number = path[0];
    misas_error *error = NULL;

    if (path[1] == 0) {
        return way->edit(message, number, way->argument);
    }
    if (way->makes_way) {
        error = make_way(message, number, way);
    }
    const misas__wire_field *last = find_last(message, number);

    for (size_t i = 0; i < message->count && error == NULL; i++) {
        misas__wire_field *field = &message->fields[i];

        if (field->number == number && field->value.wire_type == misas__wire_bytes &&
            (field == last || !way->takes_only_last)) {
            error = walk_into(&field->value, path + 1, way);
        }
    }
    return error;
}

static misas_error *walk_into(misas_wire_value *value, const uint32_t *path, const walk *way)
{
    misas__wire_message inner;
    misas_error *error = misas__wire_parse(&inner, way->arena, value->bytes, value->size);

    if (error == NULL) {
        error = walk_down(&inner, path, way);
    }
    if (error == NULL) {
        error = misas__wire_write(&value->bytes, &value->size, way->arena, &inner);
    }
    return error;
}

/* Takes the fields out of the message, in order, into `argument`. */
typedef struct taken_fields {
    misas__arena *arena;
    misas__wire_message taken;
} taken_fields;

static misas_error *take_fields(misas__wire_message *message, uint32_t number, void *argument)
{
    taken_fields *into = argument;
    size_t kept = 0;
    misas_error *error = NULL;

    for (size_t i = 0; i < message->count && error == NULL; i++) {
        if (message->fields[i].number == number) {
            error = misas__wire_add(&into->taken, into->arena, number, &message->fields[i].value);
        } else {
            message->fields[kept++] = message->fields[i];
        }
    }
    message->count = error == NULL ? kept : message->count;
    return error;
}

static misas_error *put_fields(misas__wire_message *message, uint32_t number, void *argument)
{
    taken_fields *from = argument;
    misas_error *error = NULL;

    for (size_t i = 0; i < from->taken.count && error == NULL; i++) {
        error = misas__wire_add(message, from->arena, number, &from->taken.fields[i].value);
    }
    return error;
}

typedef struct added_field {
    misas__arena *arena;
    misas_wire_value value;
} added_field;

static misas_error *add_if_missing(misas__wire_message *message, uint32_t number, void *argument)
{
    added_field *added = argument;

    if (find_last(message, number) != NULL) {
        return NULL;
    }
    return misas__wire_add(message, added->arena, number, &added->value);
}

typedef struct changed_field {
    misas_upcast *upcast;
    misas_upcast_change change;
    void *argument;
} changed_field;

static misas_error *change_fields(misas__wire_message *message, uint32_t number, void *argument)
{
    const changed_field *changed = argument;
    misas_error *error = NULL;

    for (size_t i = 0; i < message->count && error == NULL; i++) {
        if (message->fields[i].number == number) {
            error = changed->change(changed->upcast, &message->fields[i].value, changed->argument);
        }
    }
    return error;
}

static misas_error *move_field(misas__wire_message *message, const misas_upcast_step *step,
                               misas__arena *arena)
{
    taken_fields fields = {.arena = arena};
    misas_error *error = walk_down(
        message, step->path, &(walk){.arena = arena, .edit = take_fields, .argument = &fields});

    if (error == NULL && fields.taken.count > 0) {
        error = walk_down(message, step->to_path,
                          &(walk){.arena = arena,
                                  .makes_way = true,
                                  .takes_only_last = true,
                                  .edit = put_fields,
                                  .argument = &fields});
    }
    return error;
}

static misas_error *run_step(misas__wire_message *message, const misas_upcast_step *step,
                             misas_upcast *upcast, const misas_upcaster *upcaster,
                             misas__arena *arena)
{
    taken_fields removed = {.arena = arena};
    added_field added = {.arena = arena};
    changed_field changed = {upcast, step->change, upcaster->argument};
    walk way = {.arena = arena};

    switch (step->kind) {
    case MISAS_STEP_MOVE_FIELD:
        return move_field(message, step, arena);
    case MISAS_STEP_ADD_VARINT:
        added.value = (misas_wire_value){.wire_type = misas__wire_varint, .number = step->number};
        way = (walk){arena, true, false, add_if_missing, &added};
        break;
    case MISAS_STEP_ADD_BYTES:
        added.value = (misas_wire_value){
            .wire_type = misas__wire_bytes, .bytes = step->text, .size = strlen(step->text)};
        way = (walk){arena, true, false, add_if_missing, &added};
        break;
    case MISAS_STEP_CHANGE_FIELD:
        way = (walk){arena, false, false, change_fields, &changed};
        break;
    case MISAS_STEP_REMOVE_FIELD:
    case MISAS_STEP_END:
        way = (walk){arena, false, false, take_fields, &removed};
        break;
    }
    return walk_down(message, step->path, &way);
}

misas_error *misas__upcast_run_steps(const void **out, size_t *out_size, misas_upcast *upcast,
                                     const misas_upcaster *upcaster, const misas_event *event)
{
    misas__arena *arena = misas__upcast_arena(upcast);
    misas__wire_message message;
    misas_error *error = misas__wire_parse(&message, arena, event->payload, event->payload_size);

    for (const misas_upcast_step *step = upcaster->steps;
         error == NULL && step->kind != MISAS_STEP_END; step++) {
        error = run_step(&message, step, upcast, upcaster, arena);
    }
    if (error == NULL) {
        error = misas__wire_write(out, out_size, arena, &message);
    }
    return error;
}
