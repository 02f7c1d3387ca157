/* Handlers that take very long hold up nobody but what must wait for them. */
#include <stdio.h>
#include <string.h>

#include "processing_contract/fixture.h"
#include "support/answers.h"
#include "support/gate.h"
#include "support/recorder.h"

enum { quick = 20 };

static misas_error *wait_if_slow(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                 void *argument)
{
    (void)context;
    if (strcmp(command->text, "slow") == 0) {
        gate_pass(argument);
    }
    return NULL;
}

static void send_probe(test_ledger *to, char *account, char *text, test_answers *answers)
{
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;

    command.account = account;
    command.text = text;
    assert_no_error(bank_ledger_v1_probe_send(
        to->bus, &command, &(misas_send_options){.completion = answers_take, .argument = answers}));
}

static bool are_some_answered(void *argument)
{
    test_answers *answers = argument;

    pthread_mutex_lock(&answers->mutex);
    bool are_some = answers->successes >= quick / 2;

    pthread_mutex_unlock(&answers->mutex);
    return are_some;
}

TEST(a_handler_that_takes_very_long_holds_up_no_other_worker)
{
    static test_gate gate = GATE_CLOSED;
    test_answers answers = ANSWERS_NONE("");
    const ledger_options options = {
        .probe = wait_if_slow, .argument = &gate, .processor = {.workers = 4}};
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, &options);
    char account[8] = "slow";

    send_probe(&ledger, account, (char[]){"slow"}, &answers);
    gate_await(&gate);
    for (int i = 0; i < quick; i++) { /* some of them for each worker */
        snprintf(account, sizeof account, "%d", i);
        send_probe(&ledger, account, (char[]){"quick"}, &answers);
    }
    assert_true(test_wait_until(are_some_answered, &answers, 20000));
    gate_open(&gate);
    answers_await(&answers, quick + 1);
    assert_int_equal(answers.errors, 0);
    ledger_stop(&ledger);
    fixture_close(storage);
}

static test_gate event_gate = GATE_CLOSED;

static void wait_at_gate(misas_context *context, const Bank__Ledger__V1__Deposited *event,
                         test_recorder *self)
{
    (void)context;
    (void)event;
    (void)self;
    gate_pass(&event_gate);
}

static misas_error *count_event(misas_context *context, const Bank__Ledger__V1__Deposited *event)
{
    void *recorder = NULL;
    misas_error *error = misas_context_service(&recorder, context, "quick");

    (void)event;
    if (error == NULL) {
        test_recorder *quick_one = recorder;

        pthread_mutex_lock(&quick_one->mutex);
        quick_one->calls++;
        pthread_mutex_unlock(&quick_one->mutex);
    }
    return error;
}

static void deposit(misas_storage *storage)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;

    event.account = (char[]){"a"};
    assert_no_error(bank_ledger_v1_deposited_append(NULL, misas_storage_event_store(storage),
                                                    "account-a", MISAS_ANY_VERSION, &event, NULL));
}

TEST(an_event_handler_that_takes_very_long_holds_up_no_other_processor)
{
    test_recorder slow_one = RECORDER_EMPTY;
    test_recorder quick_one = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();
    misas_subsystem *subsystem = ledger_subsystem(NULL);
    misas_event_processing *processing = NULL;

    slow_one.act = wait_at_gate;
    recorder_register(&slow_one, subsystem,
                      misas_subsystem_add_event_processor(
                          subsystem, &(misas_event_processor_options){.name = "slow"}));
    misas_subsystem_add_service(subsystem, "quick", &quick_one);
    bank_ledger_v1_deposited_on(misas_subsystem_add_event_processor(
                                    subsystem, &(misas_event_processor_options){.name = "quick"}),
                                count_event);
    assert_no_error(misas_event_processing_start(
        &processing,
        &(misas_event_processing_options){.subsystem = subsystem, .storage = storage}));
    deposit(storage);
    gate_await(&event_gate);
    deposit(storage);
    recorder_await_calls(&quick_one, 2);
    assert_int_equal(slow_one.calls, 1);
    gate_open(&event_gate);
    recorder_await(&slow_one, "+0 +0 ");
    misas_event_processing_stop(processing);
    misas_subsystem_free(subsystem);
    fixture_close(storage);
}
