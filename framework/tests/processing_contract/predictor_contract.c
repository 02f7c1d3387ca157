/* What becomes of predictions when their time has come. */
#include <stdio.h>

#include "processing_contract/predicting.h"

TEST(a_prediction_fires_when_its_time_has_come_and_not_before)
{
    predicting self;

    predicting_start(&self, 1);
    predicting_tell(&self, "+later 2000");
    predicting_tell(&self, "+soon 1000");
    misas_clock_set(self.clock, 999999);
    predicting_tell(&self, "+now 0"); /* once that has fired, the other would have */
    predicting_await_balance(&self, 1);
    predicting_assert_left(&self, 2);
    misas_clock_set(self.clock, 1000000);
    predicting_await_balance(&self, 2);
    misas_clock_set(self.clock, 5000000);
    predicting_await_balance(&self, 3);
    predicting_assert_left(&self, 0);
    assert_int_equal(self.calls, 3);
    predicting_stop(&self);
}

TEST(a_cancelled_prediction_does_not_fire)
{
    predicting self;

    predicting_start(&self, 1);
    predicting_tell(&self, "+one 1000");
    predicting_tell(&self, "+two 1000");
    predicting_tell(&self, "+three 1000");
    predicting_tell(&self, "-one");
    misas_clock_set(self.clock, 1000000);
    predicting_await_balance(&self, 2);
    predicting_tell(&self, "+four 2000");
    predicting_tell(&self, "+five 2000");
    predicting_tell(&self, "~");
    predicting_assert_left(&self, 0);
    misas_clock_set(self.clock, 3000000);
    predicting_tell(&self, "+six 2500");
    predicting_await_balance(&self, 3);
    predicting_stop(&self);
}

TEST(a_replaced_prediction_fires_at_its_new_time)
{
    predicting self;

    predicting_start(&self, 1);
    predicting_tell(&self, "+one 1000");
    predicting_tell(&self, "=one 3000");
    misas_clock_set(self.clock, 2000000);
    predicting_tell(&self, "+two 2000");
    predicting_await_balance(&self, 1);
    misas_clock_set(self.clock, 3000000);
    predicting_await_balance(&self, 2);
    assert_int_equal(self.calls, 2);
    predicting_stop(&self);
}

TEST(two_predictors_fire_each_prediction_once)
{
    enum { count = 300 };
    predicting self;
    char text[32];

    predicting_start(&self, 2);
    for (int i = 0; i < count; i++) {
        snprintf(text, sizeof text, "+p%d %d", i, 1000 + i);
        predicting_tell(&self, text);
    }
    misas_clock_set(self.clock, 2000000);
    predicting_await_balance(&self, count);
    predicting_assert_left(&self, 0);
    assert_int_equal(ledger_count_events(self.storage, "account-a"), 1 + count);
    predicting_stop(&self);
}

TEST(a_prediction_whose_handler_fails_is_tried_again)
{
    predicting self;

    predicting_start(&self, 1);
    self.tags = MISAS_TAG_RETRIABLE;
    atomic_store(&self.times_to_fail, 2);
    predicting_tell(&self, "+one 1000");
    misas_clock_set(self.clock, 1000000);
    predicting_await_balance(&self, 1);
    assert_int_equal(self.calls, 3);
    predicting_assert_left(&self, 0);
    predicting_stop(&self);
}

TEST(predictions_outlive_the_processors)
{
    predicting self;

    predicting_start(&self, 0);
    predicting_tell(&self, "+one 1000");
    ledger_stop(&self.ledger);
    misas_clock_set(self.clock, 5000000);
    self.ledger = ledger_start(self.storage, &self.options);
    predicting_start_predictor(&self, 0);
    predicting_await_balance(&self, 1);
    predicting_stop(&self);
}

static void predict_at(predicting *self, const char *id, int64_t due_at_us)
{
    static const uint8_t of_a[] = {0x0a, 1, 'a'};
    predicting_add(self, &(misas_new_prediction){.id = id,
                                                 .type = "bank.ledger.v1.InterestDue",
                                                 .due_at_us = due_at_us,
                                                 .payload = of_a,
                                                 .payload_size = sizeof of_a});
}

TEST(a_prediction_of_the_past_fires_at_once_and_one_of_the_last_time_then)
{
    predicting self;

    predicting_start(&self, 1);
    predict_at(&self, "last", MISAS_TIME_MAX_US);
    predict_at(&self, "first", MISAS_TIME_MIN_US);
    predicting_tell(&self, "+past -1000");
    predicting_await_balance(&self, 2);
    predicting_assert_left(&self, 1);
    misas_clock_set(self.clock, MISAS_TIME_MAX_US);
    predicting_await_balance(&self, 3);
    predicting_assert_left(&self, 0);
    predicting_stop(&self);
}
