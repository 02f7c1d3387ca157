/* The documents that a subsystem keeps. */
#include <stdlib.h>
#include <string.h>

#include "documentstore/check.h"
#include "memory/growth.h"
#include "subsystem/subsystem.h"

static misas_error *add_collection(misas_subsystem *subsystem, const char *name)
{
    misas_error *error = misas__check_collection(name);

    for (size_t i = 0; i < subsystem->collection_count && error == NULL; i++) {
        if (strcmp(subsystem->collections[i], name) == 0) {
            return misas__subsystem_invalid(subsystem->name, name,
                                            "there is a collection of this name already");
        }
    }
    if (error != NULL) {
        return error;
    }
    char **items = misas__grow(subsystem->collections, subsystem->collection_count,
                               &subsystem->collection_capacity, sizeof *items);
    char *copy = strdup(name);

    subsystem->collections = items != NULL ? items : subsystem->collections;
    if (items == NULL || copy == NULL) {
        free(copy);
        return misas_error_out_of_memory();
    }
    items[subsystem->collection_count++] = copy;
    return NULL;
}

void misas_subsystem_add_collection(misas_subsystem *subsystem, const char *name)
{
    misas__subsystem_keep_mistake(subsystem, add_collection(subsystem, name));
}

static misas_error *keep(misas_subsystem *subsystem, const misas_type *type)
{
    const char *name = type->descriptor->name;

    if (type->kind != MISAS_KIND_DOCUMENT) {
        return misas__subsystem_invalid(subsystem->name, name, "it is no document");
    }
    if (misas__subsystem_is_of_other(subsystem, type)) {
        return misas__subsystem_invalid(subsystem->name, name,
                                        "by its option it belongs to another subsystem");
    }
    const misas_type **items = misas__grow(subsystem->documents, subsystem->document_count,
                                           &subsystem->document_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    subsystem->documents = items;
    misas_error *error = add_collection(subsystem, type->collection);

    if (error == NULL) {
        items[subsystem->document_count++] = type;
    }
    return error;
}

void misas_subsystem_keep(misas_subsystem *subsystem, const misas_type *type)
{
    misas__subsystem_keep_mistake(subsystem, keep(subsystem, type));
}

bool misas__subsystem_keeps(const misas_subsystem *subsystem, const misas_type *type)
{
    for (size_t i = 0; i < subsystem->document_count; i++) {
        if (subsystem->documents[i] == type) {
            return true;
        }
    }
    return false;
}

static bool is_among(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

/* Where all of them are there, no right is needed to create any. */
misas_error *misas__subsystem_ensure_collections(const misas_subsystem *subsystem,
                                                 misas_storage *storage)
{
    misas_documents *documents = misas_storage_documents(storage);
    const char **there = NULL;
    misas_error *error = subsystem->collection_count > 0
                             ? misas_documents_list_collections(&there, documents)
                             : NULL;

    for (size_t i = 0; i < subsystem->collection_count && error == NULL; i++) {
        if (!is_among(subsystem->collections[i], there)) {
            error = misas_documents_ensure_collection(documents, subsystem->collections[i]);
        }
    }
    free(there);
    return error;
}

void misas__subsystem_free_documents(misas_subsystem *subsystem)
{
    for (size_t i = 0; i < subsystem->collection_count; i++) {
        free(subsystem->collections[i]);
    }
    free(subsystem->collections);
    free(subsystem->documents);
}
