/* The append of a batch whose streams are mostly at exact versions. */
#include <stdlib.h>
#include <string.h>

#include "postgresql/event_store.h"
#include "postgresql/message_arrays.h"
#include "postgresql/sql.h"

/* A stream of a batch, and where its events begin among those in the order of streams. */
typedef struct placed_stream {
    const misas__batch_stream *stream;
    size_t index;
    size_t event_count;
    size_t begin;
} placed_stream;

/* The events in the order in which they are inserted: of streams, then of versions. */
typedef struct placed_batch {
    const misas__event_batch *batch;
    placed_stream *streams; /* by name */
    size_t *events;         /* places in the batch */
} placed_batch;

static int compare_names(const void *left, const void *right)
{
    const placed_stream *a = left;
    const placed_stream *b = right;

    return strcmp(a->stream->stream, b->stream->stream);
}

static void place_streams(placed_batch *out)
{
    const misas__event_batch *batch = out->batch;
    size_t begin = 0;

    for (size_t i = 0; i < batch->stream_count; i++) {
        out->streams[i] = (placed_stream){.stream = &batch->streams[i], .index = i};
    }
    for (size_t i = 0; i < batch->event_count; i++) {
        out->streams[batch->events[i].stream_index].event_count++;
    }
    qsort(out->streams, batch->stream_count, sizeof *out->streams, compare_names);
    for (size_t i = 0; i < batch->stream_count; i++) {
        out->streams[i].begin = begin;
        begin += out->streams[i].event_count;
    }
}

static bool place_events(placed_batch *out, misas__arena *arena)
{
    const misas__event_batch *batch = out->batch;
    size_t *next = misas__arena_allocate(arena, batch->stream_count * sizeof *next);

    if (next == NULL) {
        return false;
    }
    for (size_t i = 0; i < batch->stream_count; i++) {
        next[out->streams[i].index] = out->streams[i].begin;
    }
    for (size_t i = 0; i < batch->event_count; i++) {
        out->events[next[batch->events[i].stream_index]++] = i;
    }
    return true;
}

static misas_error *place(placed_batch *out, misas__arena *arena, const misas__event_batch *batch)
{
    *out = (placed_batch){
        .batch = batch,
        .streams = misas__arena_allocate(arena, batch->stream_count * sizeof *out->streams),
        .events = misas__arena_allocate(arena, batch->event_count * sizeof *out->events),
    };
    if (out->streams == NULL || out->events == NULL) {
        return misas_error_out_of_memory();
    }
    place_streams(out);
    return place_events(out, arena) ? NULL : misas_error_out_of_memory();
}

/* Of each event: its stream, its version, its place in the batch, and, of the first of a stream,
 * the version before it. */
typedef struct place_arrays {
    misas__array streams;
    misas__array versions;
    misas__array places;
    misas__array predecessors;
} place_arrays;

static void add_places_of(place_arrays *arrays, const placed_batch *placed, const placed_stream *of)
{
    for (size_t i = 0; i < of->event_count; i++) {
        misas__array_add_text(&arrays->streams, of->stream->stream);
        misas__array_add_bigint(&arrays->versions, of->stream->expected + (int64_t)i + 1);
        misas__array_add_integer(&arrays->places, (int32_t)placed->events[of->begin + i] + 1);
        if (i == 0) {
            misas__array_add_bigint(&arrays->predecessors, of->stream->expected);
        } else {
            misas__array_add_null(&arrays->predecessors);
        }
    }
}

static void add_places(misas__parameters *parameters, const placed_batch *placed)
{
    size_t event_count = placed->batch->event_count;
    place_arrays arrays;

    misas__array_start(&arrays.streams, MISAS__TEXT, event_count);
    misas__array_start(&arrays.versions, MISAS__BIGINT, event_count);
    misas__array_start(&arrays.places, MISAS__INTEGER, event_count);
    misas__array_start(&arrays.predecessors, MISAS__BIGINT, event_count);
    for (size_t i = 0; i < placed->batch->stream_count; i++) {
        add_places_of(&arrays, placed, &placed->streams[i]);
    }
    misas__parameters_add_array(parameters, &arrays.streams);
    misas__parameters_add_array(parameters, &arrays.versions);
    misas__parameters_add_array(parameters, &arrays.places);
    misas__parameters_add_array(parameters, &arrays.predecessors);
}

static misas_error *add_events(misas__parameters *parameters, const placed_batch *placed)
{
    const misas__event_batch *batch = placed->batch;
    misas__event_arrays events;
    misas_error *error = NULL;

    misas__event_arrays_start(&events, batch->event_count);
    for (size_t i = 0; i < batch->event_count && error == NULL; i++) {
        error = misas__event_arrays_add(&events, &batch->events[placed->events[i]].event);
    }
    misas__parameters_add_event_arrays(parameters, &events);
    return error;
}

static misas_error *append_placed(const misas__append_target *target, const placed_batch *placed,
                                  misas__parameters *parameters)
{
    add_places(parameters, placed);
    misas_error *error = add_events(parameters, placed);

    misas__parameters_add_time(parameters, target->clock);
    return error != NULL ? error
                         : misas__connection_execute(target->connection, misas__sql_append_exactly,
                                                     parameters);
}

static void tell_versions(uint64_t *out, const misas__event_batch *batch)
{
    memset(out, 0, batch->stream_count * sizeof *out);
    for (size_t i = 0; i < batch->event_count; i++) {
        size_t index = batch->events[i].stream_index;

        out[index] = (out[index] == 0 ? (uint64_t)batch->streams[index].expected : out[index]) + 1;
    }
}

/* A stream without events would not be looked at. */
static bool is_exact(const placed_batch *placed)
{
    for (size_t i = 0; i < placed->batch->stream_count; i++) {
        if (placed->streams[i].stream->expected < 0 || placed->streams[i].event_count == 0) {
            return false;
        }
    }
    return true;
}

misas_error *misas__append_exactly_on_connection(bool *out_is_done, uint64_t *out_versions,
                                                 const misas__append_target *target,
                                                 const misas__event_batch *batch)
{
    misas__parameters parameters = {0};
    placed_batch placed;
    misas_error *error = place(&placed, &parameters.arena, batch);

    *out_is_done = error == NULL && is_exact(&placed);
    if (*out_is_done) {
        error = append_placed(target, &placed, &parameters);
        tell_versions(out_versions, batch);
    }
    misas__parameters_free(&parameters);
    return error;
}

bool misas__append_has_gap(const misas_error *error)
{
    return misas_error_is(error, MISAS_ERROR_POSTGRESQL) &&
           strcmp(misas_error_data(error, "sqlstate"), "23502") == 0;
}

misas_error *misas__append_batch_on_connection(uint64_t *out_versions,
                                               const misas__append_target *target,
                                               const misas__event_batch *batch)
{
    misas_append_result *results = calloc(batch->stream_count, sizeof *results);
    misas_error *error =
        results == NULL
            ? misas_error_out_of_memory()
            : misas__append_events_on_connection(results, target->connection, batch, target->clock);

    for (size_t i = 0; i < batch->stream_count && error == NULL; i++) {
        out_versions[i] = results[i].version;
    }
    free(results);
    return error;
}
