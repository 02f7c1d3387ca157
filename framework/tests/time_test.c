#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "misas/clock.h"
#include "support/test.h"

static void assert_written(int64_t time_us, const char *expected)
{
    char text[MISAS_TIME_TEXT_SIZE];

    assert_ptr_equal(misas_time_write(text, time_us), text);
    assert_string_equal(text, expected);
}

static void assert_parsed(const char *text, int64_t expected_us)
{
    int64_t time_us = 0;

    assert_no_error(misas_time_parse(&time_us, text));
    assert_int_equal(time_us, expected_us);
}

static void assert_refused(const char *text)
{
    int64_t time_us = 17;
    misas_error *error = misas_time_parse(&time_us, text);

    if (error == NULL) {
        fail_msg("'%s' was read as %" PRId64, text, time_us);
    }
    assert_string_equal(misas_error_data(error, "value"), text);
    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_int_equal(time_us, 17);
    assert_error_says(error, MISAS_ERROR_TIME_INVALID, "is not a time: expected");
}

TEST(a_time_is_written_with_as_many_digits_of_fraction_as_it_needs)
{
    assert_written(0, "1970-01-01T00:00:00Z");
    assert_written(INT64_C(1700000000000000), "2023-11-14T22:13:20Z");
    assert_written(INT64_C(1700000000100000), "2023-11-14T22:13:20.100Z");
    assert_written(INT64_C(1700000000001000), "2023-11-14T22:13:20.001Z");
    assert_written(INT64_C(1700000000000001), "2023-11-14T22:13:20.000001Z");
    assert_written(INT64_C(1700000000123450), "2023-11-14T22:13:20.123450Z");
    assert_written(-1, "1969-12-31T23:59:59.999999Z");
    assert_written(INT64_C(951782400000000), "2000-02-29T00:00:00Z");
}

TEST(a_time_out_of_range_is_written_as_the_nearest_in_range)
{
    assert_written(MISAS_TIME_MIN_US, "0001-01-01T00:00:00Z");
    assert_written(MISAS_TIME_MIN_US - 1, "0001-01-01T00:00:00Z");
    assert_written(INT64_MIN, "0001-01-01T00:00:00Z");
    assert_written(MISAS_TIME_MAX_US, "9999-12-31T23:59:59.999999Z");
    assert_written(MISAS_TIME_MAX_US + 1, "9999-12-31T23:59:59.999999Z");
    assert_written(INT64_MAX, "9999-12-31T23:59:59.999999Z");
}

TEST(days_of_every_year_are_written_and_read_as_the_c_library_has_them)
{
    const int64_t day_us = INT64_C(86400000000);

    /* Ten days a year, each year others. */
    for (int64_t at_us = MISAS_TIME_MIN_US; at_us <= MISAS_TIME_MAX_US; at_us += 37 * day_us) {
        char expected[40];
        char text[MISAS_TIME_TEXT_SIZE];
        struct tm parts;
        time_t seconds = (time_t)(at_us / 1000000);
        int64_t parsed_us = 1;

        gmtime_r(&seconds, &parts);
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT00:00:00Z", parts.tm_year + 1900,
                 parts.tm_mon + 1, parts.tm_mday);
        assert_string_equal(misas_time_write(text, at_us), expected);
        assert_no_error(misas_time_parse(&parsed_us, text));
        assert_int_equal(parsed_us, at_us);
    }
}

TEST(a_time_is_read_with_any_fraction_and_digits_past_the_sixth_are_cut)
{
    assert_parsed("1970-01-01T00:00:00Z", 0);
    assert_parsed("1970-01-01T00:00:00.1Z", 100000);
    assert_parsed("1970-01-01T00:00:00.12Z", 120000);
    assert_parsed("1970-01-01T00:00:00.123456Z", 123456);
    assert_parsed("1970-01-01T00:00:00.1234569Z", 123456);
    assert_parsed("1970-01-01T00:00:00.123456999Z", 123456);
    assert_parsed("1970-01-01T00:00:00.000000999Z", 0);
    assert_parsed("1969-12-31T23:59:59.9Z", -100000);
}

