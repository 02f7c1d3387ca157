/** Private: what is different between two JSON values. */
#ifndef MISAS_SRC_TESTING_COMPARE_H
#define MISAS_SRC_TESTING_COMPARE_H

#include "misas/error.h"
#include "text/text.h"

/** Appends each value that is different, as in `lines[2].cents: expected 5, found 4`, separated by
 * "; ". `*out_count` is the number of them. Errors: when one of them is not JSON. */
misas_error *misas__json_compare(size_t *out_count, misas__text *text, const char *expected,
                                 const char *found);

#endif
