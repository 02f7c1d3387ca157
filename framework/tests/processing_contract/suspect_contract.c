/* What becomes of predictions that nobody has answered, and of those that nobody here handles. */
#include <string.h>

#include "processing_contract/predicting.h"

/* As if a process had ended while it had them in hand. */
static void claim_all(predicting *self)
{
    misas__arena arena = {0};
    const misas__prediction *claimed = NULL;
    size_t count = 0;

    assert_no_error(self->storage->backend->predictions.claim(
        &claimed, &count, self->storage,
        &(misas__claim){.now_us = misas_clock_now_us(self->clock), .max = SIZE_MAX, .claim_ms = 0},
        &arena));
    assert_true(count > 0);
    misas__arena_free(&arena);
}

/* ... and again, while it had this one alone. */
static void attempt(predicting *self, const char *id)
{
    const misas__prediction_reference reference = {.id = id};
    int32_t attempts = 0;

    assert_no_error(self->storage->backend->predictions.note(
        &attempts, self->storage,
        &(misas__claim_note){.predictions = &reference, .count = 1, .is_attempt = true}));
    assert_true(attempts > 0);
}

TEST(a_prediction_that_has_ended_its_process_three_times_is_set_aside_and_others_are_handled)
{
    predicting self;
    misas__arena arena = {0};
    misas_error *error = NULL;

    predicting_start(&self, 0);
    predicting_tell(&self, "+guilty 1000");
    predicting_tell(&self, "+innocent 1000");
    predicting_tell(&self, "+other 1000");
    misas_clock_set(self.clock, 1000000);
    claim_all(&self);
    attempt(&self, "guilty");
    attempt(&self, "guilty");
    predicting_tell(&self, "+new 1000");
    predicting_start_predictor(&self, 0);
    const misas__dead_letter *letter = predicting_await_letter(&self, &arena);

    predicting_await_balance(&self, 3);
    assert_string_equal(letter->processor, "ledger.predictions");
    assert_string_equal(letter->event.stream, "$prediction-guilty");
    assert_int_equal(letter->attempts, 3);
    assert_no_error(misas_error_decode(&error, letter->error, letter->error_size));
    assert_error_says(error, MISAS_ERROR_HANDLER_CRASHED, "3 times");
    assert_int_equal(predicting_count_letters(&self), 1);
    predicting_assert_left(&self, 0);
    assert_int_equal(self.calls, 3);
    misas__arena_free(&arena);
    predicting_stop(&self);
}

TEST(a_prediction_that_has_ended_its_process_twice_is_handled)
{
    predicting self;

    predicting_start(&self, 0);
    predicting_tell(&self, "+one 1000");
    misas_clock_set(self.clock, 1000000);
    claim_all(&self);
    attempt(&self, "one");
    predicting_start_predictor(&self, 0);
    predicting_await_balance(&self, 1);
    assert_int_equal(predicting_count_letters(&self), 0);
    predicting_assert_left(&self, 0);
    predicting_stop(&self);
}

/* Whether handling it was begun and not answered. */
static bool is_suspect(predicting *self, const char *id)
{
    misas__arena arena = {0};
    const misas__prediction *claimed = NULL;
    size_t count = 0;
    bool is_suspect = false;

    assert_no_error(self->storage->backend->predictions.claim(
        &claimed, &count, self->storage,
        &(misas__claim){.now_us = misas_clock_now_us(self->clock), .max = SIZE_MAX}, &arena));
    for (size_t i = 0; i < count; i++) {
        is_suspect =
            is_suspect || (strcmp(claimed[i].content.id, id) == 0 && claimed[i].is_suspect);
    }
    assert_int_equal(count, 1);
    misas__arena_free(&arena);
    return is_suspect;
}

static bool is_called(void *argument)
{
    return atomic_load(&((predicting *)argument)->calls) > 0;
}

