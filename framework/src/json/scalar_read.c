#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/struct.pb-c.h"
#include "json/base64.h"
#include "json/reader.h"

/* A number of either sign, exact if it is an integer. */
typedef struct any_number {
    bool is_integer;
    bool is_negative;
    uint64_t magnitude;
    double real;
} any_number;

static any_number number_of_integer(bool is_negative, uint64_t magnitude)
{
    double real = (double)magnitude;

    return (any_number){true, is_negative, magnitude, is_negative ? -real : real};
}

/* 1.0 and 1e2 are integers too. */
static any_number number_of_real(double real)
{
    double size = fabs(real);
    bool is_integer = size < 0x1p64 && floor(size) == size;

    return (any_number){is_integer, real < 0, is_integer ? (uint64_t)size : 0, real};
}

static bool number_of_json(any_number *out, const json_t *json)
{
    if (json_is_integer(json)) {
        json_int_t value = json_integer_value(json);
        uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;

        *out = number_of_integer(value < 0, magnitude);
        return true;
    }
    if (json_is_real(json)) {
        *out = number_of_real(json_real_value(json));
        return true;
    }
    return false;
}

/* Digits only, as up to 2^64-1 they may be too large for jansson. */
static bool number_of_digits(any_number *out, const char *text)
{
    bool is_negative = text[0] == '-';
    const char *digits = text + (is_negative ? 1 : 0);
    uint64_t magnitude = 0;

    if (digits[0] == '\0' || (digits[0] == '0' && digits[1] != '\0')) {
        return false;
    }
    for (const char *at = digits; *at != '\0'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');

        if (*at < '0' || *at > '9' || magnitude > (UINT64_MAX - digit) / 10) {
            return false;
        }
        magnitude = magnitude * 10 + digit;
    }
    *out = number_of_integer(is_negative, magnitude);
    return true;
}

/* A quoted number has the form of an unquoted one, without space around it. */
static misas_error *number_of_text(bool *is_number, any_number *out, const char *text)
{
    size_t length = strlen(text);
    json_error_t failure;

    *is_number = number_of_digits(out, text);
    if (*is_number || length == 0 || strchr("-0123456789", text[0]) == NULL ||
        strchr("0123456789", text[length - 1]) == NULL) {
        return NULL;
    }
    json_t *json = json_loadb(text, length, JSON_DECODE_ANY, &failure);

    if (json == NULL && misas__json_ran_out_of_memory(&failure)) {
        return misas_error_out_of_memory();
    }
    *is_number = number_of_json(out, json);
    json_decref(json);
    return NULL;
}

static misas_error *read_number(const misas__json_reader *reader, any_number *out,
                                const char *expected, const misas__json_node *node)
{
    bool is_number = number_of_json(out, node->json);

    if (json_is_string(node->json)) {
        misas_error *error = number_of_text(&is_number, out, json_string_value(node->json));

        if (error != NULL) {
            return error;
        }
    }
    return is_number ? NULL : misas__json_unexpected(reader, node, expected);
}

static misas_error *read_integer(const misas__json_reader *reader, any_number *out,
                                 const misas__json_node *node)
{
    misas_error *error = read_number(reader, out, "an integer", node);

    if (error == NULL && !out->is_integer) {
        error = misas__json_unexpected(reader, node, "an integer");
    }
    return error;
}

static misas_error *read_signed(const misas__json_reader *reader, int64_t *out, int64_t minimum,
                                int64_t maximum, const misas__json_node *node)
{
    any_number number = {0};
    misas_error *error = read_integer(reader, &number, node);

    if (error != NULL) {
        return error;
    }
    uint64_t limit = number.is_negative ? -(uint64_t)minimum : (uint64_t)maximum;

    if (number.magnitude > limit) {
        return misas__json_invalid(reader, &node->place,
                                   "expected an integer from %lld to %lld, got one beyond",
                                   (long long)minimum, (long long)maximum);
    }
    *out = (int64_t)(number.is_negative ? -number.magnitude : number.magnitude);
    return NULL;
}

