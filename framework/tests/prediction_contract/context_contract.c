/* What handlers predict and cancel. */
#include <stdio.h>
#include <string.h>

#include "misas/clock.h"
#include "prediction_contract/due.h"
#include "support/answers.h"
#include "support/gate.h"
#include "support/ledger.h"

/* A ledger on a storage of its own, whose Probe does what the test wants. */
typedef struct probed_ledger {
    test_due due;
    ledger_options options;
    test_ledger ledger;
} probed_ledger;

static void start(probed_ledger *out, ledger_probe probe, void *argument)
{
    *out = (probed_ledger){.due = due_open(), .options = {.probe = probe, .argument = argument}};
    out->ledger = ledger_start(out->due.storage, &out->options);
}

static void stop(probed_ledger *started)
{
    ledger_stop(&started->ledger);
    due_close(&started->due);
}

static misas_error *run_probe(probed_ledger *on, const char *text, const char *id)
{
    return ledger_run_probe(&on->ledger, "a", text, id);
}

static misas_error *predict_interest(misas_context *context, char *account,
                                     const misas_prediction_options *options)
{
    Bank__Ledger__V1__InterestDue prediction = BANK__LEDGER__V1__INTEREST_DUE__INIT;

    prediction.account = account;
    prediction.cents = 12;
    return bank_ledger_v1_interest_due_predict(context, &prediction, options);
}

/* Predicts what its argument says; refuses after that if the text says so. */
static misas_error *predict(misas_context *context, const Bank__Ledger__V1__Probe *command,
                            void *argument)
{
    misas_error *error = predict_interest(context, command->account, argument);

    return error != NULL || strcmp(command->text, "refuse") != 0
               ? error
               : misas_error_new(
                     &(misas_error_options){.type_name = "test.refused", .message = "no"});
}

TEST(a_handler_predicts_what_is_due_at_its_time)
{
    misas_prediction_options options = {.due_at_us = 500, .id = "interest"};
    probed_ledger on;
    ProtobufCMessage *message = NULL;

    start(&on, predict, &options);
    assert_no_error(run_probe(&on, "", "command-1"));
    assert_claims(&on.due, 499, "");
    assert_claims(&on.due, 500, "interest");
    const misas_new_prediction *content = &on.due.claimed[0].content;

    assert_string_equal(content->type, "bank.ledger.v1.InterestDue");
    assert_int_equal(content->type_version, 1);
    assert_string_equal(content->key, "a");
    assert_int_equal(content->due_at_us, 500);
    assert_string_equal(content->metadata.causation_id, "command-1");
    assert_string_equal(content->metadata.correlation_id, "command-1");
    assert_no_error(misas_message_decode(&message, &bank_ledger_v1_interest_due_type,
                                         content->payload, content->payload_size, NULL));
    assert_string_equal(((Bank__Ledger__V1__InterestDue *)message)->account, "a");
    assert_int_equal(((Bank__Ledger__V1__InterestDue *)message)->cents, 12);
    misas_message_free(message);
    stop(&on);
}

TEST(a_prediction_belongs_to_the_conversation_of_its_command)
{
    misas_prediction_options options = {.due_at_us = 500};
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;
    probed_ledger on;

    start(&on, predict, &options);
    command.account = (char[]){"a"};
    assert_no_error(bank_ledger_v1_probe_send_and_wait(
        NULL, on.ledger.bus, &command,
        &(misas_send_options){.id = "command-1", .metadata = {.correlation_id = "talk"}}));
    assert_int_equal(due_claim(&on.due, 500, 1, a_minute_ms), 1);
    assert_string_equal(on.due.claimed[0].content.metadata.correlation_id, "talk");
    assert_string_equal(on.due.claimed[0].content.metadata.causation_id, "command-1");
    stop(&on);
}

TEST(a_handler_that_refuses_predicts_nothing)
{
    misas_prediction_options options = {.due_at_us = 500};
    probed_ledger on;

    start(&on, predict, &options);
    assert_error_is(run_probe(&on, "refuse", NULL), "test.refused");
    assert_int_equal(due_count(&on.due), 0);
    stop(&on);
}

TEST(a_command_that_comes_again_predicts_nothing_again)
{
    misas_prediction_options options = {.due_at_us = 500};
    probed_ledger on;

    start(&on, predict, &options);
    assert_no_error(run_probe(&on, "", "once"));
    assert_no_error(run_probe(&on, "", "once"));
    assert_int_equal(due_count(&on.due), 1);
    stop(&on);
}

