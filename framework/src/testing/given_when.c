/* The steps that do something. */
#include <inttypes.h>
#include <stdlib.h>

#include "subsystem/subsystem.h"
#include "testing/example.h"
#include "testing/scenario.h"

void misas_scenario_given_time(misas_scenario *scenario, const char *time)
{
    int64_t time_us = 0;

    if (misas__scenario_begin_step(scenario, MISAS__GIVEN, "given the time %s", time)) {
        misas_error *error = misas_time_parse(&time_us, time);

        if (error == NULL) {
            misas_clock_set(scenario->clock, time_us);
        }
        misas__scenario_end_acting(scenario, error);
    }
}

static misas_error *append(misas_scenario *scenario, const char *stream,
                           const misas_example *example)
{
    void *payload = NULL;
    misas_new_event event = {.type = misas__example_name(example),
                             .type_version = example->type->version};
    misas_error *error = misas__example_pack(&payload, &event.payload_size, example);

    if (error == NULL) {
        event.payload = payload;
        error = misas_event_store_append(
            NULL, misas_storage_event_store(misas_system_storage(scenario->system)), stream,
            MISAS_ANY_VERSION, &event, 1);
    }
    free(payload);
    return error;
}

void misas_scenario_given_events(misas_scenario *scenario, const char *stream,
                                 const misas_example *events)
{
    misas_error *error = NULL;

    if (misas__scenario_begin_step(scenario, MISAS__GIVEN, "given events of %s", stream)) {
        for (size_t i = 0; events[i].type != NULL && error == NULL; i++) {
            error = append(scenario, stream, &events[i]);
        }
        misas__scenario_end_acting(scenario, error);
    }
}

static misas_error *put_document(misas_scenario *scenario, const char *collection,
                                 const misas_document *document)
{
    misas_documents *documents = misas_storage_documents(misas_system_storage(scenario->system));
    misas_error *error = misas_documents_ensure_collection(documents, collection);

    return error == NULL ? misas_documents_upsert(documents, collection, document, 1) : error;
}

void misas_scenario_given_document(misas_scenario *scenario, const char *collection, const char *id,
                                   const char *content)
{
    if (misas__scenario_begin_step(scenario, MISAS__GIVEN, "given the document %s of %s", id,
                                   collection)) {
        misas__scenario_end_acting(
            scenario,
            put_document(scenario, collection, &(misas_document){.id = id, .content = content}));
    }
}

static misas_error *check_kind(const misas_example *example, misas_kind kind, const char *expected)
{
    misas__text text = {0};

    if (example->type->kind == kind) {
        return NULL;
    }
    misas__text_append_format(&text, "%s is not a %s", misas__example_name(example), expected);
    return misas__not_as_expected(&text);
}

static misas_error *predict(misas_scenario *scenario, const misas_example *prediction,
                            int64_t due_at_us)
{
    misas_error *error = check_kind(prediction, MISAS_KIND_PREDICTION, "prediction");

    return error == NULL ? misas__scenario_predict(scenario, prediction, due_at_us) : error;
}

void misas_scenario_given_prediction(misas_scenario *scenario, misas_example prediction,
                                     const char *due)
{
    int64_t due_at_us = 0;

    if (misas__scenario_begin_step(scenario, MISAS__GIVEN, "given the prediction %s for %s",
                                   misas__example_name(&prediction), due)) {
        misas_error *error = misas_time_parse(&due_at_us, due);

        misas__scenario_end_acting(
            scenario, error == NULL ? predict(scenario, &prediction, due_at_us) : error);
    }
}

typedef misas_error *(*asking)(misas_reply **out, misas_bus *bus, const misas_type *type,
                               const ProtobufCMessage *message, const misas_send_options *options);

/* That it is refused is no error here, but an outcome. */
static misas_error *ask(misas_scenario *scenario, const misas_example *example, asking function)
{
    ProtobufCMessage *message = NULL;
    misas_error *error = misas__example_message(&message, example);

    if (error != NULL) {
        return error;
    }
    free(scenario->reply);
    scenario->reply = NULL;
    misas_error *refusal = function(&scenario->reply, misas_system_bus(scenario->system),
                                    example->type, message, NULL);

    misas_message_free(message);
    if (refusal != NULL) {
        misas__scenario_keep_outcome(scenario, refusal);
    }
    return NULL;
}

void misas_scenario_when_command(misas_scenario *scenario, misas_example command)
{
    if (misas__scenario_begin_step(scenario, MISAS__WHEN, "when the command %s",
                                   misas__example_name(&command))) {
        misas_error *error = check_kind(&command, MISAS_KIND_COMMAND, "command");

        misas__scenario_end_acting(
            scenario, error == NULL ? ask(scenario, &command, misas_bus_send_and_wait) : error);
    }
}

void misas_scenario_when_query(misas_scenario *scenario, misas_example query)
{
    if (misas__scenario_begin_step(scenario, MISAS__WHEN, "when the query %s",
                                   misas__example_name(&query))) {
        misas_error *error = check_kind(&query, MISAS_KIND_QUERY, "query");

        misas__scenario_end_acting(scenario,
                                   error == NULL ? ask(scenario, &query, misas_bus_ask) : error);
    }
}

void misas_scenario_when_event(misas_scenario *scenario, const char *stream, misas_example event)
{
    if (misas__scenario_begin_step(scenario, MISAS__WHEN, "when the event %s of %s",
                                   misas__example_name(&event), stream)) {
        misas_error *error = check_kind(&event, MISAS_KIND_EVENT, "event");

        misas__scenario_end_acting(scenario,
                                   error == NULL ? append(scenario, stream, &event) : error);
    }
}

void misas_scenario_when_prediction(misas_scenario *scenario, misas_example prediction)
{
    if (misas__scenario_begin_step(scenario, MISAS__WHEN, "when the prediction %s",
                                   misas__example_name(&prediction))) {
        misas__scenario_end_acting(
            scenario, predict(scenario, &prediction, misas_clock_now_us(scenario->clock)));
    }
}

void misas_scenario_when_time_passes(misas_scenario *scenario, int64_t by_ms)
{
    if (misas__scenario_begin_step(scenario, MISAS__WHEN, "when %" PRId64 " ms pass", by_ms)) {
        int64_t now_us = misas_clock_now_us(scenario->clock);

        misas__scenario_end_acting(scenario,
                                   misas__scenario_move_clock(scenario, now_us + by_ms * 1000));
    }
}

void misas_scenario_when_reset(misas_scenario *scenario, const char *processor)
{
    if (misas__scenario_begin_step(scenario, MISAS__WHEN, "when %s is reset", processor)) {
        misas__scenario_end_acting(scenario,
                                   misas_system_reset_processor(scenario->system, processor));
    }
}
