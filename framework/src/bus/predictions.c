/* Which predictions are handled on a bus, as a predictor wants to know. */
#include <string.h>

#include "bus/bus.h"

static size_t count_handlers(const misas_bus *bus)
{
    size_t count = 0;

    for (size_t i = 0; i < bus->count; i++) {
        count += bus->consumers[i].subsystem->handler_count;
    }
    return count;
}

/* `*count` so far. */
static misas_error *add_types(misas__bus_predictions *known, size_t *count,
                              const misas_subsystem *subsystem)
{
    const char *name = misas__arena_copy_text(&known->arena, subsystem->name);

    if (name == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < subsystem->handler_count; i++) {
        const misas_type *type = subsystem->handlers[i].type;

        if (type->kind == MISAS_KIND_PREDICTION) {
            known->subsystems[*count] = name;
            known->types[(*count)++] = type->descriptor->name;
        }
    }
    return NULL;
}

static misas_error *list_predictions(misas__bus_predictions *known, const misas_bus *bus)
{
    size_t most = count_handlers(bus) + 1;
    size_t count = 0;
    misas_error *error = NULL;

    misas__arena_reset(&known->arena);
    known->types = misas__arena_allocate(&known->arena, most * sizeof(char *));
    known->subsystems = misas__arena_allocate(&known->arena, most * sizeof(char *));
    if (known->types == NULL || known->subsystems == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < bus->count && error == NULL; i++) {
        error = add_types(known, &count, bus->consumers[i].subsystem);
    }
    known->types[count] = NULL;
    return error;
}

misas_error *misas__bus_learn_predictions(misas__bus_predictions *known, bool *out_has_changed,
                                          misas_bus *bus)
{
    misas_error *error = NULL;

    pthread_rwlock_rdlock(&bus->lock);
    *out_has_changed = known->types == NULL || known->generation != bus->generation;
    if (*out_has_changed) {
        error = list_predictions(known, bus);
        known->generation = bus->generation;
    }
    pthread_rwlock_unlock(&bus->lock);
    if (error != NULL) {
        known->types = NULL; /* once more */
    }
    return error;
}

const char *misas__bus_subsystem_of(const misas__bus_predictions *known, const char *type)
{
    for (size_t i = 0; known->types != NULL && known->types[i] != NULL; i++) {
        if (strcmp(known->types[i], type) == 0) {
            return known->subsystems[i];
        }
    }
    return NULL;
}

void misas__bus_predictions_free(misas__bus_predictions *known)
{
    misas__arena_free(&known->arena);
    *known = (misas__bus_predictions){.types = NULL};
}