TEST(a_prediction_of_the_past_or_of_the_last_time_is_taken_as_it_is)
{
    static const int64_t times[] = {MISAS_TIME_MIN_US, 0, MISAS_TIME_MAX_US};

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        misas_prediction_options options = {.due_at_us = times[i]};
        probed_ledger on;

        start(&on, predict, &options);
        assert_no_error(run_probe(&on, "", NULL));
        assert_int_equal(due_claim(&on.due, times[i], 2, a_minute_ms), 1);
        assert_int_equal(on.due.claimed[0].content.due_at_us, times[i]);
        stop(&on);
    }
}

enum { of_each = 3 };

/* Sends and predicts in turn, without ids. */
static misas_error *send_and_predict(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                     void *argument)
{
    Bank__Ledger__V1__Deposit sent = BANK__LEDGER__V1__DEPOSIT__INIT;
    misas_error *error = NULL;

    (void)argument;
    sent.account = command->account;
    for (int i = 0; i < of_each && error == NULL; i++) {
        error = bank_ledger_v1_deposit_send_from(context, &sent);
        if (error == NULL) {
            error = predict_interest(context, command->account,
                                     &(misas_prediction_options){.due_at_us = i});
        }
    }
    return error;
}

/* The ids of what was predicted and sent; freed by the process's end. */
static void read_ids(char ids[2 * of_each][MISAS_UUID_TEXT_SIZE], probed_ledger *on)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    assert_int_equal(due_claim(&on->due, of_each, 100, a_minute_ms), of_each);
    assert_no_error(
        misas_event_store_read_all(&reader, misas_storage_event_store(on->due.storage), NULL));
    for (int i = 0; i < of_each; i++) {
        strcpy(ids[i], on->due.claimed[i].content.id);
        assert_no_error(misas_event_reader_next(&event, reader));
        misas_uuid_write(ids[of_each + i], event->id);
    }
    misas_event_reader_free(reader);
}

TEST(derived_ids_are_the_same_each_time_and_those_of_no_command)
{
    char ids[2][2 * of_each][MISAS_UUID_TEXT_SIZE];

    for (int i = 0; i < 2; i++) {
        probed_ledger on;

        start(&on, send_and_predict, NULL);
        assert_no_error(run_probe(&on, "", "command-1"));
        read_ids(ids[i], &on);
        stop(&on);
    }
    assert_memory_equal(ids[0], ids[1], sizeof ids[0]);
    for (int i = 0; i < 2 * of_each; i++) {
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(ids[0][i], ids[0][j]);
        }
    }
}

TEST(a_prediction_whose_id_is_taken_is_refused_and_that_is_remembered)
{
    misas_prediction_options options = {.due_at_us = 500, .id = "taken"};
    probed_ledger on;

    start(&on, predict, &options);
    assert_no_error(run_probe(&on, "", "first"));
    misas_error *error = run_probe(&on, "", "second");

    assert_string_equal(misas_error_data(error, "id"), "taken");
    assert_error_is(error, MISAS_ERROR_PREDICTION_EXISTS);
    assert_no_error(due_change(&on.due, MISAS__PREDICTION_CANCEL_ID, "taken", 0));
    assert_error_is(run_probe(&on, "", "second"), MISAS_ERROR_PREDICTION_EXISTS);
    assert_int_equal(due_count(&on.due), 0);
    assert_no_error(run_probe(&on, "", "third"));
    assert_int_equal(due_count(&on.due), 1);
    stop(&on);
}

TEST(a_prediction_may_replace_the_one_of_its_id)
{
    misas_prediction_options options = {.due_at_us = 500, .id = "x", .replaces = true};
    probed_ledger on;

    start(&on, predict, &options);
    assert_no_error(run_probe(&on, "", NULL));
    options.due_at_us = 700;
    assert_no_error(run_probe(&on, "", NULL));
    assert_claims(&on.due, 699, "");
    assert_claims(&on.due, 700, "x");
    stop(&on);
}

/* Makes changes as its text says, one a letter: a adds "x", r replaces it, c cancels it, k cancels
 * by its key, o by another key, m adds "other" with the same key. */
