#include "documentstore/memory_documents.h"

#include <pthread.h>
#include <stdlib.h>

#include "documentstore/memory_collections.h"
#include "documentstore/memory_find.h"

/* A place to work on the documents: the shared one, or that of the transaction. */
typedef struct view {
    misas_documents documents;
    misas__memory_documents *memory;
    bool is_shared;
} view;

struct misas__memory_documents {
    pthread_mutex_t mutex; /* guards is_in_transaction, and that guards the rest */
    pthread_cond_t ended;
    bool is_in_transaction;
    misas__memory_collections collections;
    size_t savepoint; /* how many changes there were */
    view shared;
    view in_transaction;
};

void misas__memory_documents_begin(misas__memory_documents *memory)
{
    pthread_mutex_lock(&memory->mutex);
    while (memory->is_in_transaction) {
        pthread_cond_wait(&memory->ended, &memory->mutex);
    }
    memory->is_in_transaction = true;
    memory->savepoint = 0;
    pthread_mutex_unlock(&memory->mutex);
}

static void end(misas__memory_documents *memory)
{
    pthread_mutex_lock(&memory->mutex);
    memory->is_in_transaction = false;
    pthread_cond_signal(&memory->ended);
    pthread_mutex_unlock(&memory->mutex);
}

void misas__memory_documents_savepoint(misas__memory_documents *memory)
{
    memory->savepoint = memory->collections.change_count;
}

void misas__memory_documents_roll_back_to_savepoint(misas__memory_documents *memory)
{
    misas__memory_undo(&memory->collections, memory->savepoint);
}

void misas__memory_documents_commit(misas__memory_documents *memory)
{
    misas__memory_keep(&memory->collections);
    end(memory);
}

void misas__memory_documents_roll_back(misas__memory_documents *memory)
{
    misas__memory_undo(&memory->collections, 0);
    end(memory);
}

/* A call in progress: all that it changes, or nothing. */
typedef struct call {
    misas__memory_documents *memory;
    misas__memory_collections *collections;
    bool is_shared;
    size_t mark; /* how many changes there were before */
} call;

static call enter(misas_documents *documents)
{
    const view *used = (const view *)documents;
    misas__memory_documents *memory = used->memory;

    if (used->is_shared) {
        misas__memory_documents_begin(memory);
    }
    return (call){
        .memory = memory,
        .collections = &memory->collections,
        .is_shared = used->is_shared,
        .mark = memory->collections.change_count,
    };
}

static misas_error *leave(const call *entered, misas_error *error)
{
    if (error != NULL) {
        misas__memory_undo(entered->collections, entered->mark);
    }
    if (entered->is_shared) {
        misas__memory_documents_commit(entered->memory);
    }
    return error;
}

static misas_error *create_collection(misas_documents *documents, const char *name)
{
    call entered = enter(documents);

    if (misas__memory_find_collection(entered.collections, name) != NULL) {
        return leave(&entered, misas__collection_exists(name));
    }
    misas_error *error = misas__memory_reserve(entered.collections, 1);

    if (error == NULL) {
        error = misas__memory_create(entered.collections, name);
    }
    return leave(&entered, error);
}

static misas_error *delete_collection(misas_documents *documents, const char *name)
{
    call entered = enter(documents);
    misas__memory_collection *collection = misas__memory_find_collection(entered.collections, name);

    if (collection == NULL) {
        return leave(&entered, misas__collection_not_found(name));
    }
    misas_error *error = misas__memory_reserve(entered.collections, collection->document_count + 1);

    if (error == NULL) {
        misas__memory_delete(entered.collections, collection);
    }
    return leave(&entered, error);
}

static misas_error *list_collections(const char ***out, misas_documents *documents)
{
    call entered = enter(documents);
    misas_error *error = misas__memory_list(out, entered.collections);

    return leave(&entered, error);
}

/* What is done with each document of a call. */
typedef misas_error *(*step)(misas__memory_collections *collections,
                             misas__memory_collection *collection, misas__document *item);

static misas_error *take_steps(misas_documents *documents, const char *name, misas__document *items,
                               size_t count, step take)
{
    call entered = enter(documents);
    misas__memory_collection *collection = misas__memory_find_collection(entered.collections, name);
    misas_error *error = collection != NULL ? misas__memory_reserve(entered.collections, count)
                                            : misas__collection_not_found(name);

    for (size_t i = 0; i < count && error == NULL; i++) {
        error = take(entered.collections, collection, &items[i]);
    }
    return leave(&entered, error);
}

static misas_error *insert_one(misas__memory_collections *collections,
                               misas__memory_collection *collection, misas__document *item)
{
    return misas__memory_find_document(collection, item->id) != NULL
               ? misas__document_exists(collection->name, item->id)
               : misas__memory_put(collections, collection, item);
}

static misas_error *insert(misas_documents *documents, const char *collection,
                           misas__document *items, size_t count)
{
    return take_steps(documents, collection, items, count, insert_one);
}

static misas_error *upsert(misas_documents *documents, const char *collection,
                           misas__document *items, size_t count)
{
    return take_steps(documents, collection, items, count, misas__memory_put);
}

static misas_error *find_expected(misas__memory_document **out,
                                  const misas__memory_collection *collection,
                                  const misas__document *item)
{
    *out = misas__memory_find_document(collection, item->id);
    if (*out == NULL) {
        return misas__document_not_found(collection->name, item->id);
    }
    return item->version != 0 && item->version != (*out)->version
               ? misas__document_conflict(collection->name, item, (*out)->version)
               : NULL;
}

static misas_error *update_one(misas__memory_collections *collections,
                               misas__memory_collection *collection, misas__document *item)
{
    misas__memory_document *document = NULL;
    misas_error *error = find_expected(&document, collection, item);

    return error != NULL ? error : misas__memory_put(collections, collection, item);
}

