#include "postgresql/parameters.h"

#include <limits.h>
#include <string.h>

#include "postgresql/wire_numbers.h"

void misas__parameters_free(misas__parameters *parameters)
{
    misas__arena_free(&parameters->arena);
}

static void add(misas__parameters *parameters, const void *value, size_t size)
{
    if (parameters->count == misas__max_parameters || size > INT_MAX) {
        parameters->failed = true;
        return;
    }
    parameters->values[parameters->count] = value;
    parameters->sizes[parameters->count] = (int)size;
    parameters->count++;
}

/* Room for a value that lives as long as the parameters. */
static void *add_room(misas__parameters *parameters, size_t size)
{
    void *room = misas__arena_allocate(&parameters->arena, size > 0 ? size : 1);

    parameters->failed = parameters->failed || room == NULL;
    add(parameters, room, size);
    return parameters->failed ? NULL : room;
}

static void add_copy(misas__parameters *parameters, const void *value, size_t size)
{
    void *room = add_room(parameters, size);

    if (room != NULL) {
        memcpy(room, value, size);
    }
}

void misas__parameters_add_null(misas__parameters *parameters)
{
    add(parameters, NULL, 0);
}

void misas__parameters_add_text(misas__parameters *parameters, const char *text)
{
    add(parameters, text, text != NULL ? strlen(text) : 0);
}

void misas__parameters_add_bytes(misas__parameters *parameters, const void *bytes, size_t size)
{
    add(parameters, size > 0 ? bytes : "", size);
}

void misas__parameters_add_integer(misas__parameters *parameters, int32_t number)
{
    uint8_t bytes[4];

    misas__put_uint32(bytes, (uint32_t)number);
    add_copy(parameters, bytes, sizeof bytes);
}

void misas__parameters_add_bigint(misas__parameters *parameters, int64_t number)
{
    uint8_t bytes[8];

    misas__put_uint64(bytes, (uint64_t)number);
    add_copy(parameters, bytes, sizeof bytes);
}

void misas__parameters_add_bool(misas__parameters *parameters, bool value)
{
    add(parameters, value ? "\1" : "\0", 1);
}

void misas__parameters_add_uuid(misas__parameters *parameters, misas_uuid uuid)
{
    add_copy(parameters, uuid.bytes, sizeof uuid.bytes);
}

void misas__parameters_add_timestamp(misas__parameters *parameters, int64_t time_us)
{
    misas__parameters_add_bigint(parameters, time_us - MISAS__POSTGRESQL_EPOCH_US);
}

void misas__parameters_add_time(misas__parameters *parameters, const misas_clock *clock)
{
    if (clock == NULL) {
        misas__parameters_add_null(parameters);
    } else {
        misas__parameters_add_timestamp(parameters, misas_clock_now_us(clock));
    }
}

void misas__parameters_add_jsonb(misas__parameters *parameters, const char *json)
{
    if (json == NULL) {
        misas__parameters_add_null(parameters);
        return;
    }
    size_t size = strlen(json);
    char *room = add_room(parameters, size + 1);

    if (room != NULL) {
        room[0] = MISAS__JSONB_FORMAT;
        memcpy(room + 1, json, size);
    }
}

void misas__parameters_add_texts(misas__parameters *parameters, const char *const *texts)
{
    size_t count = 0;
    misas__array array;

    if (texts == NULL) {
        misas__parameters_add_null(parameters);
        return;
    }
    while (texts[count] != NULL) {
        count++;
    }
    misas__array_start(&array, MISAS__TEXT, count);
    array.has_values = true; /* an empty list is not null: nothing is of none of no types */
    for (size_t i = 0; i < count; i++) {
        misas__array_add_text(&array, texts[i]);
    }
    misas__parameters_add_array(parameters, &array);
}

static void append_uint32(misas__text *bytes, uint32_t number)
{
    uint8_t written[4];

    misas__put_uint32(written, number);
    misas__text_append(bytes, (const char *)written, sizeof written);
}

/* Dimensions, whether nulls may occur, the element type, then size and lower bound of the
 * dimension. */
void misas__array_start(misas__array *array, misas__element_type type, size_t count)
{
    *array = (misas__array){0};
    append_uint32(&array->bytes, count > 0 ? 1 : 0);
    append_uint32(&array->bytes, 1);
    append_uint32(&array->bytes, (uint32_t)type);
    if (count > 0) {
        append_uint32(&array->bytes, (uint32_t)count);
        append_uint32(&array->bytes, 1);
    }
}

void misas__array_add_null(misas__array *array)
{
    append_uint32(&array->bytes, UINT32_MAX);
}

void misas__array_add_bytes(misas__array *array, const void *bytes, size_t size)
{
    array->has_values = true;
    append_uint32(&array->bytes, (uint32_t)size);
    misas__text_append(&array->bytes, bytes, size);
}

void misas__array_add_text(misas__array *array, const char *text)
{
    if (text == NULL) {
        misas__array_add_null(array);
    } else {
        misas__array_add_bytes(array, text, strlen(text));
    }
}

void misas__array_add_bool(misas__array *array, bool value)
{
    misas__array_add_bytes(array, value ? "\1" : "\0", 1);
}

void misas__array_add_integer(misas__array *array, int32_t number)
{
    uint8_t bytes[4];

    misas__put_uint32(bytes, (uint32_t)number);
    misas__array_add_bytes(array, bytes, sizeof bytes);
}

void misas__array_add_bigint(misas__array *array, int64_t number)
{
    uint8_t bytes[8];

    misas__put_uint64(bytes, (uint64_t)number);
    misas__array_add_bytes(array, bytes, sizeof bytes);
}

void misas__array_add_timestamp(misas__array *array, int64_t time_us)
{
    misas__array_add_bigint(array, time_us - MISAS__POSTGRESQL_EPOCH_US);
}

void misas__array_add_jsonb(misas__array *array, const char *json)
{
    const char format = MISAS__JSONB_FORMAT;

    if (json == NULL) {
        misas__array_add_null(array);
        return;
    }
    array->has_values = true;
    append_uint32(&array->bytes, (uint32_t)strlen(json) + 1);
    misas__text_append(&array->bytes, &format, 1);
    misas__text_append_string(&array->bytes, json);
}

void misas__parameters_add_array(misas__parameters *parameters, misas__array *array)
{
    if (array->bytes.failed) {
        parameters->failed = true;
    } else if (array->has_values) {
        add_copy(parameters, array->bytes.bytes, array->bytes.size);
    } else {
        misas__parameters_add_null(parameters);
    }
    misas__text_free(&array->bytes);
}
