/* What everything stands on: log, storage, clock, bus. */
#include <stdio.h>

#include "system/system.h"

static bool is_on_postgresql(const misas_system *system)
{
    return system->settings.storage == MISAS__STORAGE_POSTGRESQL;
}

/* A measured clock shows nothing before the storage is open, which it is measured by. */
static misas_error *open_clock(misas_system *system)
{
    misas_clock_scale scale;
    bool is_scaled = false;
    misas_error *error = misas__read_clock_scale(&scale, &is_scaled, &system->settings);

    if (error == NULL && !is_scaled) {
        system->clock = system->options.clock;
    }
    if (error != NULL || system->clock != NULL) {
        return error;
    }
    if (is_on_postgresql(system)) {
        error = misas_clock_new_measured(&system->measured, MISAS_TIME_MIN_US);
    }
    if (error == NULL && is_scaled) {
        error = misas_clock_new_scaled(&system->own_clock, system->measured, &scale);
    } else if (error == NULL && system->measured == NULL) {
        error = misas_clock_new_system(&system->own_clock);
    }
    system->clock = system->own_clock != NULL ? system->own_clock : system->measured;
    return error;
}

misas_error *misas__measure_clock(const misas_system *system)
{
    int64_t now_us = 0;

    if (system->measured == NULL) {
        return NULL;
    }
    misas_error *error = system->storage->backend->predictions.now(&now_us, system->storage);

    if (error == NULL) {
        misas_clock_measure(system->measured, now_us);
    }
    return error;
}

static misas_error *open_postgresql(misas_system *system, bool migrates,
                                    const misas_event_store_options *options)
{
    misas_error *error = misas__open_database(&system->database, &system->settings, system->logger);

    if (error == NULL && migrates && system->settings.migrates) {
        error = misas_postgresql_migrate(system->database);
    }
    if (error == NULL) {
        error = misas_storage_new_postgresql(&system->storage, system->database, options);
    }
    return error == NULL ? misas__measure_clock(system) : error;
}

static misas_error *open_storage(misas_system *system, bool migrates)
{
    const misas_event_store_options options = {
        .environment = (misas_environment)system->settings.environment,
        .upcasters = system->options.upcasters,
        .clock = system->clock,
        .logger = system->logger,
    };

    return is_on_postgresql(system) ? open_postgresql(system, migrates, &options)
                                    : misas_storage_new_memory(&system->storage, &options);
}

static misas_error *open_bus(misas_system *system)
{
    char source[MISAS_SOURCE_MAX_BYTES + 1];

    snprintf(source, sizeof source, "/%s", system->name);
    return misas_bus_new_memory(&system->bus,
                                &(misas_bus_options){.source = source, .clock = system->clock});
}

misas_error *misas__system_open(misas_system *system, bool migrates)
{
    const misas_log_options options = misas__log_options(&system->settings);
    misas_error *error = misas_log_new(&system->logger.log, &options);

    if (error == NULL) {
        error = open_clock(system);
    }
    if (error == NULL) {
        error = open_storage(system, migrates);
    }
    if (error == NULL) {
        error = open_bus(system);
    }
    if (error != NULL) {
        misas__system_close(system);
    }
    return error;
}

void misas__system_close(misas_system *system)
{
    misas_bus_free(system->bus);
    if (system->storage != NULL) {
        misas_storage_free(system->storage);
    }
    misas_postgresql_free(system->database);
    misas_clock_free(system->own_clock);
    misas_clock_free(system->measured);
    misas_log_free(system->logger.log);
    system->bus = NULL;
    system->storage = NULL;
    system->database = NULL;
    system->own_clock = NULL;
    system->measured = NULL;
    system->clock = NULL;
    system->logger = (misas_logger){0};
}
