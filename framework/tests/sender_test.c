/* A sender: its window, what it tells, and how it ends. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "misas/sender.h"
#include "support/answers.h"
#include "support/gate.h"
#include "support/ledger.h"

/* A ledger whose probes wait at a gate, and a sender to it. */
typedef struct gated {
    test_gate gate;
    misas_storage *storage;
    ledger_options options;
    test_ledger ledger;
    misas_sender *sender;
    test_answers answers;
    atomic_bool has_returned;
    misas_error *error; /* of a call on another thread, once it has returned */
    pthread_t thread;
} gated;

static void start(gated *out, int window, const misas_command_processor_options *processor)
{
    *out = (gated){.gate = GATE_CLOSED, .answers = ANSWERS_NONE(MISAS_ERROR_SENDER_STOPPED)};
    assert_no_error(misas_storage_new_memory(&out->storage, NULL));
    out->options = (ledger_options){.probe = ledger_wait_at_gate, .argument = &out->gate};
    if (processor != NULL) {
        out->options.processor = *processor;
    }
    out->ledger = ledger_start(out->storage, &out->options);
    assert_no_error(misas_sender_new(
        &out->sender, &(misas_sender_options){.bus = out->ledger.bus, .window = window}));
}

static void stop(gated *self)
{
    misas_sender_free(self->sender);
    ledger_stop(&self->ledger);
    misas_storage_free(self->storage);
}

static misas_error *send_probe(gated *self, const char *id)
{
    char account[] = "a";
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;

    command.account = account;
    misas_error *error = bank_ledger_v1_probe_send_by(
        self->sender, &command,
        &(misas_sender_command){.id = id, .completion = answers_take, .argument = &self->answers});

    account[0] = '?'; /* nothing looks at it any more */
    return error;
}

static misas_sender_counts count(gated *self)
{
    misas_sender_counts counts;

    misas_sender_count(&counts, self->sender);
    return counts;
}

static void *send_probe_elsewhere(void *argument)
{
    gated *self = argument;

    self->error = send_probe(self, NULL);
    atomic_store(&self->has_returned, true);
    return NULL;
}

static void *flush_elsewhere(void *argument)
{
    gated *self = argument;

    self->error = misas_sender_flush(self->sender);
    atomic_store(&self->has_returned, true);
    return NULL;
}

static void *free_elsewhere(void *argument)
{
    gated *self = argument;

    misas_sender_free(self->sender);
    self->sender = NULL;
    atomic_store(&self->has_returned, true);
    return NULL;
}

static void call_elsewhere(gated *self, void *(*function)(void *argument))
{
    atomic_store(&self->has_returned, false);
    assert_int_equal(pthread_create(&self->thread, NULL, function, self), 0);
}

static misas_error *await_call(gated *self)
{
    pthread_join(self->thread, NULL);
    return self->error;
}

static bool has_returned(void *argument)
{
    gated *self = argument;

    return atomic_load(&self->has_returned);
}

static bool keeps_waiting(gated *self)
{
    return !test_wait_until(has_returned, self, 50);
}

TEST(as_many_commands_as_the_window_holds_are_unanswered_and_then_senders_wait)
{
    gated self;

    start(&self, 3, NULL);
    for (int i = 0; i < 3; i++) {
        assert_no_error(send_probe(&self, NULL));
    }
    call_elsewhere(&self, send_probe_elsewhere);
    assert_true(keeps_waiting(&self));
    assert_int_equal(count(&self).unanswered, 3);
    gate_open(&self.gate);
    assert_no_error(await_call(&self));
    assert_no_error(misas_sender_flush(self.sender));
    assert_int_equal(count(&self).sent, 4);
    assert_int_equal(count(&self).accepted, 4);
    assert_int_equal(count(&self).unanswered, 0);
    assert_int_equal(self.answers.successes, 4);
    stop(&self);
}

