/** Private: the checkpoints of the storage in memory. A lease expires by the machine's monotonic
 * clock. */
#ifndef MISAS_SRC_STORAGE_MEMORY_CHECKPOINTS_H
#define MISAS_SRC_STORAGE_MEMORY_CHECKPOINTS_H

#include "storage/checkpoints.h"

typedef struct misas__kept_checkpoint misas__kept_checkpoint;

/** Starts zeroed. */
typedef struct misas__memory_checkpoints {
    misas__kept_checkpoint **items; /* by processor, source and partition */
    size_t count;
    size_t capacity;
} misas__memory_checkpoints;

void misas__memory_checkpoints_free(misas__memory_checkpoints *checkpoints);

/* The parts of writing a batch; not locked. `move` may be NULL. */

/** Errors: MISAS__ERROR_LEASE_LOST. */
misas_error *misas__memory_checkpoint_check(const misas__memory_checkpoints *checkpoints,
                                            const misas__checkpoint_move *move);
/** Of one that was checked. */
void misas__memory_checkpoint_move(misas__memory_checkpoints *checkpoints,
                                   const misas__checkpoint_move *move);

/* Functions of misas__checkpoint_functions. */
misas_error *misas__memory_take_checkpoint(misas__checkpoint *out, bool *out_taken,
                                           misas_storage *storage, const misas__checkpoint_key *key,
                                           const char *owner);
misas_error *misas__memory_seize_checkpoint(misas__checkpoint *out, misas_storage *storage,
                                            const misas__checkpoint_key *key, const char *owner);
misas_error *misas__memory_renew_checkpoint(bool *out_is_paused, misas_storage *storage,
                                            const misas__checkpoint_key *key, int64_t epoch);
misas_error *misas__memory_release_checkpoint(misas_storage *storage,
                                              const misas__checkpoint_key *key, int64_t epoch);
misas_error *misas__memory_attempt_checkpoint(int32_t *out_attempts, misas_storage *storage,
                                              const misas__checkpoint_key *key, int64_t epoch,
                                              uint64_t position);
misas_error *misas__memory_list_checkpoints(const misas__checkpoint_info **out, size_t *out_count,
                                            misas_storage *storage, misas__arena *arena);
misas_error *misas__memory_reset_checkpoint(bool *out_found, misas_storage *storage,
                                            const char *processor, uint64_t position);
misas_error *misas__memory_pause_processor(misas_storage *storage, const char *processor,
                                           bool is_paused);

#endif
