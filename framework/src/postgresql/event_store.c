#include "postgresql/event_store.h"

#include <stdlib.h>

#include "postgresql/pool.h"
#include "postgresql/sql.h"

enum { default_mark_timeout_ms = 10000 };

static misas_error *stream_info(misas_stream_info *out, void *self, const char *stream)
{
    misas__postgresql_store *store = self;
    misas__connection *connection = NULL;
    misas_error *error = misas__pool_acquire(&connection, store->database);

    if (error == NULL) {
        error = misas__stream_info_on_connection(out, connection, stream);
    }
    misas__pool_release(store->database, connection);
    return error;
}

static misas_error *clear(void *self)
{
    misas__postgresql_store *store = self;
    misas__connection *connection = NULL;
    misas_error *error = misas__pool_acquire(&connection, store->database);

    if (error == NULL) {
        error = misas__connection_execute(connection, misas__sql_clear_store, NULL);
    }
    misas__pool_release(store->database, connection);
    return error;
}

static const misas__event_store_backend backend = {
    .append = misas__postgresql_append,
    .read = misas__postgresql_read,
    .follow = misas__postgresql_follow,
    .stream_info = stream_info,
    .remove = misas__postgresql_remove,
    .clear = clear,
    .free = free,
};

static misas_error *check_schema(misas_postgresql *database)
{
    misas__connection *connection = NULL;
    misas_error *error = misas__pool_acquire(&connection, database);

    if (error == NULL) {
        error = misas__check_schema_version(connection, misas__pool_schema(database));
    }
    misas__pool_release(database, connection);
    return error;
}

misas_error *misas_event_store_new_postgresql(misas_event_store **out, misas_postgresql *database,
                                              const misas_event_store_options *options)
{
    static const misas_event_store_options defaults;
    const misas_event_store_options *chosen = options != NULL ? options : &defaults;
    misas_error *error = check_schema(database);

    if (error != NULL) {
        return error;
    }
    misas__postgresql_store *store = malloc(sizeof *store);

    if (store == NULL) {
        return misas_error_out_of_memory();
    }
    *store = (misas__postgresql_store){
        .database = database,
        .clock = chosen->clock,
        .logger = chosen->logger,
        .mark_timeout_ms =
            chosen->mark_timeout_ms > 0 ? chosen->mark_timeout_ms : default_mark_timeout_ms,
    };
    return misas__event_store_new(out, &backend, store, options);
}
