/* Scenarios tell how things are, and where they are not as expected. */
#include "misas/testing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/ledger.h"
#include "test/v1/everything.misas.h"
#include "testing/example.h"

enum { hour_ms = 3600 * 1000 };

/* What the ledger's Probe does in these tests: it predicts interest, cancels it, or fails. */
static misas_error *probe(misas_context *context, const Bank__Ledger__V1__Probe *command,
                          void *argument)
{
    Bank__Ledger__V1__InterestDue interest = BANK__LEDGER__V1__INTEREST_DUE__INIT;

    (void)argument;
    if (strcmp(command->text, "cancel") == 0) {
        return bank_ledger_v1_interest_due_cancel(context, command->account);
    }
    if (strcmp(command->text, "stop") == 0) {
        return misas_error_new(&(misas_error_options){
            .type_name = "bank.on_fire", .message = "the bank burns", .tags = MISAS_TAG_FATAL});
    }
    interest.account = command->account;
    interest.cents = strtoll(command->text, NULL, 10);
    return bank_ledger_v1_interest_due_predict(
        context, &interest,
        &(misas_prediction_options){.due_at_us =
                                        misas_context_now_us(context) + INT64_C(1000) * hour_ms});
}

/* Interest is paid, and due again an hour later, with a cent less, until there is none. */
static misas_error *pay_interest(misas_context *context, const Bank__Ledger__V1__InterestDue *due)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;
    Bank__Ledger__V1__InterestDue next = BANK__LEDGER__V1__INTEREST_DUE__INIT;
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_load(&account, context, "account", due->account);

    event.account = due->account;
    event.cents = due->cents;
    if (error == NULL) {
        error = bank_ledger_v1_deposited_record(account, &event);
    }
    next.account = due->account;
    next.cents = due->cents - 1;
    if (error != NULL || next.cents == 0) {
        return error;
    }
    return bank_ledger_v1_interest_due_predict(
        context, &next,
        &(misas_prediction_options){.due_at_us =
                                        misas_context_now_us(context) + INT64_C(1000) * hour_ms});
}

/* Notes when a deposit was seen, and of how much; one of 13 cents can't be noted. */
static misas_error *note(misas_context *context, const Bank__Ledger__V1__Deposited *event)
{
    char content[100];
    char now[MISAS_TIME_TEXT_SIZE];
    misas_documents *documents = NULL;
    misas_error *error = misas_context_documents(&documents, context);

    if (error == NULL) {
        error = misas_documents_ensure_collection(documents, "notes");
    }
    if (error == NULL && event->cents == 13) {
        error = misas_error_new(&(misas_error_options){
            .type_name = "notes.bad_luck", .message = "13 is not noted", .tags = "bad_luck"});
    }
    snprintf(content, sizeof content, "{\"cents\": %" PRId64 ", \"at\": \"%s\"}", event->cents,
             misas_time_write(now, misas_context_now_us(context)));
    return error != NULL
               ? error
               : misas_documents_upsert(documents, "notes",
                                        &(misas_document){.id = event->account, .content = content},
                                        1);
}

static const ledger_options options = {.probe = probe};

static misas_subsystem *add_ledger(misas_system *system)
{
    misas_subsystem *ledger = misas_system_add_subsystem(system, "ledger");

    ledger_register(ledger, &options);
    bank_ledger_v1_interest_due_handle(ledger, pay_interest);
    return ledger;
}

static void with_ledger(misas_system *system)
{
    add_ledger(system);
}

static void add_notes(misas_system *system, misas_failure_strategy on_failure,
                      misas_checkpoint_strategy checkpoint)
{
    misas_event_processor *notes = misas_subsystem_add_event_processor(
        add_ledger(system), &(misas_event_processor_options){.name = "notes",
                                                             .on_failure = on_failure,
                                                             .checkpoint = checkpoint});

    bank_ledger_v1_deposited_on(notes, note);
}

static void with_notes(misas_system *system)
{
    add_notes(system, MISAS_FAILURE_DELAYS, MISAS_CHECKPOINT_WITH_EFFECTS);
}