static misas_error *make_change(misas_context *context, char *account, char letter)
{
    misas_prediction_options options = {.due_at_us = 500, .id = letter == 'm' ? "other" : "x"};

    switch (letter) {
    case 'c':
        return misas_context_cancel_prediction(context, "x");
    case 'k':
        return bank_ledger_v1_interest_due_cancel(context, account);
    case 'o':
        return bank_ledger_v1_interest_due_cancel(context, "another");
    default:
        options.replaces = letter == 'r';
        return predict_interest(context, account, &options);
    }
}

static misas_error *make_changes(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                 void *argument)
{
    misas_error *error = NULL;

    (void)argument;
    for (const char *letter = command->text; *letter != '\0' && error == NULL; letter++) {
        error = make_change(context, command->account, *letter);
    }
    return error;
}

/* What handlers do one after another, and what is there in the end, or that the last is refused. */
static const struct {
    const char *before;
    const char *changes;
    const char *after; /* NULL: there is one already */
} cases[] = {
    {"", "a", "x"},    {"a", "c", ""},    {"a", "k", ""},          {"a", "o", "x"},
    {"", "c", ""},     {"", "ko", ""},    {"am", "k", ""},         {"am", "c", "other"},
    {"", "ac", ""},    {"", "ak", ""},    {"", "aca", "x"},        {"", "aka", "x"},
    {"", "ra", NULL},  {"", "aa", NULL},  {"a", "a", NULL},        {"a", "ca", "x"},
    {"a", "ka", "x"},  {"a", "oa", NULL}, {"a", "r", "x"},         {"a", "caa", NULL},
    {"", "aoa", NULL}, {"a", "mka", "x"}, {"a", "kam", "other x"}, {"a", "koa", "x"},
};

static void assert_there(probed_ledger *on, const char *ids)
{
    static const char *const known[] = {"other", "x"};

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(due_is_there(&on->due, (misas__prediction_reference){.id = known[i]}),
                         strstr(ids, known[i]) != NULL);
    }
}

static void cancel_all(probed_ledger *on)
{
    assert_no_error(due_change(&on->due, MISAS__PREDICTION_CANCEL_ID, "x", 0));
    assert_no_error(due_change(&on->due, MISAS__PREDICTION_CANCEL_ID, "other", 0));
}

TEST(predictions_are_added_and_cancelled_in_the_order_of_the_calls)
{
    probed_ledger on;

    start(&on, make_changes, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char id[16];

        snprintf(id, sizeof id, "last-%zu", i);
        assert_no_error(run_probe(&on, cases[i].before, NULL));
        misas_error *error = run_probe(&on, cases[i].changes, id);

        if (cases[i].after != NULL) {
            assert_no_error(error);
            assert_there(&on, cases[i].after);
        } else {
            assert_error_is(error, MISAS_ERROR_PREDICTION_EXISTS);
            assert_there(&on, cases[i].before[0] == 'a' ? "x" : "");
            cancel_all(&on);
            assert_error_is(run_probe(&on, cases[i].changes, id), MISAS_ERROR_PREDICTION_EXISTS);
        }
        cancel_all(&on);
    }
    stop(&on);
}

static misas_error *wait_or_make_changes(misas_context *context,
                                         const Bank__Ledger__V1__Probe *command, void *argument)
{
    if (strcmp(command->text, "wait") == 0) {
        gate_pass(argument);
        return NULL;
    }
    return make_changes(context, command, NULL);
}

static void send_probe(probed_ledger *to, const char *text, test_answers *answers)
{
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;

    command.account = (char[]){"a"};
    command.text = (char *)(uintptr_t)text;
    assert_no_error(bank_ledger_v1_probe_send(
        to->ledger.bus, &command,
        &(misas_send_options){.completion = answers_take, .argument = answers}));
}

TEST(others_of_the_batch_are_unharmed_by_a_prediction_whose_id_is_taken)
{
    enum { count = 100 };
    test_gate gate = GATE_CLOSED;
    test_answers answers = ANSWERS_NONE(MISAS_ERROR_PREDICTION_EXISTS);
    probed_ledger on;

    start(&on, wait_or_make_changes, &gate);
    send_probe(&on, "wait", &answers);
    gate_await(&gate);
    for (int i = 0; i < count; i++) { /* of each four, the second and the last are refused */
        send_probe(&on, "a", &answers);
        send_probe(&on, "ma", &answers);
        send_probe(&on, "c", &answers);
        send_probe(&on, "aa", &answers);
    }
    gate_open(&gate);
    answers_await(&answers, 1 + 4 * count);
    assert_int_equal(answers.of_type, 2 * count);
    assert_int_equal(answers.errors, 2 * count);
    assert_int_equal(due_count(&on.due), 0);
    stop(&on);
}

