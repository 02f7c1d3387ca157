#include "proofs/kill_handling/teller.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/ledger_service.h"

enum { name_size = 16, interest_cents = 3, batch = 10 };

static int answers; /* where they go */

/* "+p7 <time>" predicts, "-p7" cancels. */
static misas_error *predict(misas_context *context, const Bank__Ledger__V1__Probe *command,
                            void *argument)
{
    Bank__Ledger__V1__InterestDue due = BANK__LEDGER__V1__INTEREST_DUE__INIT;
    char id[name_size] = "";
    int64_t due_at_us = 0;

    (void)argument;
    sscanf(command->text + 1, "%15s %" SCNd64, id, &due_at_us);
    if (command->text[0] == '-') {
        return misas_context_cancel_prediction(context, id);
    }
    due.account = command->account;
    due.cents = interest_cents;
    return bank_ledger_v1_interest_due_predict(
        context, &due, &(misas_prediction_options){.id = id, .due_at_us = due_at_us});
}

static misas_error *pay_interest(misas_context *context, const Bank__Ledger__V1__InterestDue *due)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_load(&account, context, "account", due->account);

    event.account = due->account;
    event.cents = due->cents;
    return error == NULL ? bank_ledger_v1_deposited_record(account, &event) : error;
}

static int64_t member(const misas_document_list *found, const char *name)
{
    const char *content =
        misas_document_list_count(found) > 0 ? misas_document_list_get(found, 0)->content : "";
    const char *place = strstr(content, name);

    return place != NULL ? strtoll(place + strlen(name), NULL, 10) : 0;
}

/* Adds to the document of an account. */
static misas_error *project(misas_context *context, const char *account, int64_t cents)
{
    misas_documents *documents = NULL;
    misas_document_list *found = NULL;
    char content[100];
    misas_error *error = misas_context_documents(&documents, context);

    if (error == NULL) {
        error = misas_documents_find_by_ids(&found, documents, "balances", &account, 1);
    }
    if (error == NULL) {
        snprintf(content, sizeof content, "{\"cents\": %" PRId64 ", \"events\": %" PRId64 "}",
                 member(found, "\"cents\":") + cents, member(found, "\"events\":") + 1);
        error = misas_documents_upsert(documents, "balances",
                                       &(misas_document){.id = account, .content = content}, 1);
    }
    misas_document_list_free(found);
    return error;
}

static misas_error *on_opened(misas_context *context, const Bank__Ledger__V1__Opened *event)
{
    return project(context, event->account, 0);
}

static misas_error *on_deposited(misas_context *context, const Bank__Ledger__V1__Deposited *event)
{
    return project(context, event->account, event->cents);
}

static misas_error *on_withdrawn(misas_context *context, const Bank__Ledger__V1__Withdrawn *event)
{
    return project(context, event->account, -event->cents);
}

static void prepare(misas_subsystem *subsystem, void *argument)
{
    misas_event_processor *balances = misas_subsystem_add_event_processor(
        subsystem, &(misas_event_processor_options){.name = "balances"});

    (void)argument;
    bank_ledger_v1_interest_due_handle(subsystem, pay_interest);
    bank_ledger_v1_opened_on(balances, on_opened);
    bank_ledger_v1_deposited_on(balances, on_deposited);
    bank_ledger_v1_withdrawn_on(balances, on_withdrawn);
}

static char outcome(const misas_error *error)
{
    if (error == NULL) {
        return TELLER_DONE;
    }
    return misas_error_has_tag(error, MISAS_TAG_RETRIABLE) ||
                   misas_error_is(error, MISAS_ERROR_BUS_STOPPED)
               ? TELLER_FAILED
               : TELLER_REFUSED;
}

/* What write(2) has taken outlives the process. */
static void say(void *argument, const misas_reply *reply, misas_error *error)
{
    char line[teller_line_size];
    int size = snprintf(line, sizeof line, "%d %c\n", (int)(intptr_t)argument, outcome(error));

    (void)reply;
    misas_error_free(error);
    if (write(answers, line, (size_t)size) != size) {
        _exit(1);
    }
}

static misas_error *send_probe(misas_bus *bus, const teller_order *order, char *account,
                               const misas_send_options *options)
{
    Bank__Ledger__V1__Probe probe = BANK__LEDGER__V1__PROBE__INIT;
    char text[64];

    if (order->kind == 'p') {
        snprintf(text, sizeof text, "+p%d %" PRId64, order->number, order->value);
    } else {
        snprintf(text, sizeof text, "-p%d", order->other);
    }
    probe.account = account;
    probe.text = text;
    return bank_ledger_v1_probe_send(bus, &probe, options);
}

static misas_error *send_transfer(misas_bus *bus, const teller_order *order, char *account,
                                  const misas_send_options *options)
{
    Bank__Ledger__V1__Transfer transfer = BANK__LEDGER__V1__TRANSFER__INIT;
    char to[name_size];

    snprintf(to, sizeof to, "a%d", order->other);
    transfer.from = account;
    transfer.to = to;
    transfer.cents = order->value;
    return bank_ledger_v1_transfer_send(bus, &transfer, options);
}

static misas_error *send_order(misas_bus *bus, const teller_order *order, char *account,
                               const misas_send_options *options)
{
    Bank__Ledger__V1__Open open = BANK__LEDGER__V1__OPEN__INIT;
    Bank__Ledger__V1__Deposit deposit = BANK__LEDGER__V1__DEPOSIT__INIT;
    Bank__Ledger__V1__Withdraw withdraw = BANK__LEDGER__V1__WITHDRAW__INIT;

    open.account = deposit.account = withdraw.account = account;
    deposit.cents = withdraw.cents = order->value;
    switch (order->kind) {
    case 'o':
        return bank_ledger_v1_open_send(bus, &open, options);
    case 'd':
        return bank_ledger_v1_deposit_send(bus, &deposit, options);
    case 'w':
        return bank_ledger_v1_withdraw_send(bus, &withdraw, options);
    case 't':
        return send_transfer(bus, order, account, options);
    default:
        return send_probe(bus, order, account, options);
    }
}

static void take_order(misas_bus *bus, const char *line)
{
    teller_order order;
    char id[name_size];
    char account[name_size];

    if (sscanf(line, "%d %c %d %d %" SCNd64, &order.number, &order.kind, &order.account,
               &order.other, &order.value) != 5) {
        fprintf(stderr, "no order: %s\n", line);
        _exit(1);
    }
    void *number = (void *)(intptr_t)order.number;

    snprintf(id, sizeof id, "c%d", order.number);
    snprintf(account, sizeof account, "a%d", order.account);
    misas_error *error =
        send_order(bus, &order, account,
                   &(misas_send_options){.id = id, .completion = say, .argument = number});

    if (error != NULL) {
        say(number, NULL, error);
    }
}

void teller_serve(void *argument)
{
    const teller_ends *ends = argument;
    ledger_service running;
    char line[teller_line_size];
    FILE *orders = fdopen(ends->orders, "r");
    const ledger_options options = {
        .probe = predict, .prepare = prepare, .processor = {.workers = 2, .max_batch = batch}};

    answers = ends->answers;
    ledger_service_start(&running, ends->at, &options);
    while (orders != NULL && fgets(line, sizeof line, orders) != NULL) {
        take_order(running.ledger.bus, line);
    }
    ledger_service_stop(&running);
}
