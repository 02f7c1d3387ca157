#include "subsystem/event_processor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/growth.h"

enum { max_name_bytes = 100 };

misas_error *misas__subsystem_invalid(const char *subsystem, const char *name, const char *reason)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_SUBSYSTEM_INVALID,
            .data = (misas_field[]){{"subsystem", subsystem != NULL ? subsystem : ""},
                                    {"name", name != NULL ? name : ""},
                                    {"reason", reason},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "subsystem %s, %s: %s", subsystem != NULL ? subsystem : "", name != NULL ? name : "",
        reason);
}

void misas__subsystem_keep_mistake(misas_subsystem *subsystem, misas_error *error)
{
    if (subsystem->mistake == NULL) {
        subsystem->mistake = error;
    } else {
        misas_error_free(error);
    }
}

bool misas__subsystem_is_name(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t size = name != NULL ? strlen(name) : 0;

    return size > 0 && size <= max_name_bytes && strspn(name, allowed) == size;
}

static misas_error *fill(misas_subsystem *subsystem, const char *system, const char *name)
{
    size_t source_size = strlen(system) + strlen(name) + 3;

    subsystem->name = strdup(name);
    subsystem->source = malloc(source_size);
    if (subsystem->name == NULL || subsystem->source == NULL) {
        return misas_error_out_of_memory();
    }
    snprintf(subsystem->source, source_size, "/%s/%s", system, name);
    return misas_type_registry_new(&subsystem->types);
}

misas_error *misas_subsystem_new(misas_subsystem **out, const char *system, const char *name)
{
    static const char expected[] = "expected 1 to 100 letters, digits, - and _";

    if (!misas__subsystem_is_name(system)) {
        return misas__subsystem_invalid(name, system, expected);
    }
    if (!misas__subsystem_is_name(name)) {
        return misas__subsystem_invalid(name, name, expected);
    }
    misas_subsystem *subsystem = calloc(1, sizeof *subsystem);

    if (subsystem == NULL) {
        return misas_error_out_of_memory();
    }
    misas_error *error = fill(subsystem, system, name);

    if (error != NULL) {
        misas_subsystem_free(subsystem);
        return error;
    }
    *out = subsystem;
    return NULL;
}

void misas_subsystem_free(misas_subsystem *subsystem)
{
    if (subsystem == NULL) {
        return;
    }
    for (size_t i = 0; i < subsystem->handler_count; i++) {
        free(subsystem->handlers[i].aggregate);
    }
    for (size_t i = 0; i < subsystem->aggregate_count; i++) {
        misas_aggregate_type_free(subsystem->aggregates[i]);
    }
    for (size_t i = 0; i < subsystem->service_count; i++) {
        free(subsystem->services[i].name);
    }
    for (size_t i = 0; i < subsystem->processor_count; i++) {
        misas__event_processor_free(subsystem->processors[i]);
    }
    misas__subsystem_free_documents(subsystem);
    free(subsystem->processors);
    free(subsystem->handlers);
    free(subsystem->middlewares);
    free(subsystem->aggregates);
    free(subsystem->services);
    misas_type_registry_free(subsystem->types);
    misas_error_free(subsystem->mistake);
    free(subsystem->source);
    free(subsystem->name);
    free(subsystem);
}

const char *misas_subsystem_name(const misas_subsystem *subsystem)
{
    return subsystem->name;
}

const misas_error *misas_subsystem_mistake(const misas_subsystem *subsystem)
{
    const misas_error *mistake = subsystem->mistake;

    for (size_t i = 0; i < subsystem->aggregate_count && mistake == NULL; i++) {
        mistake = misas_aggregate_type_mistake(subsystem->aggregates[i]);
    }
    return mistake;
}

void misas_subsystem_add_schema(misas_subsystem *subsystem, const misas_schema *schema)
{
    misas__subsystem_keep_mistake(subsystem, misas_type_registry_add(subsystem->types, schema));
}

void *misas__subsystem_find_service(const misas_subsystem *subsystem, const char *name)
{
    for (size_t i = 0; i < subsystem->service_count; i++) {
        if (strcmp(subsystem->services[i].name, name) == 0) {
            return subsystem->services[i].service;
        }
    }
    return NULL;
}

