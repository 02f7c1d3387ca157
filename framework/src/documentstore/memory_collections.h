/** Private: collections and documents in memory, and the changes that can be taken back. Not
 * locked.
 *
 * Each change keeps what was before. What is deleted stays in its tree, marked as not there, until
 * the changes are kept: so that taking back never needs memory. Whoever changes reserves room for
 * the changes first. */
#ifndef MISAS_SRC_DOCUMENTSTORE_MEMORY_COLLECTIONS_H
#define MISAS_SRC_DOCUMENTSTORE_MEMORY_COLLECTIONS_H

#include "documentstore/documents.h"

typedef struct misas__memory_document {
    char *id;
    uint64_t version;
    json_t *content;     /* NULL: not there */
    size_t change_count; /* of those that can be taken back */
} misas__memory_document;

typedef struct misas__memory_collection {
    char *name;
    bool exists;
    size_t change_count;
    size_t document_count; /* that are there */
    void *documents;       /* a tree (tsearch) of misas__memory_document by id */
} misas__memory_collection;

typedef struct misas__memory_change {
    misas__memory_collection *collection;
    misas__memory_document *document; /* NULL: whether the collection exists has changed */
    json_t *old_content;
    uint64_t old_version;
} misas__memory_change;

/** Starts zeroed. */
typedef struct misas__memory_collections {
    void *collections; /* a tree of misas__memory_collection by name */
    misas__memory_change *changes;
    size_t change_count;
    size_t change_capacity;
} misas__memory_collections;

/** Takes back all changes and frees everything. */
void misas__memory_collections_free(misas__memory_collections *collections);

/** Makes room for so many more changes. Errors: out of memory. */
misas_error *misas__memory_reserve(misas__memory_collections *collections, size_t count);

/** NULL: there is none. */
misas__memory_collection *misas__memory_find_collection(
    const misas__memory_collections *collections, const char *name);

/** The names, in ascending order, as misas_documents_list_collections gives them. */
misas_error *misas__memory_list(const char ***out, const misas__memory_collections *collections);

/** Room for one change must be reserved, and there be none of that name. Errors: out of memory. */
misas_error *misas__memory_create(misas__memory_collections *collections, const char *name);

/** Room must be reserved for one change more than it has documents. */
void misas__memory_delete(misas__memory_collections *collections,
                          misas__memory_collection *collection);

/** NULL: there is none. */
misas__memory_document *misas__memory_find_document(const misas__memory_collection *collection,
                                                    const char *id);

/** Calls `visit` for each document that is there, by id; it must not add any. */
void misas__memory_each(const misas__memory_collection *collection,
                        void (*visit)(misas__memory_document *document, void *argument),
                        void *argument);

/** Adds a document or replaces its content, which is taken from `item`. Room for one change must be
 * reserved. Errors: out of memory. */
misas_error *misas__memory_put(misas__memory_collections *collections,
                               misas__memory_collection *collection, misas__document *item);

/** Room for one change must be reserved. */
void misas__memory_remove(misas__memory_collections *collections,
                          misas__memory_collection *collection, misas__memory_document *document);

/** Takes back the newest changes until `count` are left. */
void misas__memory_undo(misas__memory_collections *collections, size_t count);

/** Keeps all changes: they can't be taken back any more. */
void misas__memory_keep(misas__memory_collections *collections);

#endif
