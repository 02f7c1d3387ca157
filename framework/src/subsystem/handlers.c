#include <stdlib.h>
#include <string.h>

#include "memory/growth.h"
#include "subsystem/subsystem.h"

/* The first place whose type has not a smaller name. */
static size_t find_place(const misas_subsystem *subsystem, const char *type)
{
    size_t from = 0;
    size_t to = subsystem->handler_count;

    while (from < to) {
        size_t middle = (from + to) / 2;

        if (strcmp(subsystem->handlers[middle].type->descriptor->name, type) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

const misas__handler *misas__subsystem_find_handler(const misas_subsystem *subsystem,
                                                    const char *type)
{
    size_t place = find_place(subsystem, type);

    return place < subsystem->handler_count &&
                   strcmp(subsystem->handlers[place].type->descriptor->name, type) == 0
               ? &subsystem->handlers[place]
               : NULL;
}

/* Another subsystem's messages would never get here. */
bool misas__subsystem_is_of_other(const misas_subsystem *subsystem, const misas_type *type)
{
    return type->subsystem != NULL && strcmp(type->subsystem, subsystem->name) != 0;
}

static misas_error *check(const misas_subsystem *subsystem, const misas__handler *handler)
{
    const misas_type *type = handler->type;
    const char *name = type->descriptor->name;

    if (type->kind != MISAS_KIND_COMMAND && type->kind != MISAS_KIND_QUERY &&
        type->kind != MISAS_KIND_PREDICTION) {
        return misas__subsystem_invalid(subsystem->name, name,
                                        "it is no command, query or prediction");
    }
    if (handler->function == NULL) {
        return misas__subsystem_invalid(subsystem->name, name, "its handler is NULL");
    }
    if (misas__subsystem_is_of_other(subsystem, type)) {
        return misas__subsystem_invalid(subsystem->name, name,
                                        "by its option it belongs to another subsystem");
    }
    if (misas__subsystem_find_handler(subsystem, name) != NULL) {
        return misas__subsystem_invalid(subsystem->name, name, "it has a handler already");
    }
    return NULL;
}

static misas_error *add(misas_subsystem *subsystem, const misas__handler *handler)
{
    misas_error *error = check(subsystem, handler);

    if (error != NULL) {
        return error;
    }
    misas__handler *items = misas__grow(subsystem->handlers, subsystem->handler_count,
                                        &subsystem->handler_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    size_t place = find_place(subsystem, handler->type->descriptor->name);

    subsystem->handlers = items;
    memmove(items + place + 1, items + place, (subsystem->handler_count - place) * sizeof *items);
    items[place] = *handler;
    subsystem->handler_count++;
    return NULL;
}

void misas_subsystem_handle(misas_subsystem *subsystem, const misas_type *type,
                            misas_handler_invoker invoker, misas_function handler)
{
    misas__subsystem_keep_mistake(
        subsystem,
        add(subsystem, &(misas__handler){.type = type, .invoker = invoker, .function = handler}));
}

static misas_error *add_decider(misas_subsystem *subsystem, const misas__handler *decider,
                                const char *aggregate)
{
    misas__handler handler = *decider;

    if (handler.type->key_field == NULL) {
        return misas__subsystem_invalid(subsystem->name, handler.type->descriptor->name,
                                        "to decide on an aggregate its option must state the key");
    }
    handler.aggregate = strdup(aggregate);
    misas_error *error =
        handler.aggregate != NULL ? add(subsystem, &handler) : misas_error_out_of_memory();

    if (error != NULL) {
        free(handler.aggregate);
    }
    return error;
}

void misas_subsystem_decide(misas_subsystem *subsystem, const misas_type *type,
                            const char *aggregate, misas_decides_on on,
                            misas_decide_invoker invoker, misas_function decide)
{
    misas__subsystem_keep_mistake(subsystem,
                                  add_decider(subsystem,
                                              &(misas__handler){.type = type,
                                                                .function = decide,
                                                                .decide_invoker = invoker,
                                                                .decides_on = on},
                                              aggregate));
}
