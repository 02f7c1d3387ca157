/** Private: JSON values as documents have them.
 *
 * A number is a whole one of 64 bits, or what is left: then it is the double that is nearest to
 * what was written. A whole double that fits is made a whole number: so a number has one form only,
 * 1.0 and 1e0 are 1, and numbers compare as their written forms do. */
#ifndef MISAS_SRC_DOCUMENTSTORE_JSON_VALUE_H
#define MISAS_SRC_DOCUMENTSTORE_JSON_VALUE_H

#include <jansson.h>

#include "documentstore/documents.h"
#include "text/text.h"

enum { misas__reason_size = 300 };

/** Reads a value, freed with json_decref; NULL with a reason if the text is not JSON. Errors: out
 * of memory. */
misas_error *misas__json_value_read(json_t **out, char reason[misas__reason_size], const char *text,
                                    size_t size);

/** Writes it without spaces. */
void misas__json_value_write(misas__text *text, json_t *value);

/** What a path leads to; NULL: nowhere. Belongs to `document`. */
json_t *misas__json_value_at(json_t *document, const char *path);

/** Whether this part of a path can be the index of an element; counted from the end if negative. */
bool misas__json_value_index(int *out, const char *part);

/** Whether a document fits all conditions. */
bool misas__json_value_fits(json_t *document, const misas__condition *conditions, size_t count);

/** Less than, equal to or greater than 0: which comes first, of two values or NULLs, which come
 * last in either direction. */
int misas__json_value_order(const json_t *left, const json_t *right, bool is_descending);

#endif
