/** The PostgreSQL fixture, for tests that look behind its storages. */
#ifndef MISAS_TESTS_CHECKPOINT_CONTRACT_FIXTURE_POSTGRESQL_H
#define MISAS_TESTS_CHECKPOINT_CONTRACT_FIXTURE_POSTGRESQL_H

#include <libpq-fe.h>

#include "checkpoint_contract/fixture.h"

/** A raw connection whose search path is the schema of the open storage; ended with PQfinish. */
PGconn *checkpoint_fixture_connect(void);

#endif