static misas_error *update(misas_documents *documents, const char *collection,
                           misas__document *items, size_t count)
{
    return take_steps(documents, collection, items, count, update_one);
}

static misas_error *delete_one(misas__memory_collections *collections,
                               misas__memory_collection *collection, misas__document *item)
{
    misas__memory_document *document = NULL;
    misas_error *error = find_expected(&document, collection, item);

    if (error == NULL) {
        misas__memory_remove(collections, collection, document);
    }
    return error;
}

static misas_error *delete_documents(misas_documents *documents, const char *collection,
                                     misas__document *items, size_t count)
{
    return take_steps(documents, collection, items, count, delete_one);
}

/* What is done with the documents that were found. */
typedef misas_error *(*use)(void *out, const call *entered, misas__memory_collection *collection,
                            misas__memory_findings *findings);

static misas_error *use_findings(void *out, misas_documents *documents, const char *name,
                                 const misas__document_query *query, use use_them)
{
    call entered = enter(documents);
    misas__memory_collection *collection = misas__memory_find_collection(entered.collections, name);
    misas__memory_findings findings = {0};
    misas_error *error = collection != NULL ? misas__memory_find(&findings, collection, query)
                                            : misas__collection_not_found(name);

    if (error == NULL) {
        error = use_them(out, &entered, collection, &findings);
    }
    free(findings.items);
    return leave(&entered, error);
}

static misas_error *copy_findings(void *out, const call *entered,
                                  misas__memory_collection *collection,
                                  misas__memory_findings *findings)
{
    (void)entered;
    (void)collection;
    return misas__memory_copy_page(out, findings);
}

static misas_error *find(misas_document_list *list, misas_documents *documents,
                         const char *collection, const misas__document_query *query)
{
    return use_findings(list, documents, collection, query, copy_findings);
}

static misas_error *find_by_id(misas_document_list *list, misas_documents *documents,
                               const char *name, const char *id)
{
    call entered = enter(documents);
    const misas__memory_collection *collection =
        misas__memory_find_collection(entered.collections, name);
    misas__memory_document *document = NULL;
    misas_error *error = collection != NULL
                             ? find_expected(&document, collection, &(misas__document){.id = id})
                             : misas__collection_not_found(name);

    if (error == NULL) {
        error = misas__memory_copy(list, document);
    }
    return leave(&entered, error);
}

static misas_error *find_by_ids(misas_document_list *list, misas_documents *documents,
                                const char *name, const char *const *ids, size_t count)
{
    call entered = enter(documents);
    const misas__memory_collection *collection =
        misas__memory_find_collection(entered.collections, name);
    misas_error *error = collection == NULL ? misas__collection_not_found(name) : NULL;

    for (size_t i = 0; i < count && error == NULL; i++) {
        const misas__memory_document *document = misas__memory_find_document(collection, ids[i]);

        error = document != NULL ? misas__memory_copy(list, document) : NULL;
    }
    return leave(&entered, error);
}

static misas_error *count_findings(void *out, const call *entered,
                                   misas__memory_collection *collection,
                                   misas__memory_findings *findings)
{
    (void)entered;
    (void)collection;
    *(uint64_t *)out = findings->count;
    return NULL;
}

static misas_error *count_documents(uint64_t *out, misas_documents *documents,
                                    const char *collection, const misas__document_query *query)
{
    return use_findings(out, documents, collection, query, count_findings);
}

static misas_error *delete_findings(void *out, const call *entered,
                                    misas__memory_collection *collection,
                                    misas__memory_findings *findings)
{
    misas_error *error = misas__memory_reserve(entered->collections, findings->count);

    for (size_t i = 0; i < findings->count && error == NULL; i++) {
        misas__memory_remove(entered->collections, collection, findings->items[i].document);
    }
    *(uint64_t *)out = findings->count;
    return error;
}

static misas_error *delete_where(uint64_t *out, misas_documents *documents, const char *collection,
                                 const misas__document_query *query)
{
    return use_findings(out, documents, collection, query, delete_findings);
}

static void belongs_to_memory(misas_documents *documents)
{
    (void)documents;
}

static const misas__documents_functions functions = {
    .create_collection = create_collection,
    .delete_collection = delete_collection,
    .list_collections = list_collections,
    .insert = insert,
    .upsert = upsert,
    .update = update,
    .delete = delete_documents,
    .find = find,
    .find_by_id = find_by_id,
    .find_by_ids = find_by_ids,
    .count = count_documents,
    .delete_where = delete_where,
    .free = belongs_to_memory,
};

misas_error *misas__memory_documents_new(misas__memory_documents **out)
{
    misas__memory_documents *memory = calloc(1, sizeof *memory);

    if (memory == NULL) {
        return misas_error_out_of_memory();
    }
    pthread_mutex_init(&memory->mutex, NULL);
    pthread_cond_init(&memory->ended, NULL);
    memory->shared = (view){{&functions}, memory, true};
    memory->in_transaction = (view){{&functions}, memory, false};
    *out = memory;
    return NULL;
}

void misas__memory_documents_free(misas__memory_documents *memory)
{
    if (memory != NULL) {
        misas__memory_collections_free(&memory->collections);
        pthread_cond_destroy(&memory->ended);
        pthread_mutex_destroy(&memory->mutex);
        free(memory);
    }
}

misas_documents *misas__memory_documents_shared(misas__memory_documents *memory)
{
    return &memory->shared.documents;
}

misas_documents *misas__memory_documents_in_transaction(misas__memory_documents *memory)
{
    return &memory->in_transaction.documents;
}
