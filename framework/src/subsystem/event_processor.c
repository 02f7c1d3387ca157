#include "subsystem/event_processor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/growth.h"
#include "text/names.h"

enum { default_max_batch = 500, default_max_attempts = 5 };

static int or_default(int given, int otherwise)
{
    return given > 0 ? given : otherwise;
}

misas_event_processor *misas__event_processor_sink(void)
{
    static misas_event_processor sink = {.is_sink = true};

    return &sink;
}

/* Dead letters of sent commands and of predictions, and a checkpoint, have these names. */
static bool is_taken(const char *name)
{
    return strcmp(name, "commands") == 0 || strcmp(name, "predictions") == 0;
}

static misas_error *check_options(const misas_subsystem *subsystem,
                                  const misas_event_processor_options *options)
{
    if (!misas__subsystem_is_name(options->name)) {
        return misas__subsystem_invalid(subsystem->name, options->name,
                                        "expected a name of letters, digits, - and _");
    }
    if (is_taken(options->name)) {
        return misas__subsystem_invalid(subsystem->name, options->name,
                                        "the subsystem's own commands or predictions have it");
    }
    if (options->max_batch < 0 || options->max_attempts < 0) {
        return misas__subsystem_invalid(subsystem->name, options->name,
                                        "expected numbers that are not negative");
    }
    return NULL;
}

misas_error *misas__event_processor_new(misas_event_processor **out, misas_subsystem *subsystem,
                                        const misas_event_processor_options *options)
{
    misas_error *error = check_options(subsystem, options);

    if (error != NULL) {
        return error;
    }
    size_t size = strlen(subsystem->name) + strlen(options->name) + 2;
    misas_event_processor *processor = calloc(1, sizeof *processor);
    char *name = malloc(size);

    if (processor == NULL || name == NULL) {
        free(processor);
        free(name);
        return misas_error_out_of_memory();
    }
    snprintf(name, size, "%s.%s", subsystem->name, options->name);
    processor->subsystem = subsystem;
    processor->name = name;
    processor->options = *options;
    processor->options.name = name;
    processor->options.max_batch = or_default(options->max_batch, default_max_batch);
    processor->options.max_attempts = or_default(options->max_attempts, default_max_attempts);
    *out = processor;
    return NULL;
}

void misas__event_processor_free(misas_event_processor *processor)
{
    if (processor != NULL && !processor->is_sink) {
        free(processor->types);
        free(processor->resets);
        free(processor->batch_types);
        free(processor->handlers);
        free(processor->name);
        free(processor);
    }
}

static misas_error *check_handler(const misas_event_processor *processor,
                                  const misas__handler *handler)
{
    const char *name = handler->type->descriptor->name;

    if (handler->type->kind != MISAS_KIND_EVENT) {
        return misas__subsystem_invalid(processor->name, name, "it is no event");
    }
    return handler->function != NULL
               ? NULL
               : misas__subsystem_invalid(processor->name, name, "its handler is NULL");
}

/* Adds a name to the list of those that are read, unless it is there. */
static misas_error *add_type(misas_event_processor *processor, const char *name)
{
    size_t count = misas__names_count(processor->types);

    if (misas__names_contain(processor->types, name)) {
        return NULL;
    }
    const char **types = realloc(processor->types, (count + 2) * sizeof *types);

    if (types == NULL) {
        return misas_error_out_of_memory();
    }
    types[count] = name;
    types[count + 1] = NULL;
    processor->types = types;
    return NULL;
}

static misas_error *add_handler(misas_event_processor *processor, const misas__handler *handler)
{
    misas_error *error = check_handler(processor, handler);

    if (error == NULL) {
        error = add_type(processor, handler->type->descriptor->name);
    }
    if (error != NULL) {
        return error;
    }
    misas__handler *items = misas__grow(processor->handlers, processor->handler_count,
                                        &processor->handler_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    processor->handlers = items;
    items[processor->handler_count++] = *handler;
    return NULL;
}

void misas_event_processor_handle(misas_event_processor *processor, const misas_type *type,
                                  misas_handler_invoker invoker, misas_function handler)
{
    if (!processor->is_sink) {
        misas__subsystem_keep_mistake(
            processor->subsystem,
            add_handler(processor,
                        &(misas__handler){.type = type, .invoker = invoker, .function = handler}));
    }
}

static misas_error *set_batch_types(misas_event_processor *processor,
                                    const misas_type *const *types)
{
    size_t count = 0;
    misas_error *error = NULL;

    while (types[count] != NULL) {
        count++;
    }
    processor->batch_types = calloc(count + 1, sizeof(char *));
    if (processor->batch_types == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < count && error == NULL; i++) {
        processor->batch_types[i] = types[i]->descriptor->name;
        error = types[i]->kind == MISAS_KIND_EVENT
                    ? add_type(processor, types[i]->descriptor->name)
                    : misas__subsystem_invalid(processor->name, types[i]->descriptor->name,
                                               "it is no event");
    }
    return error;
}

void misas_event_processor_handle_batches(misas_event_processor *processor,
                                          const misas_type *const *types,
                                          misas_batch_handler handler, void *argument)
{
    if (processor->is_sink) {
        return;
    }
    misas_error *error = NULL;

    if (handler == NULL || types == NULL || types[0] == NULL) {
        error = misas__subsystem_invalid(processor->name, "batches",
                                         "expected a handler and the types of its events");
    } else if (processor->batch_handler != NULL) {
        error = misas__subsystem_invalid(processor->name, "batches",
                                         "there is a handler of batches already");
    } else {
        error = set_batch_types(processor, types);
        processor->batch_handler = handler;
        processor->batch_argument = argument;
    }
    misas__subsystem_keep_mistake(processor->subsystem, error);
}

static misas_error *add_reset(misas_event_processor *processor, const misas__reset *reset)
{
    if (reset->handler == NULL) {
        return misas__subsystem_invalid(processor->name, "reset", "its handler is NULL");
    }
    misas__reset *items = misas__grow(processor->resets, processor->reset_count,
                                      &processor->reset_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    processor->resets = items;
    items[processor->reset_count++] = *reset;
    return NULL;
}

void misas_event_processor_on_reset(misas_event_processor *processor, misas_reset_handler handler,
                                    void *argument)
{
    if (!processor->is_sink) {
        misas__subsystem_keep_mistake(processor->subsystem,
                                      add_reset(processor, &(misas__reset){handler, argument}));
    }
}

bool misas__event_processor_batches(const misas_event_processor *processor, const char *type)
{
    return processor->batch_handler != NULL &&
           misas__names_contain((const char *const *)processor->batch_types, type);
}

misas_error *misas__event_processor_check(const misas_event_processor *processor)
{
    return processor->types != NULL
               ? NULL
               : misas__subsystem_invalid(processor->name, "handlers", "it handles no events");
}
