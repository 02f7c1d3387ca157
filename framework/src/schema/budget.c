#include "schema/budget.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>

#include "schema/member.h"

/* protobuf-c counts in int. */
static const size_t max_size = INT_MAX;

/* Unpacking may need so many times the limit of bytes: what is hostile needs most. */
enum { memory_factor = 40, memory_floor = 1024 * 1024 };

static size_t or_default(size_t value, size_t fallback, size_t maximum)
{
    value = value > 0 ? value : fallback;
    return value < maximum ? value : maximum;
}

static size_t max_memory(const misas__budget *budget)
{
    size_t max_bytes = budget->limits.max_bytes;

    return max_bytes < (SIZE_MAX - memory_floor) / memory_factor
               ? max_bytes * memory_factor + memory_floor
               : SIZE_MAX;
}

misas_error *misas__limit_exceeded(const misas_type *type, const char *limit, size_t maximum)
{
    char text[32];

    snprintf(text, sizeof text, "%zu", maximum);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_LIMIT_EXCEEDED,
            .data = (misas_field[]){{"type", type->descriptor->name},
                                    {"limit", limit},
                                    {"maximum", text},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "this %s exceeds the limit %s of %zu", type->descriptor->name, limit, maximum);
}

misas_error *misas__budget_begin(misas__budget *out, const misas_type *type, size_t size,
                                 const misas_decode_limits *limits)
{
    misas_decode_limits given = limits != NULL ? *limits : (misas_decode_limits){0};

    *out = (misas__budget){
        .type = type,
        .limits = {
            .max_bytes = or_default(given.max_bytes, MISAS_DEFAULT_MAX_BYTES, max_size),
            .max_depth = or_default(given.max_depth, MISAS_DEFAULT_MAX_DEPTH, MISAS__MAX_DEPTH),
            .max_elements = or_default(given.max_elements, MISAS_DEFAULT_MAX_ELEMENTS, max_size),
        }};
    if (size > out->limits.max_bytes) {
        return misas__limit_exceeded(type, "max_bytes", out->limits.max_bytes);
    }
    return NULL;
}

misas_error *misas__budget_spend(misas__budget *budget, size_t elements, size_t memory)
{
    budget->elements += elements;
    budget->memory += memory;
    if (budget->elements > budget->limits.max_elements) {
        return misas__limit_exceeded(budget->type, "max_elements", budget->limits.max_elements);
    }
    if (budget->memory > max_memory(budget)) {
        return misas__limit_exceeded(budget->type, "memory", max_memory(budget));
    }
    return NULL;
}

misas_error *misas__budget_check_depth(const misas__budget *budget, size_t depth)
{
    if (depth > budget->limits.max_depth) {
        return misas__limit_exceeded(budget->type, "max_depth", budget->limits.max_depth);
    }
    return NULL;
}
