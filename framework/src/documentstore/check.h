/** Private: checks of what callers hand to documents. All errors are MISAS_ERROR_DOCUMENT_INVALID,
 * or out of memory. */
#ifndef MISAS_SRC_DOCUMENTSTORE_CHECK_H
#define MISAS_SRC_DOCUMENTSTORE_CHECK_H

#include "documentstore/documents.h"

misas_error *misas__check_collection(const char *name);
misas_error *misas__check_document_id(const char *id);

/** The documents as a backend gets them; ended with misas__documents_release, also after an error.
 */
misas_error *misas__check_documents(misas__document **out, const misas_document *items,
                                    size_t count, bool has_content);
void misas__documents_release(misas__document *items, size_t count);

/** The query as a backend gets it, or only its conditions; borrows its texts. Ended with
 * misas__query_release, also after an error. `query` may be NULL. */
misas_error *misas__check_query(misas__document_query *out, const misas_document_query *query);
void misas__query_release(misas__document_query *query);

#endif
