/* What becomes of many commands, and of those that fail on the way. */
#include <stdio.h>
#include <string.h>

#include "processing_contract/fixture.h"
#include "support/answers.h"
#include "support/gate.h"
#include "support/ledger.h"

static char account_a[] = "a";
static char account_b[] = "b";

static misas_error *send_deposit(test_ledger *to, char *account, int64_t cents, const char *id,
                                 test_answers *answers)
{
    Bank__Ledger__V1__Deposit command = BANK__LEDGER__V1__DEPOSIT__INIT;

    command.account = account;
    command.cents = cents;
    return bank_ledger_v1_deposit_send(
        to->bus, &command,
        &(misas_send_options){.id = id, .completion = answers_take, .argument = answers});
}

/* The worker waits at the gate: what is sent until it is opened comes in one batch. */
static void send_probe(test_ledger *to, test_answers *answers)
{
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;

    command.account = account_a;
    assert_no_error(bank_ledger_v1_probe_send(
        to->bus, &command, &(misas_send_options){.completion = answers_take, .argument = answers}));
}

TEST(many_commands_of_a_batch_are_each_answered_and_take_effect_in_order)
{
    enum { count = 300 };
    test_gate gate = GATE_CLOSED;
    test_answers answers = ANSWERS_NONE(LEDGER_ERROR_TOO_LITTLE);
    misas_storage *storage = fixture_open();
    const ledger_options options = {.probe = ledger_wait_at_gate, .argument = &gate};
    test_ledger ledger = ledger_start(storage, &options);
    Bank__Ledger__V1__Withdraw withdraw = BANK__LEDGER__V1__WITHDRAW__INIT;

    assert_no_error(ledger_open(&ledger, "a", NULL));
    send_probe(&ledger, &answers);
    gate_await(&gate);
    withdraw.account = account_a;
    withdraw.cents = 1;
    for (int i = 0; i < count; i++) { /* of each three, the last finds nothing left */
        assert_no_error(send_deposit(&ledger, account_a, 1, NULL, &answers));
        for (int j = 0; j < 2; j++) {
            assert_no_error(bank_ledger_v1_withdraw_send(
                ledger.bus, &withdraw,
                &(misas_send_options){.completion = answers_take, .argument = &answers}));
        }
    }
    gate_open(&gate);
    answers_await(&answers, 1 + 3 * count);
    assert_int_equal(answers.of_type, count);
    assert_int_equal(answers.errors, count);
    assert_int_equal(ledger_balance(&ledger, "a"), 0);
    assert_int_equal(ledger_count_events(storage, "account-a"), 1 + 2 * count);
    ledger_stop(&ledger);
    fixture_close(storage);
}

/* Deposits a cent in an account that may be new. */
static misas_error *deposit_anywhere(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                     void *argument)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_load_or_add(&account, context, "account", command->account);

    (void)argument;
    event.account = command->account;
    event.cents = 1;
    return error != NULL ? error : bank_ledger_v1_deposited_record(account, &event);
}

TEST(an_aggregate_is_loaded_or_else_added)
{
    enum { count = 20 };
    test_answers answers = ANSWERS_NONE(LEDGER_ERROR_TOO_LITTLE);
    misas_storage *storage = fixture_open();
    const ledger_options options = {.probe = deposit_anywhere};
    test_ledger ledger = ledger_start(storage, &options);

    for (int i = 0; i < count; i++) {
        send_probe(&ledger, &answers);
    }
    answers_await(&answers, count);
    assert_no_error(ledger_run_probe(&ledger, "a", "", NULL));
    assert_int_equal(answers.errors, 0);
    assert_int_equal(ledger_balance(&ledger, "a"), count + 1);
    ledger_stop(&ledger);
    fixture_close(storage);
}

