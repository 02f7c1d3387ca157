#include <stdlib.h>
#include <string.h>

#include "aggregate/aggregate.h"
#include "memory/growth.h"

static misas_error *invalid(const char *field, const char *value, const char *reason)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_AGGREGATE_INVALID,
            .data = (misas_field[]){{"field", field},
                                    {"value", value != NULL ? value : ""},
                                    {"reason", reason},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the %s of an aggregate type is not valid: %s", field, reason);
}

static bool is_name(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
    size_t size = name != NULL ? strlen(name) : 0;

    return size > 0 && size <= MISAS_AGGREGATE_NAME_MAX_BYTES && strspn(name, allowed) == size;
}

static misas_error *check(const misas_aggregate_options *options)
{
    if (!is_name(options->name)) {
        return invalid("name", options->name,
                       "expected 1 to 128 letters, digits, underscores and dots");
    }
    return options->state_size > 0
               ? NULL
               : invalid("state_size", "0", "expected the size of the state's struct");
}

misas_error *misas_aggregate_type_new(misas_aggregate_type **out,
                                      const misas_aggregate_options *options)
{
    misas_error *error = check(options);

    if (error != NULL) {
        return error;
    }
    misas_aggregate_type *type = calloc(1, sizeof *type);
    char *name = strdup(options->name);

    if (type == NULL || name == NULL) {
        free(type);
        free(name);
        return misas_error_out_of_memory();
    }
    type->name = name;
    type->state_size = options->state_size;
    type->release = options->release;
    *out = type;
    return NULL;
}

void misas_aggregate_type_free(misas_aggregate_type *type)
{
    if (type != NULL && !type->is_sink) {
        misas_error_free(type->mistake);
        free(type->evolvers);
        free(type->name);
        free(type);
    }
}

misas_aggregate_type *misas__aggregate_type_sink(void)
{
    static char name[] = "";
    static misas_aggregate_type sink = {.name = name, .state_size = 1, .is_sink = true};

    return &sink;
}

const char *misas_aggregate_type_name(const misas_aggregate_type *type)
{
    return type->name;
}

const misas_error *misas_aggregate_type_mistake(const misas_aggregate_type *type)
{
    return type->mistake;
}

/* The first place whose type has not a smaller name. */
static size_t find_place(const misas_aggregate_type *type, const char *event_type)
{
    size_t from = 0;
    size_t to = type->count;

    while (from < to) {
        size_t middle = (from + to) / 2;

        if (strcmp(type->evolvers[middle].type->descriptor->name, event_type) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

const misas__evolver *misas__find_evolver(const misas_aggregate_type *type, const char *event_type)
{
    size_t place = find_place(type, event_type);

    return place < type->count &&
                   strcmp(type->evolvers[place].type->descriptor->name, event_type) == 0
               ? &type->evolvers[place]
               : NULL;
}

static misas_error *add(misas_aggregate_type *to, const misas__evolver *evolver)
{
    const char *name = evolver->type->descriptor->name;

    if (evolver->type->kind != MISAS_KIND_EVENT) {
        return invalid("evolve", name, "it is no event");
    }
    if (misas__find_evolver(to, name) != NULL) {
        return invalid("evolve", name, "there is a function for this event already");
    }
    misas__evolver *items = misas__grow(to->evolvers, to->count, &to->capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    size_t place = find_place(to, name);

    to->evolvers = items;
    memmove(items + place + 1, items + place, (to->count - place) * sizeof *items);
    items[place] = *evolver;
    to->count++;
    return NULL;
}

void misas_aggregate_type_evolve(misas_aggregate_type *aggregate_type, const misas_type *type,
                                 misas_evolve_invoker invoker, misas_function function)
{
    if (aggregate_type->is_sink || aggregate_type->mistake != NULL) {
        return;
    }
    misas_error *error = add(aggregate_type, &(misas__evolver){type, invoker, function});

    if (error != NULL) {
        aggregate_type->mistake =
            misas_error_wrap(error, "aggregate type %s", aggregate_type->name);
    }
}
