#include "support/service.h"

#include "support/database.h"

test_service service_start(const service_options *options)
{
    static misas_log *log;
    test_service started = {.database = NULL};

    if (log == NULL) {
        assert_no_error(misas_log_new(&log, &(misas_log_options){.level = MISAS_LOG_ERROR}));
    }
    assert_no_error(misas_postgresql_new(
        &started.database,
        &(misas_postgresql_options){
            .connection = options->connection != NULL
                              ? options->connection
                              : test_database_connection(test_database_of_process()),
            .schema = options->schema,
            .logger = {.log = log},
        }));
    assert_no_error(misas_postgresql_migrate(started.database));
    assert_no_error(misas_storage_new_postgresql(&started.storage, started.database, NULL));
    started.ledger = ledger_start(started.storage, &options->ledger);
    return started;
}

void service_stop(test_service *started)
{
    ledger_stop(&started->ledger);
    misas_storage_free(started->storage);
    misas_postgresql_free(started->database);
}
