#include <stdlib.h>
#include <string.h>

#include "eventstore/memory_store.h"
#include "storage/batch.h"
#include "storage/memory_storage.h"

/* All that is changed before a batch is written are documents. */
typedef struct memory_transaction {
    misas__transaction base;
    misas__memory_storage *storage;
    bool has_begun;     /* the transaction of the documents */
    misas__arena arena; /* of the batch that is written */
} memory_transaction;

static misas_error *find_handled(bool *out_found, misas__transaction *transaction,
                                 misas__handled *messages, size_t count, misas__arena *arena)
{
    misas__memory_storage *storage = ((memory_transaction *)transaction)->storage;
    misas_error *error = NULL;

    pthread_mutex_lock(&storage->mutex);
    for (size_t i = 0; i < count && error == NULL; i++) {
        error = misas__memory_handled_find(&out_found[i], &messages[i], &storage->handled, arena);
    }
    pthread_mutex_unlock(&storage->mutex);
    return error;
}

static misas_error *find_predictions(bool *out_found, misas__transaction *transaction,
                                     const misas__prediction_reference *predictions, size_t count)
{
    misas__memory_storage *storage = ((memory_transaction *)transaction)->storage;

    pthread_mutex_lock(&storage->mutex);
    for (size_t i = 0; i < count; i++) {
        out_found[i] = misas__predictions_have(&storage->predictions, &predictions[i]);
    }
    pthread_mutex_unlock(&storage->mutex);
    return NULL;
}

static misas_error *begin(misas__transaction *transaction)
{
    memory_transaction *self = (memory_transaction *)transaction;

    if (!self->has_begun) {
        misas__memory_documents_begin(self->storage->documents);
        self->has_begun = true;
    }
    return NULL;
}

static misas_error *savepoint(misas__transaction *transaction)
{
    misas__memory_documents_savepoint(((memory_transaction *)transaction)->storage->documents);
    return NULL;
}

static misas_error *roll_back_to_savepoint(misas__transaction *transaction)
{
    misas__memory_documents_roll_back_to_savepoint(
        ((memory_transaction *)transaction)->storage->documents);
    return NULL;
}

static misas_documents *documents(misas__transaction *transaction)
{
    return misas__memory_documents_in_transaction(
        ((memory_transaction *)transaction)->storage->documents);
}

static misas_error *check_confirmations(misas_event_store *store, const misas__batch *batch)
{
    for (size_t i = 0; i < batch->confirmation_count; i++) {
        const misas__confirmation *each = &batch->confirmations[i];
        misas_expected_version expected = (misas_expected_version)each->version;
        misas_stream_info info;
        uint64_t base = 0;
        misas_error *error = misas_event_store_stream_info(&info, store, each->stream);

        if (error != NULL) {
            return error;
        }
        if (!misas__expected_version_fits(&base, &info, expected)) {
            return misas__concurrency_error(each->stream, expected, &info);
        }
    }
    return NULL;
}

/* What can't be taken back comes last. */
static misas_error *write_rest(misas__memory_storage *storage,
                               const misas__prepared_batch *prepared, const misas__batch *batch)
{
    misas__predictions *predictions = &storage->predictions;
    misas_error *error = misas__predictions_fire(predictions, batch->fired, batch->fired_count);

    if (error == NULL) {
        error = misas__predictions_change(predictions, batch->predictions, batch->prediction_count);
    }
    if (error == NULL) {
        error = check_confirmations(storage->base.event_store, batch);
    }
    if (error == NULL && prepared->events.stream_count > 0) {
        error = misas__memory_append_batch(prepared->versions,
                                           misas__memory_store_of(storage->base.event_store),
                                           &prepared->events);
    }
    if (error == NULL) {
        misas__predictions_keep(predictions);
    } else {
        misas__predictions_take_back(predictions);
    }
    return error;
}

static misas_error *write_handled(misas__memory_storage *storage,
                                  const misas__prepared_batch *prepared, const misas__batch *batch)
{
    misas_error *error =
        misas__memory_handled_add(&storage->handled, prepared->handled, prepared->handled_count);

    if (error != NULL) {
        return error;
    }
    error = write_rest(storage, prepared, batch);
    if (error != NULL) {
        misas__memory_handled_take_back(&storage->handled, prepared->handled,
                                        prepared->handled_count);
    }
    return error;
}

/* The checkpoint and the dead letters are checked first, and changed when nothing can fail. */
static misas_error *write_locked(memory_transaction *self, const misas__prepared_batch *prepared,
                                 const misas__batch *batch)
{
    misas__memory_storage *storage = self->storage;
    misas__new_dead_letters letters = {0};
    misas_error *error = misas__memory_checkpoint_check(&storage->checkpoints, batch->checkpoint);

    if (error == NULL) {
        error = misas__memory_dead_letters_prepare(&letters, &storage->dead_letters, batch);
    }
    if (error == NULL) {
        error = write_handled(storage, prepared, batch);
    }
    if (error == NULL) {
        misas__memory_checkpoint_move(&storage->checkpoints, batch->checkpoint);
        misas__memory_dead_letters_change(&storage->dead_letters, &letters, batch);
        if (self->has_begun) {
            misas__memory_documents_commit(storage->documents);
            self->has_begun = false;
        }
    }
    misas__new_dead_letters_free(&letters);
    return error;
}

static void roll_back(misas__transaction *transaction)
{
    memory_transaction *self = (memory_transaction *)transaction;

    if (self->has_begun) {
        misas__memory_documents_roll_back(self->storage->documents);
        self->has_begun = false;
    }
}

static misas_error *write_batch(uint64_t *versions, misas__transaction *transaction,
                                const misas__batch *batch)
{
    memory_transaction *self = (memory_transaction *)transaction;
    misas__prepared_batch prepared;

    misas__arena_reset(&self->arena);
    misas_error *error =
        misas__batch_prepare(&prepared, &self->arena, batch, self->storage->base.event_store);

    if (error == NULL) {
        pthread_mutex_lock(&self->storage->mutex);
        error = write_locked(self, &prepared, batch);
        pthread_mutex_unlock(&self->storage->mutex);
    }
    if (error != NULL) {
        roll_back(transaction);
        return error;
    }
    if (batch->stream_count > 0) {
        memcpy(versions, prepared.versions, batch->stream_count * sizeof *versions);
    }
    return NULL;
}

static void free_transaction(misas__transaction *transaction)
{
    memory_transaction *self = (memory_transaction *)transaction;

    roll_back(transaction);
    misas__arena_free(&self->arena);
    free(self);
}

static const misas__transaction_functions functions = {
    .find_handled = find_handled,
    .find_predictions = find_predictions,
    .begin = begin,
    .savepoint = savepoint,
    .roll_back_to_savepoint = roll_back_to_savepoint,
    .documents = documents,
    .write = write_batch,
    .roll_back = roll_back,
    .free = free_transaction,
};

misas_error *misas__memory_transaction_new(misas__transaction **out, void *self)
{
    memory_transaction *transaction = calloc(1, sizeof *transaction);

    if (transaction == NULL) {
        return misas_error_out_of_memory();
    }
    transaction->base.functions = &functions;
    transaction->storage = self;
    *out = &transaction->base;
    return NULL;
}
