/* The bus in memory: windows, waiting, stopping. */
#include <stdlib.h>
#include <string.h>

#include "support/answers.h"
#include "support/gate.h"
#include "support/ledger.h"

static misas_storage *new_storage(void)
{
    misas_storage *storage = NULL;

    assert_no_error(misas_storage_new_memory(&storage, NULL));
    return storage;
}

static misas_error *send_probe(test_ledger *to, int timeout_ms, test_answers *answers)
{
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;

    command.account = (char[]){"a"};
    return bank_ledger_v1_probe_send(to->bus, &command,
                                     &(misas_send_options){.timeout_ms = timeout_ms,
                                                           .completion = answers_take,
                                                           .argument = answers});
}

TEST(when_too_many_messages_are_on_their_way_a_sender_waits_and_then_is_told)
{
    test_gate gate = GATE_CLOSED;
    test_answers answers = ANSWERS_NONE(NULL);
    misas_storage *storage = new_storage();
    const ledger_options options = {
        .probe = ledger_wait_at_gate, .argument = &gate, .processor = {.window = 3}};
    test_ledger ledger = ledger_start(storage, &options);

    for (int i = 0; i < 3; i++) {
        assert_no_error(send_probe(&ledger, 1000, &answers));
    }
    assert_error_says(send_probe(&ledger, 20, &answers), MISAS_ERROR_BUS_FULL,
                      "bank.ledger.v1.Probe");
    gate_open(&gate);
    assert_no_error(send_probe(&ledger, 10000, &answers));
    answers_await(&answers, 4);
    assert_int_equal(answers.successes, 4);
    ledger_stop(&ledger);
    misas_storage_free(storage);
}

TEST(who_waits_too_long_is_told_and_the_command_takes_effect_all_the_same)
{
    test_gate gate = GATE_CLOSED;
    misas_storage *storage = new_storage();
    const ledger_options options = {.probe = ledger_wait_at_gate, .argument = &gate};
    test_ledger ledger = ledger_start(storage, &options);
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;
    misas_reply *reply = NULL;

    command.account = (char[]){"a"};
    misas_error *error = bank_ledger_v1_probe_send_and_wait(
        &reply, ledger.bus, &command, &(misas_send_options){.id = "slow", .timeout_ms = 20});

    assert_true(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_string_equal(misas_error_data(error, "id"), "slow");
    assert_error_is(error, MISAS_ERROR_NO_ANSWER);
    gate_open(&gate);
    assert_no_error(bank_ledger_v1_probe_send_and_wait(&reply, ledger.bus, &command,
                                                       &(misas_send_options){.id = "slow"}));
    assert_non_null(reply);
    assert_null(reply->type);
    free(reply);
    ledger_stop(&ledger);
    misas_storage_free(storage);
}

static misas_error *send_and_wait_within(misas_context *context,
                                         const Bank__Ledger__V1__Probe *command, void *argument)
{
    test_ledger *ledger = argument;

    (void)context;
    return ledger_open(ledger, command->account, NULL);
}

TEST(a_handler_can_not_wait_for_an_answer)
{
    misas_storage *storage = new_storage();
    test_ledger ledger = {0};
    const ledger_options options = {.probe = send_and_wait_within, .argument = &ledger};

    ledger = ledger_start(storage, &options);
    assert_error_is(ledger_run_probe(&ledger, "a", "", NULL), MISAS_ERROR_BUS_WOULD_BLOCK);
    ledger_stop(&ledger);
    misas_storage_free(storage);
}

TEST(stopping_finishes_what_is_in_hand_and_tells_the_senders_of_the_rest)
{
    test_gate gate = GATE_CLOSED;
    test_answers answers = ANSWERS_NONE(MISAS_ERROR_BUS_STOPPED);
    misas_storage *storage = new_storage();
    const ledger_options options = {
        .probe = ledger_wait_at_gate, .argument = &gate, .processor = {.max_batch = 1}};
    test_ledger ledger = ledger_start(storage, &options);

    for (int i = 0; i < 5; i++) {
        assert_no_error(send_probe(&ledger, 1000, &answers));
    }
    ledger_stop_at_gate(&ledger, &gate);
    ledger_stop(&ledger);
    answers_await(&answers, 5);
    assert_int_equal(answers.successes, 1);
    assert_int_equal(answers.of_type, 4);
    misas_storage_free(storage);
}

TEST(after_a_stop_nobody_handles_the_messages)
{
    misas_storage *storage = new_storage();
    test_ledger ledger = ledger_start(storage, NULL);

    misas_command_processor_stop(ledger.processor);
    ledger.processor = NULL;
    assert_error_is(ledger_open(&ledger, "a", NULL), MISAS_ERROR_NO_HANDLER);
    ledger_stop(&ledger);
    misas_storage_free(storage);
}

TEST(only_commands_are_sent_and_only_queries_are_asked)
{
    static const struct {
        const misas_type *type;
        const char *kind;
        const char *sentence;
    } cases[] = {
        {&bank_ledger_v1_opened_type, "event", "bank.ledger.v1.Opened is an event"},
        {&bank_ledger_v1_interest_due_type, "prediction", "InterestDue is a prediction"},
        {&bank_ledger_v1_balance_type, "part", "bank.ledger.v1.Balance has no role of its own"},
        {&bank_ledger_v1_balance_of_type, "query", "BalanceOf is a query: only commands are sent"},
        {&bank_ledger_v1_open_type, "command", "Open is a command: only queries are asked"},
    };
    misas_storage *storage = new_storage();
    test_ledger ledger = ledger_start(storage, NULL);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const misas_type *type = cases[i].type;
        misas_error *error = type->kind == MISAS_KIND_COMMAND
                                 ? misas_bus_ask(NULL, ledger.bus, type, NULL, NULL)
                                 : misas_bus_send(ledger.bus, type, NULL, NULL);

        assert_string_equal(misas_error_data(error, "type"), type->descriptor->name);
        assert_string_equal(misas_error_data(error, "kind"), cases[i].kind);
        assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
        assert_error_says(error, MISAS_ERROR_BUS_WRONG_KIND, cases[i].sentence);
        error = type->kind != MISAS_KIND_QUERY
                    ? misas_bus_ask(NULL, ledger.bus, type, NULL, NULL)
                    : misas_bus_send_and_wait(NULL, ledger.bus, type, NULL, NULL);
        assert_error_is(error, MISAS_ERROR_BUS_WRONG_KIND);
    }
    ledger_stop(&ledger);
    misas_storage_free(storage);
}