TEST(a_bus_without_room_is_waited_for_and_nothing_is_sent_again_for_that)
{
    gated self;

    start(&self, 100, &(misas_command_processor_options){.window = 1, .max_batch = 1});
    assert_no_error(send_probe(&self, NULL));
    gate_await(&self.gate);
    call_elsewhere(&self, send_probe_elsewhere);
    assert_false(test_wait_until(has_returned, &self, 250));
    gate_open(&self.gate);
    assert_no_error(await_call(&self));
    assert_no_error(misas_sender_flush(self.sender));
    assert_int_equal(count(&self).accepted, 2);
    assert_int_equal(count(&self).retried, 0);
    stop(&self);
}

TEST(a_command_that_is_refused_is_told_and_not_sent_again)
{
    gated self;
    test_answers refusals = ANSWERS_NONE(LEDGER_ERROR_TOO_LITTLE);
    Bank__Ledger__V1__Withdraw command = BANK__LEDGER__V1__WITHDRAW__INIT;

    start(&self, 0, NULL);
    assert_no_error(ledger_open(&self.ledger, "a", NULL));
    command.account = (char[]){"a"};
    for (int i = 0; i < 2; i++) {
        command.cents = i; /* there are none */
        assert_no_error(bank_ledger_v1_withdraw_send_by(
            self.sender, &command,
            &(misas_sender_command){.completion = answers_take, .argument = &refusals}));
    }
    assert_no_error(misas_sender_flush(self.sender));
    assert_int_equal(refusals.of_type, 1);
    assert_int_equal(refusals.successes, 1);
    assert_string_equal(refusals.last_reply, "bank.ledger.v1.Balance 0");
    assert_int_equal(count(&self).accepted, 1);
    assert_int_equal(count(&self).refused, 1);
    assert_int_equal(count(&self).retried, 0);
    stop(&self);
}

static misas_error *send_of_type(gated *self, const misas_type *type, ProtobufCMessage *message)
{
    return misas_sender_send(self->sender, type, message, NULL);
}

