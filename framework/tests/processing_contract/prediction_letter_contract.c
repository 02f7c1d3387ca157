/* Predictions that can't be handled are set aside: nothing is lost, and nothing tried for ever. */
#include <string.h>

#include "misas/clock.h"
#include "processing/prediction_letter.h"
#include "processing_contract/predicting.h"

TEST(a_refused_prediction_is_set_aside_whole)
{
    predicting self;
    misas__arena arena = {0};

    predicting_start(&self, 1);
    atomic_store(&self.times_to_fail, 1);
    predicting_tell(&self, "+one 1500");
    misas_clock_set(self.clock, 2000000);
    const misas__dead_letter *letter = predicting_await_letter(&self, &arena);
    misas_error *error = NULL;

    assert_string_equal(letter->processor, "ledger.predictions");
    assert_string_equal(letter->event.stream, "$prediction-one");
    assert_string_equal(letter->event.type, "bank.ledger.v1.InterestDue");
    assert_string_equal(misas_metadata_get(&letter->event.metadata, "key"), "a");
    assert_string_equal(misas_metadata_get(&letter->event.metadata, "due_at"),
                        "1970-01-01T00:00:01.500Z");
    assert_non_null(letter->event.metadata.causation_id);
    assert_int_equal(letter->event.version, 1);
    assert_true(letter->event.payload_size > 0);
    assert_true(letter->event.recorded_at_us > 0);
    assert_int_equal(letter->attempts, 1);
    assert_no_error(misas_error_decode(&error, letter->error, letter->error_size));
    assert_error_is(error, "test.failing");
    predicting_assert_left(&self, 0);
    assert_int_equal(ledger_balance(&self.ledger, "a"), 0);
    misas__arena_free(&arena);
    predicting_stop(&self);
}

TEST(a_refused_prediction_holds_up_none_that_is_due_with_it)
{
    predicting self;
    misas__arena arena = {0};

    predicting_start(&self, 1);
    atomic_store(&self.times_to_fail, 1);
    predicting_tell(&self, "+one 1000");
    predicting_tell(&self, "+two 1000");
    predicting_tell(&self, "+three 1000");
    misas_clock_set(self.clock, 1000000);
    predicting_await_balance(&self, 2);
    predicting_await_letter(&self, &arena);
    predicting_assert_left(&self, 0);
    misas__arena_free(&arena);
    predicting_stop(&self);
}

static void add_undecodable(predicting *self)
{
    predicting_add(self, &(misas_new_prediction){.id = "broken",
                                                 .type = "bank.ledger.v1.InterestDue",
                                                 .payload = "\xff\xff",
                                                 .payload_size = 2});
}

TEST(a_prediction_that_can_not_be_decoded_is_set_aside)
{
    predicting self;
    misas__arena arena = {0};
    misas_error *error = NULL;

    predicting_start(&self, 1);
    add_undecodable(&self);
    const misas__dead_letter *letter = predicting_await_letter(&self, &arena);

    assert_string_equal(letter->event.stream, "$prediction-broken");
    assert_null(misas_metadata_get(&letter->event.metadata, "key"));
    assert_int_equal(letter->event.payload_size, 2);
    assert_memory_equal(letter->event.payload, "\xff\xff", 2);
    assert_no_error(misas_error_decode(&error, letter->error, letter->error_size));
    assert_error_is(error, MISAS_ERROR_UNDECODABLE);
    predicting_assert_left(&self, 0);
    assert_int_equal(self.calls, 0);
    misas__arena_free(&arena);
    predicting_stop(&self);
}

TEST(a_prediction_that_was_set_aside_can_be_handled_once_more)
{
    predicting self;
    misas__arena arena = {0};

    predicting_start(&self, 1);
    atomic_store(&self.times_to_fail, 2);
    predicting_tell(&self, "+one 1000");
    misas_clock_set(self.clock, 1000000);
    assert_no_error(misas__predict_again(self.storage, predicting_await_letter(&self, &arena)));
    const misas__dead_letter *again = predicting_await_letter(&self, &arena);

    assert_string_equal(again->event.stream, "$prediction-one");
    assert_string_equal(misas_metadata_get(&again->event.metadata, "key"), "a");
    assert_string_equal(misas_metadata_get(&again->event.metadata, "due_at"),
                        "1970-01-01T00:00:01Z");
    assert_no_error(misas__predict_again(self.storage, again));
    predicting_await_balance(&self, 1);
    assert_int_equal(predicting_count_letters(&self), 0);
    assert_error_is(misas__predict_again(self.storage, again), MISAS__ERROR_LEASE_LOST);
    predicting_assert_left(&self, 0);
    assert_int_equal(self.calls, 3);
    misas__arena_free(&arena);
    predicting_stop(&self);
}

