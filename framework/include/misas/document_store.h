/** @file
 * Documents: what a subsystem keeps to be found again, in collections: the results of projections,
 * above all. A document is a JSON object with an id of its own in its collection, and a version
 * that rises with each change.
 *
 * misas_documents is a place to work on documents: that of a storage, where each call is a
 * transaction of its own, and may come from any thread; or that of a handler
 * (misas_context_documents), where all calls are part of what the handler does: they take effect
 * with it or not at all, and it sees its own changes. A handler keeps to the latter: a call on the
 * former may wait for what the handler itself has begun, for ever.
 *
 * Numbers are whole ones of 64 bits, or doubles: what has a point or an exponent is the nearest
 * double, unless that is whole and fits: 1.0 and 1e0 are 1. Larger whole numbers have to be written
 * with a point or an exponent, or as strings.
 */
#ifndef MISAS_DOCUMENT_STORE_H
#define MISAS_DOCUMENT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "misas/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** There is no such collection; data: "collection". Tagged not_found. */
#define MISAS_ERROR_COLLECTION_NOT_FOUND "misas.document_store.collection_not_found"
/** There is one of that name already; data: "collection". Tagged already_exists. */
#define MISAS_ERROR_COLLECTION_EXISTS "misas.document_store.collection_exists"
/** There is no such document; data: "collection", "id". Tagged not_found. */
#define MISAS_ERROR_DOCUMENT_NOT_FOUND "misas.document_store.document_not_found"
/** There is one of that id already; data: "collection", "id". Tagged already_exists. */
#define MISAS_ERROR_DOCUMENT_EXISTS "misas.document_store.document_exists"
/** The document has another version than expected; data: "collection", "id", "expected", "actual".
 * Tagged conflict. */
#define MISAS_ERROR_DOCUMENT_CONFLICT "misas.document_store.document_conflict"
/** A name, an id, a content, a path or an option that can't be; data: "field" ("collection", "id",
 * "content", "items", "path", "operator", "value", "conditions", "order_by", "limit", "offset"),
 * "value" (quoted, and cut if it is long; of a content, the document's id), "reason". Tagged
 * validation. */
#define MISAS_ERROR_DOCUMENT_INVALID "misas.document_store.invalid"

#define MISAS_COLLECTION_MAX_BYTES 128  /**< of UTF-8, without control characters and quotes */
#define MISAS_DOCUMENT_ID_MAX_BYTES 512 /**< of UTF-8, without control characters */
#define MISAS_DOCUMENT_MAX_BYTES (4U * 1024U * 1024U)   /**< of the content */
#define MISAS_DOCUMENTS_MAX_BYTES (64U * 1024U * 1024U) /**< of ids and contents in one call */
#define MISAS_DOCUMENT_PATH_MAX_BYTES 512
#define MISAS_DOCUMENT_MAX_CONDITIONS 64

typedef struct misas_documents misas_documents;

/** A plain record. */
typedef struct misas_document {
    const char *id;
    const char *content; /**< a JSON object; read, it may differ from what was written in spaces,
                            in the order of its members, and in how its numbers are written */
    uint64_t version;    /**< from 1 on, also of one that was deleted before. Written with an update
                            or deletion: the one expected, 0: any */
} misas_document;

/** Collections are created before they are used. Errors: MISAS_ERROR_COLLECTION_EXISTS,
 * MISAS_ERROR_DOCUMENT_INVALID, those of the storage. */
misas_error *misas_documents_create_collection(misas_documents *documents, const char *name);

/** As above, but one that is there is no error. */
misas_error *misas_documents_ensure_collection(misas_documents *documents, const char *name);

/** Deletes it with all its documents. Waits for transactions that have written documents; on
 * PostgreSQL not for long, then it can be tried again. Errors: MISAS_ERROR_COLLECTION_NOT_FOUND,
 * and as above. */
misas_error *misas_documents_delete_collection(misas_documents *documents, const char *name);

/** All names in ascending order (of bytes), ending with NULL, in one allocation to be freed with
 * free(). */
misas_error *misas_documents_list_collections(const char ***out, misas_documents *documents);

/** Adds documents, all or none; `version` is not looked at. Of several that are in the way the
 * error names the one whose id comes first. Here as in the calls below `count` may be 0: then
 * nothing is done, nor looked at. Errors: MISAS_ERROR_DOCUMENT_EXISTS,
 * MISAS_ERROR_COLLECTION_NOT_FOUND, MISAS_ERROR_DOCUMENT_INVALID (also for one id twice in a call),
 * those of the storage. */
misas_error *misas_documents_insert(misas_documents *documents, const char *collection,
                                    const misas_document *items, size_t count);

/** Adds documents, or replaces the content of those that are there; `version` is not looked at.
 * Errors: as misas_documents_insert, but for MISAS_ERROR_DOCUMENT_EXISTS. */
