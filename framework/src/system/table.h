/** Private: tables of text, their columns aligned. */
#ifndef MISAS_SRC_SYSTEM_TABLE_H
#define MISAS_SRC_SYSTEM_TABLE_H

#include <inttypes.h>
#include <stdio.h>

#include "memory/arena.h"
#include "misas/error.h"

/** Starts with its column count, else zeroed. Keeps its first failure and reports it at the end. */
typedef struct misas__table {
    size_t column_count;
    misas__arena arena;
    const char **cells; /* row by row */
    size_t count;
    size_t capacity;
    bool failed;
} misas__table;

/** Adds the next cell; the text is copied. */
void misas__table_add(misas__table *table, const char *text);
void misas__table_add_number(misas__table *table, int64_t number);

/** Writes all rows and frees the table. What would move a terminal's cursor is written as `?`. */
misas_error *misas__table_write(misas__table *table, FILE *file);

void misas__table_free(misas__table *table);

#endif
