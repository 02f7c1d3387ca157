#include "storage/time_heap.h"

#include <stdlib.h>

#include "memory/growth.h"

bool misas__time_heap_reserve(misas__time_heap *heap, size_t count)
{
    while (heap->capacity < count) {
        misas__timed **items =
            misas__grow(heap->items, heap->capacity, &heap->capacity, sizeof(misas__timed *));

        if (items == NULL) {
            return false;
        }
        heap->items = items;
    }
    return true;
}

static bool is_before(const misas__timed *left, const misas__timed *right)
{
    return left->time != right->time ? left->time < right->time : left->number < right->number;
}

static void put(const misas__time_heap *heap, size_t place, misas__timed *timed)
{
    heap->items[place] = timed;
    timed->place = place;
}

static void move_up(const misas__time_heap *heap, misas__timed *timed)
{
    size_t place = timed->place;

    while (place > 0 && is_before(timed, heap->items[(place - 1) / 2])) {
        put(heap, place, heap->items[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(heap, place, timed);
}

static void move_down(const misas__time_heap *heap, misas__timed *timed)
{
    size_t place = timed->place;

    for (size_t child = 2 * place + 1; child < heap->count; child = 2 * place + 1) {
        if (child + 1 < heap->count && is_before(heap->items[child + 1], heap->items[child])) {
            child++;
        }
        if (!is_before(heap->items[child], timed)) {
            break;
        }
        put(heap, place, heap->items[child]);
        place = child;
    }
    put(heap, place, timed);
}

void misas__time_heap_add(misas__time_heap *heap, misas__timed *timed)
{
    put(heap, heap->count, timed);
    heap->count++;
    move_up(heap, timed);
}

void misas__time_heap_remove(misas__time_heap *heap, const misas__timed *timed)
{
    misas__timed *last = heap->items[--heap->count];

    if (last != timed) {
        put(heap, timed->place, last);
        move_up(heap, last);
        move_down(heap, last);
    }
}

misas__timed *misas__time_heap_first(const misas__time_heap *heap)
{
    return heap->count > 0 ? heap->items[0] : NULL;
}

void misas__time_heap_free(misas__time_heap *heap)
{
    free(heap->items);
    *heap = (misas__time_heap){0};
}
