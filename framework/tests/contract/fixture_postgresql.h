/** The PostgreSQL fixture, for tests that look behind its stores. */
#ifndef MISAS_TESTS_CONTRACT_FIXTURE_POSTGRESQL_H
#define MISAS_TESTS_CONTRACT_FIXTURE_POSTGRESQL_H

#include <libpq-fe.h>

#include "contract/fixture.h"

/** A raw connection whose search path is the schema of the store; ended with PQfinish. */
PGconn *fixture_connect(const misas_event_store *store);

/** A second store on the same events. Freed with misas_event_store_free, before the first. */
misas_event_store *fixture_open_second(const misas_event_store *store,
                                       const misas_event_store_options *options);

#endif
