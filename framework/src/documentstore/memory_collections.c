#define _GNU_SOURCE /* tdestroy, twalk_r */
#include "documentstore/memory_collections.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "text/names.h"

static int compare_collections(const void *left, const void *right)
{
    const misas__memory_collection *a = left;
    const misas__memory_collection *b = right;

    return strcmp(a->name, b->name);
}

static int compare_documents(const void *left, const void *right)
{
    const misas__memory_document *a = left;
    const misas__memory_document *b = right;

    return strcmp(a->id, b->id);
}

static void free_document(void *memory)
{
    misas__memory_document *document = memory;

    if (document != NULL) {
        json_decref(document->content);
        free(document->id);
        free(document);
    }
}

static void free_collection(void *memory)
{
    misas__memory_collection *collection = memory;

    if (collection != NULL) {
        tdestroy(collection->documents, free_document);
        free(collection->name);
        free(collection);
    }
}

void misas__memory_collections_free(misas__memory_collections *collections)
{
    misas__memory_undo(collections, 0);
    tdestroy(collections->collections, free_collection);
    free(collections->changes);
}

misas_error *misas__memory_reserve(misas__memory_collections *collections, size_t count)
{
    size_t needed = collections->change_count + count;
    size_t larger = 2 * collections->change_capacity;

    if (needed <= collections->change_capacity) {
        return NULL;
    }
    if (larger < needed) {
        larger = needed;
    }
    misas__memory_change *moved = realloc(collections->changes, larger * sizeof *moved);

    if (moved == NULL) {
        return misas_error_out_of_memory();
    }
    collections->changes = moved;
    collections->change_capacity = larger;
    return NULL;
}

/* Also one that is marked as not there. */
static misas__memory_collection *find_collection(const misas__memory_collections *collections,
                                                 const char *name)
{
    const misas__memory_collection key = {.name = (char *)(uintptr_t)name};
    void *found = tfind(&key, &collections->collections, compare_collections);

    return found != NULL ? *(misas__memory_collection **)found : NULL;
}

misas__memory_collection *misas__memory_find_collection(
    const misas__memory_collections *collections, const char *name)
{
    misas__memory_collection *collection = find_collection(collections, name);

    return collection != NULL && collection->exists ? collection : NULL;
}

static misas__memory_collection *add_collection(misas__memory_collections *collections,
                                                const char *name)
{
    misas__memory_collection *collection = calloc(1, sizeof *collection);

    if (collection != NULL) {
        collection->name = strdup(name);
    }
    if (collection == NULL || collection->name == NULL ||
        tsearch(collection, &collections->collections, compare_collections) == NULL) {
        free_collection(collection);
        return NULL;
    }
    return collection;
}

static void set_exists(misas__memory_collections *collections, misas__memory_collection *collection,
                       bool exists)
{
    collections->changes[collections->change_count++] =
        (misas__memory_change){.collection = collection};
    collection->change_count++;
    collection->exists = exists;
}

misas_error *misas__memory_create(misas__memory_collections *collections, const char *name)
{
    misas__memory_collection *collection = find_collection(collections, name);

    if (collection == NULL) {
        collection = add_collection(collections, name);
    }
    if (collection == NULL) {
        return misas_error_out_of_memory();
    }
    set_exists(collections, collection, true);
    return NULL;
}

/* The names of a walk through the collections; the first only counts. */
typedef struct name_list {
    const char **names;
    size_t count;
} name_list;

static void add_name(const void *node, VISIT order, void *closure)
{
    const misas__memory_collection *collection = *(misas__memory_collection *const *)node;
    name_list *list = closure;

    if ((order == postorder || order == leaf) && collection->exists) {
        if (list->names != NULL) {
            list->names[list->count] = collection->name;
        }
        list->count++;
    }
}

misas_error *misas__memory_list(const char ***out, const misas__memory_collections *collections)
{
    name_list counted = {0};

    twalk_r(collections->collections, add_name, &counted);
    name_list filled = {.names = calloc(counted.count + 1, sizeof(char *))};

    if (filled.names == NULL) {
        return misas_error_out_of_memory();
    }
    twalk_r(collections->collections, add_name, &filled);
    const char **copy = misas__names_copy(filled.names);

    free(filled.names);
    if (copy == NULL) {
        return misas_error_out_of_memory();
    }
    *out = copy;
    return NULL;
}

/* Also one that is marked as not there. */
static misas__memory_document *find_document(const misas__memory_collection *collection,
                                             const char *id)
{
    const misas__memory_document key = {.id = (char *)(uintptr_t)id};
    void *found = tfind(&key, &collection->documents, compare_documents);

    return found != NULL ? *(misas__memory_document **)found : NULL;
}

