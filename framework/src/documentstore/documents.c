#include "documentstore/documents.h"

#include <stdlib.h>
#include <string.h>

#include "documentstore/check.h"
#include "documentstore/document_list.h"

void misas__documents_free(misas_documents *documents)
{
    if (documents != NULL) {
        documents->functions->free(documents);
    }
}

misas_error *misas_documents_create_collection(misas_documents *documents, const char *name)
{
    misas_error *error = misas__check_collection(name);

    return error != NULL ? error : documents->functions->create_collection(documents, name);
}

misas_error *misas_documents_ensure_collection(misas_documents *documents, const char *name)
{
    misas_error *error = misas_documents_create_collection(documents, name);

    if (misas_error_is(error, MISAS_ERROR_COLLECTION_EXISTS)) {
        misas_error_free(error);
        return NULL;
    }
    return error;
}

misas_error *misas_documents_delete_collection(misas_documents *documents, const char *name)
{
    misas_error *error = misas__check_collection(name);

    return error != NULL ? error : documents->functions->delete_collection(documents, name);
}

misas_error *misas_documents_list_collections(const char ***out, misas_documents *documents)
{
    return documents->functions->list_collections(out, documents);
}

typedef misas_error *(*write_function)(misas_documents *documents, const char *collection,
                                       misas__document *items, size_t count);

/* What is to be written, and how. */
typedef struct writing {
    write_function write;
    const char *collection;
    const misas_document *items;
    size_t count;
    bool has_content;
} writing;

static misas_error *write_documents(misas_documents *documents, const writing *wanted)
{
    misas__document *checked = NULL;
    misas_error *error = misas__check_collection(wanted->collection);

    if (error != NULL || wanted->count == 0) {
        return error;
    }
    error = misas__check_documents(&checked, wanted->items, wanted->count, wanted->has_content);
    if (error == NULL) {
        error = wanted->write(documents, wanted->collection, checked, wanted->count);
    }
    misas__documents_release(checked, wanted->count);
    return error;
}

misas_error *misas_documents_insert(misas_documents *documents, const char *collection,
                                    const misas_document *items, size_t count)
{
    return write_documents(
        documents, &(writing){documents->functions->insert, collection, items, count, true});
}

misas_error *misas_documents_upsert(misas_documents *documents, const char *collection,
                                    const misas_document *items, size_t count)
{
    return write_documents(
        documents, &(writing){documents->functions->upsert, collection, items, count, true});
}

misas_error *misas_documents_update(misas_documents *documents, const char *collection,
                                    const misas_document *items, size_t count)
{
    return write_documents(
        documents, &(writing){documents->functions->update, collection, items, count, true});
}

misas_error *misas_documents_delete(misas_documents *documents, const char *collection,
                                    const misas_document *items, size_t count)
{
    return write_documents(
        documents, &(writing){documents->functions->delete, collection, items, count, false});
}

/* Hands over the list, or frees it. */
static misas_error *finish_list(misas_document_list **out, misas_document_list *list,
                                misas_error *error)
{
    if (error != NULL) {
        misas_document_list_free(list);
        return error;
    }
    *out = list;
    return NULL;
}

misas_error *misas_documents_find(misas_document_list **out, misas_documents *documents,
                                  const char *collection, const misas_document_query *query)
{
    misas__document_query checked = {0};
    misas_document_list *list = NULL;
    misas_error *error = misas__check_collection(collection);

    if (error == NULL) {
        error = misas__check_query(&checked, query);
    }
    if (error == NULL) {
        error = misas__document_list_new(&list);
    }
    if (error == NULL) {
        error = documents->functions->find(list, documents, collection, &checked);
    }
    misas__query_release(&checked);
    return finish_list(out, list, error);
}

misas_error *misas_documents_find_by_id(misas_document_list **out, misas_documents *documents,
                                        const char *collection, const char *id)
{
    misas_document_list *list = NULL;
    misas_error *error = misas__check_collection(collection);

    if (error == NULL) {
        error = misas__check_document_id(id);
    }
    if (error == NULL) {
        error = misas__document_list_new(&list);
    }
    if (error == NULL) {
        error = documents->functions->find_by_id(list, documents, collection, id);
    }
    return finish_list(out, list, error);
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* A copy in ascending order, each only once; `*out_count` may become less. */
static misas_error *sort_ids(const char ***out, size_t *out_count, const char *const *ids,
                             size_t count)
{
    const char **sorted = malloc((count > 0 ? count : 1) * sizeof *sorted);
    size_t kept = 0;

    if (sorted == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < count; i++) {
        misas_error *error = misas__check_document_id(ids[i]);

        if (error != NULL) {
            free(sorted);
            return error;
        }
        sorted[i] = ids[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_texts);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(sorted[kept - 1], sorted[i]) != 0) {
            sorted[kept++] = sorted[i];
        }
    }
    *out = sorted;
    *out_count = kept;
    return NULL;
}

misas_error *misas_documents_find_by_ids(misas_document_list **out, misas_documents *documents,
                                         const char *collection, const char *const *ids,
                                         size_t count)
{
    misas_document_list *list = NULL;
    const char **sorted = NULL;
    misas_error *error = misas__check_collection(collection);

    if (error == NULL) {
        error = sort_ids(&sorted, &count, ids, count);
    }
    if (error == NULL) {
        error = misas__document_list_new(&list);
    }
    if (error == NULL) {
        error = documents->functions->find_by_ids(list, documents, collection, sorted, count);
    }
    free(sorted);
    return finish_list(out, list, error);
}

typedef misas_error *(*count_function)(uint64_t *out, misas_documents *documents,
                                       const char *collection, const misas__document_query *query);

/* What is to be counted, and how. */
typedef struct counting {
    count_function count;
    const char *collection;
    const misas_document_query *query;
} counting;

static misas_error *count_documents(uint64_t *out, misas_documents *documents,
                                    const counting *wanted)
{
    misas__document_query checked = {0};
    uint64_t counted = 0;
    misas_error *error = misas__check_collection(wanted->collection);

    if (error == NULL) {
        error = misas__check_query(&checked, wanted->query);
    }
    if (error == NULL) {
        error = wanted->count(&counted, documents, wanted->collection, &checked);
    }
    misas__query_release(&checked);
    if (error == NULL && out != NULL) {
        *out = counted;
    }
    return error;
}

misas_error *misas_documents_count(uint64_t *out, misas_documents *documents,
                                   const char *collection, const misas_document_query *query)
{
    return count_documents(out, documents,
                           &(counting){documents->functions->count, collection, query});
}

misas_error *misas_documents_delete_where(uint64_t *out_count, misas_documents *documents,
                                          const char *collection, const misas_document_query *query)
{
    if (query != NULL && (query->limit > 0 || query->offset > 0)) {
        return misas__document_invalid(query->limit > 0 ? "limit" : "offset", NULL,
                                       "what is deleted can't be limited, only by conditions");
    }
    return count_documents(out_count, documents,
                           &(counting){documents->functions->delete_where, collection, query});
}
