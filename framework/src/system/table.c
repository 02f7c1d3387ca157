#include "system/table.h"

#include <stdlib.h>
#include <string.h>

#include "memory/growth.h"

void misas__table_add(misas__table *table, const char *text)
{
    const char **cells = misas__grow(table->cells, table->count, &table->capacity, sizeof *cells);
    size_t size = strlen(text) + 1;
    char *copy = misas__arena_allocate(&table->arena, size);

    if (cells != NULL) {
        table->cells = cells;
    }
    if (cells == NULL || copy == NULL) {
        table->failed = true;
        return;
    }
    memcpy(copy, text, size);
    for (char *byte = copy; *byte != '\0'; byte++) {
        *byte = (unsigned char)*byte < ' ' || *byte == 0x7F ? '?' : *byte;
    }
    cells[table->count++] = copy;
}

void misas__table_add_number(misas__table *table, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, number);
    misas__table_add(table, text);
}

/* Of UTF-8, where only the first byte of a character counts. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xC0) != 0x80;
    }
    return width;
}

static size_t width_of_column(const misas__table *table, size_t column)
{
    size_t widest = 0;

    for (size_t i = column; i < table->count; i += table->column_count) {
        size_t width = width_of(table->cells[i]);

        widest = width > widest ? width : widest;
    }
    return widest;
}

static void write_rows(const misas__table *table, const size_t *widths, FILE *file)
{
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % table->column_count;
        bool is_last = column + 1 == table->column_count;
        size_t padding = is_last ? 0 : widths[column] - width_of(table->cells[i]) + 2;

        fprintf(file, "%s%*s%s", table->cells[i], (int)padding, "", is_last ? "\n" : "");
    }
}

misas_error *misas__table_write(misas__table *table, FILE *file)
{
    size_t *widths = calloc(table->column_count, sizeof *widths);
    misas_error *error = NULL;

    if (table->failed || widths == NULL) {
        error = misas_error_out_of_memory();
    } else {
        for (size_t i = 0; i < table->column_count; i++) {
            widths[i] = width_of_column(table, i);
        }
        write_rows(table, widths, file);
    }
    free(widths);
    misas__table_free(table);
    return error;
}

void misas__table_free(misas__table *table)
{
    free(table->cells);
    misas__arena_free(&table->arena);
    *table = (misas__table){.column_count = table->column_count};
}