misas__memory_document *misas__memory_find_document(const misas__memory_collection *collection,
                                                    const char *id)
{
    misas__memory_document *document = find_document(collection, id);

    return document != NULL && document->content != NULL ? document : NULL;
}

static misas__memory_document *add_document(misas__memory_collection *collection, const char *id)
{
    misas__memory_document *document = calloc(1, sizeof *document);

    if (document != NULL) {
        document->id = strdup(id);
    }
    if (document == NULL || document->id == NULL ||
        tsearch(document, &collection->documents, compare_documents) == NULL) {
        free_document(document);
        return NULL;
    }
    return document;
}

/* Gives the document another content, which is taken, and returns the one it had. */
static json_t *exchange(misas__memory_collection *collection, misas__memory_document *document,
                        json_t *content, uint64_t version)
{
    json_t *old = document->content;

    collection->document_count += content != NULL ? 1 : 0;
    collection->document_count -= old != NULL ? 1 : 0;
    document->content = content;
    document->version = version;
    return old;
}

static void change(misas__memory_collections *collections, misas__memory_collection *collection,
                   misas__memory_document *document, json_t *content)
{
    uint64_t old_version = document->version;
    uint64_t version = content != NULL ? old_version + 1 : 0;

    document->change_count++;
    collections->changes[collections->change_count++] = (misas__memory_change){
        .collection = collection,
        .document = document,
        .old_content = exchange(collection, document, content, version),
        .old_version = old_version,
    };
}

misas_error *misas__memory_put(misas__memory_collections *collections,
                               misas__memory_collection *collection, misas__document *item)
{
    misas__memory_document *document = find_document(collection, item->id);

    if (document == NULL) {
        document = add_document(collection, item->id);
    }
    if (document == NULL) {
        return misas_error_out_of_memory();
    }
    change(collections, collection, document, item->content);
    item->content = NULL;
    return NULL;
}

void misas__memory_remove(misas__memory_collections *collections,
                          misas__memory_collection *collection, misas__memory_document *document)
{
    change(collections, collection, document, NULL);
}

/* What a walk through a tree calls. */
typedef struct visitor {
    void (*visit)(misas__memory_document *document, void *argument);
    void *argument;
} visitor;

static void visit_node(const void *node, VISIT order, void *closure)
{
    misas__memory_document *document = *(misas__memory_document *const *)node;
    const visitor *called = closure;

    if ((order == postorder || order == leaf) && document->content != NULL) {
        called->visit(document, called->argument);
    }
}

void misas__memory_each(const misas__memory_collection *collection,
                        void (*visit)(misas__memory_document *document, void *argument),
                        void *argument)
{
    twalk_r(collection->documents, visit_node, &(visitor){visit, argument});
}

/* Where documents are removed from. */
typedef struct removal {
    misas__memory_collections *collections;
    misas__memory_collection *collection;
} removal;

static void remove_one(misas__memory_document *document, void *argument)
{
    const removal *from = argument;

    misas__memory_remove(from->collections, from->collection, document);
}

void misas__memory_delete(misas__memory_collections *collections,
                          misas__memory_collection *collection)
{
    misas__memory_each(collection, remove_one, &(removal){collections, collection});
    set_exists(collections, collection, false);
}

/* Frees what is not there, once no change needs it any more. */
static void settle(misas__memory_collections *collections, const misas__memory_change *past)
{
    misas__memory_collection *collection = past->collection;
    misas__memory_document *document = past->document;

    if (document != NULL) {
        document->change_count--;
        if (document->content == NULL && document->change_count == 0) {
            tdelete(document, &collection->documents, compare_documents);
            free_document(document);
        }
    } else {
        collection->change_count--;
        if (!collection->exists && collection->change_count == 0) {
            tdelete(collection, &collections->collections, compare_collections);
            free_collection(collection);
        }
    }
}

void misas__memory_undo(misas__memory_collections *collections, size_t count)
{
    while (collections->change_count > count) {
        const misas__memory_change *newest = &collections->changes[--collections->change_count];

        if (newest->document != NULL) {
            json_decref(exchange(newest->collection, newest->document, newest->old_content,
                                 newest->old_version));
        } else {
            newest->collection->exists = !newest->collection->exists;
        }
        settle(collections, newest);
    }
}

void misas__memory_keep(misas__memory_collections *collections)
{
    for (size_t i = 0; i < collections->change_count; i++) {
        json_decref(collections->changes[i].old_content);
        settle(collections, &collections->changes[i]);
    }
    collections->change_count = 0;
}