static void with_notes_that_set_aside(misas_system *system)
{
    add_notes(system, MISAS_FAILURE_SETS_ASIDE, MISAS_CHECKPOINT_AFTER_EFFECTS);
}

static void with_notes_after_the_checkpoint(misas_system *system)
{
    add_notes(system, MISAS_FAILURE_DELAYS, MISAS_CHECKPOINT_BEFORE_EFFECTS);
}

static misas_scenario *begin(misas_scenario_register function)
{
    misas_scenario *scenario = misas_scenario_begin(function);

    misas_scenario_given_events(
        scenario, "account-7",
        MISAS_EXAMPLES(BANK_LEDGER_V1_OPENED(.account = "7"),
                       BANK_LEDGER_V1_DEPOSITED(.account = "7", .cents = 100)));
    return scenario;
}

#define assert_passes(scenario) assert_no_error(misas_scenario_end(scenario))

/* Ends it, which must have failed and say so; the text is of the failure and its causes. */
static void assert_fails(misas_scenario *scenario, const char *text)
{
    char found[4000];
    misas_error *error = misas_scenario_end(scenario);

    assert_true(misas_error_is(error, MISAS_ERROR_SCENARIO_FAILED));
    misas_error_write(found, sizeof found, error);
    assert_string_equal(found, text);
    misas_error_free(error);
}

TEST(messages_within_an_example_are_plain_literals)
{
    typedef Test__V1__Everything__Line line;
    const misas_example example =
        TEST_V1_EVERYTHING(.a_line = &(line){.amount = 2}, .n_lines = 2,
                           .lines = (line *[]){&(line){.article = "a"},
                                               &(line){.n_parts = 1,
                                                       .parts = (line *[]){&(line){.amount = 3}}}},
                           .choice_case = TEST__V1__EVERYTHING__CHOICE_CHOICE_LINE,
                           .choice_line = &(line){.article = "b"},
                           .a_timestamp = &(Google__Protobuf__Timestamp){.seconds = 1});
    ProtobufCMessage *message = NULL;
    char *json = NULL;

    assert_no_error(misas__example_message(&message, &example));
    assert_no_error(misas_json_encode(&json, NULL, example.type, message, NULL));
    assert_string_equal(json, "{\"aLine\":{\"amount\":\"2\"},\"lines\":[{\"article\":\"a\"},"
                              "{\"parts\":[{\"amount\":\"3\"}]}],"
                              "\"choiceLine\":{\"article\":\"b\"},"
                              "\"aTimestamp\":\"1970-01-01T00:00:01Z\"}");
    free(json);
    misas_message_free(message);
}

TEST(what_a_command_records_is_compared_with_examples)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_WITHDRAW(.account = "7", .cents = 30));
    misas_scenario_then_has_exactly(
        scenario, "account-7",
        MISAS_EXAMPLES(BANK_LEDGER_V1_WITHDRAWN(.account = "7", .cents = 30)));
    misas_scenario_then_reply_is(scenario, BANK_LEDGER_V1_BALANCE(.cents = 70));
    misas_scenario_then_has_none(scenario, "account-8");
    assert_passes(scenario);
}

TEST(differences_are_told_value_by_value)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_WITHDRAW(.account = "7", .cents = 30));
    misas_scenario_then_has_exactly(scenario, "account-7",
                                    MISAS_EXAMPLES(BANK_LEDGER_V1_WITHDRAWN(.cents = 31)));
    assert_fails(scenario, "step 3, then account-7 has exactly these: event 1: "
                           "account: expected \"\", found \"7\"; "
                           "cents: expected \"31\", found \"30\"");
}

TEST(missing_and_further_events_are_told)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_OPEN(.account = "8"));
    misas_scenario_then_has_exactly(
        scenario, "account-8",
        MISAS_EXAMPLES(BANK_LEDGER_V1_DEPOSITED(.account = "8"),
                       BANK_LEDGER_V1_WITHDRAWN(.account = "8", .cents = 5)));
    assert_fails(scenario,
                 "step 3, then account-8 has exactly these: "
                 "event 1: expected bank.ledger.v1.Deposited, found bank.ledger.v1.Opened; "
                 "event 2: expected bank.ledger.v1.Withdrawn {\"account\":\"8\",\"cents\":\"5\"}, "
                 "found none");
    scenario = begin(with_ledger);
    misas_scenario_when_command(scenario, BANK_LEDGER_V1_OPEN(.account = "8"));
    misas_scenario_then_has_none(scenario, MISAS_ALL_STREAMS);
    assert_fails(scenario, "step 3, then $all has none: event 1: "
                           "expected none, found bank.ledger.v1.Opened in account-8");
}

