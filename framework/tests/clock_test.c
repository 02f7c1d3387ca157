#include "misas/clock.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "support/test.h"

/* The machine's clocks, in place of those of the C library. */
static const struct timespec *fake_now;
static const struct timespec *fake_monotonic;

int clock_gettime(clockid_t id, struct timespec *now)
{
    const struct timespec *fake = id == CLOCK_REALTIME    ? fake_now
                                  : id == CLOCK_MONOTONIC ? fake_monotonic
                                                          : NULL;

    if (fake != NULL) {
        *now = *fake;
        return 0;
    }
    return (int)syscall(SYS_clock_gettime, id, now);
}

static int64_t scaled_time(int64_t base_us, misas_clock_scale scale)
{
    misas_clock *base = NULL;
    misas_clock *clock = NULL;

    assert_no_error(misas_clock_new_fixed(&base, base_us));
    assert_no_error(misas_clock_new_scaled(&clock, base, &scale));
    int64_t time_us = misas_clock_now_us(clock);

    misas_clock_free(clock);
    misas_clock_free(base);
    return time_us;
}

static int64_t offset_time(int64_t base_us, int64_t offset_us)
{
    misas_clock *base = NULL;
    misas_clock *clock = NULL;

    assert_no_error(misas_clock_new_fixed(&base, base_us));
    assert_no_error(misas_clock_new_offset(&clock, base, offset_us));
    int64_t time_us = misas_clock_now_us(clock);

    misas_clock_free(clock);
    misas_clock_free(base);
    return time_us;
}

TEST(the_machines_clock_is_read_in_microseconds)
{
    misas_clock *clock = NULL;

    assert_no_error(misas_clock_new_system(&clock));
    fake_now = &(struct timespec){1700000000, 123456789};
    assert_int_equal(misas_clock_now_us(clock), INT64_C(1700000000123456));
    assert_int_equal(misas_clock_now_us(NULL), INT64_C(1700000000123456));
    fake_now = &(struct timespec){-1, 999999000};
    assert_int_equal(misas_clock_now_us(NULL), -1);
    fake_now = NULL;
    misas_clock_free(clock);
    misas_clock_free(NULL);
}

TEST(the_machines_clock_is_kept_within_the_range_of_times)
{
    fake_now = &(struct timespec){INT64_C(253402300800), 0};
    assert_int_equal(misas_clock_now_us(NULL), MISAS_TIME_MAX_US);
    fake_now = &(struct timespec){INT64_MAX, 999999999};
    assert_int_equal(misas_clock_now_us(NULL), MISAS_TIME_MAX_US);
    fake_now = &(struct timespec){INT64_C(-62135596801), 0};
    assert_int_equal(misas_clock_now_us(NULL), MISAS_TIME_MIN_US);
    fake_now = &(struct timespec){INT64_MIN, 0};
    assert_int_equal(misas_clock_now_us(NULL), MISAS_TIME_MIN_US);
    fake_now = NULL;
}

TEST(a_fixed_clock_stands_still_until_it_is_moved)
{
    misas_clock *clock = NULL;

    assert_no_error(misas_clock_new_fixed(&clock, 1000));
    assert_int_equal(misas_clock_now_us(clock), 1000);
    assert_int_equal(misas_clock_now_us(clock), 1000);
    misas_clock_advance(clock, 500);
    assert_int_equal(misas_clock_now_us(clock), 1500);
    misas_clock_advance(clock, -2000);
    assert_int_equal(misas_clock_now_us(clock), -500);
    misas_clock_set(clock, 42);
    assert_int_equal(misas_clock_now_us(clock), 42);
    misas_clock_free(clock);
}

TEST(a_fixed_clock_stays_within_the_range_of_times)
{
    misas_clock *clock = NULL;

    assert_no_error(misas_clock_new_fixed(&clock, INT64_MAX));
    assert_int_equal(misas_clock_now_us(clock), MISAS_TIME_MAX_US);
    misas_clock_advance(clock, INT64_MAX);
    assert_int_equal(misas_clock_now_us(clock), MISAS_TIME_MAX_US);
    misas_clock_advance(clock, INT64_MIN);
    assert_int_equal(misas_clock_now_us(clock), MISAS_TIME_MIN_US);
    misas_clock_advance(clock, MISAS_TIME_MAX_US - MISAS_TIME_MIN_US);
    assert_int_equal(misas_clock_now_us(clock), MISAS_TIME_MAX_US);
    misas_clock_set(clock, INT64_MIN);
    assert_int_equal(misas_clock_now_us(clock), MISAS_TIME_MIN_US);
    misas_clock_free(clock);
}

