#include "checkpoint_contract/fixture_postgresql.h"

#include <stdio.h>

#include "misas/postgresql.h"
#include "support/database.h"
#include "support/session.h"
#include "support/test.h"

/* Each storage has a schema of its own, in the one database of the process; one at a time. */
static misas_postgresql *database;
static char schema[32];

misas_storage *checkpoint_fixture_open(void)
{
    static misas_log *log;
    static int count;
    misas_storage *storage = NULL;

    if (log == NULL) {
        assert_no_error(misas_log_new(&log, &(misas_log_options){.level = MISAS_LOG_WARNING}));
    }
    snprintf(schema, sizeof schema, "checkpoints_%d", ++count);
    assert_no_error(misas_postgresql_new(
        &database, &(misas_postgresql_options){
                       .connection = test_database_connection(test_database_of_process()),
                       .schema = schema,
                       .logger = {.log = log},
                   }));
    assert_no_error(misas_postgresql_migrate(database));
    assert_no_error(misas_storage_new_postgresql(&storage, database, NULL));
    return storage;
}

void checkpoint_fixture_close(misas_storage *storage)
{
    misas_storage_free(storage);
    misas_postgresql_free(database);
    database = NULL;
}

PGconn *checkpoint_fixture_connect(void)
{
    PGconn *connection = test_database_connect(test_database_of_process());

    session_execute(connection, "set search_path to %s", schema);
    return connection;
}