/* Waits at the gate; then each finds what it has recorded itself, and nothing else. */
static misas_error *record_and_look(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                    void *argument)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;
    misas_aggregate *account = NULL;
    size_t before = 1;
    size_t after = 0;
    misas_error *error = misas_context_load(&account, context, "account", command->account);

    gate_pass(argument);
    event.account = command->account;
    event.cents = 1;
    if (error != NULL || misas_aggregate_uncommitted(account, &before) != NULL || before != 0) {
        return error != NULL ? error : misas_error_out_of_memory();
    }
    error = bank_ledger_v1_deposited_record(account, &event);
    misas_aggregate_uncommitted(account, &after);
    return error == NULL && after != 1 ? misas_error_out_of_memory() : error;
}

TEST(a_handler_finds_uncommitted_what_it_has_recorded_itself)
{
    enum { count = 20 };
    test_gate gate = GATE_CLOSED;
    test_answers answers = ANSWERS_NONE(LEDGER_ERROR_TOO_LITTLE);
    misas_storage *storage = fixture_open();
    const ledger_options options = {
        .probe = record_and_look, .argument = &gate, .processor.max_attempts = 1};
    test_ledger ledger = ledger_start(storage, &options);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    send_probe(&ledger, &answers);
    gate_await(&gate);
    for (int i = 1; i < count; i++) {
        send_probe(&ledger, &answers);
    }
    gate_open(&gate);
    answers_await(&answers, count);
    assert_int_equal(answers.errors, 0);
    assert_int_equal(ledger_balance(&ledger, "a"), count);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(one_message_many_times_in_a_batch_takes_effect_once)
{
    enum { count = 100 };
    test_gate gate = GATE_CLOSED;
    test_answers answers = ANSWERS_NONE(NULL);
    misas_storage *storage = fixture_open();
    const ledger_options options = {.probe = ledger_wait_at_gate, .argument = &gate};
    test_ledger ledger = ledger_start(storage, &options);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    send_probe(&ledger, &answers);
    gate_await(&gate);
    for (int i = 0; i < count; i++) {
        assert_no_error(send_deposit(&ledger, account_a, 7, "same", &answers));
    }
    gate_open(&gate);
    answers_await(&answers, 1 + count);
    assert_int_equal(answers.errors, 0);
    assert_int_equal(answers.other_replies, 0);
    assert_int_equal(ledger_balance(&ledger, "a"), 7);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(workers_share_the_commands_and_keep_the_order_of_each_key)
{
    enum { accounts = 20, each = 50 };
    test_answers answers = ANSWERS_NONE(LEDGER_ERROR_TOO_LITTLE);
    misas_storage *storage = fixture_open();
    test_ledger ledger =
        ledger_start(storage, &(ledger_options){.processor = {.workers = 4, .window = 10}});
    Bank__Ledger__V1__Withdraw withdraw = BANK__LEDGER__V1__WITHDRAW__INIT;
    char account[8];

    for (int i = 0; i < accounts; i++) {
        snprintf(account, sizeof account, "%d", i);
        assert_no_error(ledger_open(&ledger, account, NULL));
    }
    withdraw.account = account;
    withdraw.cents = 1;
    for (int i = 0; i < each * accounts; i++) { /* out of order, a withdrawal would be refused */
        snprintf(account, sizeof account, "%d", i % accounts);
        assert_no_error(send_deposit(&ledger, account, 1, NULL, &answers));
        assert_no_error(bank_ledger_v1_withdraw_send(
            ledger.bus, &withdraw,
            &(misas_send_options){.completion = answers_take, .argument = &answers}));
    }
    answers_await(&answers, 2 * each * accounts);
    assert_int_equal(answers.errors, 0);
    ledger_stop(&ledger);
    fixture_close(storage);
}

static void deposit_by_another(misas_storage *storage, misas_expected_version expected)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;

    event.account = account_a;
    event.cents = 1000;
    assert_no_error(bank_ledger_v1_deposited_append(NULL, misas_storage_event_store(storage),
                                                    "account-a", expected, &event, NULL));
}

TEST(a_command_that_another_writer_overtook_is_decided_upon_again)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    deposit_by_another(storage, 1);
    assert_no_error(ledger_deposit(&ledger, "a", 1, NULL));
    assert_int_equal(ledger_balance(&ledger, "a"), 1001);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(a_refusal_rests_on_what_is_there_not_on_what_was_at_hand)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_error_is(ledger_withdraw(&ledger, "a", 500, NULL), LEDGER_ERROR_TOO_LITTLE);
    deposit_by_another(storage, 1);
    assert_no_error(ledger_withdraw(&ledger, "a", 500, NULL));
    assert_int_equal(ledger_balance(&ledger, "a"), 500);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(an_aggregate_at_hand_that_was_deleted_is_not_there)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(misas_event_store_delete_stream(misas_storage_event_store(storage), "account-a",
                                                    MISAS_ANY_VERSION));
    assert_error_is(ledger_deposit(&ledger, "a", 1, NULL), MISAS_ERROR_AGGREGATE_NOT_FOUND);
    assert_error_is(ledger_withdraw(&ledger, "a", 1, NULL), MISAS_ERROR_AGGREGATE_NOT_FOUND);
    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 1, NULL));
    assert_int_equal(ledger_balance(&ledger, "a"), 1);
    ledger_stop(&ledger);
    fixture_close(storage);
}

