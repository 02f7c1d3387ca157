/** Private: contents of documents between JSON values and PostgreSQL's jsonb. */
#ifndef MISAS_SRC_POSTGRESQL_DOCUMENT_CONTENT_H
#define MISAS_SRC_POSTGRESQL_DOCUMENT_CONTENT_H

#include "documentstore/documents.h"
#include "postgresql/parameters.h"

/** Adds a value as an element; NULL: null. A failure is the array's. */
void misas__array_add_value(misas__array *array, json_t *value);

/** Appends the text of a jsonb without its spaces, and numbers as documents have them: PostgreSQL
 * writes 1e300 with all its digits, which no parser would take for a double. */
void misas__append_content(misas__text *out, const char *text, size_t size);

#endif
