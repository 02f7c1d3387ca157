#include "clock/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "misas/clock.h"
#include "text/text.h"

static const int64_t second_us = 1000000;
static const int64_t minute_us = INT64_C(60) * 1000000;
static const int64_t hour_us = INT64_C(3600) * 1000000;
static const int64_t day_us = INT64_C(86400) * 1000000;

/* The calendar repeats every 400 years. Within such an era, years begin in March here, so that the
 * leap day is the last of its year. */
enum { days_per_era = 146097, days_from_era_to_1970 = 719468 };

typedef struct civil_date {
    int64_t year;
    int64_t month;
    int64_t day;
} civil_date;

int64_t misas__time_clamp(int64_t time_us)
{
    if (time_us < MISAS_TIME_MIN_US) {
        return MISAS_TIME_MIN_US;
    }
    return time_us > MISAS_TIME_MAX_US ? MISAS_TIME_MAX_US : time_us;
}

/* Days since 1970-01-01 of a date from the year 1 on. */
static int64_t days_from_civil(civil_date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month_from_march = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * days_per_era + day_of_era - days_from_era_to_1970;
}

static civil_date civil_from_days(int64_t days)
{
    int64_t shifted = days + days_from_era_to_1970;
    int64_t era = shifted / days_per_era;
    int64_t day_of_era = shifted - era * days_per_era;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;

    return (civil_date){
        .year = era * 400 + year_of_era + (month <= 2 ? 1 : 0),
        .month = month,
        .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
    };
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    if (month == 2) {
        bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

        return is_leap ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Writes the digits, then `mark`. */
static void put(char **cursor, int64_t value, int digits, char mark)
{
    char *at = *cursor;

    for (int i = digits - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    at[digits] = mark;
    *cursor = at + digits + 1;
}

const char *misas_time_write(char buffer[MISAS_TIME_TEXT_SIZE], int64_t time_us)
{
    int64_t since_min_us = misas__time_clamp(time_us) - MISAS_TIME_MIN_US;
    int64_t in_day_us = since_min_us % day_us;
    int64_t fraction_us = in_day_us % second_us;
    civil_date date = civil_from_days(since_min_us / day_us + MISAS_TIME_MIN_US / day_us);
    char *cursor = buffer;

    put(&cursor, date.year, 4, '-');
    put(&cursor, date.month, 2, '-');
    put(&cursor, date.day, 2, 'T');
    put(&cursor, in_day_us / hour_us, 2, ':');
    put(&cursor, in_day_us / minute_us % 60, 2, ':');
    put(&cursor, in_day_us / second_us % 60, 2, fraction_us == 0 ? 'Z' : '.');
    if (fraction_us % 1000 != 0) {
        put(&cursor, fraction_us, 6, 'Z');
    } else if (fraction_us != 0) {
        put(&cursor, fraction_us / 1000, 3, 'Z');
    }
    *cursor = '\0';
    return buffer;
}

/* Reads from left to right; after its first mistake it stays where it is. */
typedef struct time_reader {
    const char *at;
    bool failed;
} time_reader;

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static int64_t read_number(time_reader *reader, int digits, int64_t minimum, int64_t maximum)
{
    int64_t value = 0;

    for (int i = 0; i < digits && !reader->failed; i++) {
        reader->failed = !is_digit(*reader->at);
        if (!reader->failed) {
            value = value * 10 + (*reader->at++ - '0');
        }
    }
    if (value < minimum || value > maximum) {
        reader->failed = true;
    }
    return value;
}

/* Reads one of the characters in `marks`, and returns it. */
static char read_mark(time_reader *reader, const char *marks)
{
    if (reader->failed || *reader->at == '\0' || strchr(marks, *reader->at) == NULL) {
        reader->failed = true;
        return '\0';
    }
    return *reader->at++;
}

static int64_t read_date_us(time_reader *reader)
{
    civil_date date = {0};

    date.year = read_number(reader, 4, 1, 9999);
    read_mark(reader, "-");
    date.month = read_number(reader, 2, 1, 12);
    read_mark(reader, "-");
    date.day = read_number(reader, 2, 1, days_in_month(date.year, date.month));
    return reader->failed ? 0 : days_from_civil(date) * day_us;
}

static int64_t read_fraction_us(time_reader *reader)
{
    int64_t value_us = 0;
    int64_t place_us = second_us / 10;
    int digits = 0;

    if (reader->failed || *reader->at != '.') {
        return 0;
    }
    reader->at++;
    for (; is_digit(*reader->at) && digits < 9; digits++) {
        value_us += place_us * (*reader->at++ - '0');
        place_us /= 10;
    }
    reader->failed = digits == 0;
    return value_us;
}

static int64_t read_time_of_day_us(time_reader *reader)
{
    int64_t time_us = read_number(reader, 2, 0, 23) * hour_us;

    read_mark(reader, ":");
    time_us += read_number(reader, 2, 0, 59) * minute_us;
    read_mark(reader, ":");
    time_us += read_number(reader, 2, 0, 59) * second_us;
    return time_us + read_fraction_us(reader);
}

static int64_t read_offset_us(time_reader *reader)
{
    char mark = read_mark(reader, "Zz+-");

    if (mark != '+' && mark != '-') {
        return 0;
    }
    int64_t offset_us = read_number(reader, 2, 0, 23) * hour_us;

    read_mark(reader, ":");
    offset_us += read_number(reader, 2, 0, 59) * minute_us;
    return mark == '-' ? -offset_us : offset_us;
}

static misas_error *invalid(const char *text, const char *expected)
{
    char quoted[MISAS__QUOTED_SIZE];

    return misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_TIME_INVALID,
                               .data = (misas_field[]){{"value", text}, {NULL, NULL}},
                               .tags = MISAS_TAG_VALIDATION},
        "%s is not a time: expected %s", misas__text_quote(quoted, text), expected);
}

misas_error *misas_time_parse(int64_t *out_us, const char *text)
{
    time_reader reader = {.at = text};
    int64_t time_us = read_date_us(&reader);

    read_mark(&reader, "Tt");
    time_us += read_time_of_day_us(&reader);
    time_us -= read_offset_us(&reader);
    if (reader.failed || *reader.at != '\0') {
        return invalid(text, "RFC 3339, as in \"2026-01-31T23:59:59.5Z\" or with an offset as in "
                             "\"+01:00\", from the year 0001 on");
    }
    if (time_us != misas__time_clamp(time_us)) {
        return invalid(text, "one within the years 0001 to 9999 of UTC");
    }
    *out_us = time_us;
    return NULL;
}
