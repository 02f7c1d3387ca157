#include "misas/storage.h"

#include "storage/transaction.h"

misas_event_store *misas_storage_event_store(misas_storage *storage)
{
    return storage->event_store;
}

misas_documents *misas_storage_documents(misas_storage *storage)
{
    return storage->documents;
}

void misas_storage_free(misas_storage *storage)
{
    if (storage != NULL) {
        storage->backend->free(storage);
    }
}

misas_error *misas__transaction_new(misas__transaction **out, misas_storage *storage)
{
    return storage->backend->transaction_new(out, storage);
}

misas_error *misas__storage_write(misas_storage *storage, const misas__batch *batch)
{
    misas__transaction *transaction = NULL;
    misas_error *error = misas__transaction_new(&transaction, storage);

    if (error == NULL) {
        error = transaction->functions->write(NULL, transaction, batch);
        transaction->functions->free(transaction);
    }
    return error;
}

misas_error *misas__storage_last_position_of(uint64_t *out, misas_storage *storage,
                                             const char *const *types)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;
    misas_error *error = misas_event_store_read_all(
        &reader, misas_storage_event_store(storage),
        &(misas_read_options){.direction = MISAS_BACKWARD, .limit = 1, .select_types = types});

    if (error == NULL) {
        error = misas_event_reader_next(&event, reader);
    }
    *out = event != NULL ? event->position : 0;
    misas_event_reader_free(reader);
    return error;
}

misas_error *misas__storage_last_position(uint64_t *out, misas_storage *storage)
{
    return misas__storage_last_position_of(out, storage, NULL);
}

misas_error *misas_storage_forget_handled(uint64_t *out_count, misas_storage *storage,
                                          int64_t age_s, uint64_t max)
{
    uint64_t count = 0;
    misas_error *error = NULL;

    if (storage->backend->forget_handled != NULL) {
        error = storage->backend->forget_handled(&count, storage, age_s, max);
    }
    if (error == NULL && out_count != NULL) {
        *out_count = count;
    }
    return error;
}
