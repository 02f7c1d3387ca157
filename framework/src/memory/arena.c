#include "memory/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { smallest_chunk = 4096 };

struct misas__arena_chunk {
    misas__arena_chunk *before;
    size_t size;
    max_align_t bytes[];
};

static misas__arena_chunk *add_chunk(misas__arena *arena, size_t size)
{
    size_t room = size > smallest_chunk ? size : smallest_chunk;
    misas__arena_chunk *chunk = malloc(sizeof *chunk + room);

    if (chunk != NULL) {
        chunk->before = arena->chunk;
        chunk->size = room;
        arena->chunk = chunk;
        arena->used = 0;
    }
    return chunk;
}

void *misas__arena_allocate(misas__arena *arena, size_t size)
{
    size_t alignment = alignof(max_align_t);

    if (size > SIZE_MAX / 2) {
        return NULL;
    }
    size = (size + alignment - 1) / alignment * alignment;
    misas__arena_chunk *chunk = arena->chunk;
    if (chunk == NULL || chunk->size - arena->used < size) {
        chunk = add_chunk(arena, size);
    }
    if (chunk == NULL) {
        return NULL;
    }
    void *memory = (char *)chunk->bytes + arena->used;

    arena->used += size;
    return memory;
}

char *misas__arena_copy_text(misas__arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = misas__arena_allocate(arena, size);

    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

void misas__arena_reset(misas__arena *arena)
{
    misas__arena_chunk *kept = arena->chunk;

    if (kept == NULL) {
        return;
    }
    misas__arena older = {.chunk = kept->before};

    misas__arena_free(&older);
    kept->before = NULL;
    arena->used = 0;
}

void misas__arena_free(misas__arena *arena)
{
    misas__arena_chunk *chunk = arena->chunk;

    while (chunk != NULL) {
        misas__arena_chunk *before = chunk->before;

        free(chunk);
        chunk = before;
    }
    *arena = (misas__arena){0};
}
