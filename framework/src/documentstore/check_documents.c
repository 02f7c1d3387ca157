#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "documentstore/check.h"
#include "documentstore/json_value.h"
#include "text/names.h"

misas_error *misas__check_collection(const char *name)
{
    char reason[misas__reason_size];
    const char *problem = misas__name_problem(name, MISAS_COLLECTION_MAX_BYTES);

    if (problem == NULL) {
        return NULL;
    }
    snprintf(reason, sizeof reason, "%s; a name has 1 to %d bytes", problem,
             MISAS_COLLECTION_MAX_BYTES);
    return misas__document_invalid("collection", name, reason);
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F) {
            return true;
        }
    }
    return false;
}

static const char *id_problem(const char *id)
{
    if (id == NULL || id[0] == '\0') {
        return "it must not be empty";
    }
    if (strlen(id) > MISAS_DOCUMENT_ID_MAX_BYTES) {
        return "it is too long";
    }
    if (!misas__utf8_is_valid(id, strlen(id))) {
        return "it must be UTF-8";
    }
    return has_control(id) ? "it must have no control characters" : NULL;
}

misas_error *misas__check_document_id(const char *id)
{
    char reason[misas__reason_size];
    const char *problem = id_problem(id);

    if (problem == NULL) {
        return NULL;
    }
    snprintf(reason, sizeof reason, "%s; an id has 1 to %d bytes", problem,
             MISAS_DOCUMENT_ID_MAX_BYTES);
    return misas__document_invalid("id", id, reason);
}

/* The error names the id, not the content: that may be secret, and long. */
static misas_error *content_invalid(const char *id, const char *reason)
{
    return misas_error_wrap(misas__document_invalid("content", id, reason),
                            "the content of a document");
}

static misas_error *read_content(json_t **out, const misas_document *item)
{
    char reason[misas__reason_size] = "it must be a JSON object";

    if (item->content == NULL) {
        return content_invalid(item->id, "it is missing: it must be a JSON object");
    }
    size_t size = strlen(item->content);

    if (size > MISAS_DOCUMENT_MAX_BYTES) {
        snprintf(reason, sizeof reason, "it has %zu bytes; at most %u are allowed", size,
                 MISAS_DOCUMENT_MAX_BYTES);
        return content_invalid(item->id, reason);
    }
    misas_error *error = misas__json_value_read(out, reason, item->content, size);

    if (error == NULL && !json_is_object(*out)) {
        error = content_invalid(item->id, reason);
    }
    return error;
}

static misas_error *check_document(misas__document *out, const misas_document *item,
                                   bool has_content)
{
    misas_error *error = misas__check_document_id(item->id);

    *out = (misas__document){.id = item->id, .version = item->version};
    return error != NULL || !has_content ? error : read_content(&out->content, item);
}

static misas_error *check_total(const misas_document *items, size_t count, bool has_content)
{
    size_t total = 0;

    if (items == NULL) {
        return misas__document_invalid("items", NULL, "they are missing");
    }
    for (size_t i = 0; i < count; i++) {
        total += items[i].id != NULL ? strlen(items[i].id) : 0;
        total += has_content && items[i].content != NULL ? strlen(items[i].content) : 0;
    }
    if (total <= MISAS_DOCUMENTS_MAX_BYTES) {
        return NULL;
    }
    char size_text[24];
    char reason[misas__reason_size];

    snprintf(size_text, sizeof size_text, "%zu", total);
    snprintf(reason, sizeof reason,
             "so many bytes are too many for one call; at most %u are "
             "allowed",
             MISAS_DOCUMENTS_MAX_BYTES);
    return misas__document_invalid("items", size_text, reason);
}

static int compare_ids(const void *left, const void *right)
{
    const misas__document *a = left;
    const misas__document *b = right;

    return strcmp(a->id, b->id);
}

static misas_error *sort(misas__document *items, size_t count)
{
    qsort(items, count, sizeof *items, compare_ids);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(items[i - 1].id, items[i].id) == 0) {
            return misas__document_invalid("id", items[i].id, "it is there twice in one call");
        }
    }
    return NULL;
}

misas_error *misas__check_documents(misas__document **out, const misas_document *items,
                                    size_t count, bool has_content)
{
    misas_error *error = check_total(items, count, has_content);

    *out = error == NULL ? calloc(count, sizeof **out) : NULL;
    if (*out == NULL) {
        return error != NULL ? error : misas_error_out_of_memory();
    }
    for (size_t i = 0; i < count; i++) {
        error = check_document(&(*out)[i], &items[i], has_content);
        if (error != NULL) {
            return misas_error_wrap(error, "document %zu of %zu", i + 1, count);
        }
    }
    return sort(*out, count);
}

void misas__documents_release(misas__document *items, size_t count)
{
    for (size_t i = 0; items != NULL && i < count; i++) {
        json_decref(items[i].content);
    }
    free(items);
}