TEST(events_may_be_among_others_and_in_any_order)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_OPEN(.account = "8"));
    misas_scenario_when_command(scenario, BANK_LEDGER_V1_DEPOSIT(.account = "8", .cents = 5));
    misas_scenario_when_command(scenario, BANK_LEDGER_V1_DEPOSIT(.account = "8", .cents = 6));
    misas_scenario_then_contains(
        scenario, MISAS_ALL_STREAMS,
        MISAS_EXAMPLES(BANK_LEDGER_V1_DEPOSITED(.account = "8", .cents = 6),
                       BANK_LEDGER_V1_DEPOSITED(.account = "8", .cents = 5)));
    misas_scenario_then_contains(
        scenario, "account-8",
        MISAS_EXAMPLES(BANK_LEDGER_V1_DEPOSITED(.account = "8", .cents = 6),
                       BANK_LEDGER_V1_DEPOSITED(.account = "8", .cents = 6)));
    assert_fails(scenario,
                 "step 6, then account-8 contains these: expected bank.ledger.v1.Deposited "
                 "{\"account\":\"8\",\"cents\":\"6\"}, found none; the most like it is event 2: "
                 "cents: expected \"6\", found \"5\"");
}

TEST(only_what_came_of_the_last_steps_that_did_something_counts)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_DEPOSIT(.account = "7", .cents = 5));
    misas_scenario_then_contains(
        scenario, "account-7",
        MISAS_EXAMPLES(BANK_LEDGER_V1_DEPOSITED(.account = "7", .cents = 5)));
    misas_scenario_when_command(scenario, BANK_LEDGER_V1_DEPOSIT(.account = "7", .cents = 6));
    misas_scenario_then_has_exactly(
        scenario, "account-7",
        MISAS_EXAMPLES(BANK_LEDGER_V1_DEPOSITED(.account = "7", .cents = 6)));
    assert_passes(scenario);
}

TEST(a_refusal_is_an_error_of_a_type_with_tags)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_WITHDRAW(.account = "7", .cents = 101));
    misas_scenario_then_error_is(scenario, LEDGER_ERROR_TOO_LITTLE);
    misas_scenario_then_error_has_tag(scenario, "conflict_of_interest");
    misas_scenario_then_has_none(scenario, MISAS_ALL_STREAMS);
    misas_scenario_when_query(scenario, BANK_LEDGER_V1_BALANCE_OF(.account = "9"));
    misas_scenario_then_error_has_tag(scenario, MISAS_TAG_NOT_FOUND);
    misas_scenario_then_error_is(scenario, LEDGER_ERROR_TOO_LITTLE);
    assert_fails(scenario, "step 8, then the error is bank.too_little: expected an error of type "
                           "bank.too_little, found misas.aggregate.not_found (tags: not_found): "
                           "there is no account 9");
}

TEST(a_refusal_that_no_step_is_about_fails_the_scenario)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_WITHDRAW(.account = "7", .cents = 101));
    assert_fails(scenario, "step 2, when the command bank.ledger.v1.Withdraw: there was an error: "
                           "account 7 holds 100 cents only: no account is overdrawn");
    scenario = begin(with_ledger);
    misas_scenario_when_command(scenario, BANK_LEDGER_V1_WITHDRAW(.account = "7", .cents = 101));
    misas_scenario_when_command(scenario, BANK_LEDGER_V1_WITHDRAW(.account = "7", .cents = 1));
    assert_fails(scenario, "step 2, when the command bank.ledger.v1.Withdraw: there was an error: "
                           "account 7 holds 100 cents only: no account is overdrawn");
}

TEST(an_expected_error_has_to_be_there)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_WITHDRAW(.account = "7", .cents = 1));
    misas_scenario_then_error_has_tag(scenario, "conflict");
    assert_fails(scenario, "step 3, then the error has the tag conflict: "
                           "expected an error tagged conflict, found none");
}

