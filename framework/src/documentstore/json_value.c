#include "documentstore/json_value.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/reader.h"
#include "json/writer.h"

/* -2^63 and 2^63, both exact. */
#define LEAST_WHOLE (-0x1p63)
#define BEYOND_WHOLE 0x1p63

static bool can_be_whole(const json_t *value)
{
    double number = json_real_value(value);

    return json_is_real(value) && number >= LEAST_WHOLE && number < BEYOND_WHOLE &&
           number == floor(number);
}

static json_t *whole_of(const json_t *value)
{
    return json_integer((json_int_t)json_real_value(value));
}

static bool normalise_elements(json_t *array);

/* Recursive, as deep as the parser lets a value be. False: no memory. */
static bool normalise_members(json_t *object)
{
    bool is_done = true;

    for (void *at = json_object_iter(object); at != NULL && is_done;
         at = json_object_iter_next(object, at)) {
        json_t *value = json_object_iter_value(at);

        if (can_be_whole(value)) {
            is_done = json_object_iter_set_new(object, at, whole_of(value)) == 0;
        } else if (json_is_object(value)) {
            is_done = normalise_members(value);
        } else if (json_is_array(value)) {
            is_done = normalise_elements(value);
        }
    }
    return is_done;
}

static bool normalise_elements(json_t *array)
{
    bool is_done = true;

    for (size_t i = 0; i < json_array_size(array) && is_done; i++) {
        json_t *value = json_array_get(array, i);

        if (can_be_whole(value)) {
            is_done = json_array_set_new(array, i, whole_of(value)) == 0;
        } else if (json_is_object(value)) {
            is_done = normalise_members(value);
        } else if (json_is_array(value)) {
            is_done = normalise_elements(value);
        }
    }
    return is_done;
}

/* Replaces `*value`, if it has to. */
static misas_error *normalise(json_t **value)
{
    bool is_done = true;

    if (can_be_whole(*value)) {
        json_t *whole = whole_of(*value);

        json_decref(*value);
        *value = whole;
        is_done = whole != NULL;
    } else if (json_is_object(*value)) {
        is_done = normalise_members(*value);
    } else if (json_is_array(*value)) {
        is_done = normalise_elements(*value);
    }
    if (!is_done) {
        json_decref(*value);
        *value = NULL;
        return misas_error_out_of_memory();
    }
    return NULL;
}

misas_error *misas__json_value_read(json_t **out, char reason[misas__reason_size], const char *text,
                                    size_t size)
{
    json_error_t failure;

    *out = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &failure);
    if (*out != NULL) {
        return normalise(out);
    }
    if (misas__json_ran_out_of_memory(&failure)) {
        return misas_error_out_of_memory();
    }
    misas__json_clean_failure(&failure);
    snprintf(reason, misas__reason_size, "it is not JSON: line %d, column %d: %s", failure.line,
             failure.column, failure.text);
    return NULL;
}

static void write_value(misas__json_writer *writer, json_t *value);

static void write_object(misas__json_writer *writer, json_t *object)
{
    bool is_first = true;
    const char *name = NULL;
    json_t *value = NULL;

    misas__json_open(writer, '{');
    json_object_foreach(object, name, value)
    {
        misas__json_next(writer, &is_first);
        misas__json_write_name(writer, name);
        write_value(writer, value);
    }
    misas__json_close(writer, '}', is_first);
}

static void write_array(misas__json_writer *writer, const json_t *array)
{
    bool is_first = true;

    misas__json_open(writer, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        misas__json_next(writer, &is_first);
        write_value(writer, json_array_get(array, i));
    }
    misas__json_close(writer, ']', is_first);
}

static void write_value(misas__json_writer *writer, json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        write_object(writer, value);
        break;
    case JSON_ARRAY:
        write_array(writer, value);
        break;
    case JSON_STRING:
        misas__json_write_string(writer, json_string_value(value));
        break;
    case JSON_INTEGER:
        misas__text_append_format(&writer->text, "%" JSON_INTEGER_FORMAT,
                                  json_integer_value(value));
        break;
    case JSON_REAL:
        misas__json_write_double(writer, json_real_value(value));
        break;
    case JSON_TRUE:
        misas__text_append_string(&writer->text, "true");
        break;
    case JSON_FALSE:
        misas__text_append_string(&writer->text, "false");
        break;
    case JSON_NULL:
        misas__text_append_string(&writer->text, "null");
        break;
    }
}

void misas__json_value_write(misas__text *text, json_t *value)
{
    misas__json_writer writer = {.text = *text};

    write_value(&writer, value);
    *text = writer.text;
}

bool misas__json_value_index(int *out, const char *part)
{
    char *end = NULL;

    errno = 0;
    long index = strtol(part, &end, 10);

    *out = (int)index;
    return end != part && *end == '\0' && errno == 0 && index >= INT_MIN && index <= INT_MAX;
}

/* As PostgreSQL's operator #> has it. */
static json_t *element_of(json_t *array, const char *part)
{
    int index = 0;
    size_t size = json_array_size(array);

    if (!misas__json_value_index(&index, part)) {
        return NULL;
    }
    if (index >= 0) {
        return json_array_get(array, (size_t)index);
    }
    size_t from_end = (size_t)(-(int64_t)index);

    return from_end <= size ? json_array_get(array, size - from_end) : NULL;
}

json_t *misas__json_value_at(json_t *document, const char *path)
{
    char part[MISAS_DOCUMENT_PATH_MAX_BYTES + 1];
    json_t *value = document;

    while (value != NULL && *path != '\0') {
        size_t size = strcspn(path, ".");

        memcpy(part, path, size);
        part[size] = '\0';
        value = json_is_array(value) ? element_of(value, part) : json_object_get(value, part);
        path += path[size] == '.' ? size + 1 : size;
    }
    return value;
}