static misas_error *add_service(misas_subsystem *subsystem, const char *name, void *service)
{
    if (name == NULL || name[0] == '\0' || service == NULL) {
        return misas__subsystem_invalid(subsystem->name, name,
                                        "a service has a name and is not NULL");
    }
    if (misas__subsystem_find_service(subsystem, name) != NULL) {
        return misas__subsystem_invalid(subsystem->name, name,
                                        "there is a service of this name already");
    }
    misas__service *items = misas__grow(subsystem->services, subsystem->service_count,
                                        &subsystem->service_capacity, sizeof *items);
    char *copy = strdup(name);

    if (items != NULL) {
        subsystem->services = items;
    }
    if (items == NULL || copy == NULL) {
        free(copy);
        return misas_error_out_of_memory();
    }
    items[subsystem->service_count++] = (misas__service){copy, service};
    return NULL;
}

void misas_subsystem_add_service(misas_subsystem *subsystem, const char *name, void *service)
{
    misas__subsystem_keep_mistake(subsystem, add_service(subsystem, name, service));
}

const misas_aggregate_type *misas__subsystem_find_aggregate(const misas_subsystem *subsystem,
                                                            const char *name)
{
    for (size_t i = 0; i < subsystem->aggregate_count; i++) {
        if (strcmp(misas_aggregate_type_name(subsystem->aggregates[i]), name) == 0) {
            return subsystem->aggregates[i];
        }
    }
    return NULL;
}

static misas_error *add_aggregate(misas_aggregate_type **out, misas_subsystem *subsystem,
                                  const misas_aggregate_options *options)
{
    if (options->name != NULL &&
        misas__subsystem_find_aggregate(subsystem, options->name) != NULL) {
        return misas__subsystem_invalid(subsystem->name, options->name,
                                        "there is an aggregate type of this name already");
    }
    misas_aggregate_type **items = misas__grow(subsystem->aggregates, subsystem->aggregate_count,
                                               &subsystem->aggregate_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    subsystem->aggregates = items;
    misas_error *error = misas_aggregate_type_new(&items[subsystem->aggregate_count], options);

    if (error == NULL) {
        *out = items[subsystem->aggregate_count++];
    }
    return error;
}

misas_aggregate_type *misas_subsystem_add_aggregate(misas_subsystem *subsystem,
                                                    const misas_aggregate_options *options)
{
    misas_aggregate_type *type = misas__aggregate_type_sink();

    misas__subsystem_keep_mistake(subsystem, add_aggregate(&type, subsystem, options));
    return type;
}

static bool has_processor(const misas_subsystem *subsystem, const char *name)
{
    for (size_t i = 0; i < subsystem->processor_count; i++) {
        if (strcmp(subsystem->processors[i]->name + strlen(subsystem->name) + 1, name) == 0) {
            return true;
        }
    }
    return false;
}

static misas_error *add_processor(misas_event_processor **out, misas_subsystem *subsystem,
                                  const misas_event_processor_options *options)
{
    if (options->name != NULL && has_processor(subsystem, options->name)) {
        return misas__subsystem_invalid(subsystem->name, options->name,
                                        "there is an event processor of this name already");
    }
    misas_event_processor **items = misas__grow(subsystem->processors, subsystem->processor_count,
                                                &subsystem->processor_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    subsystem->processors = items;
    misas_error *error =
        misas__event_processor_new(&items[subsystem->processor_count], subsystem, options);

    if (error == NULL) {
        *out = items[subsystem->processor_count++];
    }
    return error;
}

misas_event_processor *misas_subsystem_add_event_processor(
    misas_subsystem *subsystem, const misas_event_processor_options *options)
{
    misas_event_processor *processor = misas__event_processor_sink();

    misas__subsystem_keep_mistake(subsystem, add_processor(&processor, subsystem, options));
    return processor;
}

/* What a function decides on must be there; but it may have been added later. */
static misas_error *check_handler(const misas_subsystem *subsystem, const misas__handler *handler)
{
    const char *name = handler->type->descriptor->name;

    if (handler->aggregate == NULL ||
        misas__subsystem_find_aggregate(subsystem, handler->aggregate) != NULL) {
        return NULL;
    }
    return misas__subsystem_invalid(subsystem->name, name,
                                    "the aggregate type that it decides on is missing");
}

misas_error *misas__subsystem_check(const misas_subsystem *subsystem)
{
    misas_error *error = misas_error_copy(misas_subsystem_mistake(subsystem));

    for (size_t i = 0; i < subsystem->handler_count && error == NULL; i++) {
        error = check_handler(subsystem, &subsystem->handlers[i]);
    }
    for (size_t i = 0; i < subsystem->processor_count && error == NULL; i++) {
        error = misas__event_processor_check(subsystem->processors[i]);
    }
    return error;
}