TEST(a_query_is_answered)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_query(scenario, BANK_LEDGER_V1_BALANCE_OF(.account = "7"));
    misas_scenario_then_reply_is(scenario, BANK_LEDGER_V1_BALANCE(.cents = 100));
    misas_scenario_then_reply_is(scenario, BANK_LEDGER_V1_BALANCE(.cents = 101));
    assert_fails(scenario, "step 4, then the reply is bank.ledger.v1.Balance: "
                           "cents: expected \"101\", found \"100\"");
}

TEST(an_answer_without_content_is_told_from_none)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_then_reply_is(scenario, BANK_LEDGER_V1_BALANCE());
    assert_fails(scenario, "step 2, then the reply is bank.ledger.v1.Balance: "
                           "expected bank.ledger.v1.Balance, found no answer");
    scenario = begin(with_ledger);
    misas_scenario_when_command(scenario, BANK_LEDGER_V1_DEPOSIT(.account = "7", .cents = 1));
    misas_scenario_then_reply_is(scenario, BANK_LEDGER_V1_BALANCE());
    assert_fails(scenario, "step 3, then the reply is bank.ledger.v1.Balance: "
                           "expected bank.ledger.v1.Balance, found an answer without content");
}

TEST(commands_that_handlers_send_are_handled_before_a_step_ends)
{
    misas_scenario *scenario = begin(with_notes);

    misas_scenario_given_events(scenario, "account-8",
                                MISAS_EXAMPLES(BANK_LEDGER_V1_OPENED(.account = "8")));
    misas_scenario_when_command(scenario,
                                BANK_LEDGER_V1_TRANSFER(.from = "7", .to = "8", .cents = 40));
    misas_scenario_then_has_exactly(
        scenario, MISAS_ALL_STREAMS,
        MISAS_EXAMPLES(BANK_LEDGER_V1_WITHDRAWN(.account = "7", .cents = 40),
                       BANK_LEDGER_V1_DEPOSITED(.account = "8", .cents = 40)));
    misas_scenario_then_document_is(scenario, "notes", "8",
                                    "{\"cents\": 40, \"at\": \"2000-01-01T00:00:00Z\"}");
    assert_passes(scenario);
}

TEST(documents_are_compared_value_by_value)
{
    misas_scenario *scenario = misas_scenario_begin(with_ledger);

    misas_scenario_given_document(
        scenario, "shops", "1", "{\"lines\": [{\"cents\": 1}, {\"cents\": 2.50}], \"open\": true}");
    misas_scenario_then_no_document(scenario, "shops", "2");
    misas_scenario_then_no_document(scenario, "banks", "1");
    misas_scenario_then_document_is(scenario, "shops", "1",
                                    "{\"open\":true,\"lines\":[{\"cents\":1.0},{\"cents\":2.5}]}");
    misas_scenario_then_document_is(scenario, "shops", "1",
                                    "{\"lines\": [{\"cents\": 3}, {\"name\": null}, 4]}");
    assert_fails(scenario, "step 5, then the document 1 of shops is: "
                           "lines[0].cents: expected 3, found 1; "
                           "lines[1].name: expected null, found none; "
                           "lines[1].cents: expected none, found 2.5; "
                           "lines[2]: expected 4, found none; open: expected none, found true");
}

TEST(a_document_that_should_not_be_there_is_told)
{
    misas_scenario *scenario = misas_scenario_begin(with_ledger);

    misas_scenario_given_document(scenario, "shops", "1", "{\"a\": 1}");
    misas_scenario_then_no_document(scenario, "shops", "1");
    assert_fails(scenario,
                 "step 2, then there is no document 1 of shops: expected none, found {\"a\":1}");
}

TEST(a_document_that_is_not_there_is_told)
{
    misas_scenario *scenario = misas_scenario_begin(with_ledger);

    misas_scenario_then_document_is(scenario, "shops", "1", "{}");
    assert_fails(scenario, "step 1, then the document 1 of shops is: there is no collection shops");
}

