#include <stdlib.h>

#include "postgresql/event_query.h"
#include "postgresql/event_rows.h"
#include "postgresql/event_store.h"
#include "postgresql/pool.h"

/* A reader: one statement whose rows are taken one by one. */
typedef struct reader_source {
    misas__event_source base;
    misas_postgresql *database;
    misas__connection *connection; /* NULL once all rows are taken */
    PGresult *row;
    misas_event event;
    misas__arena arena;
    uint64_t settled;
    bool is_stream;
} reader_source;

static void give_back_connection(reader_source *source)
{
    misas__pool_release(source->database, source->connection);
    source->connection = NULL;
}

static misas_error *take_row(const misas_event **out, reader_source *source)
{
    misas_error *error = misas__event_from_row(&source->event, &source->arena, source->row);

    if (error == NULL) {
        source->settled = source->is_stream ? source->event.version : source->event.position;
        *out = &source->event;
    }
    return error;
}

static misas_error *next(const misas_event **out, misas__event_source *base, int timeout_ms)
{
    reader_source *source = (reader_source *)base;

    (void)timeout_ms;
    *out = NULL;
    PQclear(source->row);
    source->row = NULL;
    misas__arena_reset(&source->arena);
    if (source->connection == NULL) {
        return NULL;
    }
    misas_error *error = misas__event_query_next(&source->row, source->connection);

    if (error == NULL && source->row != NULL) {
        return take_row(out, source);
    }
    give_back_connection(source);
    return error;
}

static uint64_t settled(const misas__event_source *base)
{
    return ((const reader_source *)base)->settled;
}

static void stop(misas__event_source *base)
{
    (void)base; /* a reader never waits */
}

static void free_source(misas__event_source *base)
{
    reader_source *source = (reader_source *)base;

    PQclear(source->row);
    if (source->connection != NULL) {
        misas__connection_end_stream(source->connection);
    }
    give_back_connection(source);
    misas__arena_free(&source->arena);
    free(source);
}

static const misas__event_source_functions functions = {next, settled, stop, free_source};

static misas_error *send_query(misas__postgresql_store *store, misas__connection *connection,
                               const misas__event_query *query)
{
    misas__high_water_mark mark = {.logger = store->logger};
    misas_error *error = NULL;

    if (query->stream == NULL) {
        error = misas__high_water_mark_wait(&mark, connection, store->mark_timeout_ms);
    }
    if (error == NULL) {
        error = misas__event_query_send(connection, query, mark.settled);
    }
    misas__high_water_mark_forget(&mark);
    return error;
}

/* A connection that died while it was idle shows when it is used: then another one is tried, once.
 */
static misas_error *start(misas__connection **out, misas__postgresql_store *store,
                          const misas__event_query *query)
{
    misas_error *error = NULL;

    for (int attempt = 0; attempt < 2; attempt++) {
        misas_error_free(error);
        error = misas__pool_acquire(out, store->database);
        if (error != NULL) {
            return error;
        }
        error = send_query(store, *out, query);
        if (error == NULL) {
            return NULL;
        }
        misas__pool_release(store->database, *out);
        if (!misas_error_is(error, MISAS_ERROR_POSTGRESQL_UNAVAILABLE)) {
            break;
        }
    }
    return error;
}

misas_error *misas__postgresql_read(misas__event_source **out, void *self,
                                    const misas__event_query *query)
{
    misas__postgresql_store *store = self;
    reader_source *source = calloc(1, sizeof *source);
    misas_error *error =
        source != NULL ? start(&source->connection, store, query) : misas_error_out_of_memory();

    if (error != NULL) {
        free(source);
        return error;
    }
    source->base.functions = &functions;
    source->database = store->database;
    source->is_stream = query->stream != NULL;
    *out = &source->base;
    return NULL;
}
