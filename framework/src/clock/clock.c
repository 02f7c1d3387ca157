#include "misas/clock.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "clock/time.h"

typedef enum clock_kind { clock_system, clock_fixed, clock_offset, clock_scaled } clock_kind;

struct misas_clock {
    clock_kind kind;
    const misas_clock *base; /* of an offset or scaled clock; NULL: the machine's */
    _Atomic int64_t time_us; /* of a fixed clock */
    int64_t offset_us;
    misas_clock_scale scale;
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

void misas_clock_free(misas_clock *clock)
{
    free(clock);
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

int64_t misas_clock_now_us(const misas_clock *clock)
{
    if (clock == NULL || clock->kind == clock_system) {
        return read_machine_us();
    }
    if (clock->kind == clock_fixed) {
        return atomic_load(&clock->time_us);
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
