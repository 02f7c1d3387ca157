#include "testing/compare.h"

#include <string.h>

#include "documentstore/json_value.h"
#include "misas/json.h"

enum { most_shown = 20 };

typedef struct comparison {
    misas__text *text;
    misas__text path; /* to the values at hand */
    size_t count;
} comparison;

static void append_value(misas__text *text, json_t *value)
{
    if (value == NULL) {
        misas__text_append_string(text, "none");
    } else {
        misas__json_value_write(text, value);
    }
}

static void note_difference(comparison *with, json_t *expected, json_t *found)
{
    with->count++;
    if (with->count > most_shown) {
        return;
    }
    misas__text_append_string(with->text, with->count > 1 ? "; " : "");
    if (with->path.size > 0) {
        misas__text_append(with->text, with->path.bytes, with->path.size);
        misas__text_append_string(with->text, ": ");
    }
    misas__text_append_string(with->text, "expected ");
    append_value(with->text, expected);
    misas__text_append_string(with->text, ", found ");
    append_value(with->text, found);
}

static void compare(comparison *with, json_t *expected, json_t *found);

static void compare_member(comparison *with, const char *name, json_t *expected, json_t *found)
{
    size_t size = with->path.size;

    misas__text_append_format(&with->path, "%s%s", size > 0 ? "." : "", name);
    compare(with, expected, found);
    with->path.size = size < with->path.size ? size : with->path.size;
}

static void compare_objects(comparison *with, json_t *expected, json_t *found)
{
    const char *name = NULL;
    json_t *value = NULL;

    json_object_foreach(expected, name, value)
    {
        compare_member(with, name, value, json_object_get(found, name));
    }
    json_object_foreach(found, name, value)
    {
        if (json_object_get(expected, name) == NULL) {
            compare_member(with, name, NULL, value);
        }
    }
}

static void compare_arrays(comparison *with, json_t *expected, json_t *found)
{
    size_t count = json_array_size(expected) > json_array_size(found) ? json_array_size(expected)
                                                                      : json_array_size(found);
    size_t size = with->path.size;

    for (size_t i = 0; i < count; i++) {
        misas__text_append_format(&with->path, "[%zu]", i);
        compare(with, json_array_get(expected, i), json_array_get(found, i));
        with->path.size = size < with->path.size ? size : with->path.size;
    }
}

/* Recursive, as deep as the parser lets a value be. */
static void compare(comparison *with, json_t *expected, json_t *found)
{
    if (json_is_object(expected) && json_is_object(found)) {
        compare_objects(with, expected, found);
    } else if (json_is_array(expected) && json_is_array(found)) {
        compare_arrays(with, expected, found);
    } else if (expected == NULL || found == NULL || !json_equal(expected, found)) {
        note_difference(with, expected, found);
    }
}

static misas_error *read(json_t **out, const char *text)
{
    char reason[misas__reason_size] = "";
    misas_error *error = misas__json_value_read(out, reason, text, strlen(text));

    if (error == NULL && *out == NULL) {
        error = misas_error_new_format(
            &(misas_error_options){
                .type_name = MISAS_ERROR_JSON_INVALID,
                .data = (misas_field[]){{"reason", reason}, {NULL, NULL}},
                .tags = MISAS_TAG_VALIDATION,
            },
            "%s is not JSON: %s", text, reason);
    }
    return error;
}

misas_error *misas__json_compare(size_t *out_count, misas__text *text, const char *expected,
                                 const char *found)
{
    comparison with = {.text = text};
    json_t *values[2] = {NULL, NULL};
    misas_error *error = read(&values[0], expected);

    if (error == NULL) {
        error = read(&values[1], found);
    }
    if (error == NULL) {
        compare(&with, values[0], values[1]);
    }
    if (with.count > most_shown) {
        misas__text_append_format(text, "; and %zu more", with.count - most_shown);
    }
    json_decref(values[0]);
    json_decref(values[1]);
    *out_count = with.count;
    bool failed = with.path.failed;

    misas__text_free(&with.path);
    return error == NULL && failed ? misas_error_out_of_memory() : error;
}
