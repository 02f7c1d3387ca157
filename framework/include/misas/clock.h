/** @file
 * Clocks. Times are microseconds since 1970-01-01T00:00:00Z (UTC, without leap seconds): the
 * precision of PostgreSQL's timestamptz.
 *
 * The time of a system is origin + rate x (base time - anchor), see misas_clock_new_scaled. Every
 * instance of a system that is given the same three numbers agrees on the time, as far as their
 * bases do: the clocks of several machines may not, but those that measure the clock of one
 * database do, see misas_clock_new_measured.
 */
#ifndef MISAS_CLOCK_H
#define MISAS_CLOCK_H

#include <stdint.h>

#include "misas/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A text is not an RFC 3339 time, or a time is outside the years 0001 to 9999; data: "value".
 * Tagged validation. */
#define MISAS_ERROR_TIME_INVALID "misas.clock.time_invalid"

#define MISAS_TIME_TEXT_SIZE 28 /**< "9999-12-31T23:59:59.999999Z" and its NUL */
#define MISAS_TIME_MIN_US INT64_C(-62135596800000000) /**< 0001-01-01T00:00:00Z */
#define MISAS_TIME_MAX_US INT64_C(253402300799999999) /**< 9999-12-31T23:59:59.999999Z */

typedef struct misas_clock misas_clock;

/** The machine's real-time clock. */
misas_error *misas_clock_new_system(misas_clock **out);

/** Stands still until misas_clock_set or misas_clock_advance moves it: for tests, and where the
 * time comes with the data. */
misas_error *misas_clock_new_fixed(misas_clock **out, int64_t time_us);

/** `base` plus `offset_us`. Borrows `base` (NULL: the machine's clock) for its whole life. */
misas_error *misas_clock_new_offset(misas_clock **out, const misas_clock *base, int64_t offset_us);

/** A time that passes faster or slower than that of its base. */
typedef struct misas_clock_scale {
    int64_t origin_us; /**< the time this clock shows when its base shows `anchor_us` */
    int64_t anchor_us;
    double rate; /**< seconds of this clock a second of the base; 0: 1; must not be negative */
} misas_clock_scale;

/** Borrows `base` (NULL: the machine's clock) for its whole life. Errors: MISAS_ERROR_TIME_INVALID
 * for a rate that is negative or not finite. */
misas_error *misas_clock_new_scaled(misas_clock **out, const misas_clock *base,
                                    const misas_clock_scale *scale);

/** A clock that is read somewhere else, now and then, and goes on by this machine's monotonic clock
 * in between: setting the machine's clock does not concern it. Shows `now_us` at first. Fit to be
 * the base of another clock. */
misas_error *misas_clock_new_measured(misas_clock **out, int64_t now_us);

/** Sets a measured clock by what was read just now; any thread. It never goes back: where it has
 * shown a later time already, it stands still until that has come. Aborts for a clock of another
 * kind. */
void misas_clock_measure(misas_clock *clock, int64_t now_us);

void misas_clock_free(misas_clock *clock);

/** The time now, kept within MISAS_TIME_MIN_US and MISAS_TIME_MAX_US; NULL is the machine's clock.
 * Any thread. */
int64_t misas_clock_now_us(const misas_clock *clock);

/** Move a fixed clock; any thread. They abort for a clock of another kind. */
void misas_clock_set(misas_clock *clock, int64_t time_us);
void misas_clock_advance(misas_clock *clock, int64_t by_us);

/** Writes RFC 3339 in UTC with 0, 3 or 6 digits of fraction, as proto3 JSON does. A time out of
 * range is written as the nearest in range. Returns `buffer`. */
const char *misas_time_write(char buffer[MISAS_TIME_TEXT_SIZE], int64_t time_us);

/** Reads RFC 3339 with any offset and 0 to 9 digits of fraction; digits past the sixth are cut. */
misas_error *misas_time_parse(int64_t *out_us, const char *text);

#ifdef __cplusplus
}
#endif

#endif
