#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "json/reader.h"

/* What jansson allocates for each of them, about. */
enum { object_memory = 256, array_memory = 160, element_memory = 64 };

/* A text that nests deeper than a message of max_depth: each message is an object, and may stand in
 * a list. */
enum { levels_per_message = 2 };

static size_t skip_string(const char *text, size_t at, size_t size)
{
    for (at++; at < size && text[at] != '"'; at++) {
        at += text[at] == '\\' ? 1 : 0;
    }
    return at;
}

static misas_error *spend(misas__budget *budget, size_t *depth, char character)
{
    switch (character) {
    case '{':
        ++*depth;
        return misas__budget_spend(budget, 1, object_memory);
    case '[':
        ++*depth;
        return misas__budget_spend(budget, 1, array_memory);
    case ',':
        return misas__budget_spend(budget, 1, element_memory);
    case '}':
    case ']':
        *depth -= *depth > 0 ? 1 : 0;
        return NULL;
    default:
        return NULL;
    }
}

/* Counts what jansson would allocate, before it does. Whether the text is JSON is not asked. */
static misas_error *check_limits(const misas__budget *budget, const char *text, size_t size)
{
    misas__budget needed = *budget;
    size_t depth = 0;
    misas_error *error = misas__budget_spend(&needed, 1, size);

    for (size_t at = 0; at < size && error == NULL; at++) {
        if (text[at] == '"') {
            at = skip_string(text, at, size);
        } else {
            error = spend(&needed, &depth, text[at]);
        }
        if (error == NULL && depth > levels_per_message * budget->limits.max_depth) {
            error = misas__limit_exceeded(budget->type, "max_depth", budget->limits.max_depth);
        }
    }
    return error;
}

void misas__json_clean_failure(json_error_t *failure)
{
    for (char *at = failure->text; *at != '\0'; at++) {
        if (!isprint((unsigned char)*at)) {
            *at = '?';
        }
    }
}

/* As far as jansson tells: it then often says nothing at all, but sometimes that the syntax is
 * wrong.
 */
bool misas__json_ran_out_of_memory(json_error_t *failure)
{
    return failure->text[0] == '\0' || json_error_code(failure) == json_error_out_of_memory;
}

static misas_error *not_json(const misas_type *type, json_error_t *error)
{
    char line[32];
    char column[32];

    if (misas__json_ran_out_of_memory(error)) {
        return misas_error_out_of_memory();
    }
    misas__json_clean_failure(error);
    snprintf(line, sizeof line, "%d", error->line);
    snprintf(column, sizeof column, "%d", error->column);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_JSON_INVALID,
            .data = (misas_field[]){{"type", type->descriptor->name},
                                    {"path", ""},
                                    {"reason", error->text},
                                    {"line", line},
                                    {"column", column},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "this is not the JSON of a %s: line %s, column %s: %s", type->descriptor->name, line,
        column, error->text);
}

misas_error *misas__json_parse(json_t **out, const misas__budget *budget, const char *text,
                               size_t size)
{
    json_error_t failure;
    misas_error *error = check_limits(budget, text, size);

    if (error != NULL) {
        return error;
    }
    *out =
        json_loadb(size > 0 ? text : "", size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &failure);
    return *out == NULL ? not_json(budget->type, &failure) : NULL;
}
