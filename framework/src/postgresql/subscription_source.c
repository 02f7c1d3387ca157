#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock/deadline.h"
#include "clock/monotonic.h"
#include "log/outage.h"
#include "postgresql/event_query.h"
#include "postgresql/event_rows.h"
#include "postgresql/event_store.h"
#include "postgresql/pool.h"
#include "postgresql/sql.h"
#include "postgresql/wire_numbers.h"
#include "text/names.h"

enum {
    shortest_pause_ms = 2, /* between two looks, while events come */
    longest_pause_ms = 40, /* when none have come for a while */
    first_retry_ms = 100,  /* after the connection is lost */
    longest_retry_ms = 5000
};

/* A subscription: on a connection of its own it reads what is settled, and looks again. */
typedef struct subscription_source {
    misas__event_source base;
    misas__postgresql_store *store;
    char *stream; /* NULL: $all */
    const char **select_types;
    const char **exclude_types;

    misas__connection *connection; /* NULL: not connected */
    misas__high_water_mark mark;   /* of $all */
    uint64_t looked_up_to;         /* of $all: the mark of the latest look on this connection */
    bool is_reading;               /* a statement's rows are coming */
    uint64_t reading_up_to;        /* the last position, or version, that the statement covers */
    uint64_t settled;
    bool found_nothing; /* by the latest look */
    int pause_ms;
    int retry_ms;
    misas__outage outage;

    PGresult *row;
    misas_event event;
    misas__arena arena;

    pthread_mutex_t mutex;
    pthread_cond_t stopped;
    bool is_stopped; /* guarded by the mutex */
} subscription_source;

static bool is_stopped(subscription_source *source)
{
    pthread_mutex_lock(&source->mutex);
    bool stopped = source->is_stopped;

    pthread_mutex_unlock(&source->mutex);
    return stopped;
}

/* Waits, but not past the deadline, nor when it is stopped. */
static void pause_for(subscription_source *source, int pause_ms, int64_t deadline_ms)
{
    int64_t left_ms = deadline_ms - misas__monotonic_ms();
    struct timespec deadline =
        misas__deadline_after_ms(left_ms < pause_ms ? (int)(left_ms > 0 ? left_ms : 0) : pause_ms);
    int waited = 0;

    pthread_mutex_lock(&source->mutex);
    while (!source->is_stopped && waited == 0) {
        waited = pthread_cond_timedwait(&source->stopped, &source->mutex, &deadline);
    }
    pthread_mutex_unlock(&source->mutex);
}

static void disconnect(subscription_source *source)
{
    misas__connection_close(source->connection);
    source->connection = NULL;
    source->is_reading = false;
    source->looked_up_to = 0;
    misas__high_water_mark_forget(&source->mark);
}

static misas_error *send_query(subscription_source *source)
{
    misas__event_query query = {
        .stream = source->stream,
        .from = source->settled + 1,
        .select_types = source->select_types,
        .exclude_types = source->exclude_types,
    };

    misas_error *error = misas__event_query_send(source->connection, &query, source->reading_up_to);

    source->is_reading = error == NULL;
    return error;
}

static bool is_filtered(const subscription_source *source)
{
    return source->select_types != NULL || source->exclude_types != NULL;
}

/* The last event of $all up to the mark, or of the stream: to there all is settled by a statement
 * whose filter keeps it from being delivered. The mark itself is not settled for good: a server
 * that was killed may draw the positions after the last event once more, whose transactions all
 * came to nothing. */
static misas_error *find_last_event(subscription_source *source)
{
    bool is_all = source->stream == NULL;
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    if (is_all) {
        misas__parameters_add_bigint(&parameters, (int64_t)source->mark.settled);
    } else {
        misas__parameters_add_text(&parameters, source->stream);
    }
    misas_error *error = misas__connection_run(
        &result, source->connection,
        is_all ? misas__sql_last_event_position : misas__sql_last_event_version, &parameters);

    if (error == NULL) {
        source->reading_up_to = misas__get_uint64(PQgetvalue(result, 0, 0));
    }
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}

static misas_error *look_at_stream(subscription_source *source)
{
    misas_error *error = is_filtered(source) ? find_last_event(source) : NULL;

    return error == NULL ? send_query(source) : error;
}

static misas_error *look_at_all(subscription_source *source)
{
    misas_error *error = misas__high_water_mark_poll(&source->mark, source->connection);

    if (error != NULL || source->mark.settled == source->looked_up_to) {
        return error;
    }
    source->reading_up_to = source->mark.settled;
    if (is_filtered(source)) {
        error = find_last_event(source);
    }
    if (error == NULL && source->reading_up_to > source->settled) {
        error = send_query(source);
    }
    if (error == NULL) {
        source->looked_up_to = source->mark.settled;
    }
    return error;
}

/* Starts to read what has been settled since; a stream's own events are in order without a mark. */
static misas_error *look(subscription_source *source)
{
    misas_error *error = source->stream != NULL ? look_at_stream(source) : look_at_all(source);

    if (error == NULL) {
        misas__outage_end(&source->outage);
    }
    return error;
}

