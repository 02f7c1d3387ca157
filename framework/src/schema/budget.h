/** Private: what decoding one message may use. */
#ifndef MISAS_SRC_SCHEMA_BUDGET_H
#define MISAS_SRC_SCHEMA_BUDGET_H

#include "misas/schema.h"

typedef struct misas__budget {
    const misas_type *type; /* of the whole, for errors */
    misas_decode_limits limits;
    size_t elements; /* used so far */
    size_t memory;   /* that unpacking will need, about */
} misas__budget;

/** Fills in the defaults, and checks the size of what is to be decoded. `limits` may be NULL. */
misas_error *misas__budget_begin(misas__budget *out, const misas_type *type, size_t size,
                                 const misas_decode_limits *limits);

/** Notes that so many more elements were found, and that they will need so much memory. Errors:
 * MISAS_ERROR_LIMIT_EXCEEDED. */
misas_error *misas__budget_spend(misas__budget *budget, size_t elements, size_t memory);

misas_error *misas__budget_check_depth(const misas__budget *budget, size_t depth);

misas_error *misas__limit_exceeded(const misas_type *type, const char *limit, size_t maximum);

#endif
