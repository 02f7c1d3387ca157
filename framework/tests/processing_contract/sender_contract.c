/* Commands without an answer, which a sender sends again. */
#include <string.h>

#include "misas/sender.h"
#include "processing_contract/fixture.h"
#include "support/answers.h"
#include "support/ledger.h"

enum { most_calls = 16 };

/* Probes that fail a number of times, and what they were called with. */
typedef struct failing {
    int times;
    const char *type_name; /* of the error */
    const char *tags;
    int calls;
    char ids[most_calls][MISAS_UUID_TEXT_SIZE];
    int64_t at_ms[most_calls];
} failing;

static misas_error *fail_a_few_times(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                     void *argument)
{
    failing *self = argument;
    const misas_envelope *envelope = misas_context_envelope(context);

    (void)command;
    if (self->calls < most_calls) {
        strncpy(self->ids[self->calls], envelope->id, sizeof self->ids[0] - 1);
        self->at_ms[self->calls] = test_now_ms();
    }
    self->calls++;
    return self->calls > self->times
               ? NULL
               : misas_error_new(&(misas_error_options){
                     .type_name = self->type_name, .message = "not now", .tags = self->tags});
}

static misas_sender *new_sender(test_ledger *to)
{
    static misas_log *log;
    misas_sender *sender = NULL;

    if (log == NULL) {
        assert_no_error(misas_log_new(&log, &(misas_log_options){.level = MISAS_LOG_OFF}));
    }
    assert_no_error(
        misas_sender_new(&sender, &(misas_sender_options){.bus = to->bus, .logger = {.log = log}}));
    return sender;
}

static void send_probe(misas_sender *sender, char *text)
{
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;

    command.account = (char[]){"a"};
    command.text = text;
    assert_no_error(bank_ledger_v1_probe_send_by(sender, &command, NULL));
}

static misas_sender_counts count(misas_sender *sender)
{
    misas_sender_counts counts;

    misas_sender_count(&counts, sender);
    return counts;
}

/* Sends a probe, and waits until it is answered; each failure comes back to the sender. */
static misas_sender_counts send_failing_probe(failing *self)
{
    misas_storage *storage = fixture_open();
    const ledger_options options = {
        .probe = fail_a_few_times, .argument = self, .processor = {.max_attempts = 1}};
    test_ledger ledger = ledger_start(storage, &options);
    misas_sender *sender = new_sender(&ledger);

    send_probe(sender, (char[]){""});
    assert_no_error(misas_sender_flush(sender));
    const misas_sender_counts counts = count(sender);

    misas_sender_free(sender);
    ledger_stop(&ledger);
    fixture_close(storage);
    return counts;
}

TEST(a_command_without_an_answer_is_sent_again_with_its_id_after_longer_and_longer_pauses)
{
    failing self = {.times = 3, .type_name = "test.not_now", .tags = MISAS_TAG_RETRIABLE};
    const misas_sender_counts counts = send_failing_probe(&self);

    assert_int_equal(counts.accepted, 1);
    assert_int_equal(counts.refused, 0);
    assert_int_equal(counts.retried, 3);
    assert_int_equal(self.calls, 4);
    for (int i = 1; i < 4; i++) {
        assert_string_equal(self.ids[i], self.ids[0]);
        assert_true(self.at_ms[i] - self.at_ms[i - 1] >= 20 << i);
    }
}

TEST(a_command_that_others_were_faster_than_is_sent_again)
{
    failing self = {.times = 1, .type_name = MISAS_ERROR_CONCURRENCY, .tags = MISAS_TAG_CONFLICT};
    const misas_sender_counts counts = send_failing_probe(&self);

    assert_int_equal(counts.accepted, 1);
    assert_int_equal(counts.retried, 1);
}

TEST(a_command_that_is_refused_in_the_end_is_sent_no_more)
{
    failing self = {.times = 100, .type_name = "test.refused", .tags = MISAS_TAG_VALIDATION};
    const misas_sender_counts counts = send_failing_probe(&self);

    assert_int_equal(counts.refused, 1);
    assert_int_equal(counts.retried, 0);
    assert_int_equal(self.calls, 1);
}

/* Probes that fail the first time, and those that did not fail any more, in order. */
typedef struct stumbling {
    char seen[8];
    char handled[8];
} stumbling;

static misas_error *fail_once(misas_context *context, const Bank__Ledger__V1__Probe *command,
                              void *argument)
{
    stumbling *self = argument;

    (void)context;
    if (strstr(self->seen, command->text) != NULL) {
        strcat(self->handled, command->text);
        return NULL;
    }
    strcat(self->seen, command->text);
    return misas_error_new(&(misas_error_options){
        .type_name = "test.not_yet", .message = "not yet", .tags = MISAS_TAG_RETRIABLE});
}

TEST(commands_that_are_sent_again_keep_their_order)
{
    stumbling probes = {.seen = ""};
    misas_storage *storage = fixture_open();
    const ledger_options options = {
        .probe = fail_once, .argument = &probes, .processor = {.max_attempts = 1}};
    test_ledger ledger = ledger_start(storage, &options);
    misas_sender *sender = new_sender(&ledger);

    for (char text[] = "a"; text[0] <= 'e'; text[0]++) {
        send_probe(sender, text);
    }
    assert_no_error(misas_sender_flush(sender));
    assert_string_equal(probes.handled, "abcde");
    assert_int_equal(count(sender).retried, 5);
    misas_sender_free(sender);
    ledger_stop(&ledger);
    fixture_close(storage);
}

static void send_deposits(misas_sender *sender, int count, test_answers *answers)
{
    Bank__Ledger__V1__Deposit command = BANK__LEDGER__V1__DEPOSIT__INIT;

    command.account = (char[]){"a"};
    command.cents = 1;
    for (int i = 0; i < count; i++) {
        assert_no_error(bank_ledger_v1_deposit_send_by(
            sender, &command,
            &(misas_sender_command){.completion = answers_take, .argument = answers}));
    }
}

TEST(commands_outlast_a_processor_that_is_stopped_and_take_effect_once_in_the_next)
{
    enum { deposits = 300 };
    test_gate gate = GATE_CLOSED;
    misas_storage *storage = fixture_open();
    const ledger_options options = {
        .probe = ledger_wait_at_gate, .argument = &gate, .processor = {.max_batch = 1}};
    test_ledger ledger = ledger_start(storage, &options);
    test_answers answers = ANSWERS_NONE(NULL);
    misas_sender *sender = new_sender(&ledger);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    send_probe(sender, (char[]){""});
    send_deposits(sender, deposits, &answers);
    ledger_stop_at_gate(&ledger, &gate);
    assert_no_error(misas_command_processor_start(
        &ledger.processor, &(misas_command_processor_options){.subsystem = ledger.subsystem,
                                                              .storage = storage,
                                                              .bus = ledger.bus}));
    assert_no_error(misas_sender_flush(sender));
    assert_int_equal(answers.successes, deposits);
    assert_int_equal(ledger_balance(&ledger, "a"), deposits);
    assert_true(count(sender).retried >= deposits);
    misas_sender_free(sender);
    ledger_stop(&ledger);
    fixture_close(storage);
}
