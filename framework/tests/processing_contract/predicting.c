#include "processing_contract/predicting.h"

#include <stdio.h>
#include <string.h>

#include "processing_contract/fixture.h"

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
            .type_name = "test.failing", .message = "not this time", .tags = self->tags});
    }
    return error;
}

static void register_interest(misas_subsystem *subsystem, void *argument)
{
    misas_subsystem_add_service(subsystem, "predicting", argument);
    bank_ledger_v1_interest_due_handle(subsystem, pay_interest);
}

void predicting_start_predictor(predicting *self, int index)
{
    assert_no_error(misas_predictor_start(&self->predictors[index],
                                          &(misas_predictor_options){.storage = self->storage,
                                                                     .bus = self->ledger.bus,
                                                                     .clock = self->clock}));
}

void predicting_start(predicting *self, int predictors)
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
        predicting_start_predictor(self, i);
    }
    assert_no_error(ledger_open(&self->ledger, "a", NULL));
}

void predicting_stop(predicting *self)
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

void predicting_tell(predicting *self, const char *text)
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

void predicting_await_balance(predicting *self, int64_t cents)
{
    wanted_balance wanted = {self, cents};

    test_wait_until(has_balance, &wanted, 20000);
    assert_int_equal(ledger_balance(&self->ledger, "a"), cents);
}

typedef struct wanted_count {
    predicting *self;
    uint64_t count;
} wanted_count;

static uint64_t count_left(predicting *self)
{
    uint64_t count = 0;

    assert_no_error(self->storage->backend->predictions.count(&count, self->storage));
    return count;
}

static bool has_left(void *argument)
{
    const wanted_count *wanted = argument;

    return count_left(wanted->self) == wanted->count;
}

void predicting_assert_left(predicting *self, uint64_t expected)
{
    assert_int_equal(count_left(self), expected);
}

void predicting_await_left(predicting *self, uint64_t expected)
{
    wanted_count wanted = {self, expected};

    test_wait_until(has_left, &wanted, 20000);
    predicting_assert_left(self, expected);
}

static const misas__dead_letter *list_letters(size_t *out_count, predicting *self,
                                              misas__arena *arena)
{
    const misas__dead_letter *letters = NULL;

    assert_no_error(self->storage->backend->checkpoints.list_dead_letters(
        &letters, out_count, self->storage,
        &(misas__dead_letter_query){.processor = "ledger.predictions", .max = 100}, arena));
    return letters;
}

size_t predicting_count_letters(predicting *self)
{
    size_t count = 0;
    misas__arena arena = {0};

    list_letters(&count, self, &arena);
    misas__arena_free(&arena);
    return count;
}

static bool has_letter(void *argument)
{
    return predicting_count_letters(argument) > 0;
}

const misas__dead_letter *predicting_await_letter(predicting *self, misas__arena *arena)
{
    size_t count = 0;

    test_wait_until(has_letter, self, 20000);
    const misas__dead_letter *letters = list_letters(&count, self, arena);

    assert_int_equal(count, 1);
    return letters;
}

void predicting_add(predicting *self, const misas_new_prediction *prediction)
{
    const misas__prediction_change change = {MISAS__PREDICTION_ADD, *prediction};

    assert_no_error(misas__storage_write(
        self->storage, &(misas__batch){.predictions = &change, .prediction_count = 1}));
}
