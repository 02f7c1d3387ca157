/** A ledger on PostgreSQL with connections, bus and workers of its own, as a process has it. */
#ifndef MISAS_TESTS_SERVICE_H
#define MISAS_TESTS_SERVICE_H

#include "misas/postgresql.h"
#include "support/ledger.h"

typedef struct test_service {
    misas_postgresql *database;
    misas_storage *storage;
    test_ledger ledger;
} test_service;

/** `connection` NULL: to the process's database. */
typedef struct service_options {
    const misas_secret *connection;
    const char *schema;
    ledger_options ledger;
} service_options;

/** Starts, in a schema that is made if it is not there; the test fails when that can't be done. */
test_service service_start(const service_options *options);
void service_stop(test_service *started);

#endif