TEST(
    a_prediction_that_was_answered_but_not_handled_is_free_and_not_suspect_once_the_predictor_stops)
{
    predicting self;

    predicting_start(&self, 1);
    self.tags = MISAS_TAG_RETRIABLE;
    atomic_store(&self.times_to_fail, 1000000);
    predicting_tell(&self, "+one 1000");
    misas_clock_set(self.clock, 1000000);
    test_wait_until(is_called, &self, 20000);
    misas_command_processor_stop(self.ledger.processor);
    self.ledger.processor = NULL;
    misas_predictor_stop(self.predictors[0]);
    self.predictors[0] = NULL;
    assert_false(is_suspect(&self, "one"));
    predicting_stop(&self);
}

/* A second bus on the storage, on which another prediction is handled. */
typedef struct other_bus {
    misas_subsystem *subsystem;
    misas_bus *bus;
    misas_command_processor *processor;
    misas_predictor *predictor;
} other_bus;

static atomic_int years;

static misas_error *count_year(misas_context *context, const Bank__Ledger__V1__YearOver *year)
{
    (void)context;
    (void)year;
    atomic_fetch_add(&years, 1);
    return NULL;
}

static void start_other(other_bus *out, predicting *beside)
{
    *out = (other_bus){.bus = NULL};
    assert_no_error(misas_subsystem_new(&out->subsystem, "bank", "ledger"));
    bank_ledger_v1_year_over_handle(out->subsystem, count_year);
    assert_no_error(misas_bus_new_memory(&out->bus, NULL));
    assert_no_error(
        misas_command_processor_start(&out->processor, &(misas_command_processor_options){
                                                           .subsystem = out->subsystem,
                                                           .storage = beside->storage,
                                                           .bus = out->bus,
                                                           .clock = beside->clock,
                                                       }));
    assert_no_error(misas_predictor_start(
        &out->predictor, &(misas_predictor_options){
                             .storage = beside->storage, .bus = out->bus, .clock = beside->clock}));
}

static void stop_other(other_bus *other)
{
    misas_predictor_stop(other->predictor);
    misas_command_processor_stop(other->processor);
    misas_bus_free(other->bus);
    misas_subsystem_free(other->subsystem);
}

static void predict_year(predicting *self, const char *id, int64_t due_at_us)
{
    predicting_add(self, &(misas_new_prediction){
                             .id = id, .type = "bank.ledger.v1.YearOver", .due_at_us = due_at_us});
}

static bool has_year(void *wanted)
{
    return atomic_load(&years) >= *(int *)wanted;
}

TEST(a_predictor_leaves_what_nobody_on_its_bus_handles_to_another)
{
    predicting self;
    other_bus other;
    int one = 1;
    int two = 2;

    atomic_store(&years, 0);
    predicting_start(&self, 0);
    start_other(&other, &self);
    predicting_tell(&self, "+one 1000");
    predict_year(&self, "year-1", 2000000);
    misas_clock_set(self.clock, 3000000);
    assert_true(test_wait_until(has_year, &one, 20000)); /* it has looked at both */
    predicting_await_left(&self, 1);
    predicting_start_predictor(&self, 0);
    int64_t began_ms = test_now_ms();

    predicting_await_balance(&self, 1);
    assert_true(test_now_ms() - began_ms < 5000); /* a claim would last for longer */
    predict_year(&self, "year-2", 2000000);
    assert_true(test_wait_until(has_year, &two, 20000));
    predicting_await_left(&self, 0);
    assert_int_equal(predicting_count_letters(&self), 0);
    stop_other(&other);
    predicting_stop(&self);
}

TEST(a_prediction_that_nobody_handles_stays_until_somebody_does)
{
    predicting self;
    other_bus other;
    int one = 1;

    atomic_store(&years, 0);
    predicting_start(&self, 1);
    predict_year(&self, "year", 1000);
    predicting_tell(&self, "+one 1000");
    misas_clock_set(self.clock, 1000000);
    predicting_await_balance(&self, 1);
    predicting_assert_left(&self, 1);
    start_other(&other, &self);
    assert_true(test_wait_until(has_year, &one, 5000));
    predicting_await_left(&self, 0);
    stop_other(&other);
    predicting_stop(&self);
}
