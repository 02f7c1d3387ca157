/** Private: the record of handled messages in memory. Not locked. */
#ifndef MISAS_SRC_STORAGE_MEMORY_HANDLED_H
#define MISAS_SRC_STORAGE_MEMORY_HANDLED_H

#include "storage/transaction.h"

/** Starts zeroed. */
typedef struct misas__memory_handled {
    void *messages; /* a tree (tsearch) of misas__handled by source and id */
} misas__memory_handled;

/** Fills in what was kept of this message, copied into `arena`, if it was handled. */
misas_error *misas__memory_handled_find(bool *out_found, misas__handled *message,
                                        const misas__memory_handled *handled, misas__arena *arena);

/** Adds copies, all or none. Errors: MISAS__ERROR_HANDLED_MEANWHILE. */
misas_error *misas__memory_handled_add(misas__memory_handled *handled,
                                       const misas__handled *const *messages, size_t count);

/** Takes back what was just added. */
void misas__memory_handled_take_back(misas__memory_handled *handled,
                                     const misas__handled *const *messages, size_t count);

void misas__memory_handled_free(misas__memory_handled *handled);

#endif
