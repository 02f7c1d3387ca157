/** Private: queries for documents, as parameters of statements. */
#ifndef MISAS_SRC_POSTGRESQL_DOCUMENT_QUERY_H
#define MISAS_SRC_POSTGRESQL_DOCUMENT_QUERY_H

#include "documentstore/documents.h"
#include "postgresql/parameters.h"

/** What documents that fit contain in any case, for the index, as the parameters that the functions
 * documents_fitting and delete_documents_fitting take; then the conditions. Errors: out of memory.
 */
misas_error *misas__add_fitting(misas__parameters *parameters, const char *collection,
                                const misas__document_query *query);

/** The statement that finds what a query asks for, with its parameters. Errors: out of memory. */
misas_error *misas__prepare_find(const char **out_sql, misas__parameters *parameters,
                                 const char *collection, const misas__document_query *query);

#endif
