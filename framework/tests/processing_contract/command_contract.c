/* What becomes of one command after another. */
#include <stdlib.h>
#include <string.h>

#include "processing_contract/fixture.h"
#include "storage/transaction.h"
#include "support/ledger.h"

TEST(a_command_records_events_on_its_aggregate)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 500, NULL));
    assert_no_error(ledger_withdraw(&ledger, "a", 200, NULL));
    assert_int_equal(ledger_balance(&ledger, "a"), 300);
    assert_int_equal(ledger_count_events(storage, "account-a"), 3);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(an_event_has_the_command_as_its_cause_and_belongs_to_its_conversation)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);
    Bank__Ledger__V1__Open command = BANK__LEDGER__V1__OPEN__INIT;
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    command.account = (char[]){"a"};
    assert_no_error(bank_ledger_v1_open_send_and_wait(
        NULL, ledger.bus, &command,
        &(misas_send_options){.id = "command-1",
                              .metadata = {.correlation_id = "conversation-1"}}));
    assert_no_error(misas_event_store_read_stream(&reader, misas_storage_event_store(storage),
                                                  "account-a", NULL));
    assert_no_error(misas_event_reader_next(&event, reader));
    assert_string_equal(event->metadata.causation_id, "command-1");
    assert_string_equal(event->metadata.correlation_id, "conversation-1");
    misas_event_reader_free(reader);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(a_command_without_a_conversation_begins_one)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    assert_no_error(ledger_open(&ledger, "a", "command-1"));
    assert_no_error(misas_event_store_read_stream(&reader, misas_storage_event_store(storage),
                                                  "account-a", NULL));
    assert_no_error(misas_event_reader_next(&event, reader));
    assert_string_equal(event->metadata.correlation_id, "command-1");
    misas_event_reader_free(reader);
    ledger_stop(&ledger);
    fixture_close(storage);
}

static misas_error *be_overtaken_once(misas_context *context,
                                      const Bank__Ledger__V1__Probe *command, void *argument)
{
    int *calls = argument;

    (void)context;
    (void)command;
    return ++*calls > 1
               ? NULL
               : misas_error_new(&(misas_error_options){.type_name = MISAS_ERROR_CONCURRENCY,
                                                        .message = "another was faster"});
}

TEST(a_command_whose_handler_was_overtaken_by_another_writer_is_handled_anew_when_it_comes_again)
{
    int calls = 0;
    misas_storage *storage = fixture_open();
    const ledger_options options = {.probe = be_overtaken_once, .argument = &calls};
    test_ledger ledger = ledger_start(storage, &options);

    assert_error_is(ledger_run_probe(&ledger, "a", "", "once-more"), MISAS_ERROR_CONCURRENCY);
    assert_no_error(ledger_run_probe(&ledger, "a", "", "once-more"));
    assert_int_equal(calls, 2);
    ledger_stop(&ledger);
    fixture_close(storage);
}

static void assert_is_refusal(misas_error *error)
{
    assert_non_null(error);
    assert_true(misas_error_has_tag(error, "conflict_of_interest"));
    assert_string_equal(misas_error_data(error, "balance"), "100");
    assert_string_equal(misas_error_message(error), "account a holds 100 cents only");
    assert_string_equal(misas_error_type(misas_error_cause(error)), "bank.rule");
    assert_error_is(error, LEDGER_ERROR_TOO_LITTLE);
}

TEST(a_refusal_reaches_the_sender_whole_and_leaves_nothing)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 100, NULL));
    assert_is_refusal(ledger_withdraw(&ledger, "a", 200, NULL));
    assert_int_equal(ledger_balance(&ledger, "a"), 100);
    assert_int_equal(ledger_count_events(storage, "account-a"), 2);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(the_same_command_is_answered_again_and_takes_effect_once)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    for (int i = 0; i < 3; i++) {
        assert_no_error(ledger_deposit(&ledger, "a", 100, "once"));
    }
    assert_int_equal(ledger_balance(&ledger, "a"), 100);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(a_refusal_is_remembered_like_any_answer)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 100, NULL));
    assert_is_refusal(ledger_withdraw(&ledger, "a", 200, "refused"));
    assert_no_error(ledger_deposit(&ledger, "a", 900, NULL));
    assert_is_refusal(ledger_withdraw(&ledger, "a", 200, "refused"));
    ledger_stop(&ledger);
    fixture_close(storage);
}