TEST(a_command_that_can_not_be_sent_is_told_to_who_sends_it_and_counts_for_nothing)
{
    gated self;
    char long_text[300];
    Bank__Ledger__V1__Forgotten forgotten = BANK__LEDGER__V1__FORGOTTEN__INIT;
    Bank__Ledger__V1__BalanceOf query = BANK__LEDGER__V1__BALANCE_OF__INIT;
    Bank__Ledger__V1__Open keyless = BANK__LEDGER__V1__OPEN__INIT;

    start(&self, 0, NULL);
    forgotten.account = (char[]){"a"};
    memset(long_text, 'x', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    assert_error_is(send_probe(&self, long_text), MISAS_ERROR_ENVELOPE_INVALID);
    assert_error_is(send_of_type(&self, &bank_ledger_v1_forgotten_type, &forgotten.base),
                    MISAS_ERROR_NO_HANDLER);
    assert_error_is(send_of_type(&self, &bank_ledger_v1_balance_of_type, &query.base),
                    MISAS_ERROR_BUS_WRONG_KIND);
    assert_error_is(send_of_type(&self, &bank_ledger_v1_open_type, &keyless.base),
                    MISAS_ERROR_UNENCODABLE);
    assert_int_equal(count(&self).sent, 0);
    assert_no_error(misas_sender_flush(self.sender));
    stop(&self);
    assert_int_equal(self.answers.errors, 0);
}

TEST(a_stop_wakes_who_waits_for_the_window)
{
    gated self;

    start(&self, 1, NULL);
    assert_no_error(send_probe(&self, NULL));
    call_elsewhere(&self, send_probe_elsewhere);
    assert_true(keeps_waiting(&self));
    misas_sender_stop(self.sender);
    assert_error_says(await_call(&self), MISAS_ERROR_SENDER_STOPPED, "bank.ledger.v1.Probe");
    assert_error_is(send_probe(&self, NULL), MISAS_ERROR_SENDER_STOPPED);
    assert_int_equal(count(&self).sent, 1);
    gate_open(&self.gate);
    stop(&self);
    assert_int_equal(self.answers.successes, 1); /* it was on its way */
}

TEST(a_stop_wakes_who_waits_for_room_on_the_bus)
{
    gated self;

    start(&self, 100, &(misas_command_processor_options){.window = 1, .max_batch = 1});
    assert_no_error(send_probe(&self, NULL));
    gate_await(&self.gate);
    call_elsewhere(&self, send_probe_elsewhere);
    assert_true(keeps_waiting(&self));
    misas_sender_stop(self.sender);
    assert_int_equal(count(&self).sent, 1); /* the other was taken back by then */
    assert_error_is(await_call(&self), MISAS_ERROR_SENDER_STOPPED);
    gate_open(&self.gate);
    stop(&self);
}

TEST(a_stopped_sender_can_outlive_its_bus)
{
    gated self;

    start(&self, 0, NULL);
    gate_open(&self.gate);
    assert_no_error(send_probe(&self, NULL));
    misas_sender_stop(self.sender);
    ledger_stop(&self.ledger);
    assert_error_is(send_probe(&self, NULL), MISAS_ERROR_SENDER_STOPPED);
    misas_sender_free(self.sender);
    misas_storage_free(self.storage);
}

TEST(a_flush_waits_for_all_answers_or_for_a_stop)
{
    gated self;

    start(&self, 0, NULL);
    assert_no_error(misas_sender_flush(self.sender));
    assert_no_error(send_probe(&self, NULL));
    call_elsewhere(&self, flush_elsewhere);
    assert_true(keeps_waiting(&self));
    misas_sender_stop(self.sender);
    assert_error_is(await_call(&self), MISAS_ERROR_SENDER_STOPPED);
    gate_open(&self.gate);
    answers_await(&self.answers, 1);
    stop(&self);
}

TEST(freeing_waits_for_the_answers_that_are_on_their_way)
{
    gated self;

    start(&self, 0, NULL);
    for (int i = 0; i < 20; i++) {
        assert_no_error(send_probe(&self, NULL));
    }
    call_elsewhere(&self, free_elsewhere);
    assert_true(keeps_waiting(&self));
    gate_open(&self.gate);
    pthread_join(self.thread, NULL);
    assert_int_equal(self.answers.successes, 20);
    stop(&self);
}

TEST(what_a_stopped_sender_has_no_answer_to_is_told_once_with_the_reason)
{
    gated self;

    start(&self, 0, &(misas_command_processor_options){.max_batch = 1});
    for (int i = 0; i < 20; i++) {
        assert_no_error(send_probe(&self, NULL));
    }
    misas_sender_stop(self.sender);
    ledger_stop_at_gate(&self.ledger, &self.gate);
    assert_int_equal(self.answers.successes, 1);
    assert_int_equal(self.answers.of_type, 19);
    assert_int_equal(count(&self).unanswered, 19);
    stop(&self);
}

TEST(what_was_to_be_sent_again_is_told_when_the_sender_is_freed)
{
    gated self;

    start(&self, 0, &(misas_command_processor_options){.max_batch = 1});
    for (int i = 0; i < 20; i++) {
        assert_no_error(send_probe(&self, NULL));
    }
    ledger_stop_at_gate(&self.ledger, &self.gate); /* and none comes in its place */
    misas_sender_free(self.sender);
    self.sender = NULL;
    assert_int_equal(self.answers.successes, 1);
    assert_int_equal(self.answers.of_type, 19);
    stop(&self);
}

static misas_error *use_within(misas_context *context, const Bank__Ledger__V1__Probe *command,
                               void *argument)
{
    gated *self = argument;

    (void)context;
    return strcmp(command->text, "send") == 0 ? send_probe(self, NULL)
                                              : misas_sender_flush(self->sender);
}

TEST(a_handler_can_not_use_a_sender)
{
    gated self;

    start(&self, 0, NULL);
    self.options.probe = use_within;
    self.options.argument = &self;
    assert_error_says(ledger_run_probe(&self.ledger, "a", "send", NULL),
                      MISAS_ERROR_BUS_WOULD_BLOCK, "bank.ledger.v1.Probe");
    assert_error_is(ledger_run_probe(&self.ledger, "a", "flush", NULL),
                    MISAS_ERROR_BUS_WOULD_BLOCK);
    stop(&self);
}

TEST(a_sender_needs_a_bus)
{
    misas_sender *sender = NULL;

    assert_error_is(misas_sender_new(&sender, &(misas_sender_options){.window = 1}),
                    MISAS_ERROR_PROCESSING_OPTIONS);
    misas_sender_stop(NULL);
    misas_sender_free(NULL);
}
