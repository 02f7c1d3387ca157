#include <poll.h>
#include <string.h>

#include "clock/monotonic.h"
#include "eventstore/repetition.h"
#include "postgresql/event_store.h"
#include "postgresql/pool.h"
#include "postgresql/sql.h"
#include "postgresql/wire_numbers.h"

enum {
    max_lost_races = 100,
    unknown_outcome_timeout_ms = 10000, /* for how long to look for a server to ask */
    reconnect_interval_ms = 50
};

/* `result` has a row for each event of the append. */
static void add_rows(misas__repetition *repetition, misas_append_result *out,
                     const PGresult *result, const misas_append *append)
{
    for (size_t i = 0; i < append->event_count; i++) {
        misas__event_place place = {0};
        int row = (int)i;

        if (!PQgetisnull(result, row, 0)) {
            place.stream = PQgetvalue(result, row, 0);
            place.version = misas__get_uint64(PQgetvalue(result, row, 1));
            place.position = misas__get_uint64(PQgetvalue(result, row, 2));
        }
        misas__repetition_add(repetition, out, append, i, &place);
    }
}

static misas_error *find_events(misas__repetition *repetition, misas_append_result *out,
                                misas__connection *connection, const misas_append *append)
{
    misas__parameters parameters = {0};
    misas__array ids;
    PGresult *result = NULL;

    misas__array_start(&ids, MISAS__UUID, append->event_count);
    for (size_t i = 0; i < append->event_count; i++) {
        misas__array_add_bytes(&ids, append->events[i].id.bytes, sizeof append->events[i].id.bytes);
    }
    misas__parameters_add_array(&parameters, &ids);
    misas_error *error =
        misas__connection_run(&result, connection, misas__sql_find_events, &parameters);

    if (error == NULL) {
        add_rows(repetition, out, result, append);
    }
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}

static misas_error *check_ids(bool *out_is_repeated, misas_append_result *out,
                              misas__connection *connection, const misas_append *appends,
                              size_t append_count)
{
    misas__repetition repetition = {0};
    misas_error *error = NULL;

    for (size_t i = 0; i < append_count && error == NULL; i++) {
        error = find_events(&repetition, &out[i], connection, &appends[i]);
    }
    return error != NULL ? error : misas__repetition_judge(out_is_repeated, &repetition);
}

static misas_error *check_versions(misas__connection *connection, const misas_append *appends,
                                   size_t append_count, bool is_last_try)
{
    for (size_t i = 0; i < append_count; i++) {
        misas_stream_info info;
        uint64_t base = 0;
        misas_error *error = misas__stream_info_on_connection(&info, connection, appends[i].stream);

        if (error != NULL) {
            return error;
        }
        bool fits = misas__expected_version_fits(&base, &info, appends[i].expected_version);
        if (!fits || is_last_try) {
            return misas__concurrency_error(appends[i].stream, appends[i].expected_version, &info);
        }
    }
    return NULL;
}

/* The append was turned down: finds out why. NULL with `*out_is_done` false: a lost race, to be run
 * again. */
static misas_error *find_out_why(bool *out_is_done, misas_append_result *out,
                                 misas__connection *connection, const misas_append *appends,
                                 size_t append_count, bool is_last_try)
{
    misas_error *error = check_ids(out_is_done, out, connection, appends, append_count);

    if (error == NULL && !*out_is_done) {
        error = check_versions(connection, appends, append_count, is_last_try);
    }
    return error;
}

bool misas__append_is_turned_down(const misas_error *error)
{
    const char *sqlstate = misas_error_data(error, "sqlstate");

    return misas_error_is(error, MISAS_ERROR_POSTGRESQL) &&
           (strcmp(sqlstate, "23505") == 0 || strcmp(sqlstate, "MS001") == 0);
}

static misas_error *append_with_retries(misas_append_result *out, misas__connection *connection,
                                        const misas_append *appends, size_t append_count,
                                        const misas_clock *clock)
{
    bool is_done = false;
    misas_error *error = NULL;

    for (int lost = 1; !is_done && error == NULL; lost++) {
        error = misas__append_on_connection(out, connection, appends, append_count, clock);
        is_done = error == NULL;
        bool is_last_try = lost >= max_lost_races;

        if (misas__append_is_turned_down(error)) {
            misas_error_free(error);
            error = find_out_why(&is_done, out, connection, appends, append_count, is_last_try);
        } else if (misas_error_is(error, MISAS_ERROR_POSTGRESQL) &&
                   misas_error_has_tag(error, MISAS_TAG_RETRIABLE) && !is_last_try) {
            misas_error_free(error); /* a deadlock: this transaction was the one to give way */
            error = NULL;
        }
    }
    return error;
}

/* Waits for the server, for as long as it takes to decide what became of an append. */
static misas_error *acquire_again(misas__connection **out, misas_postgresql *database,
                                  int64_t deadline_ms)
{
    misas_error *error = misas__pool_acquire(out, database);

    while (misas_error_is(error, MISAS_ERROR_POSTGRESQL_UNAVAILABLE) &&
           misas__monotonic_ms() < deadline_ms) {
        misas_error_free(error);
        poll(NULL, 0, reconnect_interval_ms);
        error = misas__pool_acquire(out, database);
    }
    return error;
}

static misas_error *outcome_unknown(misas_error *cause, const char *stream)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_OUTCOME_UNKNOWN,
            .cause = cause,
            .data = (misas_field[]){{"stream", stream}, {NULL, NULL}},
            .tags = MISAS_TAG_RETRIABLE,
        },
        "the outcome of appending to %s is unknown", stream);
}

/* When the connection is lost, nobody knows whether the append was committed. Appending the same
 * ids again finds out: the insert waits for the lost transaction, if the server is still at it. */
misas_error *misas__postgresql_append(misas_append_result *out, void *self,
                                      const misas_append *appends, size_t append_count)
{
    misas__postgresql_store *store = self;
    misas__connection *connection = NULL;
    misas_error *error = misas__pool_acquire(&connection, store->database);
    int64_t deadline_ms = 0;

    while (error == NULL) {
        error = append_with_retries(out, connection, appends, append_count, store->clock);
        misas__pool_release(store->database, connection);
        if (!misas_error_is(error, MISAS_ERROR_POSTGRESQL_UNAVAILABLE)) {
            return error;
        }
        if (deadline_ms == 0) {
            deadline_ms = misas__monotonic_ms() + unknown_outcome_timeout_ms;
        } else if (misas__monotonic_ms() >= deadline_ms) {
            break;
        }
        misas_error_free(error);
        error = acquire_again(&connection, store->database, deadline_ms);
    }
    return deadline_ms == 0 ? error : outcome_unknown(error, appends[0].stream);
}
