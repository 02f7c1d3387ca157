/** Private: finding documents in memory. Not locked. */
#ifndef MISAS_SRC_DOCUMENTSTORE_MEMORY_FIND_H
#define MISAS_SRC_DOCUMENTSTORE_MEMORY_FIND_H

#include "documentstore/memory_collections.h"

/** Documents that fit, which belong to their collection. Starts zeroed. */
typedef struct misas__memory_findings {
    struct misas__memory_finding *items;
    size_t count;
    size_t capacity;
    bool failed; /* for want of memory */
    const misas__document_query *query;
} misas__memory_findings;

typedef struct misas__memory_finding {
    misas__memory_document *document;
    json_t *key; /* what order_by leads to */
} misas__memory_finding;

/** All that fit the query's conditions, by id. Ended with free(out->items), also after an error.
 * Errors: out of memory. */
misas_error *misas__memory_find(misas__memory_findings *out,
                                const misas__memory_collection *collection,
                                const misas__document_query *query);

/** Adds a copy of a document. Errors: out of memory. */
misas_error *misas__memory_copy(misas_document_list *list, const misas__memory_document *document);

/** Adds copies of those that the query asks for, in its order. Errors: out of memory. */
misas_error *misas__memory_copy_page(misas_document_list *list, misas__memory_findings *findings);

#endif