TEST(events_of_others_are_handled)
{
    misas_scenario *scenario = begin(with_notes);

    misas_scenario_given_time(scenario, "2013-06-01T12:00:00+02:00");
    misas_scenario_when_event(scenario, "account-7",
                              BANK_LEDGER_V1_DEPOSITED(.account = "7", .cents = 3));
    misas_scenario_then_document_is(scenario, "notes", "7",
                                    "{\"cents\": 3, \"at\": \"2013-06-01T10:00:00Z\"}");
    misas_scenario_then_has_exactly(
        scenario, "account-7",
        MISAS_EXAMPLES(BANK_LEDGER_V1_DEPOSITED(.account = "7", .cents = 3)));
    assert_passes(scenario);
}

TEST(what_comes_after_the_checkpoint_is_waited_for_too)
{
    for (int i = 0; i < 50; i++) {
        misas_scenario *scenario = begin(with_notes_after_the_checkpoint);

        misas_scenario_when_event(scenario, "account-7",
                                  BANK_LEDGER_V1_DEPOSITED(.account = "7", .cents = i + 100));
        char content[100];

        snprintf(content, sizeof content, "{\"cents\": %d, \"at\": \"2000-01-01T00:00:00Z\"}",
                 i + 100);
        misas_scenario_then_document_is(scenario, "notes", "7", content);
        assert_passes(scenario);
    }
}

TEST(the_error_of_an_event_handler_is_an_outcome)
{
    misas_scenario *scenario = begin(with_notes);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_DEPOSIT(.account = "7", .cents = 13));
    misas_scenario_then_error_is(scenario, "notes.bad_luck");
    misas_scenario_then_document_is(scenario, "notes", "7",
                                    "{\"cents\": 100, \"at\": \"2000-01-01T00:00:00Z\"}");
    assert_passes(scenario);
    scenario = begin(with_notes_that_set_aside);
    misas_scenario_when_command(scenario, BANK_LEDGER_V1_DEPOSIT(.account = "7", .cents = 13));
    misas_scenario_then_error_has_tag(scenario, "bad_luck");
    misas_scenario_when_command(scenario, BANK_LEDGER_V1_DEPOSIT(.account = "7", .cents = 14));
    misas_scenario_then_document_is(scenario, "notes", "7",
                                    "{\"cents\": 14, \"at\": \"2000-01-01T00:00:00Z\"}");
    assert_passes(scenario);
}

TEST(an_event_that_can_not_be_handled_is_no_way_to_begin)
{
    misas_scenario *scenario = begin(with_notes);

    misas_scenario_given_events(
        scenario, "account-7",
        MISAS_EXAMPLES(BANK_LEDGER_V1_DEPOSITED(.account = "7", .cents = 13)));
    misas_scenario_when_command(scenario, BANK_LEDGER_V1_DEPOSIT(.account = "7", .cents = 14));
    assert_fails(scenario, "step 2, given events of account-7: there was an error: "
                           "the processor ledger.notes: 13 is not noted");
}

TEST(a_fatal_error_is_an_outcome)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_PROBE(.account = "7", .text = "stop"));
    misas_scenario_then_error_has_tag(scenario, MISAS_TAG_FATAL);
    assert_passes(scenario);
}

TEST(predictions_are_added_and_occur_at_their_time)
{
    misas_scenario *scenario = begin(with_notes);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_PROBE(.account = "7", .text = "3"));
    misas_scenario_then_prediction_added(
        scenario, BANK_LEDGER_V1_INTEREST_DUE(.account = "7", .cents = 3), "2000-01-01T01:00:00Z");
    misas_scenario_when_time_passes(scenario, hour_ms - 1);
    misas_scenario_then_has_none(scenario, MISAS_ALL_STREAMS);
    misas_scenario_when_time_passes(scenario, 1);
    misas_scenario_then_has_exactly(
        scenario, "account-7",
        MISAS_EXAMPLES(BANK_LEDGER_V1_DEPOSITED(.account = "7", .cents = 3)));
    misas_scenario_then_prediction_added(
        scenario, BANK_LEDGER_V1_INTEREST_DUE(.account = "7", .cents = 2), "2000-01-01T02:00:00Z");
    misas_scenario_when_time_passes(scenario, 10 * hour_ms);
    misas_scenario_then_has_exactly(
        scenario, "account-7",
        MISAS_EXAMPLES(BANK_LEDGER_V1_DEPOSITED(.account = "7", .cents = 2),
                       BANK_LEDGER_V1_DEPOSITED(.account = "7", .cents = 1)));
    misas_scenario_then_document_is(scenario, "notes", "7",
                                    "{\"cents\": 1, \"at\": \"2000-01-01T03:00:00Z\"}");
    assert_passes(scenario);
}

