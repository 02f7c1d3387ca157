#include "system/system.h"

#include <stdlib.h>
#include <string.h>

#include "clock/deadline.h"
#include "memory/growth.h"
#include "subsystem/subsystem.h"

static const char expected_name[] = "expected 1 to 100 letters, digits, - and _";

misas_error *misas__system_invalid(const char *name, const char *reason)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_SYSTEM_INVALID,
            .data = (misas_field[]){{"name", name != NULL ? name : ""},
                                    {"reason", reason},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "%s can't be part of the system: %s", name != NULL ? name : "a part without a name",
        reason);
}

void misas__system_keep_mistake(misas_system *system, misas_error *error)
{
    if (system->mistake == NULL) {
        system->mistake = error;
    } else {
        misas_error_free(error);
    }
}

static misas_error *fill(misas_system *system, const misas_system_options *options)
{
    system->options = *options;
    system->name = strdup(options->name);
    system->version = strdup(options->version != NULL ? options->version : "0");
    if (system->name == NULL || system->version == NULL) {
        return misas_error_out_of_memory();
    }
    system->options.name = system->name;
    system->options.version = system->version;
    return misas_subsystem_new(&system->sink, system->name, "sink");
}

misas_error *misas_system_new(misas_system **out, const misas_system_options *options)
{
    if (!misas__subsystem_is_name(options->name)) {
        return misas__system_invalid(options->name, expected_name);
    }
    misas_system *system = calloc(1, sizeof *system);

    if (system == NULL) {
        return misas_error_out_of_memory();
    }
    pthread_mutex_init(&system->mutex, NULL);
    misas__condition_init(&system->changed);
    misas_error *error = fill(system, options);

    if (error != NULL) {
        misas_system_free(system);
        return error;
    }
    *out = system;
    return NULL;
}

static void free_parts(misas_system *system)
{
    for (size_t i = 0; i < system->part_count; i++) {
        misas_subsystem_free(system->parts[i].subsystem);
    }
    for (size_t i = 0; i < system->entry_point_count; i++) {
        free(system->entry_points[i].name);
    }
    for (size_t i = 0; i < system->service_count; i++) {
        free(system->services[i].name);
    }
    misas_subsystem_free(system->sink);
    free(system->parts);
    free(system->entry_points);
    free(system->services);
}

void misas_system_free(misas_system *system)
{
    if (system == NULL) {
        return;
    }
    free_parts(system);
    misas__system_clear_settings(system);
    pthread_cond_destroy(&system->changed);
    pthread_mutex_destroy(&system->mutex);
    misas_error_free(system->mistake);
    misas_error_free(system->reason);
    free(system->version);
    free(system->name);
    free(system);
}

/* Subsystems and entry points are named alike on the command line. */
static misas_error *check_name(const misas_system *system, const char *name)
{
    static const char taken[] = "there is a subsystem or an entry point of this name already";

    if (!misas__subsystem_is_name(name)) {
        return misas__system_invalid(name, expected_name);
    }
    if (strcmp(name, MISAS__PREDICTOR) == 0) {
        return misas__system_invalid(name, "this entry point is the system's own");
    }
    for (size_t i = 0; i < system->part_count; i++) {
        if (strcmp(misas_subsystem_name(system->parts[i].subsystem), name) == 0) {
            return misas__system_invalid(name, taken);
        }
    }
    for (size_t i = 0; i < system->entry_point_count; i++) {
        if (strcmp(system->entry_points[i].name, name) == 0) {
            return misas__system_invalid(name, taken);
        }
    }
    return NULL;
}

static misas_error *add_subsystem(misas_subsystem **out, misas_system *system, const char *name)
{
    misas_error *error = check_name(system, name);

    if (error != NULL) {
        return error;
    }
    misas__system_part *parts =
        misas__grow(system->parts, system->part_count, &system->part_capacity, sizeof *parts);

    if (parts == NULL) {
        return misas_error_out_of_memory();
    }
    system->parts = parts;
    parts[system->part_count] = (misas__system_part){.subsystem = NULL};
    error = misas_subsystem_new(&parts[system->part_count].subsystem, system->name, name);
    if (error != NULL) {
        return error;
    }
    *out = parts[system->part_count++].subsystem;
    for (size_t i = 0; i < system->service_count; i++) {
        misas_subsystem_add_service(*out, system->services[i].name, system->services[i].service);
    }
    return NULL;
}

misas_subsystem *misas_system_add_subsystem(misas_system *system, const char *name)
{
    misas_subsystem *subsystem = system->sink;

    misas__system_keep_mistake(system, add_subsystem(&subsystem, system, name));
    return subsystem;
}

static misas_error *add_service(misas_system *system, const char *name, void *service)
{
    if (name == NULL || name[0] == '\0' || service == NULL) {
        return misas__system_invalid(name, "a service has a name and is not NULL");
    }
    misas__system_service *services = misas__grow(system->services, system->service_count,
                                                  &system->service_capacity, sizeof *services);
    char *copy = strdup(name);

    if (services != NULL) {
        system->services = services;
    }
    if (services == NULL || copy == NULL) {
        free(copy);
        return misas_error_out_of_memory();
    }
    services[system->service_count++] = (misas__system_service){copy, service};
    for (size_t i = 0; i < system->part_count; i++) { /* which refuses it the second time */
        misas_subsystem_add_service(system->parts[i].subsystem, name, service);
    }
    return NULL;
}

void misas_system_add_service(misas_system *system, const char *name, void *service)
{
    misas__system_keep_mistake(system, add_service(system, name, service));
}

static misas_error *add_entry_point(misas_system *system, const misas_entry_point *entry_point)
{
    const bool can_start = entry_point->start != NULL && entry_point->stop != NULL;
    misas_error *error = check_name(system, entry_point->name);

    if (error == NULL && (entry_point->run != NULL ? entry_point->start != NULL : !can_start)) {
        error = misas__system_invalid(entry_point->name,
                                      "an entry point has either `run`, or `start` and `stop`");
    }
    if (error != NULL) {
        return error;
    }
    misas__added_entry_point *items = misas__grow(system->entry_points, system->entry_point_count,
                                                  &system->entry_point_capacity, sizeof *items);
    char *copy = strdup(entry_point->name);

    if (items != NULL) {
        system->entry_points = items;
    }
    if (items == NULL || copy == NULL) {
        free(copy);
        return misas_error_out_of_memory();
    }
    items[system->entry_point_count++] =
        (misas__added_entry_point){.system = system, .entry_point = *entry_point, .name = copy};
    return NULL;
}

void misas_system_add_entry_point(misas_system *system, const misas_entry_point *entry_point)
{
    misas__system_keep_mistake(system, add_entry_point(system, entry_point));
}

misas_error *misas__system_check(const misas_system *system)
{
    misas_error *error = misas_error_copy(system->mistake);

    for (size_t i = 0; i < system->part_count && error == NULL; i++) {
        error = misas__subsystem_check(system->parts[i].subsystem);
    }
    return error;
}

misas_bus *misas_system_bus(misas_system *system)
{
    return system->bus;
}

misas_storage *misas_system_storage(misas_system *system)
{
    return system->storage;
}

const misas_clock *misas_system_clock(const misas_system *system)
{
    return system->clock;
}

const misas_logger *misas_system_logger(const misas_system *system)
{
    return &system->logger;
}