TEST(a_time_is_read_with_any_offset)
{
    assert_parsed("1970-01-01T01:00:00+01:00", 0);
    assert_parsed("1969-12-31T18:30:00-05:30", 0);
    assert_parsed("1970-01-01T00:00:00-00:00", 0);
    assert_parsed("1970-01-01T23:59:00.5+23:59", 500000);
    assert_parsed("1970-01-01t00:00:01z", 1000000);
}

TEST(a_leap_day_is_read_in_leap_years_only)
{
    assert_parsed("2000-02-29T00:00:00Z", INT64_C(951782400000000));
    assert_parsed("2024-02-29T00:00:00Z", INT64_C(1709164800000000));
    assert_refused("2023-02-29T00:00:00Z");
    assert_refused("1900-02-29T00:00:00Z");
    assert_refused("2100-02-29T00:00:00Z");
    assert_refused("2024-02-30T00:00:00Z");
}

TEST(a_time_must_lie_within_the_years_1_to_9999_of_utc)
{
    assert_parsed("0001-01-01T00:00:00Z", MISAS_TIME_MIN_US);
    assert_parsed("9999-12-31T23:59:59.999999999Z", MISAS_TIME_MAX_US);
    assert_parsed("0001-01-01T00:00:00-00:01", MISAS_TIME_MIN_US + 60000000);
    assert_refused("0000-12-31T23:59:59Z");
    assert_refused("0001-01-01T00:00:00+00:01");
    assert_refused("9999-12-31T23:59:59-00:01");
    assert_error_says(misas_time_parse(&(int64_t){0}, "9999-12-31T23:59:59-00:01"),
                      MISAS_ERROR_TIME_INVALID, "within the years 0001 to 9999");
}

TEST(a_number_beyond_its_place_is_refused)
{
    const char *const texts[] = {
        "2026-00-01T00:00:00Z",      "2026-13-01T00:00:00Z",      "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",      "2026-04-31T00:00:00Z",      "2026-06-31T00:00:00Z",
        "2026-09-31T00:00:00Z",      "2026-11-31T00:00:00Z",      "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",      "2026-01-01T23:59:60Z",      "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+00:60", "2026-01-01T00:00:00-99:00",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_refused(texts[i]);
    }
    assert_parsed("2026-12-31T23:59:59Z", INT64_C(1798761599000000));
    assert_parsed("2026-10-31T00:00:00Z", INT64_C(1793404800000000));
}

TEST(what_is_not_rfc_3339_is_refused)
{
    const char *const texts[] = {
        "",
        "now",
        "2026",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.5",
        "2026-01-01T00:00Z",
        "2026-01-01 00:00:00Z",
        "20260101T000000Z",
        "26-01-01T00:00:00Z",
        "02026-01-01T00:00:00Z",
        "+2026-01-01T00:00:00Z",
        "-026-01-01T00:00:00Z",
        "2026-1-01T00:00:00Z",
        "2026-01-01T0:00:00Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00.1234567890Z",
        "2026-01-01T00:00:00.-1Z",
        "2026-01-01T00:00:00ZZ",
        "2026-01-01T00:00:00Z ",
        " 2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00+01",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+01:0",
        "2026-01-01T00:00:00+01:000",
        "2026-01-01T00:00:00 Z",
        "2026-01-01T00:00:00Z+01:00",
        "2026-01-01T-1:00:00Z",
        "2026-01-01T00:00: 1Z",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_refused(texts[i]);
    }
}

TEST(every_beginning_of_a_time_is_refused)
{
    const char *whole = "2026-01-31T23:59:59.123456+01:00";
    char part[40];

    for (size_t length = 0; length < strlen(whole); length++) {
        memcpy(part, whole, length);
        part[length] = '\0';
        assert_refused(part);
    }
}
