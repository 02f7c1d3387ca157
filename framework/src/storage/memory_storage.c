#include "storage/memory_storage.h"

#include <stdlib.h>

static void free_storage(void *self)
{
    misas__memory_storage *storage = self;

    misas_event_store_free(storage->base.event_store);
    misas__memory_documents_free(storage->documents);
    misas__predictions_free(&storage->predictions);
    misas__memory_handled_free(&storage->handled);
    misas__memory_checkpoints_free(&storage->checkpoints);
    misas__memory_dead_letters_free(&storage->dead_letters);
    pthread_mutex_destroy(&storage->mutex);
    free(storage);
}

static const misas__storage_backend backend = {
    .transaction_new = misas__memory_transaction_new,
    .checkpoints = {.take = misas__memory_take_checkpoint,
                    .seize = misas__memory_seize_checkpoint,
                    .renew = misas__memory_renew_checkpoint,
                    .release = misas__memory_release_checkpoint,
                    .attempt = misas__memory_attempt_checkpoint,
                    .list = misas__memory_list_checkpoints,
                    .reset = misas__memory_reset_checkpoint,
                    .pause = misas__memory_pause_processor,
                    .list_dead_letters = misas__memory_list_dead_letters,
                    .retry_dead_letter = misas__memory_retry_dead_letter,
                    .drop_dead_letter = misas__memory_drop_dead_letter},
    .predictions = {.claim = misas__memory_claim_predictions,
                    .note = misas__memory_note_claims,
                    .count = misas__memory_count_predictions,
                    .now = misas__memory_now},
    .free = free_storage,
};

misas_error *misas_storage_new_memory(misas_storage **out, const misas_event_store_options *options)
{
    misas__memory_storage *storage = calloc(1, sizeof *storage);

    if (storage == NULL) {
        return misas_error_out_of_memory();
    }
    storage->base.backend = &backend;
    pthread_mutex_init(&storage->mutex, NULL);
    misas_error *error = misas_event_store_new_memory(&storage->base.event_store, options);

    if (error == NULL) {
        error = misas__memory_documents_new(&storage->documents);
    }
    if (error != NULL) {
        free_storage(storage);
        return error;
    }
    storage->base.documents = misas__memory_documents_shared(storage->documents);
    *out = &storage->base;
    return NULL;
}
