/* What becomes of predictions when their time has come. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "processing_contract/fixture.h"
#include "storage/transaction.h"
#include "support/ledger.h"

/* A ledger on which interest becomes due, and its predictors. */
typedef struct predicting {
    misas_storage *storage;
    ledger_options options;
    test_ledger ledger;
    misas_clock *clock; /* stands still, until the test moves it */
    misas_predictor *predictors[2];
    atomic_int calls;
    atomic_int times_to_fail;
} predicting;

/* "+<id> <milliseconds>" predicts interest so long after 0, "=<id> <milliseconds>" in place of what
 * there is, "-<id>" and "~" cancel one and all of the account. */
static misas_error *do_as_told(misas_context *context, const Bank__Ledger__V1__Probe *command,
                               void *argument)
{
    Bank__Ledger__V1__InterestDue due = BANK__LEDGER__V1__INTEREST_DUE__INIT;
    char id[16] = "";
    int after_ms = 0;

    (void)argument;
    due.account = command->account;
    sscanf(command->text + 1, "%15s %d", id, &after_ms);
    if (command->text[0] == '-') {
        return misas_context_cancel_prediction(context, id);
    }
    if (command->text[0] == '~') {
        return bank_ledger_v1_interest_due_cancel(context, command->account);
    }
    return bank_ledger_v1_interest_due_predict(
        context, &due,
        &(misas_prediction_options){
            .id = id, .due_at_us = (int64_t)after_ms * 1000, .replaces = command->text[0] == '='});
}

static misas_error *pay_interest(misas_context *context, const Bank__Ledger__V1__InterestDue *due)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;
    misas_aggregate *account = NULL;
    void *service = NULL;
    misas_error *error = misas_context_service(&service, context, "predicting");

    if (error != NULL) {
        return error;
    }
    predicting *self = service;

    atomic_fetch_add(&self->calls, 1);
    error = misas_context_load(&account, context, "account", due->account);
    event.account = due->account;
    event.cents = 1;
    if (error == NULL) {
        error = bank_ledger_v1_deposited_record(account, &event);
    }
    if (error == NULL && atomic_fetch_sub(&self->times_to_fail, 1) > 0) {
        return misas_error_new(&(misas_error_options){
            .type_name = "test.later", .message = "not yet", .tags = MISAS_TAG_RETRIABLE});
    }
    return error;
}

static void register_interest(misas_subsystem *subsystem, void *argument)
{
    misas_subsystem_add_service(subsystem, "predicting", argument);
    bank_ledger_v1_interest_due_handle(subsystem, pay_interest);
}

static void start(predicting *self, int predictors)
{
    memset(self, 0, sizeof *self);
    self->storage = fixture_open();
    assert_no_error(misas_clock_new_fixed(&self->clock, 0));
    self->options = (ledger_options){.probe = do_as_told,
                                     .argument = self,
                                     .prepare = register_interest,
                                     .processor = {.clock = self->clock, .workers = 2}};
    self->ledger = ledger_start(self->storage, &self->options);
    for (int i = 0; i < predictors; i++) {
        assert_no_error(misas_predictor_start(&self->predictors[i],
                                              &(misas_predictor_options){.storage = self->storage,
                                                                         .bus = self->ledger.bus,
                                                                         .clock = self->clock}));
    }
    assert_no_error(ledger_open(&self->ledger, "a", NULL));
}

static void stop(predicting *self)
{
    misas_command_processor_stop(self->ledger.processor);
    self->ledger.processor = NULL;
    for (int i = 0; i < 2; i++) {
        misas_predictor_stop(self->predictors[i]);
    }
    ledger_stop(&self->ledger);
    misas_clock_free(self->clock);
    fixture_close(self->storage);
}

static void tell(predicting *self, const char *text)
{
    assert_no_error(ledger_run_probe(&self->ledger, "a", text, NULL));
}

