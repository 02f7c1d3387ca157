#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock/deadline.h"
#include "processing/dispatcher.h"
#include "subsystem/subsystem.h"

enum { default_retention_s = 7 * 24 * 3600 };

static void stop_leading(misas_command_dispatcher *dispatcher)
{
    misas__dispatch_end(dispatcher);
    misas__progress_leave(&dispatcher->progress);
    misas__lease_release(&dispatcher->lease);
    misas_subscription_free(dispatcher->subscription);
    dispatcher->subscription = NULL;
}

static void try_to_lead(misas_command_dispatcher *dispatcher)
{
    misas__checkpoint taken;
    misas_error *error = misas__lease_take(&taken, &dispatcher->lease);

    if (error == NULL && atomic_load(&dispatcher->lease.is_held)) {
        dispatcher->position = taken.position;
        dispatcher->done = taken.position;
        dispatcher->to_try_alone =
            taken.was_released || taken.epoch == 1 ? 0 : misas__dispatch_window;
        error = misas_event_store_subscribe(
            &dispatcher->subscription, misas_storage_event_store(dispatcher->options.storage),
            &(misas_subscription_options){.from = taken.position + 1,
                                          .select_types = (const char *const *)dispatcher->types});
    }
    if (error == NULL && atomic_load(&dispatcher->lease.is_held)) {
        misas__progress_handled(&dispatcher->progress, atomic_load(&dispatcher->lease.epoch),
                                dispatcher->position);
    }
    if (error != NULL) {
        misas__lease_release(&dispatcher->lease);
        misas__outage_fail(&dispatcher->outage, "a dispatcher of commands waits for its storage",
                           error);
        misas_error_free(error);
    } else if (!atomic_load(&dispatcher->lease.is_held)) { /* a leader goes on by what it does */
        misas__outage_end(&dispatcher->outage);
    }
    if (!atomic_load(&dispatcher->lease.is_held)) {
        misas__stop_signal_wait(&dispatcher->stop, misas__lead_interval_ms);
    }
}

static void lead(misas_command_dispatcher *dispatcher)
{
    misas_error *error =
        atomic_load(&dispatcher->lease.is_lost) ? NULL : misas__dispatch_step(dispatcher);

    if (misas_error_is(error, MISAS__ERROR_LEASE_LOST)) {
        atomic_store(&dispatcher->lease.is_lost, true);
    } else if (error != NULL) {
        misas__outage_fail(&dispatcher->outage, "a dispatcher of commands tries again", error);
        misas__stop_signal_wait(&dispatcher->stop, misas__lead_interval_ms);
        dispatcher->transaction->functions->roll_back(dispatcher->transaction);
    }
    if (error != NULL || atomic_load(&dispatcher->lease.is_lost)) {
        stop_leading(dispatcher);
    }
    misas_error_free(error);
}

static void *run(void *argument)
{
    misas_command_dispatcher *dispatcher = argument;

    while (!misas__stop_signal_is_given(&dispatcher->stop)) {
        if (atomic_load(&dispatcher->lease.is_held)) {
            lead(dispatcher);
        } else {
            try_to_lead(dispatcher);
        }
    }
    stop_leading(dispatcher);
    return NULL;
}

/* The types of the commands that the subsystem handles. */
static misas_error *list_types(misas_command_dispatcher *dispatcher)
{
    const misas_subsystem *subsystem = dispatcher->options.subsystem;
    size_t count = 0;

    dispatcher->types = calloc(subsystem->handler_count + 1, sizeof(char *));
    if (dispatcher->types == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < subsystem->handler_count; i++) {
        if (subsystem->handlers[i].type->kind == MISAS_KIND_COMMAND) {
            dispatcher->types[count++] = subsystem->handlers[i].type->descriptor->name;
        }
    }
    return NULL;
}

static misas_error *make_name(misas_command_dispatcher *dispatcher)
{
    static const char ending[] = ".commands";
    size_t size = strlen(dispatcher->options.subsystem->name) + sizeof ending;

    dispatcher->name = malloc(size);
    if (dispatcher->name == NULL) {
        return misas_error_out_of_memory();
    }
    snprintf(dispatcher->name, size, "%s%s", dispatcher->options.subsystem->name, ending);
    return NULL;
}

static misas_error *start(misas_command_dispatcher *dispatcher)
{
    misas_error *error = list_types(dispatcher);

    if (error == NULL) {
        error = make_name(dispatcher);
    }
    if (error == NULL) {
        dispatcher->outage = (misas__outage){
            .logger = dispatcher->options.logger,
            .who = misas_log_text("processor", dispatcher->name),
        };
        error = misas__transaction_new(&dispatcher->transaction, dispatcher->options.storage);
    }
    if (error == NULL) {
        misas__lease_begin(&dispatcher->lease, dispatcher->options.storage,
                           &(misas__checkpoint_key){dispatcher->name, MISAS__SOURCE_LOG, 0},
                           misas__name_owner(dispatcher->owner, dispatcher->options.owner));
        dispatcher->has_thread = pthread_create(&dispatcher->thread, NULL, run, dispatcher) == 0;
        error = dispatcher->has_thread ? NULL : misas_error_out_of_memory();
    }
    return error;
}

misas_error *misas_command_dispatcher_start(misas_command_dispatcher **out,
                                            const misas_command_dispatcher_options *options)
{
    misas_error *error = misas__check_processing(options->subsystem,
                                                 options->storage != NULL && options->bus != NULL);

    if (error != NULL) {
        return error;
    }
    misas_command_dispatcher *dispatcher = calloc(1, sizeof *dispatcher);

    if (dispatcher == NULL) {
        return misas_error_out_of_memory();
    }
    dispatcher->options = *options;
    if (options->retention_s <= 0) {
        dispatcher->options.retention_s = default_retention_s;
    }
    misas__stop_signal_begin(&dispatcher->stop);
    pthread_mutex_init(&dispatcher->mutex, NULL);
    misas__condition_init(&dispatcher->answered);
    misas__progress_begin(&dispatcher->progress);
    error = start(dispatcher);
    if (error != NULL) {
        misas_command_dispatcher_stop(dispatcher);
        return error;
    }
    *out = dispatcher;
    return NULL;
}

misas__progress misas__command_dispatcher_progress(misas_command_dispatcher *dispatcher)
{
    misas__progress progress = misas__progress_read(&dispatcher->progress);

    progress.processor = dispatcher->name;
    progress.types = dispatcher->types;
    return progress;
}

void misas_command_dispatcher_stop(misas_command_dispatcher *dispatcher)
{
    if (dispatcher == NULL) {
        return;
    }
    misas__stop_signal_give(&dispatcher->stop);
    if (dispatcher->has_thread) {
        pthread_join(dispatcher->thread, NULL);
    }
    if (dispatcher->transaction != NULL) {
        dispatcher->transaction->functions->free(dispatcher->transaction);
    }
    misas__progress_end(&dispatcher->progress);
    pthread_cond_destroy(&dispatcher->answered);
    pthread_mutex_destroy(&dispatcher->mutex);
    misas__stop_signal_end(&dispatcher->stop);
    free(dispatcher->types);
    free(dispatcher->name);
    free(dispatcher);
}