/* Fails with these tags until it has been called so many times. */
typedef struct failing {
    const char *tags;
    int times;
    int calls;
    bool records; /* something, before it fails */
} failing;

static misas_error *record_deposit(misas_context *context, const char *account_id)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_load(&account, context, "account", account_id);

    event.account = (char *)(uintptr_t)account_id;
    event.cents = 5;
    return error != NULL ? error : bank_ledger_v1_deposited_record(account, &event);
}

static misas_error *fail_for_a_while(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                     void *argument)
{
    failing *self = argument;
    misas_error *error = self->records ? record_deposit(context, command->account) : NULL;

    self->calls++;
    if (error != NULL || self->calls > self->times) {
        return error;
    }
    return misas_error_new(&(misas_error_options){
        .type_name = "test.failed", .message = "it failed", .tags = self->tags});
}

TEST(a_retriable_error_is_tried_again)
{
    failing failure = {.tags = MISAS_TAG_RETRIABLE, .times = 2, .records = true};
    misas_storage *storage = fixture_open();
    const ledger_options options = {.probe = fail_for_a_while, .argument = &failure};
    test_ledger ledger = ledger_start(storage, &options);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_run_probe(&ledger, "a", "", NULL));
    assert_int_equal(failure.calls, 3);
    assert_int_equal(ledger_balance(&ledger, "a"), 5);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(a_retriable_error_is_the_answer_in_the_end_and_is_not_remembered)
{
    failing failure = {.tags = MISAS_TAG_RETRIABLE, .times = 3, .records = true};
    misas_storage *storage = fixture_open();
    const ledger_options options = {
        .probe = fail_for_a_while, .argument = &failure, .processor = {.max_attempts = 3}};
    test_ledger ledger = ledger_start(storage, &options);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_error_is(ledger_run_probe(&ledger, "a", "", "id"), "test.failed");
    assert_int_equal(ledger_balance(&ledger, "a"), 0);
    assert_no_error(ledger_run_probe(&ledger, "a", "", "id"));
    assert_int_equal(ledger_balance(&ledger, "a"), 5);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(others_of_the_batch_are_unharmed_by_one_that_fails)
{
    test_gate gate = GATE_CLOSED;
    test_answers answers = ANSWERS_NONE(LEDGER_ERROR_TOO_LITTLE);
    misas_storage *storage = fixture_open();
    const ledger_options options = {.probe = ledger_wait_at_gate, .argument = &gate};
    test_ledger ledger = ledger_start(storage, &options);
    Bank__Ledger__V1__Swap swap = BANK__LEDGER__V1__SWAP__INIT;

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_open(&ledger, "b", NULL));
    send_probe(&ledger, &answers);
    gate_await(&gate);
    swap.left = account_a;
    swap.right = account_b;
    swap.cents = 60;
    for (int i = 0; i < 10; i++) { /* refused after having recorded on b */
        assert_no_error(send_deposit(&ledger, account_b, 1, NULL, &answers));
        assert_no_error(bank_ledger_v1_swap_send(
            ledger.bus, &swap,
            &(misas_send_options){.completion = answers_take, .argument = &answers}));
        assert_no_error(send_deposit(&ledger, account_b, 1, NULL, &answers));
    }
    gate_open(&gate);
    answers_await(&answers, 31);
    assert_int_equal(answers.of_type, 10);
    assert_int_equal(answers.errors, 10);
    assert_int_equal(ledger_balance(&ledger, "b"), 20);
    assert_int_equal(ledger_count_events(storage, "account-b"), 21);
    ledger_stop(&ledger);
    fixture_close(storage);
}

