/** The PostgreSQL fixture, for tests that look behind its documents. */
#ifndef MISAS_TESTS_DOCUMENTS_CONTRACT_FIXTURE_POSTGRESQL_H
#define MISAS_TESTS_DOCUMENTS_CONTRACT_FIXTURE_POSTGRESQL_H

#include <libpq-fe.h>

#include "documents_contract/fixture.h"
#include "postgresql/connection.h"

/** A raw connection whose search path is the schema of the documents; ended with PQfinish. */
PGconn *fixture_connect(const fixture *opened);

/** The connection of a transaction. */
misas__connection *transaction_connection(transaction *begun);

misas_postgresql *fixture_database(const fixture *opened);

#endif