enum { thread_count = 4, steps = 5000 };

static void *advance_often(void *clock)
{
    for (int i = 0; i < steps; i++) {
        misas_clock_advance(clock, 3);
        misas_clock_now_us(clock);
    }
    return NULL;
}

TEST(many_threads_may_move_a_fixed_clock_and_no_step_is_lost)
{
    misas_clock *clock = NULL;
    pthread_t threads[thread_count];

    assert_no_error(misas_clock_new_fixed(&clock, 0));
    for (size_t i = 0; i < thread_count; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, advance_often, clock), 0);
    }
    for (size_t i = 0; i < thread_count; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(misas_clock_now_us(clock), 3 * thread_count * steps);
    misas_clock_free(clock);
}

static void set_system_clock(void)
{
    misas_clock *clock = NULL;

    misas_error_free(misas_clock_new_system(&clock));
    misas_clock_set(clock, 0);
}

static void advance_offset_clock(void)
{
    misas_clock *clock = NULL;

    misas_error_free(misas_clock_new_offset(&clock, NULL, 1));
    misas_clock_advance(clock, 0);
}

static void set_no_clock(void)
{
    misas_clock_set(NULL, 0);
}

TEST(a_clock_of_another_kind_can_not_be_moved)
{
    assert_aborts(set_system_clock, "only a fixed clock can be moved");
    assert_aborts(advance_offset_clock, "only a fixed clock can be moved");
    assert_aborts(set_no_clock, "only a fixed clock can be moved");
}

TEST(an_offset_clock_follows_its_base_at_a_distance)
{
    misas_clock *base = NULL;
    misas_clock *clock = NULL;

    assert_no_error(misas_clock_new_fixed(&base, 1000));
    assert_no_error(misas_clock_new_offset(&clock, base, -300));
    assert_int_equal(misas_clock_now_us(clock), 700);
    misas_clock_advance(base, 50);
    assert_int_equal(misas_clock_now_us(clock), 750);
    misas_clock_free(clock);
    misas_clock_free(base);
}

TEST(an_offset_clock_without_a_base_follows_the_machines_clock)
{
    misas_clock *clock = NULL;

    assert_no_error(misas_clock_new_offset(&clock, NULL, 5000000));
    fake_now = &(struct timespec){100, 0};
    assert_int_equal(misas_clock_now_us(clock), 105000000);
    fake_now = NULL;
    misas_clock_free(clock);
}

TEST(an_offset_clock_stays_within_the_range_of_times)
{
    assert_int_equal(offset_time(0, INT64_MAX), MISAS_TIME_MAX_US);
    assert_int_equal(offset_time(0, INT64_MIN), MISAS_TIME_MIN_US);
    assert_int_equal(offset_time(MISAS_TIME_MAX_US, 1), MISAS_TIME_MAX_US);
    assert_int_equal(offset_time(MISAS_TIME_MIN_US, -1), MISAS_TIME_MIN_US);
    assert_int_equal(offset_time(MISAS_TIME_MAX_US, INT64_MIN), MISAS_TIME_MIN_US);
}

TEST(a_scaled_clock_shows_its_origin_at_the_anchor_and_runs_at_its_rate)
{
    misas_clock_scale fast = {.origin_us = 5000000, .anchor_us = 1000000, .rate = 60};
    misas_clock_scale slow = {.origin_us = 0, .anchor_us = 0, .rate = 0.5};

    assert_int_equal(scaled_time(1000000, fast), 5000000);
    assert_int_equal(scaled_time(1000001, fast), 5000060);
    assert_int_equal(scaled_time(999999, fast), 4999940);
    assert_int_equal(scaled_time(7, slow), 3);
    assert_int_equal(scaled_time(-7, slow), -4);
}

TEST(a_rate_of_zero_means_one_and_is_exact)
{
    misas_clock_scale scale = {.origin_us = INT64_C(1700000000123457), .anchor_us = 1};

    assert_int_equal(scaled_time(1, scale), INT64_C(1700000000123457));
    assert_int_equal(scaled_time(INT64_C(1700000000000004), scale), INT64_C(3400000000123460));
}

