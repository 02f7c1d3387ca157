#include <stdio.h>

#include "misas/postgresql.h"
#include "prediction_contract/fixture.h"
#include "support/database.h"
#include "support/test.h"

/* Each storage has a schema of its own, in the one database of the process; one at a time. */
static char schema[32];
static misas_postgresql *database;
static misas_postgresql *other_database;
static misas_storage *other_storage;

static misas_postgresql *connect_to_schema(void)
{
    static misas_log *log;
    misas_postgresql *connected = NULL;

    if (log == NULL) {
        assert_no_error(misas_log_new(&log, &(misas_log_options){.level = MISAS_LOG_ERROR}));
    }
    assert_no_error(misas_postgresql_new(
        &connected, &(misas_postgresql_options){
                        .connection = test_database_connection(test_database_of_process()),
                        .schema = schema,
                        .logger = {.log = log},
                    }));
    return connected;
}

misas_storage *prediction_fixture_open(void)
{
    static int count;
    misas_storage *storage = NULL;

    snprintf(schema, sizeof schema, "prediction_%d", ++count);
    database = connect_to_schema();
    assert_no_error(misas_postgresql_migrate(database));
    assert_no_error(misas_storage_new_postgresql(&storage, database, NULL));
    return storage;
}

misas_storage *prediction_fixture_open_again(void)
{
    if (other_storage == NULL) {
        other_database = connect_to_schema();
        assert_no_error(misas_storage_new_postgresql(&other_storage, other_database, NULL));
    }
    return other_storage;
}

void prediction_fixture_close(misas_storage *storage)
{
    misas_storage_free(storage);
    misas_storage_free(other_storage);
    misas_postgresql_free(database);
    misas_postgresql_free(other_database);
    database = NULL;
    other_database = NULL;
    other_storage = NULL;
}
