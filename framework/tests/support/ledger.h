/** The subsystem of schemas/bank/ledger: what tests of handling send commands to. */
#ifndef MISAS_TESTS_LEDGER_H
#define MISAS_TESTS_LEDGER_H

#include "bank/ledger/v1/ledger.misas.h"
#include "misas/misas.h"
#include "support/gate.h"
#include "support/test.h"

#define LEDGER_ERROR_TOO_LITTLE                                       \
    "bank.too_little" /* data: "balance"; tagged conflict_of_interest \
                       */

/** The state of an account. */
typedef struct ledger_account {
    int64_t cents;
    char *name; /* from the heap, to see that it is freed */
} ledger_account;

/** What Probe does: the test's own. */
typedef misas_error *(*ledger_probe)(misas_context *context, const Bank__Ledger__V1__Probe *probe,
                                     void *argument);

/** A ledger that runs: subsystem, bus and processor on a storage. */
typedef struct test_ledger {
    misas_subsystem *subsystem;
    misas_bus *bus;
    misas_command_processor *processor;
} test_ledger;

typedef struct ledger_options {
    ledger_probe probe; /* NULL: refuses */
    void *argument;
    /* Registers more before it starts. */
    void (*prepare)(misas_subsystem *subsystem, void *argument);
    misas_command_processor_options processor; /* subsystem, storage and bus are filled in */
} ledger_options;

/** Registers everything; `options` may be NULL, and must outlive the subsystem if there is a probe.
 */
void ledger_register(misas_subsystem *subsystem, const ledger_options *options);

/** A subsystem with everything registered. */
misas_subsystem *ledger_subsystem(const ledger_options *options);

/** Starts; the test fails when that can't be done. `options` may be NULL. */
test_ledger ledger_start(misas_storage *storage, const ledger_options *options);
void ledger_stop(test_ledger *started);

/** A probe that waits at a test_gate, its argument. */
misas_error *ledger_wait_at_gate(misas_context *context, const Bank__Ledger__V1__Probe *probe,
                                 void *argument);

/** Stops the processor while a probe waits at the gate, and opens that once nothing more is begun
 * with. */
void ledger_stop_at_gate(test_ledger *started, test_gate *gate);

/** Send a command and wait: with this id, if not NULL. */
misas_error *ledger_open(test_ledger *to, const char *account, const char *id);
misas_error *ledger_deposit(test_ledger *to, const char *account, int64_t cents, const char *id);
misas_error *ledger_withdraw(test_ledger *to, const char *account, int64_t cents, const char *id);
misas_error *ledger_run_probe(test_ledger *to, const char *account, const char *text,
                              const char *id);

/** The balance that a query tells; -1: there is no such account. */
int64_t ledger_balance(test_ledger *of, const char *account);

/** How many events a stream has, as its reader gives them. */
int ledger_count_events(misas_storage *storage, const char *stream);

#endif
