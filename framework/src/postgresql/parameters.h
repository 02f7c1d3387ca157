/** Private: the parameters of a statement, in PostgreSQL's binary format. */
#ifndef MISAS_SRC_POSTGRESQL_PARAMETERS_H
#define MISAS_SRC_POSTGRESQL_PARAMETERS_H

#include <stdbool.h>
#include <stdint.h>

#include "memory/arena.h"
#include "misas/clock.h"
#include "misas/uuid.h"
#include "text/text.h"

enum { misas__max_parameters = 20 };

/** Starts zeroed. Keeps its first failure, which running the statement reports. Texts and bytes are
 * borrowed until then. */
typedef struct misas__parameters {
    int count;
    const char *values[misas__max_parameters];
    int sizes[misas__max_parameters];
    misas__arena arena;
    bool failed;
} misas__parameters;

void misas__parameters_free(misas__parameters *parameters);

void misas__parameters_add_null(misas__parameters *parameters);
void misas__parameters_add_text(misas__parameters *parameters, const char *text); /* NULL: null */
void misas__parameters_add_bytes(misas__parameters *parameters, const void *bytes, size_t size);
void misas__parameters_add_integer(misas__parameters *parameters, int32_t number);
void misas__parameters_add_bigint(misas__parameters *parameters, int64_t number);
void misas__parameters_add_bool(misas__parameters *parameters, bool value);
void misas__parameters_add_uuid(misas__parameters *parameters, misas_uuid uuid);
void misas__parameters_add_timestamp(misas__parameters *parameters, int64_t time_us);
/** The clock's time; NULL: null. */
void misas__parameters_add_time(misas__parameters *parameters, const misas_clock *clock);
/** Text of a JSON value; NULL: null. Copied. */
void misas__parameters_add_jsonb(misas__parameters *parameters, const char *json);
/** A list that ends with NULL; NULL: null. */
void misas__parameters_add_texts(misas__parameters *parameters, const char *const *texts);

/** The types of array elements (pg_type.oid). */
typedef enum misas__element_type {
    MISAS__BOOLEAN = 16,
    MISAS__BYTEA = 17,
    MISAS__BIGINT = 20,
    MISAS__INTEGER = 23,
    MISAS__TEXT = 25,
    MISAS__TIMESTAMPTZ = 1184,
    MISAS__UUID = 2950,
    MISAS__JSONB = 3802
} misas__element_type;

/** An array of one dimension in the making. */
typedef struct misas__array {
    misas__text bytes;
    bool has_values; /* not all null: then the whole array can be null instead */
} misas__array;

void misas__array_start(misas__array *array, misas__element_type type, size_t count);
void misas__array_add_null(misas__array *array);
void misas__array_add_text(misas__array *array, const char *text); /* NULL: null */
void misas__array_add_bytes(misas__array *array, const void *bytes, size_t size);
void misas__array_add_bool(misas__array *array, bool value);
void misas__array_add_integer(misas__array *array, int32_t number);
void misas__array_add_bigint(misas__array *array, int64_t number);
void misas__array_add_timestamp(misas__array *array, int64_t time_us);
void misas__array_add_jsonb(misas__array *array, const char *json); /* NULL: null */

/** Adds the finished array as a parameter, null if all its elements are, and frees it. */
void misas__parameters_add_array(misas__parameters *parameters, misas__array *array);

#endif
