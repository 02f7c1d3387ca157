#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "documentstore/check.h"
#include "documentstore/json_value.h"

static bool has_empty_part(const char *path)
{
    size_t size = strlen(path);

    return path[0] == '.' || path[size - 1] == '.' || strstr(path, "..") != NULL;
}

static const char *path_problem(const char *path)
{
    if (path[0] == '\0') {
        return "it must not be empty";
    }
    if (strlen(path) > MISAS_DOCUMENT_PATH_MAX_BYTES) {
        return "it is too long";
    }
    if (!misas__utf8_is_valid(path, strlen(path))) {
        return "it must be UTF-8";
    }
    return has_empty_part(path) ? "between its dots there must be names or indexes" : NULL;
}

static misas_error *check_path(const char *field, const char *path)
{
    char reason[misas__reason_size];
    const char *problem = path_problem(path);

    if (problem == NULL) {
        return NULL;
    }
    snprintf(reason, sizeof reason, "%s; a path has 1 to %d bytes, as in \"owner.name\"", problem,
             MISAS_DOCUMENT_PATH_MAX_BYTES);
    return misas__document_invalid(field, path, reason);
}

static misas_error *check_operator(misas_condition_operator operator_)
{
    char text[24];

    if ((unsigned int)operator_ <= MISAS_EXISTS_NOT) {
        return NULL;
    }
    snprintf(text, sizeof text, "%d", (int)operator_);
    return misas__document_invalid("operator", text, "it must be one of misas_condition_operator");
}

/* NULL, or what an operator expects and the value is not. */
static const char *value_problem(misas_condition_operator operator_, const json_t *value)
{
    if (operator_ == MISAS_ONE_OF && !json_is_array(value)) {
        return "MISAS_ONE_OF needs a JSON array";
    }
    if (operator_ == MISAS_STARTS_WITH && !json_is_string(value)) {
        return "MISAS_STARTS_WITH needs a JSON string";
    }
    return NULL;
}

static misas_error *check_size(const char *value)
{
    char reason[misas__reason_size];
    size_t size = strlen(value);

    if (size <= MISAS_DOCUMENT_MAX_BYTES) {
        return NULL;
    }
    snprintf(reason, sizeof reason, "it has %zu bytes; at most %u are allowed", size,
             MISAS_DOCUMENT_MAX_BYTES);
    return misas__document_invalid("value", value, reason);
}

/* Its reason, where the value is not JSON; empty where it is. */
static misas_error *read_json(json_t **out, char reason[misas__reason_size], const char *value)
{
    reason[0] = '\0';
    return misas__json_value_read(out, reason, value, strlen(value));
}

static misas_error *read_text(json_t **out, char reason[misas__reason_size], const char *text)
{
    reason[0] = '\0';
    if (!misas__utf8_is_valid(text, strlen(text))) {
        snprintf(reason, misas__reason_size, "it must be UTF-8");
        return NULL;
    }
    *out = json_string_nocheck(text);
    return *out != NULL ? NULL : misas_error_out_of_memory();
}

static misas_error *read_value(json_t **out, const misas_condition *condition)
{
    const char *given = condition->value != NULL ? condition->value : condition->text;
    char reason[misas__reason_size];

    if (given == NULL) {
        return misas__document_invalid("value", NULL,
                                       "it is missing: this operator needs a JSON value or a text");
    }
    if (condition->value != NULL && condition->text != NULL) {
        return misas__document_invalid("value", given, "there is a text as well: which one is it?");
    }
    misas_error *error = check_size(given);

    if (error == NULL) {
        error = condition->value != NULL ? read_json(out, reason, given)
                                         : read_text(out, reason, given);
    }
    if (error != NULL) {
        return error;
    }
    const char *problem = *out != NULL ? value_problem(condition->operator_, *out) : reason;

    return problem != NULL ? misas__document_invalid("value", given, problem) : NULL;
}

static misas_error *check_condition(misas__condition *out, const misas_condition *condition)
{
    misas_error *error = check_path("path", condition->path);

    *out = (misas__condition){.path = condition->path, .operator_ = condition->operator_};
    if (error == NULL) {
        error = check_operator(condition->operator_);
    }
    if (error == NULL && condition->operator_ <= MISAS_STARTS_WITH) {
        error = read_value(&out->value, condition);
    }
    return error;
}

static misas_error *too_many_conditions(size_t count)
{
    char text[24];
    char reason[misas__reason_size];

    snprintf(text, sizeof text, "%zu", count);
    snprintf(reason, sizeof reason, "at most %d are allowed", MISAS_DOCUMENT_MAX_CONDITIONS);
    return misas__document_invalid("conditions", text, reason);
}

static misas_error *check_conditions(misas__document_query *out, const misas_condition *conditions)
{
    size_t count = 0;

    while (conditions != NULL && conditions[count].path != NULL) {
        count++;
    }
    if (count == 0) {
        return NULL;
    }
    if (count > MISAS_DOCUMENT_MAX_CONDITIONS) {
        return too_many_conditions(count);
    }
    out->conditions = calloc(count, sizeof *out->conditions);
    if (out->conditions == NULL) {
        return misas_error_out_of_memory();
    }
    out->condition_count = count;
    for (size_t i = 0; i < count; i++) {
        misas_error *error = check_condition(&out->conditions[i], &conditions[i]);

        if (error != NULL) {
            return misas_error_wrap(error, "condition %zu of %zu", i + 1, count);
        }
    }
    return NULL;
}

misas_error *misas__check_query(misas__document_query *out, const misas_document_query *query)
{
    static const misas_document_query everything;
    const misas_document_query *chosen = query != NULL ? query : &everything;

    *out = (misas__document_query){
        .order_by = chosen->order_by,
        .is_descending = chosen->is_descending,
        .limit = chosen->limit,
        .offset = chosen->offset,
    };
    misas_error *error = chosen->order_by != NULL ? check_path("order_by", chosen->order_by) : NULL;

    return error != NULL ? error : check_conditions(out, chosen->conditions);
}

void misas__query_release(misas__document_query *query)
{
    for (size_t i = 0; i < query->condition_count; i++) {
        json_decref(query->conditions[i].value);
    }
    free(query->conditions);
}
