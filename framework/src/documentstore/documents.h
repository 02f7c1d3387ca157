/** Private: what stands behind misas_documents. The functions of document_store.h check arguments;
 * a backend keeps and finds. */
#ifndef MISAS_SRC_DOCUMENTSTORE_DOCUMENTS_H
#define MISAS_SRC_DOCUMENTSTORE_DOCUMENTS_H

#include <jansson.h>

#include "misas/document_store.h"

/** A document that was checked. */
typedef struct misas__document {
    const char *id;
    uint64_t version; /* the one expected; 0: any */
    json_t *content;  /* NULL of one to be deleted */
} misas__document;

/** A condition that was checked. */
typedef struct misas__condition {
    const char *path;
    misas_condition_operator operator_;
    json_t *value; /* NULL if the operator takes none */
} misas__condition;

/** A query that was checked. */
typedef struct misas__document_query {
    misas__condition *conditions;
    size_t condition_count;
    const char *order_by; /* NULL: by id */
    bool is_descending;
    uint64_t limit; /* 0: all */
    uint64_t offset;
} misas__document_query;

/** Documents come in ascending order of their ids (of bytes), each only once, and at least one. Who
 * keeps a content takes it, and sets it to NULL: threads must not share what counts references. If
 * several documents stand against a call, the error names the first. */
typedef struct misas__documents_functions {
    misas_error *(*create_collection)(misas_documents *documents, const char *name);
    misas_error *(*delete_collection)(misas_documents *documents, const char *name);
    misas_error *(*list_collections)(const char ***out, misas_documents *documents);
    misas_error *(*insert)(misas_documents *documents, const char *collection,
                           misas__document *items, size_t count);
    misas_error *(*upsert)(misas_documents *documents, const char *collection,
                           misas__document *items, size_t count);
    misas_error *(*update)(misas_documents *documents, const char *collection,
                           misas__document *items, size_t count);
    misas_error *(*delete)(misas_documents *documents, const char *collection,
                           misas__document *items, size_t count);
    /* Both add what they find to a list that is empty. */
    misas_error *(*find)(misas_document_list *list, misas_documents *documents,
                         const char *collection, const misas__document_query *query);
    misas_error *(*find_by_id)(misas_document_list *list, misas_documents *documents,
                               const char *collection, const char *id);
    /* Of ids in ascending order, each only once; adds those that are there. */
    misas_error *(*find_by_ids)(misas_document_list *list, misas_documents *documents,
                                const char *collection, const char *const *ids, size_t count);
    /* Of a query, only the conditions. */
    misas_error *(*count)(uint64_t *out, misas_documents *documents, const char *collection,
                          const misas__document_query *query);
    misas_error *(*delete_where)(uint64_t *out, misas_documents *documents, const char *collection,
                                 const misas__document_query *query);
    void (*free)(misas_documents *documents);
} misas__documents_functions;

/** The first member of each backend's own struct. */
struct misas_documents {
    const misas__documents_functions *functions;
};

/** NULL is accepted. */
void misas__documents_free(misas_documents *documents);

/** Adds a copy of a document, whose content is a text of this size. Errors: out of memory. */
misas_error *misas__document_list_add(misas_document_list *list, const misas_document *document,
                                      size_t content_size);

misas_error *misas__collection_not_found(const char *collection) MISAS_NEVER_NULL;
misas_error *misas__collection_exists(const char *collection) MISAS_NEVER_NULL;
misas_error *misas__document_not_found(const char *collection, const char *id) MISAS_NEVER_NULL;
misas_error *misas__document_exists(const char *collection, const char *id) MISAS_NEVER_NULL;
misas_error *misas__document_conflict(const char *collection, const misas__document *wanted,
                                      uint64_t actual) MISAS_NEVER_NULL;

/** MISAS_ERROR_DOCUMENT_INVALID; `value` may be NULL. */
misas_error *misas__document_invalid(const char *field, const char *value,
                                     const char *reason) MISAS_NEVER_NULL;

#endif
