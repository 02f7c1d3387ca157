#include <stdlib.h>
#include <string.h>

#include "misas/schema.h"

/* In the order of their names. */
struct misas_type_registry {
    const misas_type **types;
    size_t count;
    size_t capacity;
};

/* The index of the first type whose name is not before this one. */
static size_t lower_bound(const misas_type_registry *registry, const char *full_name)
{
    size_t low = 0;
    size_t high = registry->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(registry->types[middle]->descriptor->name, full_name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const misas_type *misas_type_registry_find(const misas_type_registry *registry,
                                           const char *full_name)
{
    size_t index = lower_bound(registry, full_name);

    if (index == registry->count ||
        strcmp(registry->types[index]->descriptor->name, full_name) != 0) {
        return NULL;
    }
    return registry->types[index];
}

misas_error *misas_type_registry_get(const misas_type **out, const misas_type_registry *registry,
                                     const char *full_name)
{
    const misas_type *type = misas_type_registry_find(registry, full_name);

    if (type == NULL) {
        return misas_error_new_format(
            &(misas_error_options){
                .type_name = MISAS_ERROR_UNKNOWN_TYPE,
                .data = (misas_field[]){{"type", full_name}, {NULL, NULL}},
                .tags = MISAS_TAG_NOT_FOUND,
            },
            "no schema that was added has a message '%s'", full_name);
    }
    *out = type;
    return NULL;
}

static misas_error *duplicate(const char *full_name, const char *file)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_DUPLICATE_TYPE,
            .data = (misas_field[]){{"type", full_name}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the message %s of %s is not that of the same name which was added before", full_name,
        file);
}

static misas_error *check_duplicates(const misas_type_registry *registry,
                                     const misas_schema *schema)
{
    for (size_t i = 0; i < schema->type_count; i++) {
        const misas_type *type = schema->types[i];
        const misas_type *known = misas_type_registry_find(registry, type->descriptor->name);

        if (known != NULL && known != type) {
            return duplicate(type->descriptor->name, schema->file);
        }
    }
    return NULL;
}

static misas_error *reserve(misas_type_registry *registry, size_t more)
{
    size_t needed = registry->count + more;

    if (needed <= registry->capacity) {
        return NULL;
    }
    needed = needed > 2 * registry->capacity ? needed : 2 * registry->capacity;
    const misas_type **types = realloc(registry->types, needed * sizeof *types);

    if (types == NULL) {
        return misas_error_out_of_memory();
    }
    registry->types = types;
    registry->capacity = needed;
    return NULL;
}

static void insert(misas_type_registry *registry, const misas_type *type)
{
    size_t index = lower_bound(registry, type->descriptor->name);

    if (index < registry->count && registry->types[index] == type) {
        return;
    }
    memmove(&registry->types[index + 1], &registry->types[index],
            (registry->count - index) * sizeof(registry->types[0]));
    registry->types[index] = type;
    registry->count++;
}

misas_error *misas_type_registry_add(misas_type_registry *registry, const misas_schema *schema)
{
    misas_error *error = check_duplicates(registry, schema);

    if (error == NULL) {
        error = reserve(registry, schema->type_count);
    }
    for (size_t i = 0; i < schema->type_count && error == NULL; i++) {
        insert(registry, schema->types[i]);
    }
    return error;
}

misas_error *misas_type_registry_new(misas_type_registry **out)
{
    misas_type_registry *registry = calloc(1, sizeof *registry);
    misas_error *error = NULL;

    if (registry == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; error == NULL && misas_well_known_schemas[i] != NULL; i++) {
        error = misas_type_registry_add(registry, misas_well_known_schemas[i]);
    }
    if (error != NULL) {
        misas_type_registry_free(registry);
        return error;
    }
    *out = registry;
    return NULL;
}

void misas_type_registry_free(misas_type_registry *registry)
{
    if (registry != NULL) {
        free(registry->types);
        free(registry);
    }
}
