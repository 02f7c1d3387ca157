#include <stdlib.h>

#include "processing/event_worker.h"
#include "processing/options.h"

enum { default_cached_aggregates = 10000 };

struct misas_event_processing {
    misas_event_processing_options options; /* complete */
    char owner[misas__owner_size];
    misas__stop_signal stop;
    misas__event_worker **workers;
    size_t worker_count;
    pthread_t keeper;
    bool has_keeper;
};

/* Leases are renewed beside the handlers, which may take their time: as long as the process runs.
 */
static void *keep_leases(void *argument)
{
    misas_event_processing *processing = argument;

    while (!misas__stop_signal_wait(&processing->stop, misas__renew_interval_ms)) {
        for (size_t i = 0; i < processing->worker_count; i++) {
            misas__lease_renew(&processing->workers[i]->lease);
        }
    }
    return NULL;
}

static misas_error *start_workers(misas_event_processing *processing)
{
    const misas_subsystem *subsystem = processing->options.subsystem;
    misas_error *error = NULL;

    processing->workers = calloc(subsystem->processor_count + 1, sizeof(misas__event_worker *));
    if (processing->workers == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < subsystem->processor_count && error == NULL; i++) {
        error = misas__event_worker_start(&processing->workers[i],
                                          &(misas__event_worker_options){&processing->options,
                                                                         subsystem->processors[i],
                                                                         &processing->stop});
        processing->worker_count += error == NULL ? 1 : 0;
    }
    return error;
}

static misas_error *start(misas_event_processing *processing)
{
    misas_error *error = start_workers(processing);

    if (error == NULL) {
        processing->has_keeper =
            pthread_create(&processing->keeper, NULL, keep_leases, processing) == 0;
    }
    return error != NULL || processing->has_keeper ? error : misas_error_out_of_memory();
}

misas_error *misas_event_processing_start(misas_event_processing **out,
                                          const misas_event_processing_options *options)
{
    misas_error *error = misas__check_processing(options->subsystem, options->storage != NULL);

    if (error != NULL) {
        return error;
    }
    misas_event_processing *processing = calloc(1, sizeof *processing);

    if (processing == NULL) {
        return misas_error_out_of_memory();
    }
    processing->options = *options;
    if (processing->options.cached_aggregates <= 0) {
        processing->options.cached_aggregates = default_cached_aggregates;
    }
    processing->options.owner = misas__name_owner(processing->owner, options->owner);
    misas__stop_signal_begin(&processing->stop);
    error = start(processing);
    if (error != NULL) {
        misas_event_processing_stop(processing);
        return error;
    }
    *out = processing;
    return NULL;
}

misas__progress misas__event_processing_progress(misas_event_processing *processing, size_t index)
{
    misas__event_worker *worker = processing->workers[index];
    misas__progress progress = misas__progress_read(&worker->progress);

    progress.processor = worker->processor->name;
    progress.types = (const char *const *)worker->processor->types;
    return progress;
}

void misas_event_processing_stop(misas_event_processing *processing)
{
    if (processing == NULL) {
        return;
    }
    misas__stop_signal_give(&processing->stop);
    if (processing->has_keeper) {
        pthread_join(processing->keeper, NULL);
    }
    for (size_t i = 0; i < processing->worker_count; i++) {
        misas__event_worker_interrupt(processing->workers[i]);
    }
    for (size_t i = 0; i < processing->worker_count; i++) {
        misas__event_worker_end(processing->workers[i]);
    }
    free(processing->workers);
    misas__stop_signal_end(&processing->stop);
    free(processing);
}
