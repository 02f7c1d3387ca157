/** A ledger with all that can run beside it, on a PostgreSQL that others work on, too: for tests
 * whose processes are killed or stopped. */
#ifndef MISAS_TESTS_LEDGER_SERVICE_H
#define MISAS_TESTS_LEDGER_SERVICE_H

#include <sys/types.h>

#include "misas/postgresql.h"
#include "support/ledger.h"
#include "support/session.h"

typedef struct ledger_service {
    misas_log *log;
    misas_postgresql *postgresql;
    misas_storage *storage;
    test_ledger ledger;
    misas_command_dispatcher *dispatcher;
    misas_predictor *predictor;
    misas_event_processing *processing;
} ledger_service;

/** Starts commands, their dispatcher, predictions and event processors on the store of `at`, in a
 * process of its own, which ends with a failure when that can't be done. */
void ledger_service_start(ledger_service *out, const test_store *at, const ledger_options *options);
void ledger_service_stop(ledger_service *started);

/** Forks a process that calls `work`, ends by itself, and is killed when this one ends. */
pid_t ledger_service_fork(void (*work)(void *argument), void *argument);

#endif
