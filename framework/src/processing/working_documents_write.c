/* Writing what was changed in documents at hand: those of one type together. */
#include <stdlib.h>
#include <string.h>

#include "misas/context.h"
#include "misas/json.h"
#include "processing/working_documents.h"

enum { most_together = 1000, most_bytes_together = 16 << 20 };

/* Documents that are written by one call. */
typedef struct group {
    const misas_type *type;
    bool is_new;
    misas__working_document *items[most_together];
    misas_document documents[most_together];
    size_t count;
    size_t bytes;
} group;

static misas_error *check_key(const misas__working_document *item)
{
    const char *key = NULL;
    misas_error *error = misas_message_key(&key, item->type, item->message);

    if (error != NULL || strcmp(key, item->id) == 0) {
        return error;
    }
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_CONTEXT,
            .data = (misas_field[]){{"name", item->id}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the document %s of the collection %s: its key field, %s, was changed to %s", item->id,
        item->type->collection, item->type->key_field, key);
}

static misas_error *find_change(misas__working_document *item)
{
    void *packed = NULL;
    size_t size = 0;
    misas_error *error = check_key(item);

    if (error == NULL) {
        error = misas_message_encode(&packed, &size, item->type, item->message);
    }
    if (error != NULL) {
        return error;
    }
    if (item->packed == NULL || size != item->packed_size ||
        memcmp(packed, item->packed, size) != 0) {
        item->is_changed = true;
    }
    free(item->packed);
    item->packed = packed;
    item->packed_size = size;
    return NULL;
}

/* Whether it may be written with those of the group. */
static bool fits(const group *to, const misas__working_document *item)
{
    return item->is_changed && item->type == to->type && (item->version == 0) == to->is_new &&
           to->count < most_together && to->bytes < most_bytes_together;
}

static misas_error *add(group *to, misas__working_document *item)
{
    char *content = NULL;
    size_t size = 0;
    misas_error *error =
        misas_json_encode(&content, &size, item->type, item->message,
                          &(misas_json_options){.write_defaults = true, .write_numbers = true});

    if (error != NULL) {
        return error;
    }
    to->items[to->count] = item;
    to->documents[to->count++] =
        (misas_document){.id = item->id, .content = content, .version = item->version};
    to->bytes += size;
    return NULL;
}

static void free_contents(const group *of)
{
    for (size_t i = 0; i < of->count; i++) {
        free((char *)(uintptr_t)of->documents[i].content);
    }
}

/* Whoever changed it has read what is there no more. */
static misas_error *overtaken(const group *which, misas_error *cause)
{
    const char *id = misas_error_data(cause, "id");

    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_DOCUMENT_CONFLICT,
            .cause = cause,
            .data =
                (misas_field[]){{"collection", which->type->collection}, {"id", id}, {NULL, NULL}},
            .tags = MISAS_TAG_CONFLICT " " MISAS_TAG_RETRIABLE,
        },
        "another has changed the document %s of the collection %s meanwhile", id,
        which->type->collection);
}

static misas_error *write_group(const group *which, misas_documents *to)
{
    misas_error *error =
        which->is_new
            ? misas_documents_insert(to, which->type->collection, which->documents, which->count)
            : misas_documents_update(to, which->type->collection, which->documents, which->count);

    if (misas_error_is(error, MISAS_ERROR_DOCUMENT_EXISTS) ||
        misas_error_is(error, MISAS_ERROR_DOCUMENT_NOT_FOUND) ||
        misas_error_is(error, MISAS_ERROR_DOCUMENT_CONFLICT)) {
        return overtaken(which, error);
    }
    for (size_t i = 0; i < which->count && error == NULL; i++) {
        which->items[i]->version++;
        which->items[i]->is_changed = false;
    }
    return error;
}

/* All changed ones from the first on that fit to it. */
static misas_error *write_with(misas__working_documents *documents, size_t first,
                               misas_documents *to)
{
    group *which = malloc(sizeof *which);
    misas_error *error = NULL;

    if (which == NULL) {
        return misas_error_out_of_memory();
    }
    which->type = documents->items[first]->type;
    which->is_new = documents->items[first]->version == 0;
    which->count = 0;
    which->bytes = 0;
    for (size_t i = first; i < documents->count && error == NULL; i++) {
        if (fits(which, documents->items[i])) {
            error = add(which, documents->items[i]);
        }
    }
    if (error == NULL) {
        error = write_group(which, to);
    }
    free_contents(which);
    free(which);
    return error;
}

misas_error *misas__working_documents_write(misas__working_documents *documents,
                                            misas_documents *to)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < documents->count && error == NULL; i++) {
        error = documents->items[i]->is_in_use ? find_change(documents->items[i]) : NULL;
    }
    for (size_t i = 0; i < documents->count && error == NULL; i++) {
        if (documents->items[i]->is_changed) {
            error = write_with(documents, i, to);
        }
    }
    return error;
}