/* The next row of the statement; at its end all that it covers is settled. */
static misas_error *take_row(const misas_event **out, subscription_source *source)
{
    misas_error *error = misas__event_query_next(&source->row, source->connection);

    if (error == NULL && source->row != NULL) {
        error = misas__event_from_row(&source->event, &source->arena, source->row);
    }
    if (error != NULL) {
        return error;
    }
    source->retry_ms = first_retry_ms;
    if (source->row == NULL) {
        source->is_reading = false;
        if (is_filtered(source) && source->reading_up_to > source->settled) {
            source->settled = source->reading_up_to;
        }
        return NULL;
    }
    source->found_nothing = false;
    source->pause_ms = shortest_pause_ms;
    source->settled = source->stream != NULL ? source->event.version : source->event.position;
    *out = &source->event;
    return NULL;
}

/* Looks less and less often; but not when something is about to be settled. */
static void pause_before_look(subscription_source *source, int64_t deadline_ms)
{
    bool is_pending = source->mark.pending_count > 0;
    int longer_ms = 2 * source->pause_ms;

    pause_for(source, is_pending ? shortest_pause_ms : source->pause_ms, deadline_ms);
    source->pause_ms = longer_ms < longest_pause_ms ? longer_ms : longest_pause_ms;
}

/* One step: connect, take a row, or look whether there is something to read. */
static misas_error *take_step(const misas_event **out, subscription_source *source,
                              int64_t deadline_ms)
{
    if (source->connection == NULL) {
        return misas__pool_open_own(&source->connection, source->store->database);
    }
    if (source->is_reading) {
        return take_row(out, source);
    }
    if (source->found_nothing) {
        pause_before_look(source, deadline_ms);
    }
    source->found_nothing = true; /* until there is a row */
    return look(source);
}

/* A database that is away is waited for; any other error is the caller's. */
static misas_error *wait_for_database(subscription_source *source, misas_error *error,
                                      int64_t deadline_ms)
{
    int longer_ms = 2 * source->retry_ms;

    if (!misas_error_has_tag(error, MISAS_TAG_RETRIABLE)) {
        return error;
    }
    misas__outage_fail(&source->outage, "a subscription waits for PostgreSQL", error);
    misas_error_free(error);
    disconnect(source);
    pause_for(source, source->retry_ms, deadline_ms);
    source->retry_ms = longer_ms < longest_retry_ms ? longer_ms : longest_retry_ms;
    source->found_nothing = true;
    return NULL;
}

static void clear_row(subscription_source *source)
{
    PQclear(source->row);
    source->row = NULL;
    misas__arena_reset(&source->arena);
}

static misas_error *next(const misas_event **out, misas__event_source *base, int timeout_ms)
{
    subscription_source *source = (subscription_source *)base;
    int64_t deadline_ms = misas__monotonic_ms() + timeout_ms;
    bool is_over = is_stopped(source);
    misas_error *error = NULL;

    *out = NULL;
    clear_row(source);
    while (*out == NULL && error == NULL && !is_over) {
        error = take_step(out, source, deadline_ms);
        if (error != NULL) {
            error = wait_for_database(source, error, deadline_ms);
        }
        bool has_looked = source->found_nothing && !source->is_reading;

        is_over = is_stopped(source) || (has_looked && misas__monotonic_ms() >= deadline_ms);
    }
    return error;
}

static uint64_t settled(const misas__event_source *base)
{
    return ((const subscription_source *)base)->settled;
}

static void stop(misas__event_source *base)
{
    subscription_source *source = (subscription_source *)base;

    pthread_mutex_lock(&source->mutex);
    source->is_stopped = true;
    pthread_cond_signal(&source->stopped);
    pthread_mutex_unlock(&source->mutex);
}

static void free_source(misas__event_source *base)
{
    subscription_source *source = (subscription_source *)base;

    clear_row(source);
    disconnect(source);
    misas__arena_free(&source->arena);
    pthread_cond_destroy(&source->stopped);
    pthread_mutex_destroy(&source->mutex);
    free(source->stream);
    free(source->select_types);
    free(source->exclude_types);
    free(source);
}

static const misas__event_source_functions functions = {next, settled, stop, free_source};

static bool copy_query(subscription_source *source, const misas__event_query *query)
{
    source->stream = query->stream != NULL ? strdup(query->stream) : NULL;
    source->select_types = misas__names_copy(query->select_types);
    source->exclude_types = misas__names_copy(query->exclude_types);
    return (source->stream == NULL) == (query->stream == NULL) &&
           (source->select_types == NULL) == (query->select_types == NULL) &&
           (source->exclude_types == NULL) == (query->exclude_types == NULL);
}

misas_error *misas__postgresql_follow(misas__event_source **out, void *self,
                                      const misas__event_query *query)
{
    subscription_source *source = calloc(1, sizeof *source);

    if (source == NULL) {
        return misas_error_out_of_memory();
    }
    source->base.functions = &functions;
    source->store = self;
    source->mark.logger = source->store->logger;
    source->settled = query->from > 0 ? query->from - 1 : 0;
    source->pause_ms = shortest_pause_ms;
    source->retry_ms = first_retry_ms;
    pthread_mutex_init(&source->mutex, NULL);
    misas__condition_init(&source->stopped);
    if (!copy_query(source, query)) {
        free_source(&source->base);
        return misas_error_out_of_memory();
    }
    source->outage = (misas__outage){
        .logger = source->store->logger,
        .who = misas_log_text("stream", source->stream != NULL ? source->stream : "$all"),
    };
    *out = &source->base;
    return NULL;
}
