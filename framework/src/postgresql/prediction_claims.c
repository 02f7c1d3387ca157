#include <string.h>

#include "clock/monotonic.h"
#include "misas/clock.h"
#include "postgresql/event_rows.h"
#include "postgresql/pool.h"
#include "postgresql/sql.h"
#include "postgresql/storage.h"
#include "postgresql/wire_numbers.h"

enum {
    looks_apart =
        10, /* at most every tenth part of the time is spent in claims from the beginning */
    longest_apart_us = 1000000
};

/* The columns of claim_predictions. */
enum {
    column_id,
    column_key,
    column_due_at,
    column_added_at,
    column_type,
    column_type_version,
    column_payload,
    column_correlation_id,
    column_causation_id,
    column_metadata,
    column_is_suspect
};

/* One row of a result. */
typedef struct prediction_row {
    const PGresult *result;
    int row;
} prediction_row;

static const char *get_text(const prediction_row *from, int column)
{
    return PQgetisnull(from->result, from->row, column)
               ? NULL
               : PQgetvalue(from->result, from->row, column);
}

static int64_t get_time_us(const prediction_row *from, int column)
{
    return (int64_t)misas__get_uint64(PQgetvalue(from->result, from->row, column)) +
           MISAS__POSTGRESQL_EPOCH_US;
}

static size_t get_size(const prediction_row *from, int column)
{
    return (size_t)PQgetlength(from->result, from->row, column);
}

static misas_error *read_row(misas__prediction *out, misas__arena *arena,
                             const prediction_row *from)
{
    misas__prediction found = {
        .content = {.id = get_text(from, column_id),
                    .key = get_text(from, column_key),
                    .due_at_us = get_time_us(from, column_due_at),
                    .type = get_text(from, column_type),
                    .type_version = misas__get_uint32(get_text(from, column_type_version)),
                    .payload = get_text(from, column_payload),
                    .payload_size = get_size(from, column_payload),
                    .metadata = {.correlation_id = get_text(from, column_correlation_id),
                                 .causation_id = get_text(from, column_causation_id)}},
        .added_at_us = get_time_us(from, column_added_at),
        .is_suspect = get_text(from, column_is_suspect)[0] != 0,
    };
    const char *fields = get_text(from, column_metadata);
    misas_error *error = NULL;

    if (fields != NULL) {
        error = misas__fields_from_jsonb(&found.content.metadata.fields, arena, fields,
                                         get_size(from, column_metadata));
    }
    return error != NULL ? error : misas__prediction_copy(out, arena, &found);
}

static misas_error *read_rows(const misas__prediction **out, size_t *out_count,
                              const PGresult *result, misas__arena *arena)
{
    size_t count = (size_t)PQntuples(result);
    misas__prediction *predictions = misas__arena_allocate(arena, count * sizeof *predictions);
    misas_error *error = predictions == NULL ? misas_error_out_of_memory() : NULL;

    for (size_t i = 0; i < count && error == NULL; i++) {
        error = read_row(&predictions[i], arena, &(prediction_row){result, (int)i});
    }
    *out = predictions;
    *out_count = count;
    return error;
}

static misas_error *run_claim(PGresult **out, misas__connection *connection,
                              const misas__claim *claim, int64_t from_us)
{
    misas__parameters parameters = {0};

    misas__parameters_add_timestamp(&parameters, from_us);
    misas__parameters_add_timestamp(&parameters, claim->now_us);
    misas__parameters_add_bigint(&parameters,
                                 claim->max < INT64_MAX ? (int64_t)claim->max : INT64_MAX);
    misas__parameters_add_integer(&parameters, claim->claim_ms);
    misas__parameters_add_texts(&parameters, claim->types);
    misas_error *error =
        misas__connection_run(out, connection, misas__sql_claim_predictions, &parameters);

    misas__parameters_free(&parameters);
    return error;
}

/* Where a claim begins to look. */
typedef struct look {
    int64_t from_us;
    int64_t began_at_us; /* monotonic */
    bool is_whole;
} look;

static look begin_look(const misas__claim_progress *progress, int64_t now_us)
{
    look begun = {.from_us = MISAS_TIME_MIN_US, .began_at_us = misas__monotonic_us()};

    begun.is_whole = progress == NULL || begun.began_at_us >= progress->begin_anew_at_us ||
                     now_us < progress->seen_until_us;
    if (!begun.is_whole) {
        begun.from_us = progress->seen_until_us;
    }
    return begun;
}

/* All that was due before `seen_until_us` is claimed now. */
static void end_look(misas__claim_progress *progress, const look *begun, int64_t seen_until_us)
{
    int64_t ended_at_us = misas__monotonic_us();
    int64_t apart_us = looks_apart * (ended_at_us - begun->began_at_us);

    if (begun->is_whole) {
        progress->begin_anew_at_us =
            ended_at_us + (apart_us < longest_apart_us ? apart_us : longest_apart_us);
    }
    if (begun->is_whole || seen_until_us > progress->seen_until_us) {
        progress->seen_until_us = seen_until_us;
    }
}

static int64_t find_seen_until_us(const PGresult *result, const misas__claim *claim,
                                  const look *begun)
{
    int count = PQntuples(result);

    if ((size_t)count < claim->max) {
        return claim->now_us;
    }
    return count > 0 ? get_time_us(&(prediction_row){result, count - 1}, column_due_at)
                     : begun->from_us;
}

static misas_error *claim_on_connection(PGresult **out, misas__connection *connection,
                                        const misas__claim *claim)
{
    const look begun = begin_look(claim->progress, claim->now_us);
    misas_error *error = run_claim(out, connection, claim, begun.from_us);

    if (error == NULL && claim->progress != NULL) {
        end_look(claim->progress, &begun, find_seen_until_us(*out, claim, &begun));
    }
    return error;
}

misas_error *misas__postgresql_claim_predictions(const misas__prediction **out, size_t *out_count,
                                                 misas_storage *storage, const misas__claim *claim,
                                                 misas__arena *arena)
{
    misas__postgresql_storage *self = (misas__postgresql_storage *)storage;
    misas__connection *connection = NULL;
    PGresult *result = NULL;
    misas_error *error = misas__pool_acquire(&connection, self->database);

    if (error == NULL) {
        error = claim_on_connection(&result, connection, claim);
    }
    misas__pool_release(self->database, connection);
    if (error == NULL) {
        error = read_rows(out, out_count, result, arena);
    }
    PQclear(result);
    return error;
}

/* The one number that a statement gives. */
static misas_error *ask_number(int64_t *out, misas_storage *storage, const char *sql)
{
    misas_postgresql *database = ((misas__postgresql_storage *)storage)->database;
    misas__connection *connection = NULL;
    PGresult *result = NULL;
    misas_error *error = misas__pool_acquire(&connection, database);

    if (error == NULL) {
        error = misas__connection_run(&result, connection, sql, NULL);
    }
    if (error == NULL) {
        *out = (int64_t)misas__get_uint64(PQgetvalue(result, 0, 0));
    }
    PQclear(result);
    misas__pool_release(database, connection);
    return error;
}

misas_error *misas__postgresql_count_predictions(uint64_t *out, misas_storage *storage)
{
    int64_t count = 0;
    misas_error *error = ask_number(&count, storage, misas__sql_count_predictions);

    *out = (uint64_t)count;
    return error;
}

misas_error *misas__postgresql_now(int64_t *out_us, misas_storage *storage)
{
    misas_error *error = ask_number(out_us, storage, misas__sql_clock);

    *out_us += error == NULL ? MISAS__POSTGRESQL_EPOCH_US : 0;
    return error;
}
