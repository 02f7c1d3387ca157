#include "support/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *text(const char *borrowed)
{
    return (char *)(uintptr_t)borrowed;
}

static misas_error *opened(void *state, const Bank__Ledger__V1__Opened *event)
{
    ledger_account *account = state;

    account->name = strdup(event->account);
    return account->name != NULL ? NULL : misas_error_out_of_memory();
}

static misas_error *deposited(void *state, const Bank__Ledger__V1__Deposited *event)
{
    ledger_account *account = state;

    account->cents += event->cents;
    return NULL;
}

static misas_error *withdrawn(void *state, const Bank__Ledger__V1__Withdrawn *event)
{
    ledger_account *account = state;

    account->cents -= event->cents;
    return NULL;
}

static misas_error *spoilt(void *state, const Bank__Ledger__V1__Spoilt *event)
{
    ledger_account *account = state;

    account->cents = INT64_MIN;
    return misas_error_new_format(&(misas_error_options){.type_name = "bank.spoilt"},
                                  "account %s is spoilt", event->account);
}

static void release(void *state)
{
    const ledger_account *account = state;

    free(account->name);
}

static misas_error *open_account(misas_context *context, const Bank__Ledger__V1__Open *command)
{
    Bank__Ledger__V1__Opened event = BANK__LEDGER__V1__OPENED__INIT;
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_add(&account, context, "account", command->account);

    event.account = command->account;
    return error != NULL ? error : bank_ledger_v1_opened_record(account, &event);
}

static misas_error *deposit(misas_aggregate *account, const Bank__Ledger__V1__Deposit *command)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;

    event.account = text(misas_aggregate_id(account));
    event.cents = command->cents;
    return bank_ledger_v1_deposited_record(account, &event);
}

static misas_error *too_little(const ledger_account *account)
{
    char balance[24];

    snprintf(balance, sizeof balance, "%" PRId64, account->cents);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = LEDGER_ERROR_TOO_LITTLE,
            .data = (misas_field[]){{"balance", balance}, {NULL, NULL}},
            .tags = "conflict_of_interest",
            .cause = misas_error_new(&(misas_error_options){.type_name = "bank.rule",
                                                            .message = "no account is overdrawn"}),
        },
        "account %s holds %s cents only", account->name, balance);
}

static misas_error *record_withdrawal(misas_aggregate *account, int64_t cents)
{
    Bank__Ledger__V1__Withdrawn event = BANK__LEDGER__V1__WITHDRAWN__INIT;
    const ledger_account *state = misas_aggregate_state(account);

    if (state->cents < cents) {
        return too_little(state);
    }
    event.account = text(misas_aggregate_id(account));
    event.cents = cents;
    return bank_ledger_v1_withdrawn_record(account, &event);
}

static misas_error *reply_balance(misas_context *context, const misas_aggregate *account)
{
    Bank__Ledger__V1__Balance balance = BANK__LEDGER__V1__BALANCE__INIT;
    const ledger_account *state = misas_aggregate_state(account);

    balance.cents = state->cents;
    return bank_ledger_v1_balance_reply(context, &balance);
}

static misas_error *withdraw(misas_context *context, const Bank__Ledger__V1__Withdraw *command)
{
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_load(&account, context, "account", command->account);

    if (error == NULL) {
        error = record_withdrawal(account, command->cents);
    }
    return error != NULL ? error : reply_balance(context, account);
}

static misas_error *transfer(misas_context *context, const Bank__Ledger__V1__Transfer *command)
{
    Bank__Ledger__V1__Deposit sent = BANK__LEDGER__V1__DEPOSIT__INIT;
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_load(&account, context, "account", command->from);

    if (error == NULL) {
        error = record_withdrawal(account, command->cents);
    }
    sent.account = command->to;
    sent.cents = command->cents;
    return error != NULL ? error : bank_ledger_v1_deposit_send_from(context, &sent);
}

static misas_error *swap(misas_context *context, const Bank__Ledger__V1__Swap *command)
{
    Bank__Ledger__V1__Deposit deposited_there = BANK__LEDGER__V1__DEPOSIT__INIT;
    misas_aggregate *left = NULL;
    misas_aggregate *right = NULL;
    misas_error *error = misas_context_load(&right, context, "account", command->right);

    if (error == NULL) {
        error = misas_context_load(&left, context, "account", command->left);
    }
    deposited_there.cents = command->cents;
    if (error == NULL) {
        error = deposit(right, &deposited_there);
    }
    return error != NULL ? error : record_withdrawal(left, command->cents);
}

static misas_error *balance_of(misas_context *context, const Bank__Ledger__V1__BalanceOf *query)
{
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_load(&account, context, "account", query->account);

    return error != NULL ? error : reply_balance(context, account);
}

static misas_error *probe(misas_context *context, const Bank__Ledger__V1__Probe *command)
{
    void *service = NULL;
    misas_error *error = misas_context_service(&service, context, "probe");

    if (error != NULL) {
        return error;
    }
    const ledger_options *options = service;

    return options->probe(context, command, options->argument);
}

void ledger_register(misas_subsystem *subsystem, const ledger_options *options)
{
    misas_aggregate_type *account = misas_subsystem_add_aggregate(
        subsystem, &(misas_aggregate_options){.name = "account",
                                              .state_size = sizeof(ledger_account),
                                              .release = release});

    bank_ledger_v1_opened_evolve(account, opened);
    bank_ledger_v1_deposited_evolve(account, deposited);
    bank_ledger_v1_withdrawn_evolve(account, withdrawn);
    bank_ledger_v1_spoilt_evolve(account, spoilt);
    bank_ledger_v1_open_handle(subsystem, open_account);
    bank_ledger_v1_deposit_decide(subsystem, "account", MISAS_DECIDES_ON_EXISTING, deposit);
    bank_ledger_v1_withdraw_handle(subsystem, withdraw);
    bank_ledger_v1_transfer_handle(subsystem, transfer);
    bank_ledger_v1_swap_handle(subsystem, swap);
    bank_ledger_v1_balance_of_handle(subsystem, balance_of);
    bank_ledger_v1_probe_handle(subsystem, probe);
    if (options != NULL && options->probe != NULL) {
        misas_subsystem_add_service(subsystem, "probe", (void *)(uintptr_t)options);
    }
    if (options != NULL && options->prepare != NULL) {
        options->prepare(subsystem, options->argument);
    }
}
