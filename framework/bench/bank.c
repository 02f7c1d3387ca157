#include "bank.h"

#include <stdio.h>

typedef struct account {
    int64_t cents;
} account;

static misas_error *deposited(void *state, const Bank__Ledger__V1__Deposited *event)
{
    account *self = state;

    self->cents += event->cents;
    return NULL;
}

static misas_error *open_account(misas_aggregate *self, const Bank__Ledger__V1__Open *command)
{
    Bank__Ledger__V1__Opened event = BANK__LEDGER__V1__OPENED__INIT;

    event.account = command->account;
    return bank_ledger_v1_opened_record(self, &event);
}

static misas_error *deposit(misas_aggregate *self, const Bank__Ledger__V1__Deposit *command)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;

    event.account = command->account;
    event.cents = command->cents;
    return bank_ledger_v1_deposited_record(self, &event);
}

static const misas_aggregate_options account_options = {.name = "account",
                                                        .state_size = sizeof(account)};

static void evolve_account(misas_aggregate_type *type)
{
    bank_ledger_v1_opened_evolve(type, NULL);
    bank_ledger_v1_deposited_evolve(type, deposited);
}

misas_aggregate_type *bench_account_type_new(void)
{
    misas_aggregate_type *type = NULL;

    bench_check(misas_aggregate_type_new(&type, &account_options), "the type of an account");
    evolve_account(type);
    return type;
}

bench_bank bench_bank_start(misas_storage *storage, int workers, int window,
                            bank_ledger_v1_interest_due_handler interest)
{
    bench_bank bank = {0};

    bench_check(misas_subsystem_new(&bank.subsystem, "bank", "ledger"), "a subsystem");
    evolve_account(misas_subsystem_add_aggregate(bank.subsystem, &account_options));
    bank_ledger_v1_open_decide(bank.subsystem, "account", MISAS_DECIDES_ON_NEW, open_account);
    bank_ledger_v1_deposit_decide(bank.subsystem, "account", MISAS_DECIDES_ON_EXISTING, deposit);
    if (interest != NULL) {
        bank_ledger_v1_interest_due_handle(bank.subsystem, interest);
    }
    bench_check(misas_bus_new_memory(&bank.bus, NULL), "a bus");
    bench_check(misas_command_processor_start(
                    &bank.processor, &(misas_command_processor_options){.subsystem = bank.subsystem,
                                                                        .storage = storage,
                                                                        .bus = bank.bus,
                                                                        .workers = workers,
                                                                        .window = window}),
                "a command processor");
    return bank;
}

void bench_bank_stop(bench_bank *bank)
{
    misas_command_processor_stop(bank->processor);
    misas_bus_free(bank->bus);
    misas_subsystem_free(bank->subsystem);
}

void bench_bank_open_accounts(bench_bank *bank, int count)
{
    Bank__Ledger__V1__Open command = BANK__LEDGER__V1__OPEN__INIT;
    char id[16];

    command.account = id;
    for (int i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%d", i);
        bench_check(bank_ledger_v1_open_send_and_wait(NULL, bank->bus, &command, NULL),
                    "opening an account");
    }
}
