#include <stdlib.h>
#include <string.h>

#include "postgresql/event_store.h"
#include "postgresql/message_arrays.h"
#include "postgresql/sql.h"
#include "postgresql/wire_numbers.h"

/* Of each stream: the version and position of its last event. NULL: there are none. */
static void take_results(misas_append_result *out, const PGresult *result)
{
    for (int row = 0; row < PQntuples(result); row++) {
        misas_append_result *of = &out[misas__get_uint64(PQgetvalue(result, row, 0)) - 1];

        of->version = misas__get_uint64(PQgetvalue(result, row, 1));
        of->position = misas__get_uint64(PQgetvalue(result, row, 2));
    }
}

/* One event, to an exact version or to no stream. */
static misas_error *append_one(bool *out_is_done, misas_append_result *out,
                               misas__connection *connection, const misas_append *append,
                               const misas_clock *clock)
{
    const misas_new_event *event = append->events;
    misas__parameters parameters = {0};
    char *metadata = NULL;
    PGresult *result = NULL;
    misas_error *error = misas__write_metadata(&metadata, &event->metadata);

    misas__parameters_add_text(&parameters, append->stream);
    misas__parameters_add_bigint(&parameters, append->expected_version);
    misas__parameters_add_uuid(&parameters, event->id);
    misas__parameters_add_text(&parameters, event->type);
    misas__parameters_add_integer(&parameters, (int32_t)event->type_version);
    misas__parameters_add_bytes(&parameters, event->payload, event->payload_size);
    misas__parameters_add_text(&parameters, event->metadata.correlation_id);
    misas__parameters_add_text(&parameters, event->metadata.causation_id);
    misas__parameters_add_jsonb(&parameters, metadata);
    misas__parameters_add_time(&parameters, clock);
    if (error == NULL) {
        error = misas__connection_run(&result, connection,
                                      append->expected_version > 0 ? misas__sql_append_next
                                                                   : misas__sql_append_first,
                                      &parameters);
    }
    *out_is_done = error != NULL || PQntuples(result) == 1;
    if (error == NULL && *out_is_done) {
        out->version = (uint64_t)append->expected_version + 1;
        out->position = misas__get_uint64(PQgetvalue(result, 0, 0));
    }
    PQclear(result);
    free(metadata);
    misas__parameters_free(&parameters);
    return error;
}

static misas_error *append_to_stream(misas_append_result *out, misas__connection *connection,
                                     const misas_append *append, const misas_clock *clock)
{
    misas__parameters parameters = {0};
    misas__event_arrays events;
    PGresult *result = NULL;
    misas_error *error = NULL;

    misas__event_arrays_start(&events, append->event_count);
    for (size_t i = 0; i < append->event_count && error == NULL; i++) {
        error = misas__event_arrays_add(&events, &append->events[i]);
    }
    misas__parameters_add_text(&parameters, append->stream);
    misas__parameters_add_bigint(&parameters, append->expected_version);
    misas__parameters_add_event_arrays(&parameters, &events);
    misas__parameters_add_time(&parameters, clock);
    if (error == NULL) {
        error =
            misas__connection_run(&result, connection, misas__sql_append_to_stream, &parameters);
    }
    take_results(out, error == NULL ? result : NULL);
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}

static void add_streams(misas__parameters *parameters, const misas__event_batch *batch)
{
    misas__array streams;
    misas__array expected;

    misas__array_start(&streams, MISAS__TEXT, batch->stream_count);
    misas__array_start(&expected, MISAS__BIGINT, batch->stream_count);
    for (size_t i = 0; i < batch->stream_count; i++) {
        misas__array_add_text(&streams, batch->streams[i].stream);
        misas__array_add_bigint(&expected, batch->streams[i].expected);
    }
    misas__parameters_add_array(parameters, &streams);
    misas__parameters_add_array(parameters, &expected);
}

/* Of each event: the index of its stream, and its place among that stream's events. */
static misas_error *add_places(misas__parameters *parameters, const misas__event_batch *batch)
{
    int32_t *counts = calloc(batch->stream_count, sizeof *counts);
    misas__array stream_of;
    misas__array offset;

    if (counts == NULL) {
        return misas_error_out_of_memory();
    }
    misas__array_start(&stream_of, MISAS__INTEGER, batch->event_count);
    misas__array_start(&offset, MISAS__INTEGER, batch->event_count);
    for (size_t i = 0; i < batch->event_count; i++) {
        size_t index = batch->events[i].stream_index;

        misas__array_add_integer(&stream_of, (int32_t)index + 1);
        misas__array_add_integer(&offset, ++counts[index]);
    }
    misas__parameters_add_array(parameters, &stream_of);
    misas__parameters_add_array(parameters, &offset);
    free(counts);
    return NULL;
}

static misas_error *add_events(misas__parameters *parameters, const misas__event_batch *batch)
{
    misas__event_arrays events;
    misas_error *error = NULL;

    misas__event_arrays_start(&events, batch->event_count);
    for (size_t i = 0; i < batch->event_count && error == NULL; i++) {
        error = misas__event_arrays_add(&events, &batch->events[i].event);
    }
    misas__parameters_add_event_arrays(parameters, &events);
    return error;
}

misas_error *misas__append_events_on_connection(misas_append_result *out,
                                                misas__connection *connection,
                                                const misas__event_batch *batch,
                                                const misas_clock *clock)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    add_streams(&parameters, batch);
    misas_error *error = add_places(&parameters, batch);

    if (error == NULL) {
        error = add_events(&parameters, batch);
    }
    misas__parameters_add_time(&parameters, clock);
    if (error == NULL) {
        error = misas__connection_run(&result, connection, misas__sql_append_events, &parameters);
    }
    take_results(out, error == NULL ? result : NULL);
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}

static misas_error *append_single(misas_append_result *out, misas__connection *connection,
                                  const misas_append *append, const misas_clock *clock)
{
    bool is_done = false;
    misas_error *error = NULL;

    if (append->event_count == 1 && append->expected_version >= 0) {
        error = append_one(&is_done, out, connection, append, clock);
    }
    return is_done ? error : append_to_stream(out, connection, append, clock);
}

static size_t count_events(const misas_append *appends, size_t append_count)
{
    size_t count = 0;

    for (size_t i = 0; i < append_count; i++) {
        count += appends[i].event_count;
    }
    return count;
}

/* One stream after the other. */
static void fill_batch(misas__batch_stream *streams, misas__batch_event *events,
                       const misas_append *appends, size_t append_count)
{
    for (size_t i = 0; i < append_count; i++) {
        streams[i] = (misas__batch_stream){appends[i].stream, appends[i].expected_version};
        for (size_t j = 0; j < appends[i].event_count; j++) {
            *events++ = (misas__batch_event){i, appends[i].events[j]};
        }
    }
}

misas_error *misas__append_on_connection(misas_append_result *out, misas__connection *connection,
                                         const misas_append *appends, size_t append_count,
                                         const misas_clock *clock)
{
    memset(out, 0, append_count * sizeof *out);
    if (append_count == 1) {
        return append_single(out, connection, appends, clock);
    }
    size_t event_count = count_events(appends, append_count);
    misas__batch_stream *streams = calloc(append_count, sizeof *streams);
    misas__batch_event *events = calloc(event_count, sizeof *events);
    misas_error *error = NULL;

    if (streams != NULL && events != NULL) {
        fill_batch(streams, events, appends, append_count);
        error = misas__append_events_on_connection(
            out, connection, &(misas__event_batch){streams, append_count, events, event_count},
            clock);
    } else {
        error = misas_error_out_of_memory();
    }
    free(streams);
    free(events);
    return error;
}