static misas_error *refuse_strangely(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                     void *argument)
{
    char long_text[20000];

    (void)context;
    (void)argument;
    memset(long_text, 'x', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = "bank.strange",
            .data = (misas_field[]){{"long", long_text}, {NULL, NULL}},
        },
        "no \xff for %s", command->account);
}

TEST(a_refusal_that_can_not_be_kept_as_it_is_is_told_at_once_as_it_is_kept)
{
    const ledger_options options = {.probe = refuse_strangely};
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, &options);
    misas_error *first = ledger_run_probe(&ledger, "a", "", "refused");
    misas_error *again = ledger_run_probe(&ledger, "a", "", "refused");

    assert_string_equal(misas_error_message(first), misas_error_message(again));
    assert_string_equal(misas_error_data(first, "long"), misas_error_data(again, "long"));
    misas_error_free(first);
    misas_error_free(again);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(answers_are_remembered_after_a_restart)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", "open"));
    assert_no_error(ledger_deposit(&ledger, "a", 100, "deposit"));
    assert_is_refusal(ledger_withdraw(&ledger, "a", 200, "withdraw"));
    ledger_stop(&ledger);

    ledger = ledger_start(storage, NULL);
    assert_no_error(ledger_open(&ledger, "a", "open"));
    assert_no_error(ledger_deposit(&ledger, "a", 100, "deposit"));
    assert_is_refusal(ledger_withdraw(&ledger, "a", 200, "withdraw"));
    assert_int_equal(ledger_balance(&ledger, "a"), 100);
    ledger_stop(&ledger);
    fixture_close(storage);
}

static int64_t withdraw_balance(test_ledger *from, const char *id)
{
    Bank__Ledger__V1__Withdraw command = BANK__LEDGER__V1__WITHDRAW__INIT;
    Bank__Ledger__V1__Balance *balance = NULL;
    misas_reply *reply = NULL;

    command.account = (char[]){"a"};
    command.cents = 100;
    assert_no_error(bank_ledger_v1_withdraw_send_and_wait(&reply, from->bus, &command,
                                                          &(misas_send_options){.id = id}));
    assert_no_error(bank_ledger_v1_balance_read_reply(&balance, reply));
    int64_t cents = balance->cents;

    misas_message_free(&balance->base);
    free(reply);
    return cents;
}

TEST(the_content_of_an_answer_is_remembered)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 1000, NULL));
    assert_int_equal(withdraw_balance(&ledger, "first"), 900);
    assert_int_equal(withdraw_balance(&ledger, "second"), 800);
    assert_int_equal(withdraw_balance(&ledger, "first"), 900);
    ledger_stop(&ledger);
    fixture_close(storage);
}

/* Answers with what is no reply at all, and asks for something with it. */
static misas_error *answer_rubbish(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                   void *argument)
{
    Bank__Ledger__V1__InterestDue rubbish = BANK__LEDGER__V1__INTEREST_DUE__INIT;

    (void)command;
    (void)argument;
    return misas_context_reply(context, &bank_ledger_v1_interest_due_type, &rubbish.base);
}

TEST(a_reply_of_a_wrong_type_reaches_its_sender_who_can_not_read_it_and_harms_nobody_else)
{
    const ledger_options options = {.probe = answer_rubbish};
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, &options);
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;
    Bank__Ledger__V1__Balance *balance = NULL;
    misas_reply *reply = NULL;

    command.account = (char[]){"a"};
    assert_no_error(bank_ledger_v1_probe_send_and_wait(&reply, ledger.bus, &command, NULL));
    assert_string_equal(reply->type, "bank.ledger.v1.InterestDue");
    misas_error *error = bank_ledger_v1_balance_read_reply(&balance, reply);

    assert_non_null(error);
    misas_error_free(error);
    free(reply);
    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_int_equal(ledger_balance(&ledger, "a"), 0);
    ledger_stop(&ledger);
    fixture_close(storage);
}

