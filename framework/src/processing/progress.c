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

/* Takes the failure; the one before is forgotten. The record is locked, and is not afterwards. */
static void end_change(misas__progress_record *record, bool leads, misas_error *failure)
{
    misas_error *before = record->failure;

    record->leads = leads;
    record->failure = failure;
    pthread_mutex_unlock(&record->mutex);
    misas_error_free(before);
}

void misas__progress_leave(misas__progress_record *record)
{
    pthread_mutex_lock(&record->mutex);
    end_change(record, false, NULL);
}

void misas__progress_handled(misas__progress_record *record, int64_t epoch, uint64_t position)
{
    pthread_mutex_lock(&record->mutex);
    record->epoch = epoch;
    record->handled = position;
    end_change(record, true, NULL);
}

void misas__progress_fail(misas__progress_record *record, const misas_error *error)
{
    misas_error *copy = misas_error_copy(error);

    pthread_mutex_lock(&record->mutex);
    end_change(record, true, copy);
}

misas__progress misas__progress_read(misas__progress_record *record)
{
    pthread_mutex_lock(&record->mutex);
    misas__progress progress = {.leads = record->leads,
                                .epoch = record->epoch,
                                .handled = record->handled,
                                .failure = misas_error_copy(record->failure)};

    pthread_mutex_unlock(&record->mutex);
    return progress;
}