misas_error *misas_documents_upsert(misas_documents *documents, const char *collection,
                                    const misas_document *items, size_t count);

/** Replaces the content of documents that are there, all or none. Errors:
 * MISAS_ERROR_DOCUMENT_NOT_FOUND, MISAS_ERROR_DOCUMENT_CONFLICT, and as above. */
misas_error *misas_documents_update(misas_documents *documents, const char *collection,
                                    const misas_document *items, size_t count);

/** Deletes documents of these ids and, if not 0, versions (`content` is not looked at), all or
 * none. Errors: as misas_documents_update. */
misas_error *misas_documents_delete(misas_documents *documents, const char *collection,
                                    const misas_document *items, size_t count);

typedef enum misas_condition_operator {
    MISAS_EQUAL,
    MISAS_NOT_EQUAL,
    MISAS_LESS,
    MISAS_LESS_OR_EQUAL,
    MISAS_GREATER,
    MISAS_GREATER_OR_EQUAL,
    MISAS_ONE_OF,      /**< equal to an element of `value` */
    MISAS_STARTS_WITH, /**< of strings, by their characters */
    MISAS_EXISTS,      /**< there is a value, also null; `value` and `text` are not used */
    MISAS_EXISTS_NOT
} misas_condition_operator;

/** A condition on one value of a document. Values of different JSON types are not equal, and none
 * is less than the other; numbers are ordered by their value, strings by their bytes, false before
 * true; of two nulls, arrays or objects none is less. Arrays and objects are equal if all that is
 * in them is. "Or equal" also fits what is equal without an order. A path that leads nowhere fits
 * MISAS_EXISTS_NOT and MISAS_NOT_EQUAL only. */
typedef struct misas_condition {
    const char *path; /**< names of members and indexes of arrays, separated by dots: "owner.name",
                         "lines.0.cents"; indexes count from the end if negative: "lines.-1" is the
                         last. Names with a dot, and empty ones, can't be reached. NULL ends the
                         list */
    misas_condition_operator operator_;
    const char *value; /**< a JSON value: "5", "\"UA\"", "true"; of MISAS_ONE_OF an array, of
                          MISAS_STARTS_WITH a string */
    const char *text;  /**< a string to compare with, in place of `value`: not quoted, UTF-8; not of
                          MISAS_ONE_OF. Exactly one of the two is given where one is used */
} misas_condition;

/** What to find. NULL or zero members mean: no condition, ascending by id, all. */
typedef struct misas_document_query {
    const misas_condition *conditions; /**< all of them must hold; ends with a NULL path */
    const char *order_by; /**< a path. Numbers come before strings, these before booleans, these
                             before the rest, among which there is no order; equal ones in the order
                             of their ids. NULL: by id, by bytes */
    bool is_descending;   /**< turns the order around; equal ones still come in the order of their
                             ids, and in either direction documents without such a path last */
    uint64_t limit;       /**< at most so many; 0: all */
    uint64_t offset;      /**< leave out so many: a page */
} misas_document_query;

/** The documents found, in memory of their own. */
typedef struct misas_document_list misas_document_list;

/** `query` may be NULL: all. Errors: MISAS_ERROR_COLLECTION_NOT_FOUND,
 * MISAS_ERROR_DOCUMENT_INVALID, those of the storage. */
misas_error *misas_documents_find(misas_document_list **out, misas_documents *documents,
                                  const char *collection, const misas_document_query *query);

/** The document of an id, as a list of one. Errors: MISAS_ERROR_DOCUMENT_NOT_FOUND, and as above.
 */
misas_error *misas_documents_find_by_id(misas_document_list **out, misas_documents *documents,
                                        const char *collection, const char *id);

/** Those of `count` ids that are there, by ascending id; each id may occur several times. Errors:
 * as misas_documents_find. */
misas_error *misas_documents_find_by_ids(misas_document_list **out, misas_documents *documents,
                                         const char *collection, const char *const *ids,
                                         size_t count);

/** How many a query without limit and offset finds; `query` may be NULL. Errors: as
 * misas_documents_find. */
misas_error *misas_documents_count(uint64_t *out, misas_documents *documents,
                                   const char *collection, const misas_document_query *query);

/** Deletes whatever the conditions of a query fit; `query` may be NULL: all. It must have no limit
 * and no offset. `out_count` may be NULL. Errors: as misas_documents_find. */
misas_error *misas_documents_delete_where(uint64_t *out_count, misas_documents *documents,
                                          const char *collection,
                                          const misas_document_query *query);

size_t misas_document_list_count(const misas_document_list *list);

/** Lives as long as the list; aborts for an index that is not there. */
const misas_document *misas_document_list_get(const misas_document_list *list, size_t index);

void misas_document_list_free(misas_document_list *list);

#ifdef __cplusplus
}
#endif

#endif