/* An error of the framework's own, which a handler has no business with. */
static misas_error *return_foreign_error(misas_context *context,
                                         const Bank__Ledger__V1__Probe *command, void *argument)
{
    (void)context;
    (void)argument;
    return misas_error_new(&(misas_error_options){
        .type_name = command->text, .message = "\xff\n%s%n", .tags = "\xff what"});
}

TEST(an_error_is_an_answer_whatever_its_handler_made_it_of)
{
    static const char *const types[] = {MISAS__ERROR_HANDLED_MEANWHILE,
                                        MISAS__ERROR_PREDICTION_GONE, MISAS_ERROR_CONCURRENCY,
                                        MISAS_ERROR_NO_HANDLER, "x"};
    const ledger_options options = {.probe = return_foreign_error};
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, &options);

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        assert_error_is(ledger_run_probe(&ledger, "a", types[i], types[i]), types[i]);
        assert_error_is(ledger_run_probe(&ledger, "a", types[i], types[i]), types[i]);
    }
    assert_no_error(ledger_open(&ledger, "a", NULL));
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(one_id_does_not_stand_for_two_contents)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 100, "id"));
    assert_error_says(ledger_deposit(&ledger, "a", 101, "id"), MISAS_ERROR_MESSAGE_ID_REUSED,
                      "the message id of /misas was handled before, with another content");
    assert_error_is(ledger_withdraw(&ledger, "a", 100, "id"), MISAS_ERROR_MESSAGE_ID_REUSED);
    assert_int_equal(ledger_balance(&ledger, "a"), 100);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(one_id_from_two_sources_is_two_messages)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);
    Bank__Ledger__V1__Deposit command = BANK__LEDGER__V1__DEPOSIT__INIT;

    assert_no_error(ledger_open(&ledger, "a", NULL));
    command.account = (char[]){"a"};
    command.cents = 1;
    for (int i = 0; i < 4; i++) {
        assert_no_error(bank_ledger_v1_deposit_send_and_wait(
            NULL, ledger.bus, &command,
            &(misas_send_options){.id = "id", .source = i % 2 == 0 ? "/one" : "/other"}));
    }
    assert_int_equal(ledger_balance(&ledger, "a"), 2);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(what_is_not_there_is_not_found_and_what_is_there_is_not_added)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_error_says(ledger_deposit(&ledger, "a", 100, NULL), MISAS_ERROR_AGGREGATE_NOT_FOUND,
                      "there is no account a");
    assert_error_is(ledger_withdraw(&ledger, "a", 100, NULL), MISAS_ERROR_AGGREGATE_NOT_FOUND);
    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_error_says(ledger_open(&ledger, "a", NULL), MISAS_ERROR_AGGREGATE_EXISTS,
                      "there is account a already");
    assert_int_equal(ledger_count_events(storage, "account-a"), 1);
    ledger_stop(&ledger);

    ledger = ledger_start(storage, NULL); /* that has no account at hand */
    assert_error_is(ledger_open(&ledger, "a", NULL), MISAS_ERROR_AGGREGATE_EXISTS);
    assert_int_equal(ledger_count_events(storage, "account-a"), 1);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(a_command_that_nobody_handles_is_refused_by_name)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);
    Bank__Ledger__V1__Forgotten command = BANK__LEDGER__V1__FORGOTTEN__INIT;

    command.account = (char[]){"a"};
    assert_error_says(bank_ledger_v1_forgotten_send_and_wait(NULL, ledger.bus, &command, NULL),
                      MISAS_ERROR_NO_HANDLER, "bank.ledger.v1.Forgotten");
    assert_error_is(bank_ledger_v1_forgotten_send(ledger.bus, &command, NULL),
                    MISAS_ERROR_NO_HANDLER);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(a_command_without_its_key_is_refused)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_error_says(ledger_open(&ledger, "", NULL), MISAS_ERROR_UNENCODABLE, "account");
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(an_id_of_an_aggregate_that_can_not_be_is_refused)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);
    char long_id[600];

    memset(long_id, 'x', sizeof long_id);
    long_id[sizeof long_id - 1] = '\0';
    assert_error_is(ledger_open(&ledger, "'; drop table events", NULL),
                    MISAS_ERROR_AGGREGATE_INVALID);
    assert_error_is(ledger_open(&ledger, "a\nb", NULL), MISAS_ERROR_ENVELOPE_INVALID);
    assert_error_is(ledger_open(&ledger, long_id, NULL), MISAS_ERROR_ENVELOPE_INVALID);
    long_id[400] = '\0';
    assert_error_is(ledger_open(&ledger, long_id, NULL), MISAS_ERROR_AGGREGATE_INVALID);
    assert_no_error(ledger_open(&ledger, "; drop table events", NULL));
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(a_stream_of_another_type_is_no_aggregate)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);
    Bank__Ledger__V1__Unheard event = BANK__LEDGER__V1__UNHEARD__INIT;

    event.account = (char[]){"a"};
    assert_no_error(bank_ledger_v1_unheard_append(NULL, misas_storage_event_store(storage),
                                                  "account-a", MISAS_NO_STREAM, &event, NULL));
    assert_error_says(ledger_deposit(&ledger, "a", 100, NULL),
                      MISAS_ERROR_AGGREGATE_UNEXPECTED_EVENT,
                      "the aggregate type account does not know bank.ledger.v1.Unheard, event 1 of "
                      "stream account-a");
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(events_of_two_aggregates_are_recorded_together_in_the_order_of_recording)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);
    Bank__Ledger__V1__Swap command = BANK__LEDGER__V1__SWAP__INIT;
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_open(&ledger, "b", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 100, NULL));
    command.left = (char[]){"a"};
    command.right = (char[]){"b"};
    command.cents = 60;
    assert_no_error(bank_ledger_v1_swap_send_and_wait(NULL, ledger.bus, &command, NULL));
    assert_int_equal(ledger_balance(&ledger, "a"), 40);
    assert_int_equal(ledger_balance(&ledger, "b"), 60);
    assert_error_is(bank_ledger_v1_swap_send_and_wait(NULL, ledger.bus, &command, NULL),
                    LEDGER_ERROR_TOO_LITTLE); /* after something was recorded on b */
    assert_int_equal(ledger_balance(&ledger, "b"), 60);

    assert_no_error(misas_event_store_read_all(&reader, misas_storage_event_store(storage),
                                               &(misas_read_options){.direction = MISAS_BACKWARD}));
    assert_no_error(misas_event_reader_next(&event, reader));
    assert_string_equal(event->stream, "account-a");
    assert_no_error(misas_event_reader_next(&event, reader));
    assert_string_equal(event->stream, "account-b");
    misas_event_reader_free(reader);
    ledger_stop(&ledger);
    fixture_close(storage);
}

TEST(an_account_at_hand_is_whole_again_after_a_refusal_that_had_recorded_something)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);
    Bank__Ledger__V1__Swap command = BANK__LEDGER__V1__SWAP__INIT;

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_open(&ledger, "b", NULL));
    command.left = (char[]){"a"};
    command.right = (char[]){"b"};
    command.cents = 60;
    assert_error_is(bank_ledger_v1_swap_send_and_wait(NULL, ledger.bus, &command, NULL),
                    LEDGER_ERROR_TOO_LITTLE);
    assert_error_is(ledger_withdraw(&ledger, "b", 60, NULL), LEDGER_ERROR_TOO_LITTLE);
    assert_no_error(ledger_deposit(&ledger, "b", 10, NULL));
    assert_int_equal(ledger_balance(&ledger, "b"), 10);
    ledger_stop(&ledger);
    fixture_close(storage);
}