static misas_error *read_unsigned(const misas__json_reader *reader, uint64_t *out, uint64_t maximum,
                                  const misas__json_node *node)
{
    any_number number = {0};
    misas_error *error = read_integer(reader, &number, node);

    if (error != NULL) {
        return error;
    }
    if (number.magnitude > (number.is_negative ? 0 : maximum)) {
        return misas__json_invalid(reader, &node->place,
                                   "expected an integer from 0 to %llu, got one beyond",
                                   (unsigned long long)maximum);
    }
    *out = number.magnitude;
    return NULL;
}

static misas_error *read_int32(misas__json_reader *reader, void *out,
                               const ProtobufCFieldDescriptor *field, const misas__json_node *node)
{
    int64_t value = 0;
    misas_error *error = read_signed(reader, &value, INT32_MIN, INT32_MAX, node);

    (void)field;
    if (error == NULL) {
        *(int32_t *)out = (int32_t)value;
    }
    return error;
}

static misas_error *read_int64(misas__json_reader *reader, void *out,
                               const ProtobufCFieldDescriptor *field, const misas__json_node *node)
{
    (void)field;
    return read_signed(reader, out, INT64_MIN, INT64_MAX, node);
}

static misas_error *read_uint32(misas__json_reader *reader, void *out,
                                const ProtobufCFieldDescriptor *field, const misas__json_node *node)
{
    uint64_t value = 0;
    misas_error *error = read_unsigned(reader, &value, UINT32_MAX, node);

    (void)field;
    if (error == NULL) {
        *(uint32_t *)out = (uint32_t)value;
    }
    return error;
}

static misas_error *read_uint64(misas__json_reader *reader, void *out,
                                const ProtobufCFieldDescriptor *field, const misas__json_node *node)
{
    (void)field;
    return read_unsigned(reader, out, UINT64_MAX, node);
}

/* The numbers that JSON has no form for. */
static bool read_unusual(double *out, const json_t *json)
{
    static const struct {
        const char *name;
        double value;
    } names[] = {{"NaN", (double)NAN}, {"Infinity", HUGE_VAL}, {"-Infinity", -HUGE_VAL}};

    for (size_t i = 0; json_is_string(json) && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(json_string_value(json), names[i].name) == 0) {
            *out = names[i].value;
            return true;
        }
    }
    return false;
}

static misas_error *read_double(misas__json_reader *reader, void *out,
                                const ProtobufCFieldDescriptor *field, const misas__json_node *node)
{
    any_number number = {0};

    (void)field;
    if (read_unusual(out, node->json)) {
        return NULL;
    }
    misas_error *error = read_number(reader, &number, "a number", node);

    if (error == NULL) {
        *(double *)out = number.real;
    }
    return error;
}

static misas_error *read_float(misas__json_reader *reader, void *out,
                               const ProtobufCFieldDescriptor *field, const misas__json_node *node)
{
    /* What is nearer to FLT_MAX than to the float that would follow. */
    static const double too_large = 0x1.ffffffp+127;
    double value = 0;
    misas_error *error = read_double(reader, &value, field, node);

    if (error == NULL && isfinite(value) && fabs(value) >= too_large) {
        error = misas__json_invalid(reader, &node->place, "expected a float, got one beyond");
    }
    if (error == NULL) {
        *(float *)out = (float)value;
    }
    return error;
}

static misas_error *read_bool(misas__json_reader *reader, void *out,
                              const ProtobufCFieldDescriptor *field, const misas__json_node *node)
{
    (void)field;
    if (!json_is_boolean(node->json)) {
        return misas__json_unexpected(reader, node, "true or false");
    }
    *(protobuf_c_boolean *)out = json_is_true(node->json);
    return NULL;
}

static misas_error *read_enum_name(const misas__json_reader *reader, int *out,
                                   const ProtobufCEnumDescriptor *descriptor,
                                   const misas__json_node *node)
{
    const char *name = json_string_value(node->json);
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value_by_name(descriptor, name);
    char quoted[MISAS__QUOTED_SIZE];

    if (value == NULL) {
        return misas__json_invalid(reader, &node->place, "expected a value of %s, got %s",
                                   descriptor->name, misas__text_quote(quoted, name));
    }
    *out = value->value;
    return NULL;
}

