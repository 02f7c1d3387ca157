/* The predictions of a scenario, which occur when the scenario's clock comes to their time. */
#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "bus/waiter.h"
#include "clock/monotonic.h"
#include "processing/firing.h"
#include "schema/message.h"
#include "storage/memory_storage.h"
#include "testing/example.h"
#include "testing/scenario.h"

enum { answer_timeout_ms = 10000 };

misas_error *misas__scenario_predictions(misas__prediction_list *out, misas_scenario *scenario,
                                         misas__arena *arena)
{
    *out = (misas__prediction_list){0};
    return misas__memory_list_predictions(&out->items, &out->count,
                                          misas_system_storage(scenario->system), arena);
}

bool misas__prediction_list_has(const misas__prediction_list *list,
                                const misas__prediction *prediction)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].content.id, prediction->content.id) == 0 &&
            list->items[i].added_at_us == prediction->added_at_us) {
            return true;
        }
    }
    return false;
}

/* It is not tried a second time, if it stays. */
static misas_error *note_tried(misas_scenario *scenario, const misas__prediction *prediction)
{
    misas__prediction_list *tried = &scenario->tried;
    misas__prediction *items =
        misas__arena_allocate(&scenario->arena, (tried->count + 1) * sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    if (tried->count > 0) {
        memcpy(items, tried->items, tried->count * sizeof *items);
    }
    misas_error *error = misas__prediction_copy(&items[tried->count], &scenario->arena, prediction);

    if (error == NULL) {
        *tried = (misas__prediction_list){items, tried->count + 1};
    }
    return error;
}

/* Publishes it, and waits until it is handled. */
static misas_error *fire(misas_scenario *scenario, const misas__prediction *prediction)
{
    char source[misas__firing_source_size];
    const misas_envelope envelope = misas__firing_envelope(source, prediction);
    int64_t deadline_ms = misas__monotonic_ms() + answer_timeout_ms;
    misas__bus_waiter *waiter = NULL;
    misas_error *error = misas__bus_waiter_new(&waiter);

    if (error != NULL) {
        return error;
    }
    error = misas__bus_send_envelope(misas_system_bus(scenario->system), &envelope,
                                     &(misas_send_options){.timeout_ms = answer_timeout_ms,
                                                           .completion = misas__bus_waiter_complete,
                                                           .argument = waiter});
    if (error != NULL) {
        misas__bus_waiter_abandon(waiter);
    } else {
        error = misas__bus_waiter_wait(NULL, waiter, deadline_ms, &envelope);
    }
    if (error != NULL) {
        misas__scenario_keep_outcome(
            scenario, misas_error_wrap(error, "the prediction %s", prediction->content.type));
    }
    return NULL;
}

/* The first that is due by then, and was not tried. */
static misas_error *find_due(const misas__prediction **out, misas_scenario *scenario, int64_t to_us,
                             misas__arena *arena)
{
    misas__prediction_list list;
    misas_error *error = misas__scenario_predictions(&list, scenario, arena);

    *out = NULL;
    for (size_t i = 0; i < list.count && error == NULL && *out == NULL; i++) {
        if (list.items[i].content.due_at_us > to_us) {
            break;
        }
        *out = misas__prediction_list_has(&scenario->tried, &list.items[i]) ? NULL : &list.items[i];
    }
    return error;
}

/* Moves the clock, but not back. */
static void move_to(misas_scenario *scenario, int64_t time_us)
{
    if (time_us > misas_clock_now_us(scenario->clock)) {
        misas_clock_set(scenario->clock, time_us);
    }
}

static misas_error *fire_at_its_time(misas_scenario *scenario, const misas__prediction *due)
{
    move_to(scenario, due->content.due_at_us);
    misas_error *error = note_tried(scenario, due);

    if (error == NULL) {
        error = fire(scenario, due);
    }
    return error == NULL ? misas__scenario_wait(scenario) : error;
}

misas_error *misas__scenario_move_clock(misas_scenario *scenario, int64_t to_us)
{
    misas__arena arena = {0};
    const misas__prediction *due = NULL;
    misas_error *error = NULL;

    do {
        misas__arena_reset(&arena);
        error = find_due(&due, scenario, to_us, &arena);
        if (error == NULL && due != NULL) {
            error = fire_at_its_time(scenario, due);
        }
    } while (error == NULL && due != NULL);
    misas__arena_free(&arena);
    if (error == NULL) {
        move_to(scenario, to_us);
    }
    return error;
}

static misas_error *add(misas_scenario *scenario, const misas_new_prediction *prediction)
{
    const misas__prediction_change change = {MISAS__PREDICTION_ADD, *prediction};

    return misas__storage_write(misas_system_storage(scenario->system),
                                &(misas__batch){.predictions = &change, .prediction_count = 1});
}

/* The payload, which is a message of the type, and the key in it. */
static misas_error *add_packed(misas_scenario *scenario, misas_new_prediction *prediction,
                               const misas_type *type)
{
    ProtobufCMessage *message = NULL;

    if (type->key_field == NULL) {
        return add(scenario, prediction);
    }
    misas_error *error = misas__message_decode_unlimited(&message, type, prediction->payload,
                                                         prediction->payload_size);

    if (error == NULL) {
        error = misas_message_key(&prediction->key, type, message);
    }
    if (error == NULL) {
        error = add(scenario, prediction);
    }
    misas_message_free(message);
    return error;
}

static misas_error *add_message(misas_scenario *scenario, misas_new_prediction *prediction,
                                const misas_example *example)
{
    void *payload = NULL;
    misas_error *error = misas__example_pack(&payload, &prediction->payload_size, example);

    if (error == NULL) {
        prediction->payload = payload;
        error = add_packed(scenario, prediction, example->type);
    }
    free(payload);
    return error;
}

misas_error *misas__scenario_predict(misas_scenario *scenario, const misas_example *prediction,
                                     int64_t due_at_us)
{
    char id[MISAS_UUID_TEXT_SIZE];

    return add_message(scenario,
                       &(misas_new_prediction){
                           .id = misas_uuid_write(id, misas_uuid_new_v7()),
                           .due_at_us = due_at_us,
                           .type = misas__example_name(prediction),
                           .type_version = prediction->type->version,
                           .metadata = {.correlation_id = id},
                       },
                       prediction);
}