/* Predictions that can't be. */
static char long_text[600];

static const struct {
    const char *account;
    misas_prediction_options options;
    const char *field;
    const char *value;
} invalid_cases[] = {
    {"a", {.due_at_us = MISAS_TIME_MIN_US - 1}, "due_at_us", "-62135596800000001"},
    {"a", {.due_at_us = MISAS_TIME_MAX_US + 1}, "due_at_us", "253402300800000000"},
    {"a", {.due_at_us = INT64_MIN}, "due_at_us", "-9223372036854775808"},
    {"a", {.id = ""}, "id", ""},
    {"a", {.id = "a\nb"}, "id", "a\nb"},
    {"a", {.id = "\xFF"}, "id", "\xFF"},
    {"a", {.id = long_text}, "id", long_text},
    {"", {.id = "x"}, "key", ""},
    {"a\x7F", {.id = "x"}, "key", "a\x7F"},
    {long_text, {.id = "x"}, "key", long_text},
};

static misas_error *predict_invalid(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                    void *argument)
{
    size_t i = *(size_t *)argument;

    (void)command;
    return predict_interest(context, (char *)(uintptr_t)invalid_cases[i].account,
                            &invalid_cases[i].options);
}

TEST(a_prediction_that_can_not_be_is_refused_by_the_field_that_is_wrong)
{
    size_t i = 0;
    probed_ledger on;

    memset(long_text, 'x', MISAS_PREDICTION_KEY_MAX_BYTES + 1);
    start(&on, predict_invalid, &i);
    for (; i < sizeof invalid_cases / sizeof invalid_cases[0]; i++) {
        misas_error *error = run_probe(&on, "", NULL);

        assert_string_equal(misas_error_data(error, "field"), invalid_cases[i].field);
        if (invalid_cases[i].value[0] != '\xFF') { /* that does not cross a border as it is */
            assert_string_equal(misas_error_data(error, "value"), invalid_cases[i].value);
        }
        assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
        assert_error_is(error, MISAS_ERROR_PREDICTION_INVALID);
    }
    assert_int_equal(due_count(&on.due), 0);
    stop(&on);
}

static misas_error *predict_longest(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                    void *argument)
{
    char id[MISAS_PREDICTION_ID_MAX_BYTES + 1] = {0};
    char key[MISAS_PREDICTION_KEY_MAX_BYTES + 1] = {0};

    (void)command;
    (void)argument;
    memset(id, 'i', sizeof id - 1);
    memset(key, 'k', sizeof key - 1);
    return predict_interest(context, key, &(misas_prediction_options){.id = id});
}

TEST(ids_and_keys_may_be_as_long_as_they_say)
{
    probed_ledger on;

    start(&on, predict_longest, NULL);
    assert_no_error(run_probe(&on, "", NULL));
    assert_int_equal(due_claim(&on.due, 0, 1, a_minute_ms), 1);
    assert_int_equal(strlen(on.due.claimed[0].content.id), MISAS_PREDICTION_ID_MAX_BYTES);
    assert_int_equal(strlen(on.due.claimed[0].content.key), MISAS_PREDICTION_KEY_MAX_BYTES);
    stop(&on);
}

static misas_error *predict_too_much(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                     void *argument)
{
    static char note[MISAS_DEFAULT_MAX_EVENT_BYTES + 1];
    Bank__Ledger__V1__YearOver prediction = BANK__LEDGER__V1__YEAR_OVER__INIT;

    (void)command;
    (void)argument;
    memset(note, 'x', sizeof note - 1);
    prediction.note = note;
    return bank_ledger_v1_year_over_predict(context, &prediction,
                                            &(misas_prediction_options){.id = "x"});
}

TEST(a_prediction_may_not_be_larger_than_an_event)
{
    probed_ledger on;

    start(&on, predict_too_much, NULL);
    misas_error *error = run_probe(&on, "", NULL);

    assert_string_equal(misas_error_data(error, "field"), "payload");
    assert_error_is(error, MISAS_ERROR_PREDICTION_INVALID);
    stop(&on);
}

