/** Private: arrays that grow. */
#ifndef MISAS_SRC_MEMORY_GROWTH_H
#define MISAS_SRC_MEMORY_GROWTH_H

#include <stddef.h>

/** Room for one item more than `count` in an array from malloc, of which there are `*capacity`: the
 * array, perhaps moved. NULL when there is no memory: the array is as it was. */
void *misas__grow(void *items, size_t count, size_t *capacity, size_t item_size);

#endif
