#include <stdlib.h>
#include <string.h>

#include "postgresql/event_store.h"
#include "postgresql/parameters.h"
#include "postgresql/sql.h"
#include "postgresql/wire_numbers.h"

/* The extra metadata as a JSON object; NULL in `out` when there is none. */
static misas_error *write_metadata(char **out, const misas_metadata *metadata)
{
    const misas_field *fields = metadata->fields;
    misas__text text = {0};

    *out = NULL;
    if (fields == NULL || fields->name == NULL) {
        return NULL;
    }
    for (const misas_field *field = fields; field->name != NULL; field++) {
        misas__text_append_string(&text, field == fields ? "{" : ",");
        misas__text_append_json_string(&text, field->name, strlen(field->name));
        misas__text_append_string(&text, ":");
        misas__text_append_json_string(&text, field->value, strlen(field->value));
    }
    misas__text_append_string(&text, "}");
    return misas__text_finish(out, NULL, &text);
}

static void add_time(misas__parameters *parameters, const misas_clock *clock)
{
    if (clock == NULL) {
        misas__parameters_add_null(parameters);
    } else {
        misas__parameters_add_timestamp(parameters, misas_clock_now_us(clock));
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
    misas_error *error = write_metadata(&metadata, &event->metadata);

    misas__parameters_add_text(&parameters, append->stream);
    misas__parameters_add_bigint(&parameters, append->expected_version);
    misas__parameters_add_uuid(&parameters, event->id);
    misas__parameters_add_text(&parameters, event->type);
    misas__parameters_add_integer(&parameters, (int32_t)event->type_version);
    misas__parameters_add_bytes(&parameters, event->payload, event->payload_size);
    misas__parameters_add_text(&parameters, event->metadata.correlation_id);
    misas__parameters_add_text(&parameters, event->metadata.causation_id);
    misas__parameters_add_jsonb(&parameters, metadata);
    add_time(&parameters, clock);
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

/* The arrays that have an element for each event. */
typedef struct event_arrays {
    misas__array ids;
    misas__array types;
    misas__array type_versions;
    misas__array payloads;
    misas__array correlation_ids;
    misas__array causation_ids;
    misas__array metadata;
} event_arrays;

static void arrays_start(event_arrays *arrays, size_t count)
{
    misas__array_start(&arrays->ids, MISAS__UUID, count);
    misas__array_start(&arrays->types, MISAS__TEXT, count);
    misas__array_start(&arrays->type_versions, MISAS__INTEGER, count);
    misas__array_start(&arrays->payloads, MISAS__BYTEA, count);
    misas__array_start(&arrays->correlation_ids, MISAS__TEXT, count);
    misas__array_start(&arrays->causation_ids, MISAS__TEXT, count);
    misas__array_start(&arrays->metadata, MISAS__JSONB, count);
}

static misas_error *arrays_add(event_arrays *arrays, const misas_new_event *event)
{
    char *metadata = NULL;
    misas_error *error = write_metadata(&metadata, &event->metadata);

    misas__array_add_bytes(&arrays->ids, event->id.bytes, sizeof event->id.bytes);
    misas__array_add_text(&arrays->types, event->type);
    misas__array_add_integer(&arrays->type_versions, (int32_t)event->type_version);
    misas__array_add_bytes(&arrays->payloads, event->payload, event->payload_size);
    misas__array_add_text(&arrays->correlation_ids, event->metadata.correlation_id);
    misas__array_add_text(&arrays->causation_ids, event->metadata.causation_id);
    misas__array_add_jsonb(&arrays->metadata, metadata);
    free(metadata);
    return error;
}

static void arrays_finish(event_arrays *arrays, misas__parameters *parameters)
{
    misas__parameters_add_array(parameters, &arrays->ids);
    misas__parameters_add_array(parameters, &arrays->types);
    misas__parameters_add_array(parameters, &arrays->type_versions);
    misas__parameters_add_array(parameters, &arrays->payloads);
    misas__parameters_add_array(parameters, &arrays->correlation_ids);
    misas__parameters_add_array(parameters, &arrays->causation_ids);
    misas__parameters_add_array(parameters, &arrays->metadata);
}

static size_t count_events(const misas_append *appends, size_t append_count)
{
    size_t count = 0;

    for (size_t i = 0; i < append_count; i++) {
        count += appends[i].event_count;
    }
    return count;
}

static misas_error *add_event_arrays(misas__parameters *parameters, const misas_append *appends,
                                     size_t append_count)
{
    event_arrays arrays;
    misas_error *error = NULL;

    arrays_start(&arrays, count_events(appends, append_count));
    for (size_t i = 0; i < append_count; i++) {
        for (size_t j = 0; j < appends[i].event_count && error == NULL; j++) {
            error = arrays_add(&arrays, &appends[i].events[j]);
        }
    }
    arrays_finish(&arrays, parameters);
    return error;
}

static void add_stream_arrays(misas__parameters *parameters, const misas_append *appends,
                              size_t append_count)
{
    misas__array streams;
    misas__array expected;

    misas__array_start(&streams, MISAS__TEXT, append_count);
    misas__array_start(&expected, MISAS__BIGINT, append_count);
    for (size_t i = 0; i < append_count; i++) {
        misas__array_add_text(&streams, appends[i].stream);
        misas__array_add_bigint(&expected, appends[i].expected_version);
    }
    misas__parameters_add_array(parameters, &streams);
    misas__parameters_add_array(parameters, &expected);
}

/* Of each event: the index of its stream, and its place among that stream's events. */
static void add_place_arrays(misas__parameters *parameters, const misas_append *appends,
                             size_t append_count)
{
    size_t event_count = count_events(appends, append_count);
    misas__array stream_of;
    misas__array offset;

    misas__array_start(&stream_of, MISAS__INTEGER, event_count);
    misas__array_start(&offset, MISAS__INTEGER, event_count);
    for (size_t i = 0; i < append_count; i++) {
        for (size_t j = 0; j < appends[i].event_count; j++) {
            misas__array_add_integer(&stream_of, (int32_t)i + 1);
            misas__array_add_integer(&offset, (int32_t)j + 1);
        }
    }
    misas__parameters_add_array(parameters, &stream_of);
    misas__parameters_add_array(parameters, &offset);
}

static misas_error *append_all(misas_append_result *out, misas__connection *connection,
                               const misas_append *appends, size_t append_count,
                               const misas_clock *clock)
{
    bool is_one_stream = append_count == 1;
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    if (is_one_stream) {
        misas__parameters_add_text(&parameters, appends->stream);
        misas__parameters_add_bigint(&parameters, appends->expected_version);
    } else {
        add_stream_arrays(&parameters, appends, append_count);
        add_place_arrays(&parameters, appends, append_count);
    }
    misas_error *error = add_event_arrays(&parameters, appends, append_count);

    add_time(&parameters, clock);
    if (error == NULL) {
        error = misas__connection_run(
            &result, connection,
            is_one_stream ? misas__sql_append_to_stream : misas__sql_append_events, &parameters);
    }
    for (int row = 0; error == NULL && row < PQntuples(result); row++) {
        misas_append_result *of = &out[misas__get_uint64(PQgetvalue(result, row, 0)) - 1];

        of->version = misas__get_uint64(PQgetvalue(result, row, 1));
        of->position = misas__get_uint64(PQgetvalue(result, row, 2));
    }
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}

misas_error *misas__append_on_connection(misas_append_result *out, misas__connection *connection,
                                         const misas_append *appends, size_t append_count,
                                         const misas_clock *clock)
{
    bool is_done = false;
    misas_error *error = NULL;

    memset(out, 0, append_count * sizeof *out);
    if (append_count == 1 && appends->event_count == 1 && appends->expected_version >= 0) {
        error = append_one(&is_done, out, connection, appends, clock);
    }
    return is_done ? error : append_all(out, connection, appends, append_count, clock);
}
