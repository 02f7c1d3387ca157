#include "postgresql/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock/deadline.h"
#include "postgresql/connection_string.h"
#include "postgresql/errors.h"
#include "text/names.h"

enum {
    default_max_connections = 16,
    default_connect_timeout_ms = 5000,
    default_acquire_timeout_ms = 30000,
    schema_max_bytes = 63
};

struct misas_postgresql {
    misas_secret *connection; /* NULL: libpq's own variables */
    char *schema;
    char *quoted_schema;
    int connect_timeout_ms;
    int acquire_timeout_ms;
    misas_logger logger;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t released;
    misas__connection **idle;
    size_t idle_count;
    size_t open_count; /* idle, lent, or being opened */
    size_t max_connections;
};

static misas_error *check_schema_name(const char *schema)
{
    const char *problem = misas__name_problem(schema, schema_max_bytes);

    if (problem == NULL && strchr(schema, '$') != NULL) {
        problem = "it must have no $";
    }
    return problem != NULL ? misas__pg_options_error("schema", problem) : NULL;
}

static char *quote(const char *name)
{
    size_t size = strlen(name);
    char *quoted = malloc(size + 3);

    if (quoted != NULL) {
        quoted[0] = '"';
        memcpy(quoted + 1, name, size);
        memcpy(quoted + 1 + size, "\"", 2);
    }
    return quoted;
}

static misas_error *fill(misas_postgresql *database, const misas_postgresql_options *options)
{
    const char *schema = options->schema != NULL ? options->schema : "misas";

    database->max_connections =
        options->max_connections > 0 ? options->max_connections : default_max_connections;
    database->connect_timeout_ms =
        options->connect_timeout_ms > 0 ? options->connect_timeout_ms : default_connect_timeout_ms;
    database->acquire_timeout_ms =
        options->acquire_timeout_ms > 0 ? options->acquire_timeout_ms : default_acquire_timeout_ms;
    database->logger = options->logger;
    database->schema = strdup(schema);
    database->quoted_schema = quote(schema); /* it has no quotes inside */
    database->idle = calloc(database->max_connections, sizeof(misas__connection *));
    if (database->schema == NULL || database->quoted_schema == NULL || database->idle == NULL) {
        return misas_error_out_of_memory();
    }
    return options->connection != NULL
               ? misas_secret_copy(&database->connection, options->connection)
               : NULL;
}

static misas_error *connect_once(misas_postgresql *database)
{
    misas__connection *connection = NULL;
    misas_error *error = misas__pool_acquire(&connection, database);

    misas__pool_release(database, connection);
    return error;
}

misas_error *misas_postgresql_new(misas_postgresql **out, const misas_postgresql_options *options)
{
    static const misas_postgresql_options defaults;
    const misas_postgresql_options *chosen = options != NULL ? options : &defaults;
    misas_error *error = check_schema_name(chosen->schema != NULL ? chosen->schema : "misas");

    if (error == NULL && chosen->connection != NULL) {
        error = misas__check_connection_string(misas_secret_reveal(chosen->connection));
    }
    if (error != NULL) {
        return error;
    }
    misas_postgresql *database = calloc(1, sizeof *database);

    if (database == NULL) {
        return misas_error_out_of_memory();
    }
    pthread_mutex_init(&database->mutex, NULL);
    misas__condition_init(&database->released);
    error = fill(database, chosen);
    if (error == NULL) {
        error = connect_once(database);
    }
    if (error != NULL) {
        misas_postgresql_free(database);
        return error;
    }
    *out = database;
    return NULL;
}

void misas_postgresql_free(misas_postgresql *database)
{
    if (database == NULL) {
        return;
    }
    for (size_t i = 0; i < database->idle_count; i++) {
        misas__connection_close(database->idle[i]);
    }
    pthread_cond_destroy(&database->released);
    pthread_mutex_destroy(&database->mutex);
    misas_secret_free(database->connection);
    free(database->idle);
    free(database->quoted_schema);
    free(database->schema);
    free(database);
}

misas_error *misas__pool_open_own(misas__connection **out, misas_postgresql *database)
{
    return misas__connection_open(out, &(misas__connection_settings){
                                           .conninfo = misas_secret_reveal(database->connection),
                                           .schema = database->quoted_schema,
                                           .timeout_ms = database->connect_timeout_ms,
                                       });
}

/* Waits until there is an idle connection, or room to open one. False when time is up. */
static bool wait_for_turn(misas_postgresql *database)
{
    struct timespec deadline = misas__deadline_after_ms(database->acquire_timeout_ms);
    int waited = 0;

    while (database->idle_count == 0 && database->open_count == database->max_connections &&
           waited != ETIMEDOUT) {
        waited = pthread_cond_timedwait(&database->released, &database->mutex, &deadline);
    }
    return database->idle_count > 0 || database->open_count < database->max_connections;
}

/* An idle connection, or NULL after making sure that one may be opened. */
static misas_error *take_turn(misas__connection **out, misas_postgresql *database)
{
    misas_error *error = NULL;

    *out = NULL;
    pthread_mutex_lock(&database->mutex);
    if (!wait_for_turn(database)) {
        error = misas__pg_unavailable(NULL, "all connections of the pool stayed in use");
    } else if (database->idle_count > 0) {
        *out = database->idle[--database->idle_count];
    } else {
        database->open_count++;
    }
    pthread_mutex_unlock(&database->mutex);
    return error;
}

static void give_up_place(misas_postgresql *database)
{
    pthread_mutex_lock(&database->mutex);
    database->open_count--;
    pthread_cond_signal(&database->released);
    pthread_mutex_unlock(&database->mutex);
}

misas_error *misas__pool_acquire(misas__connection **out, misas_postgresql *database)
{
    misas__connection *connection = NULL;
    misas_error *error = take_turn(&connection, database);

    if (error != NULL) {
        return error;
    }
    if (connection != NULL && !misas__connection_is_alive(connection)) {
        misas__connection_close(connection);
        connection = NULL;
    }
    if (connection == NULL) {
        error = misas__pool_open_own(&connection, database);
    }
    if (error != NULL) {
        give_up_place(database);
        return error;
    }
    *out = connection;
    return NULL;
}

void misas__pool_release(misas_postgresql *database, misas__connection *connection)
{
    if (connection == NULL) {
        return;
    }
    if (PQstatus(connection->pg) != CONNECTION_OK ||
        PQtransactionStatus(connection->pg) != PQTRANS_IDLE) {
        misas__connection_close(connection);
        give_up_place(database);
        return;
    }
    pthread_mutex_lock(&database->mutex);
    database->idle[database->idle_count++] = connection;
    pthread_cond_signal(&database->released);
    pthread_mutex_unlock(&database->mutex);
}

const char *misas__pool_schema(const misas_postgresql *database)
{
    return database->schema;
}

const misas_logger *misas__pool_logger(const misas_postgresql *database)
{
    return &database->logger;
}
