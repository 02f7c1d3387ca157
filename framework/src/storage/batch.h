/** Private: a batch as both kinds of storage write it. */
#ifndef MISAS_SRC_STORAGE_BATCH_H
#define MISAS_SRC_STORAGE_BATCH_H

#include "storage/transaction.h"

/** Borrows from the batch. */
typedef struct misas__prepared_batch {
    misas__event_batch events;      /* with those of the commands after them */
    uint64_t *versions;             /* room for one for each stream of `events` */
    const misas__handled **handled; /* in the order of source and id */
    size_t handled_count;
} misas__prepared_batch;

/** Checks the events and commands, and fills in what is missing: ids, type versions, the commands'
 * streams. What it makes is in `arena`. Errors: MISAS_ERROR_INVALID_ARGUMENT (also for a message or
 * an event twice), MISAS_ERROR_EVENT_TOO_LARGE, MISAS_ERROR_METADATA_INVALID,
 * MISAS_ERROR_UUID_INVALID for the id of a command. */
misas_error *misas__batch_prepare(misas__prepared_batch *out, misas__arena *arena,
                                  const misas__batch *batch, const misas_event_store *store);

/** By source, then by id. */
int misas__handled_compare(const misas__handled *left, const misas__handled *right);

misas_error *misas__handled_meanwhile_error(void);
misas_error *misas__prediction_exists_error(const char *id);
misas_error *misas__prediction_gone_error(void);

#endif
