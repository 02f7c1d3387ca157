#include "processing/working_documents.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "memory/growth.h"
#include "misas/json.h"
#include "schema/member.h"

/* What is kept was within the limits of documents, and the JSON read may be longer by its spaces.
 */
static const misas_decode_limits limits = {.max_bytes = 4 * MISAS_DOCUMENT_MAX_BYTES,
                                           .max_depth = 1000};

static int compare(const void *left, const void *right)
{
    const misas__working_document *a = left;
    const misas__working_document *b = right;
    const int order = strcmp(a->type->collection, b->type->collection);

    return order != 0 ? order : strcmp(a->id, b->id);
}

misas__working_document *misas__working_documents_get(const misas__working_documents *documents,
                                                      const misas_type *type, const char *id)
{
    const misas__working_document wanted = {.type = type, .id = (char *)(uintptr_t)id};
    misas__working_document *const *found = tfind(&wanted, &documents->by_id, compare);

    if (found == NULL) {
        return NULL;
    }
    (*found)->is_in_use = true;
    return *found;
}

static void free_item(misas__working_document *item)
{
    misas_message_free(item->message);
    free(item->packed);
    free(item->id);
    free(item);
}

/* There is room for it. */
static misas_error *keep(misas__working_documents *documents, misas__working_document *item)
{
    if (tsearch(item, &documents->by_id, compare) == NULL) {
        return misas_error_out_of_memory();
    }
    documents->items[documents->count++] = item;
    return NULL;
}

/* Takes the item, which may be NULL for want of memory, also when it fails. */
static misas_error *add(misas__working_document **out, misas__working_documents *documents,
                        misas__working_document *item)
{
    misas__working_document **items =
        item != NULL ? misas__grow(documents->items, documents->count, &documents->capacity,
                                   sizeof(misas__working_document *))
                     : NULL;
    misas_error *error = NULL;

    if (items == NULL || item->id == NULL) {
        error = misas_error_out_of_memory();
    }
    documents->items = items != NULL ? items : documents->items;
    if (error == NULL) {
        error = keep(documents, item);
    }
    if (error != NULL && item != NULL) {
        free_item(item);
    } else if (error == NULL) {
        *out = item;
    }
    return error;
}

static misas__working_document *new_item(const misas_type *type, const char *id)
{
    misas__working_document *item = calloc(1, sizeof *item);

    if (item != NULL) {
        item->type = type;
        item->id = strdup(id);
        item->is_in_use = true;
    }
    return item;
}

static misas_error *decode(ProtobufCMessage **out, const misas_type *type,
                           const misas_document *read)
{
    misas_error *error =
        misas_json_decode(out, type, read->content, strlen(read->content), &limits);

    return error == NULL ? NULL
                         : misas_error_wrap(error, "the document %s of the collection %s", read->id,
                                            type->collection);
}

misas_error *misas__working_documents_add(misas__working_document **out,
                                          misas__working_documents *documents,
                                          const misas_type *type, const misas_document *read)
{
    misas__working_document *item = new_item(type, read->id);
    misas_error *error = item != NULL ? decode(&item->message, type, read) : NULL;

    if (item != NULL && error == NULL) {
        item->version = read->version;
        error = misas_message_encode(&item->packed, &item->packed_size, type, item->message);
    }
    if (error != NULL) {
        free_item(item);
        return error;
    }
    return add(out, documents, item);
}

static misas_error *set_key(ProtobufCMessage *message, const misas_type *type, const char *id)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(type->descriptor, type->key_field);

    if (misas__field_is_oneof(field)) {
        *(uint32_t *)misas__quantifier_to_set(message, field) = field->id;
    }
    return misas_message_set_text(misas__member_to_set(message, field), id);
}

misas_error *misas__working_documents_add_new(misas__working_document **out,
                                              misas__working_documents *documents,
                                              const misas_type *type, const char *id)
{
    misas__working_document *item = new_item(type, id);
    misas_error *error = NULL;

    if (item != NULL) {
        item->message = malloc(type->descriptor->sizeof_message);
    }
    if (item != NULL && item->message != NULL) {
        protobuf_c_message_init(type->descriptor, item->message);
        error = set_key(item->message, type, id);
    } else {
        error = misas_error_out_of_memory();
    }
    if (error != NULL) {
        if (item != NULL) {
            free_item(item);
        }
        return error;
    }
    return add(out, documents, item);
}

misas_error *misas__working_documents_add_found(misas__working_documents *documents,
                                                const misas_type *type, const misas_document *read)
{
    ProtobufCMessage **items = misas__grow(documents->found, documents->found_count,
                                           &documents->found_capacity, sizeof(ProtobufCMessage *));

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    documents->found = items;
    misas_error *error = decode(&items[documents->found_count], type, read);

    documents->found_count += error == NULL ? 1 : 0;
    return error;
}

void misas__working_documents_forget_found(misas__working_documents *documents)
{
    while (documents->found_count > 0) {
        misas_message_free(documents->found[--documents->found_count]);
    }
}

void misas__working_documents_release(misas__working_documents *documents)
{
    for (size_t i = 0; i < documents->count; i++) {
        documents->items[i]->is_in_use = false;
    }
}

void misas__working_documents_forget(misas__working_documents *documents, const misas_type *type,
                                     const char *id)
{
    size_t kept = 0;

    for (size_t i = 0; i < documents->count; i++) {
        misas__working_document *item = documents->items[i];

        if (item->type == type && (id == NULL || strcmp(item->id, id) == 0)) {
            tdelete(item, &documents->by_id, compare);
            free_item(item);
        } else {
            documents->items[kept++] = item;
        }
    }
    documents->count = kept;
}

void misas__working_documents_clear(misas__working_documents *documents)
{
    misas__working_documents_forget_found(documents);
    while (documents->count > 0) {
        misas__working_document *item = documents->items[--documents->count];

        tdelete(item, &documents->by_id, compare);
        free_item(item);
    }
}

void misas__working_documents_free(misas__working_documents *documents)
{
    misas__working_documents_clear(documents);
    free(documents->items);
    free(documents->found);
}