typedef struct wanted_balance {
    predicting *self;
    int64_t cents;
} wanted_balance;

static bool has_balance(void *argument)
{
    const wanted_balance *wanted = argument;

    return ledger_balance(&wanted->self->ledger, "a") == wanted->cents;
}

static void await_balance(predicting *self, int64_t cents)
{
    wanted_balance wanted = {self, cents};

    test_wait_until(has_balance, &wanted, 20000);
    assert_int_equal(ledger_balance(&self->ledger, "a"), cents);
}

static void assert_left(predicting *self, uint64_t expected)
{
    uint64_t count = 0;

    assert_no_error(self->storage->backend->predictions.count(&count, self->storage));
    assert_int_equal(count, expected);
}

TEST(a_prediction_fires_when_its_time_has_come_and_not_before)
{
    predicting self;

    start(&self, 1);
    tell(&self, "+later 2000");
    tell(&self, "+soon 1000");
    misas_clock_set(self.clock, 999999);
    tell(&self, "+now 0"); /* once that has fired, the other would have */
    await_balance(&self, 1);
    assert_left(&self, 2);
    misas_clock_set(self.clock, 1000000);
    await_balance(&self, 2);
    misas_clock_set(self.clock, 5000000);
    await_balance(&self, 3);
    assert_left(&self, 0);
    assert_int_equal(self.calls, 3);
    stop(&self);
}

TEST(a_cancelled_prediction_does_not_fire)
{
    predicting self;

    start(&self, 1);
    tell(&self, "+one 1000");
    tell(&self, "+two 1000");
    tell(&self, "+three 1000");
    tell(&self, "-one");
    misas_clock_set(self.clock, 1000000);
    await_balance(&self, 2);
    tell(&self, "+four 2000");
    tell(&self, "+five 2000");
    tell(&self, "~");
    assert_left(&self, 0);
    misas_clock_set(self.clock, 3000000);
    tell(&self, "+six 2500");
    await_balance(&self, 3);
    stop(&self);
}

TEST(a_replaced_prediction_fires_at_its_new_time)
{
    predicting self;

    start(&self, 1);
    tell(&self, "+one 1000");
    tell(&self, "=one 3000");
    misas_clock_set(self.clock, 2000000);
    tell(&self, "+two 2000");
    await_balance(&self, 1);
    misas_clock_set(self.clock, 3000000);
    await_balance(&self, 2);
    assert_int_equal(self.calls, 2);
    stop(&self);
}

TEST(two_predictors_fire_each_prediction_once)
{
    enum { count = 300 };
    predicting self;
    char text[32];

    start(&self, 2);
    for (int i = 0; i < count; i++) {
        snprintf(text, sizeof text, "+p%d %d", i, 1000 + i);
        tell(&self, text);
    }
    misas_clock_set(self.clock, 2000000);
    await_balance(&self, count);
    assert_left(&self, 0);
    assert_int_equal(ledger_count_events(self.storage, "account-a"), 1 + count);
    stop(&self);
}

TEST(a_prediction_whose_handler_fails_is_tried_again)
{
    predicting self;

    start(&self, 1);
    atomic_store(&self.times_to_fail, 2);
    tell(&self, "+one 1000");
    misas_clock_set(self.clock, 1000000);
    await_balance(&self, 1);
    assert_int_equal(self.calls, 3);
    assert_left(&self, 0);
    stop(&self);
}

TEST(predictions_outlive_the_processors)
{
    predicting self;

    start(&self, 0);
    tell(&self, "+one 1000");
    ledger_stop(&self.ledger);
    misas_clock_set(self.clock, 5000000);
    self.ledger = ledger_start(self.storage, &self.options);
    assert_no_error(misas_predictor_start(&self.predictors[0],
                                          &(misas_predictor_options){.storage = self.storage,
                                                                     .bus = self.ledger.bus,
                                                                     .clock = self.clock}));
    await_balance(&self, 1);
    stop(&self);
}
