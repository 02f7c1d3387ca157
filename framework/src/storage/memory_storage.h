/** Private: the storage in memory. */
#ifndef MISAS_SRC_STORAGE_MEMORY_STORAGE_H
#define MISAS_SRC_STORAGE_MEMORY_STORAGE_H

#include <pthread.h>

#include "documentstore/memory_documents.h"
#include "storage/memory_checkpoints.h"
#include "storage/memory_dead_letters.h"
#include "storage/memory_handled.h"
#include "storage/predictions.h"

/** What misas_storage_new_memory makes. */
typedef struct misas__memory_storage {
    misas_storage base;
    misas__memory_documents *documents;
    pthread_mutex_t mutex; /* guards what follows; held while a batch is written */
    misas__memory_handled handled;
    misas__predictions predictions;
    misas__memory_checkpoints checkpoints;
    misas__memory_dead_letters dead_letters;
} misas__memory_storage;

misas_error *misas__memory_transaction_new(misas__transaction **out, void *self);

/** See misas__prediction_functions. */
misas_error *misas__memory_claim_predictions(const misas__prediction **out, size_t *out_count,
                                             misas_storage *storage, const misas__claim *claim,
                                             misas__arena *arena);
/** All there are, in the order of their times, in `arena`; for tests. */
misas_error *misas__memory_list_predictions(const misas__prediction **out, size_t *out_count,
                                            misas_storage *storage, misas__arena *arena);
misas_error *misas__memory_note_claims(int32_t *out_attempts, misas_storage *storage,
                                       const misas__claim_note *note);
misas_error *misas__memory_count_predictions(uint64_t *out, misas_storage *storage);
misas_error *misas__memory_now(int64_t *out_us, misas_storage *storage);

#endif
