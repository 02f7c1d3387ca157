#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "misas/clock.h"
#include "json/well_known.h"

enum { second_us = 1000000, second_ns = 1000000000, max_fraction_digits = 9 };

/* 10,000 years. */
static const int64_t max_duration_s = INT64_C(315576000000);

/* Nothing, or a point and 3, 6 or 9 digits. */
static void append_fraction(misas__text *text, int32_t nanos)
{
    if (nanos % 1000 != 0) {
        misas__text_append_format(text, ".%09" PRId32, nanos);
    } else if (nanos % 1000000 != 0) {
        misas__text_append_format(text, ".%06" PRId32, nanos / 1000);
    } else if (nanos != 0) {
        misas__text_append_format(text, ".%03" PRId32, nanos / 1000000);
    }
}

/* A point and 1 to 9 digits, or nothing; returns what follows, or NULL. */
static const char *read_fraction(int32_t *out_nanos, const char *text)
{
    int32_t nanos = 0;
    size_t digits = 0;

    *out_nanos = 0;
    if (*text != '.') {
        return text;
    }
    text++;
    digits = strspn(text, "0123456789");
    if (digits == 0 || digits > max_fraction_digits) {
        return NULL;
    }
    for (size_t i = 0; i < max_fraction_digits; i++) {
        nanos = nanos * 10 + (i < digits ? text[i] - '0' : 0);
    }
    *out_nanos = nanos;
    return text + digits;
}

misas_error *misas__json_write_timestamp(misas__json_writer *writer, const misas_type *type,
                                         const ProtobufCMessage *message,
                                         const misas__json_place *place)
{
    const Google__Protobuf__Timestamp *time = (const Google__Protobuf__Timestamp *)message;
    char text[MISAS_TIME_TEXT_SIZE];

    (void)type;
    if (time->seconds < MISAS_TIME_MIN_US / second_us ||
        time->seconds > MISAS_TIME_MAX_US / second_us || time->nanos < 0 ||
        time->nanos >= second_ns) {
        return misas__json_unencodable(writer, place, "a timestamp is not within years 1 to 9999");
    }
    misas_time_write(text, time->seconds * second_us);
    text[strlen(text) - 1] = '\0'; /* the Z */
    misas__text_append_format(&writer->text, "\"%s", text);
    append_fraction(&writer->text, time->nanos);
    misas__text_append_string(&writer->text, "Z\"");
    return NULL;
}

static int64_t floor_seconds(int64_t time_us)
{
    return time_us / second_us - (time_us % second_us < 0 ? 1 : 0);
}

/* misas_time_parse reads no nanoseconds; and what it reads besides is not JSON's form. */
static bool parse_timestamp(Google__Protobuf__Timestamp *time, const char *text)
{
    enum { date_and_time_length = 19 };
    int64_t time_us = 0;

    if (strlen(text) <= date_and_time_length || strpbrk(text, "tz") != NULL ||
        read_fraction(&time->nanos, text + date_and_time_length) == NULL) {
        return false;
    }
    misas_error *error = misas_time_parse(&time_us, text);

    misas_error_free(error);
    time->seconds = floor_seconds(time_us);
    return error == NULL;
}

misas_error *misas__json_read_timestamp(misas__json_reader *reader, ProtobufCMessage *message,
                                        const misas_type *type, const misas__json_node *node)
{
    (void)type;
    if (!json_is_string(node->json) ||
        !parse_timestamp((Google__Protobuf__Timestamp *)message, json_string_value(node->json))) {
        return misas__json_unexpected(reader, node, "a time such as \"2024-02-29T12:30:00.5Z\"");
    }
    return NULL;
}

static bool is_duration(int64_t seconds, int32_t nanos)
{
    bool is_in_range = seconds >= -max_duration_s && seconds <= max_duration_s &&
                       nanos > -second_ns && nanos < second_ns;
    bool has_one_sign = (seconds <= 0 && nanos <= 0) || (seconds >= 0 && nanos >= 0);

    return is_in_range && has_one_sign;
}

misas_error *misas__json_write_duration(misas__json_writer *writer, const misas_type *type,
                                        const ProtobufCMessage *message,
                                        const misas__json_place *place)
{
    const Google__Protobuf__Duration *duration = (const Google__Protobuf__Duration *)message;
    bool is_negative = duration->seconds < 0 || duration->nanos < 0;

    (void)type;
    if (!is_duration(duration->seconds, duration->nanos)) {
        return misas__json_unencodable(writer, place,
                                       "a duration has two signs, or is longer than 10,000 years");
    }
    misas__text_append_format(&writer->text, "\"%s%" PRId64, is_negative ? "-" : "",
                              is_negative ? -duration->seconds : duration->seconds);
    append_fraction(&writer->text, is_negative ? -duration->nanos : duration->nanos);
    misas__text_append_string(&writer->text, "s\"");
    return NULL;
}

static bool parse_duration(Google__Protobuf__Duration *duration, const char *text)
{
    enum { max_digits = 12 };
    bool is_negative = *text == '-';
    int64_t seconds = 0;

    text += is_negative ? 1 : 0;
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > max_digits) {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        seconds = seconds * 10 + (*text++ - '0');
    }
    text = read_fraction(&duration->nanos, text);
    if (text == NULL || strcmp(text, "s") != 0) {
        return false;
    }
    duration->seconds = is_negative ? -seconds : seconds;
    duration->nanos = is_negative ? -duration->nanos : duration->nanos;
    return is_duration(duration->seconds, duration->nanos);
}

misas_error *misas__json_read_duration(misas__json_reader *reader, ProtobufCMessage *message,
                                       const misas_type *type, const misas__json_node *node)
{
    (void)type;
    if (!json_is_string(node->json) ||
        !parse_duration((Google__Protobuf__Duration *)message, json_string_value(node->json))) {
        return misas__json_unexpected(reader, node, "a duration such as \"1.5s\"");
    }
    return NULL;
}
