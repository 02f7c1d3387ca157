/** Private: memory that is given back all at once. Starts zeroed: `misas__arena arena = {0};`. */
#ifndef MISAS_SRC_MEMORY_ARENA_H
#define MISAS_SRC_MEMORY_ARENA_H

#include <stddef.h>

typedef struct misas__arena_chunk misas__arena_chunk;

typedef struct misas__arena {
    misas__arena_chunk *chunk; /* the newest; each knows the one before it */
    size_t used;               /* of the newest */
} misas__arena;

/** Aligned for any type; NULL when there is no memory. */
void *misas__arena_allocate(misas__arena *arena, size_t size);

/** A copy; NULL when there is no memory. */
char *misas__arena_copy_text(misas__arena *arena, const char *text);

/** Gives back everything allocated, but keeps a chunk for what comes. */
void misas__arena_reset(misas__arena *arena);

void misas__arena_free(misas__arena *arena);

#endif