TEST(how_a_prediction_differs_is_told)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_PROBE(.account = "7", .text = "3"));
    misas_scenario_then_prediction_added(
        scenario, BANK_LEDGER_V1_INTEREST_DUE(.account = "7", .cents = 4), "2000-01-01T02:00:00Z");
    assert_fails(scenario,
                 "step 3, then the prediction bank.ledger.v1.InterestDue is added: expected "
                 "bank.ledger.v1.InterestDue {\"account\":\"7\",\"cents\":\"4\"}, found none; "
                 "there is one with cents: expected \"4\", found \"3\"; "
                 "due: expected 2000-01-01T02:00:00Z, found 2000-01-01T01:00:00Z");
}

TEST(predictions_are_cancelled)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_given_prediction(
        scenario, BANK_LEDGER_V1_INTEREST_DUE(.account = "7", .cents = 3), "2000-01-02T00:00:00Z");
    misas_scenario_when_command(scenario, BANK_LEDGER_V1_PROBE(.account = "7", .text = "cancel"));
    misas_scenario_then_prediction_cancelled(
        scenario, BANK_LEDGER_V1_INTEREST_DUE(.account = "7", .cents = 3));
    misas_scenario_when_time_passes(scenario, 48 * hour_ms);
    misas_scenario_then_has_none(scenario, MISAS_ALL_STREAMS);
    assert_passes(scenario);
}

TEST(a_prediction_that_occurred_was_not_cancelled)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_given_prediction(
        scenario, BANK_LEDGER_V1_INTEREST_DUE(.account = "7", .cents = 1), "2000-01-02T00:00:00Z");
    misas_scenario_when_time_passes(scenario, 48 * hour_ms);
    misas_scenario_then_contains(
        scenario, "account-7",
        MISAS_EXAMPLES(BANK_LEDGER_V1_DEPOSITED(.account = "7", .cents = 1)));
    misas_scenario_then_prediction_cancelled(
        scenario, BANK_LEDGER_V1_INTEREST_DUE(.account = "7", .cents = 1));
    assert_fails(scenario,
                 "step 5, then the prediction bank.ledger.v1.InterestDue is cancelled: expected "
                 "bank.ledger.v1.InterestDue {\"account\":\"7\",\"cents\":\"1\"}, found none");
}

TEST(a_prediction_occurs_at_once)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_prediction(scenario,
                                   BANK_LEDGER_V1_INTEREST_DUE(.account = "7", .cents = 1));
    misas_scenario_then_has_exactly(
        scenario, "account-7",
        MISAS_EXAMPLES(BANK_LEDGER_V1_DEPOSITED(.account = "7", .cents = 1)));
    misas_scenario_when_prediction(scenario,
                                   BANK_LEDGER_V1_INTEREST_DUE(.account = "9", .cents = 1));
    misas_scenario_then_error_is(scenario, MISAS_ERROR_AGGREGATE_NOT_FOUND);
    assert_passes(scenario);
}

TEST(time_given_has_predictions_occur_that_are_due)
{
    misas_scenario *scenario = begin(with_notes);

    misas_scenario_given_prediction(
        scenario, BANK_LEDGER_V1_INTEREST_DUE(.account = "7", .cents = 1), "2000-01-02T00:00:00Z");
    misas_scenario_given_time(scenario, "2000-02-01T00:00:00Z");
    misas_scenario_then_document_is(scenario, "notes", "7",
                                    "{\"cents\": 1, \"at\": \"2000-02-01T00:00:00Z\"}");
    assert_passes(scenario);
}