TEST(a_prediction_that_is_to_be_handled_once_more_can_be_cancelled_by_its_key)
{
    predicting self;
    misas__arena arena = {0};

    predicting_start(&self, 1);
    atomic_store(&self.times_to_fail, 1);
    predicting_tell(&self, "+one 1000");
    misas_clock_set(self.clock, 1000000);
    const misas__dead_letter *letter = predicting_await_letter(&self, &arena);

    misas_clock_set(self.clock, 0);
    assert_no_error(misas__predict_again(self.storage, letter));
    predicting_assert_left(&self, 1);
    predicting_tell(&self, "~");
    predicting_assert_left(&self, 0);
    misas__arena_free(&arena);
    predicting_stop(&self);
}

TEST(a_prediction_is_not_handled_once_more_while_there_is_another_of_its_id)
{
    predicting self;
    misas__arena arena = {0};

    predicting_start(&self, 1);
    atomic_store(&self.times_to_fail, 1);
    predicting_tell(&self, "+one 1000");
    misas_clock_set(self.clock, 1000000);
    const misas__dead_letter *letter = predicting_await_letter(&self, &arena);

    predicting_tell(&self, "+one 5000");
    assert_error_is(misas__predict_again(self.storage, letter), MISAS_ERROR_PREDICTION_EXISTS);
    assert_int_equal(predicting_count_letters(&self), 1);
    predicting_tell(&self, "-one");
    assert_no_error(misas__predict_again(self.storage, letter));
    predicting_await_balance(&self, 1);
    misas__arena_free(&arena);
    predicting_stop(&self);
}

TEST(predictions_of_one_id_that_are_set_aside_one_after_another_are_all_kept)
{
    predicting self;
    misas__arena arena = {0};

    predicting_start(&self, 1);
    atomic_store(&self.times_to_fail, 2);
    predicting_tell(&self, "+one 1000");
    misas_clock_set(self.clock, 1000000);
    const misas__dead_letter *first = predicting_await_letter(&self, &arena);

    predicting_tell(&self, "+one 900");
    predicting_tell(&self, "+two 1000"); /* a later one, which is handled */
    predicting_await_balance(&self, 1);
    assert_int_equal(predicting_count_letters(&self), 2);
    assert_no_error(misas__predict_again(self.storage, first));
    predicting_await_balance(&self, 2);
    assert_int_equal(predicting_count_letters(&self), 1);
    misas__arena_free(&arena);
    predicting_stop(&self);
}

static bool has_called_five_times(void *argument)
{
    return atomic_load(&((predicting *)argument)->calls) >= 5;
}

TEST(a_prediction_whose_handler_fails_with_a_retriable_error_time_and_again_stays)
{
    predicting self;

    predicting_start(&self, 1);
    self.tags = MISAS_TAG_RETRIABLE;
    atomic_store(&self.times_to_fail, 5);
    predicting_tell(&self, "+one 1000");
    misas_clock_set(self.clock, 1000000);
    test_wait_until(has_called_five_times, &self, 20000);
    predicting_tell(&self, "+two 2000"); /* by then the handler has returned */
    assert_int_equal(predicting_count_letters(&self), 0);
    predicting_assert_left(&self, 2);
    predicting_stop(&self);
}

static void count(void *argument, misas_error *error)
{
    misas_error_free(error);
    atomic_fetch_add((atomic_int *)argument, 1);
}

static bool is_counted(void *argument)
{
    return atomic_load((atomic_int *)argument) > 0;
}

TEST(a_prediction_whose_handler_fails_fatally_stays)
{
    predicting self;
    atomic_int fatal_errors = 0;

    predicting_start(&self, 0);
    ledger_stop(&self.ledger);
    self.options.processor.on_fatal = count;
    self.options.processor.on_fatal_argument = &fatal_errors;
    self.ledger = ledger_start(self.storage, &self.options);
    predicting_start_predictor(&self, 0);
    self.tags = MISAS_TAG_FATAL;
    atomic_store(&self.times_to_fail, 1);
    predicting_tell(&self, "+one 1000");
    misas_clock_set(self.clock, 1000000);
    assert_true(test_wait_until(is_counted, &fatal_errors, 20000));
    assert_int_equal(predicting_count_letters(&self), 0);
    predicting_assert_left(&self, 1);
    predicting_stop(&self);
}