static void keep_error(void *argument, misas_error *error)
{
    *(misas_error **)argument = error;
}

TEST(after_a_fatal_error_nothing_more_is_handled)
{
    failing failure = {.tags = MISAS_TAG_FATAL, .times = 100, .records = true};
    misas_storage *storage = fixture_open();
    misas_error *fatal = NULL;
    const ledger_options options = {
        .probe = fail_for_a_while,
        .argument = &failure,
        .processor = {.on_fatal = keep_error, .on_fatal_argument = &fatal}};
    test_ledger ledger = ledger_start(storage, &options);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_error_is(ledger_run_probe(&ledger, "a", "", NULL), "test.failed");
    assert_error_is(ledger_deposit(&ledger, "a", 1, NULL), MISAS_ERROR_BUS_STOPPED);
    assert_int_equal(failure.calls, 1);
    ledger_stop(&ledger);
    assert_error_is(fatal, "test.failed");
    assert_int_equal(ledger_count_events(storage, "account-a"), 1);
    fixture_close(storage);
}

static misas_error *spoil(misas_context *context, const Bank__Ledger__V1__Probe *command,
                          void *argument)
{
    Bank__Ledger__V1__Spoilt event = BANK__LEDGER__V1__SPOILT__INIT;
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_load(&account, context, "account", command->account);

    (void)argument;
    event.account = command->account;
    if (error != NULL) {
        return error;
    }
    error = bank_ledger_v1_spoilt_record(account, &event);
    if (strcmp(command->text, "ignore") == 0) {
        misas_error_free(error);
        return NULL;
    }
    return error;
}

TEST(an_evolve_function_that_fails_spoils_nothing)
{
    misas_storage *storage = fixture_open();
    const ledger_options options = {.probe = spoil};
    test_ledger ledger = ledger_start(storage, &options);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 10, NULL));
    assert_error_is(ledger_run_probe(&ledger, "a", "", NULL), "bank.spoilt");
    assert_int_equal(ledger_balance(&ledger, "a"), 10);
    assert_error_is(ledger_run_probe(&ledger, "a", "ignore", NULL), MISAS_ERROR_AGGREGATE_INVALID);
    assert_no_error(ledger_withdraw(&ledger, "a", 10, NULL));
    assert_int_equal(ledger_balance(&ledger, "a"), 0);
    assert_int_equal(ledger_count_events(storage, "account-a"), 3);
    ledger_stop(&ledger);
    fixture_close(storage);
}

static misas_error *record_too_much(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                    void *argument)
{
    static char long_name[MISAS_DEFAULT_MAX_EVENT_BYTES + 1];
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_load(&account, context, "account", command->account);

    (void)argument;
    memset(long_name, 'x', sizeof long_name - 1);
    event.account = long_name;
    return error != NULL ? error : bank_ledger_v1_deposited_record(account, &event);
}

TEST(an_event_that_can_not_be_stored_is_refused_with_its_command)
{
    misas_storage *storage = fixture_open();
    const ledger_options options = {.probe = record_too_much};
    test_ledger ledger = ledger_start(storage, &options);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_error_is(ledger_run_probe(&ledger, "a", "", NULL), MISAS_ERROR_EVENT_TOO_LARGE);
    assert_no_error(ledger_deposit(&ledger, "a", 10, NULL));
    assert_int_equal(ledger_count_events(storage, "account-a"), 2);
    ledger_stop(&ledger);
    fixture_close(storage);
}