static misas_error *read_enum(misas__json_reader *reader, void *out,
                              const ProtobufCFieldDescriptor *field, const misas__json_node *node)
{
    if (field->descriptor == &google__protobuf__null_value__descriptor &&
        json_is_null(node->json)) {
        *(int *)out = 0;
        return NULL;
    }
    if (json_is_string(node->json)) {
        return read_enum_name(reader, out, field->descriptor, node);
    }
    return read_int32(reader, out, field, node);
}

static misas_error *read_string(misas__json_reader *reader, void *out,
                                const ProtobufCFieldDescriptor *field, const misas__json_node *node)
{
    (void)field;
    if (!json_is_string(node->json)) {
        return misas__json_unexpected(reader, node, "a string");
    }
    size_t size = json_string_length(node->json) + 1;
    misas_error *error = misas__budget_spend(&reader->budget, 0, size);
    char *copy = error == NULL ? malloc(size) : NULL;

    if (error == NULL && copy == NULL) {
        error = misas_error_out_of_memory();
    }
    if (error == NULL) {
        *(char **)out = memcpy(copy, json_string_value(node->json), size);
    }
    return error;
}

static misas_error *read_bytes(misas__json_reader *reader, void *out,
                               const ProtobufCFieldDescriptor *field, const misas__json_node *node)
{
    (void)field;
    if (!json_is_string(node->json)) {
        return misas__json_unexpected(reader, node, "a string of base64");
    }
    size_t length = json_string_length(node->json);
    misas_error *error = misas__budget_spend(&reader->budget, 0, length);
    ProtobufCBinaryData bytes = {0};

    if (error != NULL) {
        return error;
    }
    bytes.data = malloc(misas__base64_max_size(length));
    if (bytes.data == NULL) {
        return misas_error_out_of_memory();
    }
    if (!misas__base64_decode(bytes.data, &bytes.len, json_string_value(node->json), length)) {
        free(bytes.data);
        return misas__json_invalid(reader, &node->place, "expected base64");
    }
    if (bytes.len == 0) { /* as protobuf-c has it */
        free(bytes.data);
        bytes.data = NULL;
    }
    *(ProtobufCBinaryData *)out = bytes;
    return NULL;
}

misas_error *misas__json_read_scalar(misas__json_reader *reader, void *out,
                                     const ProtobufCFieldDescriptor *field,
                                     const misas__json_node *node)
{
    static misas_error *(*const readers[])(misas__json_reader *, void *,
                                           const ProtobufCFieldDescriptor *,
                                           const misas__json_node *) = {
        [PROTOBUF_C_TYPE_INT32] = read_int32,    [PROTOBUF_C_TYPE_SINT32] = read_int32,
        [PROTOBUF_C_TYPE_SFIXED32] = read_int32, [PROTOBUF_C_TYPE_INT64] = read_int64,
        [PROTOBUF_C_TYPE_SINT64] = read_int64,   [PROTOBUF_C_TYPE_SFIXED64] = read_int64,
        [PROTOBUF_C_TYPE_UINT32] = read_uint32,  [PROTOBUF_C_TYPE_FIXED32] = read_uint32,
        [PROTOBUF_C_TYPE_UINT64] = read_uint64,  [PROTOBUF_C_TYPE_FIXED64] = read_uint64,
        [PROTOBUF_C_TYPE_FLOAT] = read_float,    [PROTOBUF_C_TYPE_DOUBLE] = read_double,
        [PROTOBUF_C_TYPE_BOOL] = read_bool,      [PROTOBUF_C_TYPE_ENUM] = read_enum,
        [PROTOBUF_C_TYPE_STRING] = read_string,  [PROTOBUF_C_TYPE_BYTES] = read_bytes,
    };

    return readers[field->type](reader, out, field, node);
}
