#include "memory/growth.h"

#include <stdint.h>
#include <stdlib.h>

enum { first_capacity = 8 };

void *misas__grow(void *items, size_t count, size_t *capacity, size_t item_size)
{
    if (count < *capacity) {
        return items;
    }
    size_t larger = *capacity > 0 ? 2 * *capacity : first_capacity;

    if (larger > SIZE_MAX / 2 / item_size) {
        return NULL;
    }
    void *moved = realloc(items, larger * item_size);

    if (moved != NULL) {
        *capacity = larger;
    }
    return moved;
}
