#include "postgresql/document_content.h"

#include <stdlib.h>
#include <string.h>

#include "documentstore/json_value.h"

void misas__array_add_value(misas__array *array, json_t *value)
{
    misas__text text = {0};
    char *json = NULL;
    size_t size = 0;

    if (value == NULL) {
        misas__array_add_null(array);
        return;
    }
    misas__json_value_write(&text, value);
    misas_error *error = misas__text_finish(&json, &size, &text);

    if (error != NULL) {
        array->bytes.failed = true;
        misas_error_free(error);
        return;
    }
    misas__array_add_jsonb(array, json);
    free(json);
}

/* Any number so short is a whole one of 64 bits, or has no more digits than a double can need. */
enum { plain_number_length = 18 };

static json_t *read_number(const char *number, size_t length)
{
    json_t *value = json_loadb(number, length, JSON_DECODE_ANY, NULL);

    return value != NULL
               ? value
               : json_loadb(number, length, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
}

/* As it is, if it is beyond what a double can hold: others have written it. */
static void append_number(misas__text *out, const char *number, size_t length)
{
    json_t *value = length > plain_number_length ? read_number(number, length) : NULL;

    if (value != NULL) {
        misas__json_value_write(out, value);
    } else {
        misas__text_append(out, number, length);
    }
    json_decref(value);
}

static size_t string_length(const char *text, size_t size)
{
    size_t at = 1;

    while (at < size && text[at] != '"') {
        at += text[at] == '\\' ? 2 : 1;
    }
    return at < size ? at + 1 : size;
}

static size_t number_length(const char *text, size_t size)
{
    size_t at = 1;

    while (at < size && strchr("0123456789.eE+-", text[at]) != NULL) {
        at++;
    }
    return at;
}

void misas__append_content(misas__text *out, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t length = 1;

        if (text[at] == '"') {
            length = string_length(text + at, size - at);
            misas__text_append(out, text + at, length);
        } else if (text[at] == '-' || (text[at] >= '0' && text[at] <= '9')) {
            length = number_length(text + at, size - at);
            append_number(out, text + at, length);
        } else if (text[at] != ' ') {
            misas__text_append(out, text + at, 1);
        }
        at += length;
    }
}