TEST(a_scaled_clock_without_a_base_follows_the_machines_clock)
{
    misas_clock *clock = NULL;

    assert_no_error(misas_clock_new_scaled(
        &clock, NULL, &(misas_clock_scale){.anchor_us = 100000000, .rate = 2}));
    fake_now = &(struct timespec){103, 0};
    assert_int_equal(misas_clock_now_us(clock), 6000000);
    fake_now = NULL;
    misas_clock_free(clock);
}

TEST(clocks_may_stand_on_clocks_that_stand_on_clocks)
{
    misas_clock *base = NULL;
    misas_clock *shifted = NULL;
    misas_clock *scaled = NULL;

    assert_no_error(misas_clock_new_fixed(&base, 100));
    assert_no_error(misas_clock_new_offset(&shifted, base, 20));
    assert_no_error(misas_clock_new_scaled(&scaled, shifted, &(misas_clock_scale){.rate = 10}));
    assert_int_equal(misas_clock_now_us(scaled), 1200);
    misas_clock_free(scaled);
    misas_clock_free(shifted);
    misas_clock_free(base);
}

TEST(no_scale_makes_a_clock_leave_the_range_of_times)
{
    const int64_t extremes[] = {INT64_MIN, MISAS_TIME_MIN_US, -1,       0,
                                1,         MISAS_TIME_MAX_US, INT64_MAX};
    const double rates[] = {5e-324, 1e-9, 1, 1e18, 1.7976931348623157e308};
    const size_t count = sizeof extremes / sizeof *extremes;

    for (size_t i = 0; i < count * count * count * 5; i++) {
        misas_clock_scale scale = {.origin_us = extremes[i % count],
                                   .anchor_us = extremes[i / count % count],
                                   .rate = rates[i / count / count / count]};
        int64_t time_us = scaled_time(extremes[i / count / count % count], scale);

        assert_true(time_us >= MISAS_TIME_MIN_US && time_us <= MISAS_TIME_MAX_US);
    }
    assert_int_equal(scaled_time(1, (misas_clock_scale){.rate = 1e300}), MISAS_TIME_MAX_US);
    assert_int_equal(scaled_time(-1, (misas_clock_scale){.rate = 1e300}), MISAS_TIME_MIN_US);
}

TEST(a_rate_that_is_negative_or_not_finite_is_refused)
{
    const double rates[] = {-1, -5e-324, (double)INFINITY, -(double)INFINITY, (double)NAN};

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        misas_clock *clock = NULL;
        misas_error *error =
            misas_clock_new_scaled(&clock, NULL, &(misas_clock_scale){.rate = rates[i]});

        assert_null(clock);
        assert_non_null(misas_error_data(error, "value"));
        assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
        assert_error_says(error, MISAS_ERROR_TIME_INVALID, "expected a finite number from 0 on");
    }
    misas_clock *clock = NULL;
    assert_error_says(misas_clock_new_scaled(&clock, NULL, &(misas_clock_scale){.rate = -1.5}),
                      MISAS_ERROR_TIME_INVALID, "the rate of a clock is -1.5");
}

static void set_monotonic_us(int64_t time_us)
{
    static struct timespec now;

    now = (struct timespec){time_us / 1000000, time_us % 1000000 * 1000};
    fake_monotonic = &now;
}

TEST(a_measured_clock_goes_on_by_the_monotonic_clock)
{
    misas_clock *clock = NULL;

    set_monotonic_us(5000000);
    assert_no_error(misas_clock_new_measured(&clock, INT64_C(1700000000000000)));
    assert_int_equal(misas_clock_now_us(clock), INT64_C(1700000000000000));
    set_monotonic_us(8000001);
    fake_now = &(struct timespec){1, 0}; /* the machine's clock is set */
    assert_int_equal(misas_clock_now_us(clock), INT64_C(1700000003000001));
    fake_now = NULL;
    fake_monotonic = NULL;
    misas_clock_free(clock);
}

TEST(a_measurement_moves_a_measured_clock_forward_at_once)
{
    misas_clock *clock = NULL;

    set_monotonic_us(1000);
    assert_no_error(misas_clock_new_measured(&clock, 0));
    misas_clock_measure(clock, 500000);
    assert_int_equal(misas_clock_now_us(clock), 500000);
    set_monotonic_us(1007);
    assert_int_equal(misas_clock_now_us(clock), 500007);
    fake_monotonic = NULL;
    misas_clock_free(clock);
}

