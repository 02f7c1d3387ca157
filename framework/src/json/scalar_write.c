#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/struct.pb-c.h"
#include "json/writer.h"

enum { number_size = 40 };

/* Copies a number that printf wrote, with a point for whatever the locale has between its digits.
 */
static void append_number(misas__text *text, const char *number)
{
    while (*number != '\0') {
        size_t plain = strspn(number, "0123456789+-e");

        misas__text_append(text, number, plain);
        number += plain;
        if (*number != '\0') {
            misas__text_append(text, ".", 1);
            number += strcspn(number, "0123456789+-e");
        }
    }
}

/* Whether it is a number that JSON has no form for, and if so writes it. */
static bool append_unusual(misas__text *text, double value)
{
    if (isnan(value)) {
        misas__text_append_string(text, "\"NaN\"");
    } else if (isinf(value)) {
        misas__text_append_string(text, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    } else if (value == 0 && signbit(value)) {
        misas__text_append_string(text, "-0.0"); /* "-0" would be read as an integer */
    } else {
        return false;
    }
    return true;
}

void misas__json_write_double(misas__json_writer *writer, double value)
{
    char number[number_size];

    if (append_unusual(&writer->text, value)) {
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(number, sizeof number, "%.*g", digits, value);
        if (strtod(number, NULL) == value) {
            break;
        }
    }
    append_number(&writer->text, number);
}

void misas__json_write_float(misas__json_writer *writer, float value)
{
    char number[number_size];

    if (append_unusual(&writer->text, (double)value)) {
        return;
    }
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(number, sizeof number, "%.*g", digits, (double)value);
        if (strtof(number, NULL) == value) {
            break;
        }
    }
    append_number(&writer->text, number);
}

static void write_int32(misas__json_writer *writer, const ProtobufCFieldDescriptor *field,
                        const void *value)
{
    (void)field;
    misas__text_append_format(&writer->text, "%" PRId32, *(const int32_t *)value);
}

static void write_uint32(misas__json_writer *writer, const ProtobufCFieldDescriptor *field,
                         const void *value)
{
    (void)field;
    misas__text_append_format(&writer->text, "%" PRIu32, *(const uint32_t *)value);
}

static void write_int64(misas__json_writer *writer, const ProtobufCFieldDescriptor *field,
                        const void *value)
{
    const char *quote = writer->options.write_numbers ? "" : "\"";

    (void)field;
    misas__text_append_format(&writer->text, "%s%" PRId64 "%s", quote, *(const int64_t *)value,
                              quote);
}

static void write_uint64(misas__json_writer *writer, const ProtobufCFieldDescriptor *field,
                         const void *value)
{
    const uint64_t number = *(const uint64_t *)value;
    const char *quote = writer->options.write_numbers && number <= INT64_MAX ? "" : "\"";

    (void)field;
    misas__text_append_format(&writer->text, "%s%" PRIu64 "%s", quote, number, quote);
}

static void write_float(misas__json_writer *writer, const ProtobufCFieldDescriptor *field,
                        const void *value)
{
    (void)field;
    misas__json_write_float(writer, *(const float *)value);
}

static void write_double(misas__json_writer *writer, const ProtobufCFieldDescriptor *field,
                         const void *value)
{
    (void)field;
    misas__json_write_double(writer, *(const double *)value);
}

static void write_bool(misas__json_writer *writer, const ProtobufCFieldDescriptor *field,
                       const void *value)
{
    (void)field;
    misas__text_append_string(&writer->text,
                              *(const protobuf_c_boolean *)value != 0 ? "true" : "false");
}

static void write_enum(misas__json_writer *writer, const ProtobufCFieldDescriptor *field,
                       const void *value)
{
    int number = *(const int *)value;
    const ProtobufCEnumValue *known =
        protobuf_c_enum_descriptor_get_value(field->descriptor, number);

    if (number == 0 && field->descriptor == &google__protobuf__null_value__descriptor) {
        misas__text_append_string(&writer->text, "null");
    } else if (known != NULL) {
        misas__json_write_string(writer, known->name);
    } else {
        misas__text_append_format(&writer->text, "%d", number);
    }
}

static void write_string(misas__json_writer *writer, const ProtobufCFieldDescriptor *field,
                         const void *value)
{
    const char *string = *(const char *const *)value;

    (void)field;
    misas__json_write_string(writer, string != NULL ? string : "");
}

static void write_bytes(misas__json_writer *writer, const ProtobufCFieldDescriptor *field,
                        const void *value)
{
    (void)field;
    misas__json_write_base64(writer, value);
}

void misas__json_write_scalar(misas__json_writer *writer, const ProtobufCFieldDescriptor *field,
                              const void *value)
{
    static void (*const writers[])(misas__json_writer *, const ProtobufCFieldDescriptor *,
                                   const void *) = {
        [PROTOBUF_C_TYPE_INT32] = write_int32,    [PROTOBUF_C_TYPE_SINT32] = write_int32,
        [PROTOBUF_C_TYPE_SFIXED32] = write_int32, [PROTOBUF_C_TYPE_INT64] = write_int64,
        [PROTOBUF_C_TYPE_SINT64] = write_int64,   [PROTOBUF_C_TYPE_SFIXED64] = write_int64,
        [PROTOBUF_C_TYPE_UINT32] = write_uint32,  [PROTOBUF_C_TYPE_FIXED32] = write_uint32,
        [PROTOBUF_C_TYPE_UINT64] = write_uint64,  [PROTOBUF_C_TYPE_FIXED64] = write_uint64,
        [PROTOBUF_C_TYPE_FLOAT] = write_float,    [PROTOBUF_C_TYPE_DOUBLE] = write_double,
        [PROTOBUF_C_TYPE_BOOL] = write_bool,      [PROTOBUF_C_TYPE_ENUM] = write_enum,
        [PROTOBUF_C_TYPE_STRING] = write_string,  [PROTOBUF_C_TYPE_BYTES] = write_bytes,
    };

    writers[field->type](writer, field, value);
}
