#include "documents_contract/fixture_postgresql.h"

#include <stdio.h>
#include <stdlib.h>

#include "documentstore/documents.h"
#include "postgresql/documents.h"
#include "postgresql/pool.h"
#include "support/database.h"
#include "support/session.h"
#include "support/test.h"

const bool fixture_readers_wait = false;

/* Each has a schema of its own, in the one database of the process. */
struct fixture {
    misas_postgresql *database;
    misas_documents *documents;
    char schema[32];
};

struct transaction {
    misas__connection *connection;
    misas_documents *documents;
};

static misas_log *quiet_log(void)
{
    static misas_log *log;

    if (log == NULL) {
        assert_no_error(misas_log_new(&log, &(misas_log_options){.level = MISAS_LOG_WARNING}));
    }
    return log;
}

fixture *fixture_open(void)
{
    static int count;
    fixture *opened = calloc(1, sizeof *opened);

    assert_non_null(opened);
    snprintf(opened->schema, sizeof opened->schema, "documents_%d", ++count);
    assert_no_error(misas_postgresql_new(
        &opened->database, &(misas_postgresql_options){
                               .connection = test_database_connection(test_database_of_process()),
                               .schema = opened->schema,
                               .logger = {.log = quiet_log()},
                           }));
    assert_no_error(misas_postgresql_migrate(opened->database));
    assert_no_error(misas__postgresql_documents_new(&opened->documents, opened->database));
    return opened;
}

void fixture_close(fixture *opened)
{
    misas__documents_free(opened->documents);
    misas_postgresql_free(opened->database);
    free(opened);
}

misas_documents *fixture_documents(fixture *opened)
{
    return opened->documents;
}

misas_postgresql *fixture_database(const fixture *opened)
{
    return opened->database;
}

void fixture_await_waiting(fixture *opened, int count)
{
    PGconn *observer = fixture_connect(opened);

    session_await_waiting(observer, count);
    PQfinish(observer);
}

PGconn *fixture_connect(const fixture *opened)
{
    PGconn *connection = test_database_connect(test_database_of_process());

    session_execute(connection, "set search_path to %s", opened->schema);
    return connection;
}

transaction *transaction_begin(fixture *opened)
{
    transaction *begun = calloc(1, sizeof *begun);

    assert_non_null(begun);
    assert_no_error(misas__pool_open_own(&begun->connection, opened->database));
    assert_no_error(misas__connection_execute_text(begun->connection, "begin"));
    assert_no_error(
        misas__postgresql_documents_in_transaction_new(&begun->documents, &begun->connection));
    return begun;
}

misas_documents *transaction_documents(transaction *begun)
{
    return begun->documents;
}

misas__connection *transaction_connection(transaction *begun)
{
    return begun->connection;
}

void transaction_savepoint(transaction *begun)
{
    assert_no_error(misas__connection_execute_text(begun->connection, "savepoint here"));
}

void transaction_roll_back_to_savepoint(transaction *begun)
{
    assert_no_error(misas__connection_execute_text(begun->connection, "rollback to here"));
}

static void end(transaction *begun, const char *statement)
{
    assert_no_error(misas__connection_execute_text(begun->connection, statement));
    misas__documents_free(begun->documents);
    misas__connection_close(begun->connection);
    free(begun);
}

void transaction_commit(transaction *begun)
{
    end(begun, "commit");
}

void transaction_roll_back(transaction *begun)
{
    end(begun, "rollback");
}
