/* What runs: subsystems, predictor, entry points; started in this order, and stopped in the
 * reverse. */
#include "processing/predictor.h"
#include "subsystem/subsystem.h"
#include "system/system.h"
#include "system/usage.h"

enum { predictions_timeout_ms = 1000 }; /* to be handled, while the system stops */

static void take_fatal_error(void *argument, misas_error *error)
{
    misas_system *system = argument;

    misas_log_write_error(&system->logger, MISAS_LOG_ERROR, "the system stops for a fatal error",
                          error, NULL);
    misas_system_request_stop(system, error);
}

static misas_error *start_commands(misas_system *system, misas__system_part *part)
{
    const misas__system_settings *settings = &system->settings;

    return misas_command_processor_start(&part->commands,
                                         &(misas_command_processor_options){
                                             .subsystem = part->subsystem,
                                             .storage = system->storage,
                                             .bus = system->bus,
                                             .clock = system->clock,
                                             .logger = system->logger,
                                             .workers = (int)settings->workers,
                                             .window = (int)settings->window,
                                             .max_batch = (int)settings->max_batch,
                                             .cached_aggregates = (int)settings->cached_aggregates,
                                             .max_attempts = (int)settings->max_attempts,
                                             .on_fatal = take_fatal_error,
                                             .on_fatal_argument = system,
                                         });
}

static misas_error *start_dispatcher(misas_system *system, misas__system_part *part)
{
    if (!misas__handles_commands(part->subsystem)) {
        return NULL;
    }
    return misas_command_dispatcher_start(
        &part->dispatcher, &(misas_command_dispatcher_options){.subsystem = part->subsystem,
                                                               .storage = system->storage,
                                                               .bus = system->bus,
                                                               .logger = system->logger});
}

static misas_error *start_events(misas_system *system, misas__system_part *part)
{
    if (part->subsystem->processor_count == 0) {
        return NULL;
    }
    return misas_event_processing_start(
        &part->events, &(misas_event_processing_options){
                           .subsystem = part->subsystem,
                           .storage = system->storage,
                           .clock = system->clock,
                           .logger = system->logger,
                           .cached_aggregates = (int)system->settings.cached_aggregates,
                           .on_fatal = take_fatal_error,
                           .on_fatal_argument = system,
                       });
}

static misas_error *start_part(misas_system *system, misas__system_part *part)
{
    if (!part->is_chosen) {
        return NULL;
    }
    misas_error *error = misas__subsystem_ensure_collections(part->subsystem, system->storage);

    if (error == NULL) {
        error = start_commands(system, part);
    }
    if (error == NULL) {
        error = start_dispatcher(system, part);
    }
    return error == NULL ? start_events(system, part) : error;
}

static misas_error *start_predictor(misas_system *system)
{
    if (!system->is_predictor_chosen) {
        return NULL;
    }
    return misas_predictor_start(&system->predictor,
                                 &(misas_predictor_options){.storage = system->storage,
                                                            .bus = system->bus,
                                                            .clock = system->clock,
                                                            .measured = system->measured,
                                                            .logger = system->logger});
}

misas_error *misas__system_start_chosen(misas_system *system)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < system->part_count && error == NULL; i++) {
        error = start_part(system, &system->parts[i]);
    }
    if (error == NULL) {
        error = start_predictor(system);
    }
    if (error == NULL) {
        error = misas__time_keeper_start(system);
    }
    for (size_t i = 0; i < system->entry_point_count && error == NULL; i++) {
        error = misas__entry_point_start(&system->entry_points[i]);
    }
    if (error != NULL) {
        misas__system_stop_chosen(system);
    }
    return error;
}

static void stop_entry_points(misas_system *system)
{
    for (size_t i = system->entry_point_count; i > 0; i--) {
        misas__entry_point_stop(&system->entry_points[i - 1]);
    }
}

/* The command processor answers what is left on its queues, so that nobody waits for it. */
static void stop_part(misas__system_part *part)
{
    misas_command_processor_stop(part->commands);
    misas_command_dispatcher_stop(part->dispatcher);
    misas_event_processing_stop(part->events);
    part->commands = NULL;
    part->dispatcher = NULL;
    part->events = NULL;
}

/* Predictions in hand are handled as long as the storage is there; what is left then is answered
 * when the command processors stop, and only then can the predictor end. */
void misas__system_stop_chosen(misas_system *system)
{
    stop_entry_points(system);
    if (system->predictor != NULL) {
        misas__predictor_finish(system->predictor, predictions_timeout_ms);
    }
    for (size_t i = system->part_count; i > 0; i--) {
        stop_part(&system->parts[i - 1]);
    }
    misas_predictor_stop(system->predictor);
    system->predictor = NULL;
    misas__time_keeper_stop(system);
}

misas_error *misas_system_start(misas_system *system)
{
    misas_error *error = misas__system_check(system);

    if (error == NULL) {
        error = misas__system_read_settings(system, NULL);
    }
    if (error == NULL) {
        error = misas__system_choose(system, NULL, 0);
    }
    if (error == NULL) {
        error = misas__system_open(system, true);
    }
    if (error != NULL) {
        return error;
    }
    error = misas__system_start_chosen(system);
    if (error != NULL) {
        misas__system_close(system);
    }
    return error;
}

void misas_system_stop(misas_system *system)
{
    misas__system_stop_chosen(system);
    misas__system_close(system);
}
