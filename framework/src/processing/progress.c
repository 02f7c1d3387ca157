#include "processing/progress.h"

void misas__progress_begin(misas__progress_record *record)
{
    pthread_mutex_init(&record->mutex, NULL);
}

void misas__progress_end(misas__progress_record *record)
{
    misas_error_free(record->failure);
    pthread_mutex_destroy(&record->mutex);
}

/* Takes the failure; the one before is forgotten. */
static void change(misas__progress_record *record, bool leads, const uint64_t *handled,
                   misas_error *failure)
{
    pthread_mutex_lock(&record->mutex);
    misas_error *before = record->failure;

    record->leads = leads;
    record->handled = handled != NULL ? *handled : record->handled;
    record->failure = failure;
    pthread_mutex_unlock(&record->mutex);
    misas_error_free(before);
}

void misas__progress_leave(misas__progress_record *record)
{
    change(record, false, NULL, NULL);
}

void misas__progress_handled(misas__progress_record *record, uint64_t position)
{
    change(record, true, &position, NULL);
}

void misas__progress_fail(misas__progress_record *record, const misas_error *error)
{
    change(record, true, NULL, misas_error_copy(error));
}

misas__progress misas__progress_read(misas__progress_record *record)
{
    pthread_mutex_lock(&record->mutex);
    misas__progress progress = {.leads = record->leads,
                                .handled = record->handled,
                                .failure = misas_error_copy(record->failure)};

    pthread_mutex_unlock(&record->mutex);
    return progress;
}
