#include "postgresql/document_query.h"

#include <stdlib.h>
#include <string.h>

#include "documentstore/json_value.h"
#include "postgresql/document_content.h"
#include "postgresql/sql.h"

/* More than there can ever be, and less than PostgreSQL could not add up. */
static const uint64_t endless = UINT64_C(1) << 62;

/* Takes the next part of a path, and moves the path on; false at its end. */
static bool take_part(char part[MISAS_DOCUMENT_PATH_MAX_BYTES + 1], const char **path)
{
    size_t size = strcspn(*path, ".");

    memcpy(part, *path, size);
    part[size] = '\0';
    *path += (*path)[size] == '.' ? size + 1 : size;
    return size > 0;
}

/* Whether no part of it could be meant as an index: then it leads through objects alone. */
static bool has_only_names(const char *path)
{
    char part[MISAS_DOCUMENT_PATH_MAX_BYTES + 1];
    int index = 0;

    while (take_part(part, &path)) {
        if (misas__json_value_index(&index, part)) {
            return false;
        }
    }
    return true;
}

static bool is_known_to_index(const misas__condition *condition)
{
    return condition->operator_ == MISAS_EQUAL && !json_is_object(condition->value) &&
           !json_is_array(condition->value) && has_only_names(condition->path);
}

/* The object within `object` of this name, made if there is none. Where another condition wants a
 * simple value there, both can't be met: then any of the two will do. */
static json_t *enter(json_t *object, const char *name)
{
    json_t *inner = json_object_get(object, name);

    if (json_is_object(inner)) {
        return inner;
    }
    inner = json_object();
    return json_object_set_new(object, name, inner) == 0 ? inner : NULL;
}

/* Within `object`, so that it leads to the condition's value. False: no memory. */
static bool set_path(json_t *object, const misas__condition *condition)
{
    char part[MISAS_DOCUMENT_PATH_MAX_BYTES + 1];
    const char *path = condition->path;

    take_part(part, &path);
    while (object != NULL && *path != '\0') {
        object = enter(object, part);
        take_part(part, &path);
    }
    return object != NULL && json_object_set(object, part, condition->value) == 0;
}

static misas_error *fill_contained(json_t *contained, const char *collection,
                                   const misas__document_query *query)
{
    json_t *content = enter(contained, collection);
    bool is_done = content != NULL;

    for (size_t i = 0; i < query->condition_count && is_done; i++) {
        if (is_known_to_index(&query->conditions[i])) {
            is_done = set_path(content, &query->conditions[i]);
        }
    }
    return is_done ? NULL : misas_error_out_of_memory();
}

/* What documents that fit contain in any case, under the name of their collection; NULL: nothing
 * that the index knows of. Freed with free(). */
static misas_error *write_contained(char **out, const char *collection,
                                    const misas__document_query *query)
{
    json_t *contained = json_object();
    misas__text text = {0};

    *out = NULL;
    if (contained == NULL) {
        return misas_error_out_of_memory();
    }
    misas_error *error = fill_contained(contained, collection, query);

    if (error == NULL && json_object_size(json_object_get(contained, collection)) > 0) {
        misas__json_value_write(&text, contained);
        error = misas__text_finish(out, NULL, &text);
    }
    json_decref(contained);
    return error;
}

static void add_conditions(misas__parameters *parameters, const misas__document_query *query)
{
    misas__array paths;
    misas__array operators;
    misas__array operands;

    misas__array_start(&paths, MISAS__TEXT, query->condition_count);
    misas__array_start(&operators, MISAS__INTEGER, query->condition_count);
    misas__array_start(&operands, MISAS__JSONB, query->condition_count);
    for (size_t i = 0; i < query->condition_count; i++) {
        misas__array_add_text(&paths, query->conditions[i].path);
        misas__array_add_integer(&operators, (int32_t)query->conditions[i].operator_);
        misas__array_add_value(&operands, query->conditions[i].value);
    }
    misas__parameters_add_array(parameters, &paths);
    misas__parameters_add_array(parameters, &operators);
    misas__parameters_add_array(parameters, &operands);
}

static void add_page(misas__parameters *parameters, const misas__document_query *query)
{
    if (query->limit == 0 || query->limit > endless) {
        misas__parameters_add_null(parameters);
    } else {
        misas__parameters_add_bigint(parameters, (int64_t)query->limit);
    }
    misas__parameters_add_bigint(parameters,
                                 (int64_t)(query->offset > endless ? endless : query->offset));
}

misas_error *misas__add_fitting(misas__parameters *parameters, const char *collection,
                                const misas__document_query *query)
{
    char *contained = NULL;
    misas_error *error = write_contained(&contained, collection, query);

    misas__parameters_add_text(parameters, collection);
    misas__parameters_add_jsonb(parameters, contained);
    add_conditions(parameters, query);
    free(contained);
    return error;
}

static bool uses_index_of_contents(const misas__document_query *query)
{
    for (size_t i = 0; i < query->condition_count; i++) {
        if (is_known_to_index(&query->conditions[i])) {
            return true;
        }
    }
    return false;
}

misas_error *misas__prepare_find(const char **out_sql, misas__parameters *parameters,
                                 const char *collection, const misas__document_query *query)
{
    misas_error *error = NULL;

    if (query->order_by == NULL && !uses_index_of_contents(query)) {
        *out_sql = query->is_descending ? misas__sql_find_documents_by_id_descending
                                        : misas__sql_find_documents_by_id_ascending;
        misas__parameters_add_text(parameters, collection);
        add_conditions(parameters, query);
    } else {
        *out_sql = query->is_descending ? misas__sql_find_documents_sorted_descending
                                        : misas__sql_find_documents_sorted_ascending;
        error = misas__add_fitting(parameters, collection, query);
        misas__parameters_add_text(parameters, query->order_by);
    }
    add_page(parameters, query);
    return error;
}