TEST(a_query_is_answered_on_the_thread_that_asks)
{
    misas_storage *storage = new_storage();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_int_equal(ledger_balance(&ledger, "a"), -1);
    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 3, NULL));
    assert_int_equal(ledger_balance(&ledger, "a"), 3);
    ledger_stop(&ledger);
    misas_storage_free(storage);
}

static misas_error *send_wrongly(test_ledger *to, const misas_send_options *options)
{
    Bank__Ledger__V1__Open command = BANK__LEDGER__V1__OPEN__INIT;

    command.account = (char[]){"a"};
    return bank_ledger_v1_open_send_and_wait(NULL, to->bus, &command, options);
}

TEST(a_message_has_attributes_that_can_be_stored)
{
    misas_storage *storage = new_storage();
    test_ledger ledger = ledger_start(storage, NULL);
    char long_text[300];

    memset(long_text, 'x', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    assert_error_is(send_wrongly(&ledger, &(misas_send_options){.id = ""}),
                    MISAS_ERROR_ENVELOPE_INVALID);
    assert_error_is(send_wrongly(&ledger, &(misas_send_options){.id = long_text}),
                    MISAS_ERROR_ENVELOPE_INVALID);
    assert_error_is(send_wrongly(&ledger, &(misas_send_options){.source = long_text}),
                    MISAS_ERROR_ENVELOPE_INVALID);
    assert_error_is(send_wrongly(&ledger, &(misas_send_options){.id = "\xff"}),
                    MISAS_ERROR_ENVELOPE_INVALID);
    assert_error_is(
        send_wrongly(&ledger, &(misas_send_options){.metadata = {.correlation_id = long_text}}),
        MISAS_ERROR_METADATA_INVALID);
    ledger_stop(&ledger);
    misas_storage_free(storage);
}

static misas_error *fail_for_good(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                  void *argument)
{
    (void)context;
    (void)command;
    (void)argument;
    return misas_error_new(&(misas_error_options){
        .type_name = "test.fatal", .message = "it is over", .tags = MISAS_TAG_FATAL});
}

static void drop_error(void *argument, misas_error *error)
{
    (void)argument;
    misas_error_free(error);
}

TEST(a_fatal_error_stops_all_workers_of_the_processor)
{
    misas_storage *storage = new_storage();
    const ledger_options options = {.probe = fail_for_good,
                                    .processor = {.workers = 8, .on_fatal = drop_error}};
    test_ledger ledger = ledger_start(storage, &options);
    static const char *const accounts[] = {"a", "b", "c", "d", "e", "f", "g", "h"};

    assert_error_is(ledger_run_probe(&ledger, "a", "", NULL), "test.fatal");
    for (size_t i = 0; i < sizeof accounts / sizeof accounts[0]; i++) {
        assert_error_is(ledger_open(&ledger, accounts[i], NULL), MISAS_ERROR_BUS_STOPPED);
    }
    ledger_stop(&ledger);
    misas_storage_free(storage);
}