static misas_error *predict_without_key(misas_context *context,
                                        const Bank__Ledger__V1__Probe *command, void *argument)
{
    Bank__Ledger__V1__YearOver prediction = BANK__LEDGER__V1__YEAR_OVER__INIT;

    (void)argument;
    return command->text[0] == 'c'
               ? bank_ledger_v1_year_over_cancel(context, "a")
               : bank_ledger_v1_year_over_predict(context, &prediction,
                                                  &(misas_prediction_options){.id = "x"});
}

TEST(a_type_without_a_key_field_is_predicted_without_key_and_not_cancelled_by_one)
{
    probed_ledger on;

    start(&on, predict_without_key, NULL);
    assert_no_error(run_probe(&on, "", NULL));
    misas_error *error = run_probe(&on, "cancel", NULL);

    assert_string_equal(misas_error_data(error, "operation"), "cancel_predictions");
    assert_error_says(error, MISAS_ERROR_CONTEXT, "states no key field");
    assert_claims(&on.due, 0, "x");
    assert_null(on.due.claimed[0].content.key);
    stop(&on);
}

static misas_error *cancel_invalid(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                   void *argument)
{
    const char *line = command->text[1] == 'n' ? NULL : command->text[1] == 'l' ? long_text : "";

    (void)argument;
    return command->text[0] == 'k' ? bank_ledger_v1_interest_due_cancel(context, line)
                                   : misas_context_cancel_prediction(context, line);
}

TEST(what_no_prediction_can_have_is_not_cancelled)
{
    static const char *const texts[] = {"kn", "kl", "ke", "in", "il", "ie"};
    probed_ledger on;

    memset(long_text, 'x', MISAS_PREDICTION_KEY_MAX_BYTES + 1);
    start(&on, cancel_invalid, NULL);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        misas_error *error = run_probe(&on, texts[i], NULL);

        assert_string_equal(misas_error_data(error, "field"), texts[i][0] == 'k' ? "key" : "id");
        assert_error_is(error, MISAS_ERROR_PREDICTION_INVALID);
    }
    stop(&on);
}

static misas_error *predict_a_command(misas_context *context,
                                      const Bank__Ledger__V1__Probe *command, void *argument)
{
    (void)argument;
    return command->text[0] == 'c'
               ? misas_context_cancel_predictions(context, &bank_ledger_v1_probe_type, "a")
               : misas_context_predict(context, &bank_ledger_v1_probe_type, &command->base,
                                       &(misas_prediction_options){.id = "x"});
}

TEST(only_predictions_are_predicted)
{
    probed_ledger on;

    start(&on, predict_a_command, NULL);
    assert_error_says(run_probe(&on, "", NULL), MISAS_ERROR_CONTEXT, "only predictions");
    assert_error_says(run_probe(&on, "cancel", NULL), MISAS_ERROR_CONTEXT, "only predictions");
    stop(&on);
}

static misas_error *change_in_a_query(misas_context *context, const Bank__Ledger__V1__Peek *query)
{
    return make_change(context, query->account, query->account[0]);
}

static void handle_peek(misas_subsystem *subsystem, void *argument)
{
    (void)argument;
    bank_ledger_v1_peek_handle(subsystem, change_in_a_query);
}

TEST(a_query_neither_predicts_nor_cancels)
{
    static const char *const letters[] = {"a", "r", "c", "k"};
    static const char *const operations[] = {"predict", "predict", "cancel_prediction",
                                             "cancel_predictions"};
    test_due due = due_open();
    test_ledger ledger = ledger_start(due.storage, &(ledger_options){.prepare = handle_peek});

    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        Bank__Ledger__V1__Peek query = BANK__LEDGER__V1__PEEK__INIT;
        misas_reply *reply = NULL;

        query.account = (char *)(uintptr_t)letters[i];
        misas_error *error = bank_ledger_v1_peek_ask(&reply, ledger.bus, &query, NULL);

        assert_string_equal(misas_error_data(error, "operation"), operations[i]);
        assert_error_says(error, MISAS_ERROR_CONTEXT, "a query changes nothing");
    }
    ledger_stop(&ledger);
    due_close(&due);
}
