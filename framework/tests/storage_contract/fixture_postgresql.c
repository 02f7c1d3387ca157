#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "misas/postgresql.h"
#include "storage_contract/fixture.h"
#include "support/database.h"
#include "support/test.h"

/* Each storage has a schema of its own, in the one database of the process. */
typedef struct behind {
    misas_storage *storage;
    misas_postgresql *database;
    char schema[32];
    struct behind *next;
} behind;

static behind *all_behind; /* the newest first; what a failed test left stays */

static behind **find(const misas_storage *storage)
{
    behind **link = &all_behind;

    while (*link != NULL && (*link)->storage != storage) {
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

misas_storage *storage_fixture_open(const misas_event_store_options *options)
{
    static int count;
    behind *made = calloc(1, sizeof *made);

    assert_non_null(made);
    made->next = all_behind;
    all_behind = made;
    snprintf(made->schema, sizeof made->schema, "storage_%d", ++count);
    assert_no_error(misas_postgresql_new(
        &made->database, &(misas_postgresql_options){
                             .connection = test_database_connection(test_database_of_process()),
                             .schema = made->schema,
                             .logger = {.log = quiet_log()},
                         }));
    assert_no_error(misas_postgresql_migrate(made->database));
    assert_no_error(misas_storage_new_postgresql(&made->storage, made->database, options));
    return made->storage;
}

void storage_fixture_close(misas_storage *storage)
{
    behind **link = find(storage);
    behind *made = *link;

    *link = made->next;
    misas_storage_free(made->storage);
    misas_postgresql_free(made->database);
    free(made);
}

void storage_fixture_write_predictions(char *buffer, size_t size, misas_storage *storage)
{
    PGconn *connection = test_database_connect(test_database_of_process());
    char statement[700];

    snprintf(
        statement, sizeof statement,
        "select string_agg(concat(id, ':', type, ':', key, ':', "
        "(extract(epoch from due_at) * 1000000)::numeric(30), ':', type_version, ':', "
        "convert_from(payload, 'UTF8'), ':', correlation_id, ':', causation_id, ':', "
        "(select string_agg(concat(key, '=', value), ',') from jsonb_each_text(metadata))), ' ' "
        "order by id) from %s.predictions",
        (*find(storage))->schema);
    PGresult *result = PQexec(connection, statement);

    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    snprintf(buffer, size, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    PQfinish(connection);
}
