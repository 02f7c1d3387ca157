#include "documentstore/memory_find.h"

#include <stdlib.h>
#include <string.h>

#include "documentstore/json_value.h"

static bool grow(misas__memory_findings *findings)
{
    if (findings->count < findings->capacity) {
        return true;
    }
    size_t larger = findings->capacity > 0 ? 2 * findings->capacity : 16;
    misas__memory_finding *moved = realloc(findings->items, larger * sizeof *moved);

    if (moved == NULL) {
        findings->failed = true;
        return false;
    }
    findings->items = moved;
    findings->capacity = larger;
    return true;
}

static void look_at(misas__memory_document *document, void *argument)
{
    misas__memory_findings *findings = argument;
    const misas__document_query *query = findings->query;

    if (!findings->failed &&
        misas__json_value_fits(document->content, query->conditions, query->condition_count) &&
        grow(findings)) {
        findings->items[findings->count++] = (misas__memory_finding){
            .document = document,
            .key = query->order_by != NULL
                       ? misas__json_value_at(document->content, query->order_by)
                       : NULL,
        };
    }
}

misas_error *misas__memory_find(misas__memory_findings *out,
                                const misas__memory_collection *collection,
                                const misas__document_query *query)
{
    *out = (misas__memory_findings){.query = query};
    misas__memory_each(collection, look_at, out);
    return out->failed ? misas_error_out_of_memory() : NULL;
}

static int compare(const misas__memory_finding *left, const misas__memory_finding *right,
                   bool is_descending)
{
    int order = misas__json_value_order(left->key, right->key, is_descending);

    return order != 0 ? order : strcmp(left->document->id, right->document->id);
}

static int compare_ascending(const void *left, const void *right)
{
    return compare(left, right, false);
}

static int compare_descending(const void *left, const void *right)
{
    return compare(left, right, true);
}

static int compare_ids_descending(const void *left, const void *right)
{
    return compare(right, left, false); /* without keys */
}

static void sort(misas__memory_findings *findings)
{
    const misas__document_query *query = findings->query;
    int (*chosen)(const void *, const void *) = compare_ascending;

    if (query->is_descending) {
        chosen = query->order_by != NULL ? compare_descending : compare_ids_descending;
    }
    if (findings->count > 1 && (query->order_by != NULL || query->is_descending)) {
        qsort(findings->items, findings->count, sizeof *findings->items, chosen);
    }
}

misas_error *misas__memory_copy(misas_document_list *list, const misas__memory_document *document)
{
    misas__text text = {0};
    char *content = NULL;
    size_t size = 0;

    misas__json_value_write(&text, document->content);
    misas_error *error = misas__text_finish(&content, &size, &text);

    if (error == NULL) {
        error = misas__document_list_add(
            list,
            &(misas_document){.id = document->id, .content = content, .version = document->version},
            size);
    }
    free(content);
    return error;
}

misas_error *misas__memory_copy_page(misas_document_list *list, misas__memory_findings *findings)
{
    uint64_t offset = findings->query->offset;
    uint64_t limit = findings->query->limit;
    misas_error *error = NULL;

    sort(findings);
    for (uint64_t i = offset; i < findings->count && error == NULL; i++) {
        if (limit > 0 && i - offset == limit) {
            break;
        }
        error = misas__memory_copy(list, findings->items[i].document);
    }
    return error;
}
