#include "support/ledger.h"

static char *text(const char *borrowed)
{
    return (char *)(uintptr_t)borrowed;
}

misas_subsystem *ledger_subsystem(const ledger_options *options)
{
    misas_subsystem *subsystem = NULL;

    assert_no_error(misas_subsystem_new(&subsystem, "bank", "ledger"));
    ledger_register(subsystem, options);
    return subsystem;
}

test_ledger ledger_start(misas_storage *storage, const ledger_options *options)
{
    test_ledger started = {.subsystem = ledger_subsystem(options)};
    misas_command_processor_options processor =
        options != NULL ? options->processor : (misas_command_processor_options){0};

    assert_no_error(misas_bus_new_memory(&started.bus, NULL));
    processor.subsystem = started.subsystem;
    processor.storage = storage;
    processor.bus = started.bus;
    assert_no_error(misas_command_processor_start(&started.processor, &processor));
    return started;
}

/* A ledger whose processor is being stopped, with a probe at the gate. */
typedef struct stopping {
    test_ledger *ledger;
    test_gate *gate;
} stopping;

static bool takes_nothing(void *argument)
{
    const test_ledger *ledger = argument;
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;

    command.account = text("a");
    misas_error *error = bank_ledger_v1_probe_send(ledger->bus, &command, NULL);
    const bool is_stopped = error != NULL;

    misas_error_free(error);
    return is_stopped;
}

static void *open_gate_when_stopped(void *argument)
{
    const stopping *self = argument;

    test_wait_until(takes_nothing, self->ledger, 20000);
    gate_open(self->gate);
    return NULL;
}

void ledger_stop_at_gate(test_ledger *started, test_gate *gate)
{
    stopping self = {started, gate};
    pthread_t opener;

    gate_await(gate);
    assert_int_equal(pthread_create(&opener, NULL, open_gate_when_stopped, &self), 0);
    misas_command_processor_stop(started->processor);
    started->processor = NULL;
    pthread_join(opener, NULL);
}

void ledger_stop(test_ledger *started)
{
    misas_command_processor_stop(started->processor);
    misas_bus_free(started->bus);
    misas_subsystem_free(started->subsystem);
}

misas_error *ledger_wait_at_gate(misas_context *context, const Bank__Ledger__V1__Probe *probe,
                                 void *argument)
{
    (void)context;
    (void)probe;
    gate_pass(argument);
    return NULL;
}

misas_error *ledger_open(test_ledger *to, const char *account, const char *id)
{
    Bank__Ledger__V1__Open command = BANK__LEDGER__V1__OPEN__INIT;

    command.account = text(account);
    return bank_ledger_v1_open_send_and_wait(NULL, to->bus, &command,
                                             &(misas_send_options){.id = id});
}

misas_error *ledger_deposit(test_ledger *to, const char *account, int64_t cents, const char *id)
{
    Bank__Ledger__V1__Deposit command = BANK__LEDGER__V1__DEPOSIT__INIT;

    command.account = text(account);
    command.cents = cents;
    return bank_ledger_v1_deposit_send_and_wait(NULL, to->bus, &command,
                                                &(misas_send_options){.id = id});
}

misas_error *ledger_withdraw(test_ledger *to, const char *account, int64_t cents, const char *id)
{
    Bank__Ledger__V1__Withdraw command = BANK__LEDGER__V1__WITHDRAW__INIT;

    command.account = text(account);
    command.cents = cents;
    return bank_ledger_v1_withdraw_send_and_wait(NULL, to->bus, &command,
                                                 &(misas_send_options){.id = id});
}

misas_error *ledger_run_probe(test_ledger *to, const char *account, const char *said,
                              const char *id)
{
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;

    command.account = text(account);
    command.text = text(said);
    return bank_ledger_v1_probe_send_and_wait(NULL, to->bus, &command,
                                              &(misas_send_options){.id = id});
}

int64_t ledger_balance(test_ledger *of, const char *account)
{
    Bank__Ledger__V1__BalanceOf query = BANK__LEDGER__V1__BALANCE_OF__INIT;
    Bank__Ledger__V1__Balance *balance = NULL;

    query.account = text(account);
    misas_error *error = bank_ledger_v1_balance_of_ask(&balance, of->bus, &query, NULL);

    if (misas_error_is(error, MISAS_ERROR_AGGREGATE_NOT_FOUND)) {
        misas_error_free(error);
        return -1;
    }
    assert_no_error(error);
    int64_t cents = balance->cents;

    misas_message_free(&balance->base);
    return cents;
}

int ledger_count_events(misas_storage *storage, const char *stream)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;
    int count = -1;

    assert_no_error(
        misas_event_store_read_stream(&reader, misas_storage_event_store(storage), stream, NULL));
    do {
        count++;
        assert_no_error(misas_event_reader_next(&event, reader));
    } while (event != NULL);
    misas_event_reader_free(reader);
    return count;
}
