#include "contract/fixture_postgresql.h"

#include <stdio.h>
#include <stdlib.h>

#include "misas/postgresql.h"
#include "support/database.h"
#include "support/test.h"

const char fixture_name[] = "PostgreSQL";

/* Each store has a schema of its own, in the one database of the process. */
typedef struct behind {
    misas_event_store *store;
    misas_postgresql *database;
    char schema[32];
    struct behind *next;
} behind;

static behind *all_behind; /* the newest first; what a failed test left stays */

static behind **find(const misas_event_store *store)
{
    behind **link = &all_behind;

    while (*link != NULL && (*link)->store != store) {
        link = &(*link)->next;
    }
    if (*link == NULL) {
        abort();
    }
    return link;
}

static misas_log *quiet_log(void)
{
    static misas_log *log;

    if (log == NULL) {
        assert_no_error(misas_log_new(&log, &(misas_log_options){.level = MISAS_LOG_WARNING}));
    }
    return log;
}

static behind *behind_new(void)
{
    static int count;
    behind *made = calloc(1, sizeof *made);

    assert_non_null(made);
    made->next = all_behind;
    all_behind = made;
    snprintf(made->schema, sizeof made->schema, "store_%d", ++count);
    assert_no_error(misas_postgresql_new(
        &made->database, &(misas_postgresql_options){
                             .connection = test_database_connection(test_database_of_process()),
                             .schema = made->schema,
                             .logger = {.log = quiet_log()},
                         }));
    assert_no_error(misas_postgresql_migrate(made->database));
    return made;
}

misas_event_store *fixture_open(const misas_event_store_options *options)
{
    behind *made = behind_new();

    assert_no_error(misas_event_store_new_postgresql(&made->store, made->database, options));
    return made->store;
}

void fixture_close(misas_event_store *store)
{
    behind **link = find(store);
    behind *made = *link;

    *link = made->next;
    misas_event_store_free(made->store);
    misas_postgresql_free(made->database);
    free(made);
}

PGconn *fixture_connect(const misas_event_store *store)
{
    PGconn *connection = test_database_connect(test_database_of_process());
    char statement[64];

    snprintf(statement, sizeof statement, "set search_path to %s", (*find(store))->schema);
    PGresult *result = PQexec(connection, statement);

    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    return connection;
}

misas_event_store *fixture_open_second(const misas_event_store *store,
                                       const misas_event_store_options *options)
{
    misas_event_store *second = NULL;

    assert_no_error(misas_event_store_new_postgresql(&second, (*find(store))->database, options));
    return second;
}