TEST(what_is_no_time_no_command_and_no_query_is_told)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_given_time(scenario, "noon");
    assert_error_says(misas_scenario_end(scenario), MISAS_ERROR_SCENARIO_FAILED,
                      "step 2, given the time noon");
    scenario = begin(with_ledger);
    misas_scenario_when_command(scenario, BANK_LEDGER_V1_OPENED(.account = "8"));
    assert_fails(scenario, "step 2, when the command bank.ledger.v1.Opened: "
                           "bank.ledger.v1.Opened is not a command");
    scenario = begin(with_ledger);
    misas_scenario_when_query(scenario, BANK_LEDGER_V1_OPEN(.account = "8"));
    assert_fails(scenario, "step 2, when the query bank.ledger.v1.Open: "
                           "bank.ledger.v1.Open is not a query");
    scenario = begin(with_ledger);
    misas_scenario_when_prediction(scenario, BANK_LEDGER_V1_OPEN(.account = "8"));
    assert_fails(scenario, "step 2, when the prediction bank.ledger.v1.Open: "
                           "bank.ledger.v1.Open is not a prediction");
}

TEST(a_command_without_a_handler_is_refused)
{
    misas_scenario *scenario = begin(with_ledger);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_FORGOTTEN(.account = "8"));
    misas_scenario_then_error_is(scenario, MISAS_ERROR_NO_HANDLER);
    assert_passes(scenario);
}

static void without_name(misas_system *system)
{
    ledger_register(misas_system_add_subsystem(system, "a ledger"), NULL);
}

static void without_anything(misas_system *system)
{
    (void)system;
}

TEST(a_mistake_in_registering_fails_the_scenario_and_later_steps_do_nothing)
{
    misas_scenario *scenario = begin(without_name);

    misas_scenario_when_command(scenario, BANK_LEDGER_V1_OPEN(.account = "8"));
    assert_null(misas_scenario_system(scenario));
    assert_fails(scenario, "step 0, the system starts: a ledger can't be part of the system: "
                           "expected 1 to 100 letters, digits, - and _");
    assert_fails(misas_scenario_begin(without_anything),
                 "step 0, the system starts: the scenario's system can't be part of the system: "
                 "it has no subsystem");
}

TEST(events_of_old_versions_are_read_as_they_would_be_today)
{
    misas_upcasters *upcasters = NULL;

    assert_no_error(misas_upcasters_new(&upcasters));
    misas_upcasters_add(upcasters, &(misas_upcaster){.type = "bank.ledger.v1.Unheard",
                                                     .to_type = "bank.ledger.v1.Opened"});
    misas_scenario *scenario = misas_scenario_begin_with(with_ledger, upcasters);

    misas_scenario_given_events(scenario, "account-8",
                                MISAS_EXAMPLES(BANK_LEDGER_V1_UNHEARD(.account = "8")));
    misas_scenario_when_query(scenario, BANK_LEDGER_V1_BALANCE_OF(.account = "8"));
    misas_scenario_then_reply_is(scenario, BANK_LEDGER_V1_BALANCE());
    assert_passes(scenario);
    misas_upcasters_free(upcasters);
}

TEST(a_test_may_look_at_more)
{
    misas_scenario *scenario = begin(with_ledger);
    misas_system *system = misas_scenario_system(scenario);

    assert_int_equal(ledger_count_events(misas_system_storage(system), "account-7"), 2);
    assert_passes(scenario);
}

TEST(without_memory_there_is_no_scenario_and_all_steps_do_nothing)
{
    misas_scenario_given_time(NULL, "2000-01-01T00:00:00Z");
    misas_scenario_given_events(NULL, "account-7",
                                MISAS_EXAMPLES(BANK_LEDGER_V1_OPENED(.account = "7")));
    misas_scenario_when_command(NULL, BANK_LEDGER_V1_OPEN(.account = "7"));
    misas_scenario_when_time_passes(NULL, 1);
    misas_scenario_then_has_none(NULL, MISAS_ALL_STREAMS);
    misas_scenario_then_error_is(NULL, "none");
    assert_null(misas_scenario_system(NULL));
    assert_error_is(misas_scenario_end(NULL), MISAS_ERROR_OUT_OF_MEMORY);
}
