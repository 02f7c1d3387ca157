#include "documentstore/document_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/arena.h"

struct misas_document_list {
    misas_document *items;
    size_t count;
    size_t capacity;
    misas__arena arena; /* of the texts */
};

misas_error *misas__document_list_new(misas_document_list **out)
{
    *out = calloc(1, sizeof **out);
    return *out != NULL ? NULL : misas_error_out_of_memory();
}

static bool grow(misas_document_list *list)
{
    if (list->count < list->capacity) {
        return true;
    }
    size_t larger = list->capacity > 0 ? 2 * list->capacity : 8;
    misas_document *moved = realloc(list->items, larger * sizeof *moved);

    if (moved == NULL) {
        return false;
    }
    list->items = moved;
    list->capacity = larger;
    return true;
}

misas_error *misas__document_list_add(misas_document_list *list, const misas_document *document,
                                      size_t content_size)
{
    size_t id_size = strlen(document->id) + 1;
    char *texts =
        grow(list) ? misas__arena_allocate(&list->arena, id_size + content_size + 1) : NULL;

    if (texts == NULL) {
        return misas_error_out_of_memory();
    }
    char *content = texts + id_size;

    memcpy(texts, document->id, id_size);
    memcpy(content, document->content, content_size);
    content[content_size] = '\0';
    list->items[list->count++] =
        (misas_document){.id = texts, .content = content, .version = document->version};
    return NULL;
}

size_t misas_document_list_count(const misas_document_list *list)
{
    return list->count;
}

const misas_document *misas_document_list_get(const misas_document_list *list, size_t index)
{
    if (index >= list->count) {
        fprintf(stderr, "misas: document %zu of a list of %zu\n", index, list->count);
        abort();
    }
    return &list->items[index];
}

void misas_document_list_free(misas_document_list *list)
{
    if (list != NULL) {
        misas__arena_free(&list->arena);
        free(list->items);
        free(list);
    }
}
