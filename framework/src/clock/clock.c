#include "misas/clock.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "clock/monotonic.h"
#include "clock/time.h"

typedef enum clock_kind {
    clock_system,
    clock_fixed,
    clock_offset,
    clock_scaled,
    clock_measured
} clock_kind;

/* What changes when a measured clock is read. */
typedef struct measurement {
    _Atomic int64_t offset_us; /* to the monotonic clock */
    _Atomic int64_t shown_us;  /* the latest time that was shown */
} measurement;

struct misas_clock {
    clock_kind kind;
    const misas_clock *base; /* of an offset or scaled clock; NULL: the machine's */
    _Atomic int64_t time_us; /* of a fixed clock */
    int64_t offset_us;
    misas_clock_scale scale;
    measurement *measured;
};

static misas_error *new_clock(misas_clock **out, clock_kind kind, const misas_clock *base)
{
    misas_clock *clock = calloc(1, sizeof *clock);

    if (clock == NULL) {
        return misas_error_out_of_memory();
    }
    clock->kind = kind;
    clock->base = base;
    *out = clock;
    return NULL;
}

misas_error *misas_clock_new_system(misas_clock **out)
{
    return new_clock(out, clock_system, NULL);
}

misas_error *misas_clock_new_fixed(misas_clock **out, int64_t time_us)
{
    misas_error *error = new_clock(out, clock_fixed, NULL);

    if (error == NULL) {
        misas_clock_set(*out, time_us);
    }
    return error;
}

misas_error *misas_clock_new_offset(misas_clock **out, const misas_clock *base, int64_t offset_us)
{
    misas_error *error = new_clock(out, clock_offset, base);

    if (error == NULL) {
        (*out)->offset_us = offset_us;
    }
    return error;
}

misas_error *misas_clock_new_scaled(misas_clock **out, const misas_clock *base,
                                    const misas_clock_scale *scale)
{
    if (!isfinite(scale->rate) || scale->rate < 0) {
        char value[32];

        snprintf(value, sizeof value, "%g", scale->rate);
        return misas_error_new_format(
            &(misas_error_options){.type_name = MISAS_ERROR_TIME_INVALID,
                                   .data = (misas_field[]){{"value", value}, {NULL, NULL}},
                                   .tags = MISAS_TAG_VALIDATION},
            "the rate of a clock is %s: expected a finite number from 0 on", value);
    }
    misas_error *error = new_clock(out, clock_scaled, base);

    if (error == NULL) {
        (*out)->scale = *scale;
        if (scale->rate == 0) {
            (*out)->scale.rate = 1;
        }
    }
    return error;
}

static void measure(measurement *measured, int64_t now_us)
{
    atomic_store(&measured->offset_us, misas__time_clamp(now_us) - misas__monotonic_us());
}

misas_error *misas_clock_new_measured(misas_clock **out, int64_t now_us)
{
    misas_clock *clock = NULL;
    misas_error *error = new_clock(&clock, clock_measured, NULL);

    if (error != NULL) {
        return error;
    }
    clock->measured = malloc(sizeof *clock->measured);
    if (clock->measured == NULL) {
        misas_clock_free(clock);
        return misas_error_out_of_memory();
    }
    atomic_init(&clock->measured->offset_us, 0);
    atomic_init(&clock->measured->shown_us, MISAS_TIME_MIN_US);
    measure(clock->measured, now_us);
    *out = clock;
    return NULL;
}

void misas_clock_free(misas_clock *clock)
{
    if (clock != NULL) {
        free(clock->measured);
        free(clock);
    }
}

/* A sum of two times or spans of times can't overflow, once each is within its bounds. */
static int64_t shift(int64_t time_us, int64_t by_us)
{
    const int64_t span_us = MISAS_TIME_MAX_US - MISAS_TIME_MIN_US;

    if (by_us > span_us) {
        by_us = span_us;
    } else if (by_us < -span_us) {
        by_us = -span_us;
    }
    return misas__time_clamp(misas__time_clamp(time_us) + by_us);
}

/* A long double holds any int64_t as it is where it has 64 bits of mantissa; where it has fewer, a
 * time loses its microseconds only centuries away from the anchor. */
static int64_t scale_time(const misas_clock_scale *scale, int64_t base_us)
{
    long double elapsed_us = (long double)base_us - (long double)scale->anchor_us;
    long double time_us = (long double)scale->origin_us + (long double)scale->rate * elapsed_us;

    if (time_us <= (long double)MISAS_TIME_MIN_US) {
        return MISAS_TIME_MIN_US;
    }
    if (time_us >= (long double)MISAS_TIME_MAX_US) {
        return MISAS_TIME_MAX_US;
    }
    return (int64_t)floorl(time_us);
}

static int64_t read_machine_us(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec < MISAS_TIME_MIN_US / 1000000) {
        return MISAS_TIME_MIN_US;
    }
    if (now.tv_sec > MISAS_TIME_MAX_US / 1000000) {
        return MISAS_TIME_MAX_US;
    }
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Whoever reads it notes what it has shown, before anybody can show less. */
static int64_t read_measured_us(measurement *measured)
{
    int64_t time_us = misas__time_clamp(misas__monotonic_us() + atomic_load(&measured->offset_us));
    int64_t shown_us = atomic_load(&measured->shown_us);

    while (time_us > shown_us &&
           !atomic_compare_exchange_weak(&measured->shown_us, &shown_us, time_us)) {
    }
    return time_us > shown_us ? time_us : shown_us;
}

int64_t misas_clock_now_us(const misas_clock *clock)
{
    if (clock == NULL || clock->kind == clock_system) {
        return read_machine_us();
    }
    if (clock->kind == clock_fixed) {
        return atomic_load(&clock->time_us);
    }
    if (clock->kind == clock_measured) {
        return read_measured_us(clock->measured);
    }
    int64_t base_us = misas_clock_now_us(clock->base);

    return clock->kind == clock_offset ? shift(base_us, clock->offset_us)
                                       : scale_time(&clock->scale, base_us);
}

static void require_fixed(const misas_clock *clock)
{
    if (clock == NULL || clock->kind != clock_fixed) {
        fprintf(stderr, "misas: only a fixed clock can be moved\n");
        abort();
    }
}

void misas_clock_measure(misas_clock *clock, int64_t now_us)
{
    if (clock == NULL || clock->kind != clock_measured) {
        fprintf(stderr, "misas: only a measured clock can be measured\n");
        abort();
    }
    measure(clock->measured, now_us);
}

void misas_clock_set(misas_clock *clock, int64_t time_us)
{
    require_fixed(clock);
    atomic_store(&clock->time_us, misas__time_clamp(time_us));
}

void misas_clock_advance(misas_clock *clock, int64_t by_us)
{
    require_fixed(clock);
    int64_t time_us = atomic_load(&clock->time_us);

    while (!atomic_compare_exchange_weak(&clock->time_us, &time_us, shift(time_us, by_us))) {
    }
}
