#include "postgresql/storage.h"

#include <stdlib.h>

#include "documentstore/documents.h"
#include "postgresql/checkpoints.h"
#include "postgresql/documents.h"

static void free_storage(void *self)
{
    misas__postgresql_storage *storage = self;

    misas_event_store_free(storage->base.event_store);
    misas__documents_free(storage->base.documents);
    free(storage);
}

static const misas__storage_backend backend = {
    .transaction_new = misas__postgresql_transaction_new,
    .checkpoints = {.take = misas__postgresql_take_checkpoint,
                    .seize = misas__postgresql_seize_checkpoint,
                    .renew = misas__postgresql_renew_checkpoint,
                    .release = misas__postgresql_release_checkpoint,
                    .attempt = misas__postgresql_attempt_checkpoint,
                    .list = misas__postgresql_list_checkpoints,
                    .reset = misas__postgresql_reset_checkpoint,
                    .pause = misas__postgresql_pause_processor,
                    .list_dead_letters = misas__postgresql_list_dead_letters,
                    .retry_dead_letter = misas__postgresql_retry_dead_letter,
                    .drop_dead_letter = misas__postgresql_drop_dead_letter},
    .forget_handled = misas__postgresql_forget_handled,
    .predictions = {.claim = misas__postgresql_claim_predictions,
                    .note = misas__postgresql_note_claims,
                    .count = misas__postgresql_count_predictions,
                    .now = misas__postgresql_now},
    .free = free_storage,
};

misas_error *misas_storage_new_postgresql(misas_storage **out, misas_postgresql *database,
                                          const misas_event_store_options *options)
{
    misas__postgresql_storage *storage = calloc(1, sizeof *storage);

    if (storage == NULL) {
        return misas_error_out_of_memory();
    }
    storage->base.backend = &backend;
    storage->database = database;
    storage->clock = options != NULL ? options->clock : NULL;
    misas_error *error =
        misas_event_store_new_postgresql(&storage->base.event_store, database, options);

    if (error == NULL) {
        error = misas__postgresql_documents_new(&storage->base.documents, database);
    }
    if (error != NULL) {
        free_storage(storage);
        return error;
    }
    *out = &storage->base;
    return NULL;
}