TEST(a_measurement_never_moves_a_clock_back_but_makes_it_stand_until_that_time_has_come)
{
    misas_clock *clock = NULL;

    set_monotonic_us(1000);
    assert_no_error(misas_clock_new_measured(&clock, 10000));
    set_monotonic_us(1500);
    assert_int_equal(misas_clock_now_us(clock), 10500);
    misas_clock_measure(clock, 10100);
    assert_int_equal(misas_clock_now_us(clock), 10500);
    set_monotonic_us(1900);
    assert_int_equal(misas_clock_now_us(clock), 10500);
    set_monotonic_us(1901);
    assert_int_equal(misas_clock_now_us(clock), 10501);
    fake_monotonic = NULL;
    misas_clock_free(clock);
}

TEST(what_a_measured_clock_has_not_shown_may_be_measured_anew)
{
    misas_clock *clock = NULL;

    set_monotonic_us(0);
    assert_no_error(misas_clock_new_measured(&clock, 10000));
    misas_clock_measure(clock, -10000);
    assert_int_equal(misas_clock_now_us(clock), -10000);
    fake_monotonic = NULL;
    misas_clock_free(clock);
}

TEST(a_measured_clock_stays_within_the_range_of_times)
{
    misas_clock *clock = NULL;

    set_monotonic_us(1000);
    assert_no_error(misas_clock_new_measured(&clock, INT64_MIN));
    assert_int_equal(misas_clock_now_us(clock), MISAS_TIME_MIN_US);
    misas_clock_measure(clock, INT64_MAX);
    set_monotonic_us(2000);
    assert_int_equal(misas_clock_now_us(clock), MISAS_TIME_MAX_US);
    misas_clock_measure(clock, INT64_MIN);
    assert_int_equal(misas_clock_now_us(clock), MISAS_TIME_MAX_US);
    fake_monotonic = NULL;
    misas_clock_free(clock);
}

TEST(a_scaled_clock_may_stand_on_a_measured_one)
{
    misas_clock *base = NULL;
    misas_clock *clock = NULL;

    set_monotonic_us(0);
    assert_no_error(misas_clock_new_measured(&base, 1000));
    assert_no_error(misas_clock_new_scaled(
        &clock, base, &(misas_clock_scale){.origin_us = 7, .anchor_us = 1000, .rate = 60}));
    assert_int_equal(misas_clock_now_us(clock), 7);
    set_monotonic_us(10);
    assert_int_equal(misas_clock_now_us(clock), 607);
    misas_clock_measure(base, 2000);
    assert_int_equal(misas_clock_now_us(clock), 60007);
    fake_monotonic = NULL;
    misas_clock_free(clock);
    misas_clock_free(base);
}

static void *watch(void *clock)
{
    int64_t before_us = MISAS_TIME_MIN_US;

    for (int i = 0; i < steps; i++) {
        int64_t now_us = misas_clock_now_us(clock);

        if (now_us < before_us) {
            return clock;
        }
        before_us = now_us;
    }
    return NULL;
}

TEST(no_thread_sees_a_measured_clock_go_back)
{
    misas_clock *clock = NULL;
    pthread_t threads[thread_count];

    assert_no_error(misas_clock_new_measured(&clock, 1000000));
    for (size_t i = 0; i < thread_count; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, watch, clock), 0);
    }
    for (int i = 0; i < steps; i++) {
        misas_clock_measure(clock, misas_clock_now_us(clock) + (i % 2 == 0 ? 50 : -50));
    }
    for (size_t i = 0; i < thread_count; i++) {
        void *went_back = NULL;

        pthread_join(threads[i], &went_back);
        assert_null(went_back);
    }
    misas_clock_free(clock);
}

static void measure_fixed_clock(void)
{
    misas_clock *clock = NULL;

    misas_error_free(misas_clock_new_fixed(&clock, 1));
    misas_clock_measure(clock, 0);
}

static void measure_no_clock(void)
{
    misas_clock_measure(NULL, 0);
}

static void set_measured_clock(void)
{
    misas_clock *clock = NULL;

    misas_error_free(misas_clock_new_measured(&clock, 1));
    misas_clock_set(clock, 0);
}

TEST(only_a_measured_clock_is_measured_and_it_is_not_moved_otherwise)
{
    assert_aborts(measure_fixed_clock, "only a measured clock can be measured");
    assert_aborts(measure_no_clock, "only a measured clock can be measured");
    assert_aborts(set_measured_clock, "only a fixed clock can be moved");
}
