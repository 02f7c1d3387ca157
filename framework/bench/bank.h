/** A small subsystem for benchmarks: accounts that money is deposited into. */
#ifndef MISAS_BENCH_BANK_H
#define MISAS_BENCH_BANK_H

#include "bank/ledger/v1/ledger.misas.h"
#include "bench.h"

typedef struct bench_bank {
    misas_subsystem *subsystem;
    misas_bus *bus;
    misas_command_processor *processor;
} bench_bank;

/** Starts with so many workers, with this window each; interest that is due is handled by
 * `interest`, if not NULL. */
bench_bank bench_bank_start(misas_storage *storage, int workers, int window,
                            bank_ledger_v1_interest_due_handler interest);
void bench_bank_stop(bench_bank *bank);

/** Opens accounts 0 to `count` - 1. */
void bench_bank_open_accounts(bench_bank *bank, int count);

/** The aggregate type of an account; freed with misas_aggregate_type_free. */
misas_aggregate_type *bench_account_type_new(void);

#endif
