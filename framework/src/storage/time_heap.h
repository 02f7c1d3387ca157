/** Private: things in the order of their times, the earliest first. Not locked. */
#ifndef MISAS_SRC_STORAGE_TIME_HEAP_H
#define MISAS_SRC_STORAGE_TIME_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A part of what is in a heap; its time must not change there. */
typedef struct misas__timed {
    int64_t time;
    int64_t number; /* of equal times the lowest comes first */
    size_t place;   /* the heap's own */
} misas__timed;

/** Starts zeroed. Borrows what is in it. */
typedef struct misas__time_heap {
    misas__timed **items;
    size_t count;
    size_t capacity;
} misas__time_heap;

/** Makes room for `count` in all, so that adding can't fail. False: there is no memory. */
bool misas__time_heap_reserve(misas__time_heap *heap, size_t count);

void misas__time_heap_add(misas__time_heap *heap, misas__timed *timed);
void misas__time_heap_remove(misas__time_heap *heap, const misas__timed *timed);

/** NULL when there is nothing in it. */
misas__timed *misas__time_heap_first(const misas__time_heap *heap);

void misas__time_heap_free(misas__time_heap *heap);

#endif
