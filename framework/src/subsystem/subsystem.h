/** Private: the inside of a subsystem, for what runs its handlers. */
#ifndef MISAS_SRC_SUBSYSTEM_SUBSYSTEM_H
#define MISAS_SRC_SUBSYSTEM_SUBSYSTEM_H

#include "aggregate/aggregate.h"
#include "misas/storage.h"
#include "misas/subsystem.h"

/** Who handles messages of a type: a handler, or a function that decides on an aggregate. */
typedef struct misas__handler {
    const misas_type *type;
    misas_handler_invoker invoker; /* NULL: it decides */
    misas_function function;
    misas_decide_invoker decide_invoker;
    char *aggregate; /* on which it decides: the name of its type */
    misas_decides_on decides_on;
} misas__handler;

typedef struct misas__middleware {
    misas_kind kind;
    misas_middleware function;
    void *argument;
} misas__middleware;

typedef struct misas__service {
    char *name;
    void *service;
} misas__service;

struct misas_subsystem {
    char *name;
    char *source; /* "/<system>/<name>" */
    misas_type_registry *types;
    misas__handler *handlers; /* by ascending name of their type */
    size_t handler_count;
    size_t handler_capacity;
    misas__middleware *middlewares;
    size_t middleware_count;
    size_t middleware_capacity;
    misas_aggregate_type **aggregates;
    size_t aggregate_count;
    size_t aggregate_capacity;
    misas__service *services;
    size_t service_count;
    size_t service_capacity;
    misas_event_processor **processors;
    size_t processor_count;
    size_t processor_capacity;
    const misas_type **documents;
    size_t document_count;
    size_t document_capacity;
    char **collections; /* those of its documents, and others */
    size_t collection_count;
    size_t collection_capacity;
    misas_error *mistake;
};

/** Whether a text can be the name of a system, a subsystem or a processor. */
bool misas__subsystem_is_name(const char *name);

/** Whether by its option a message is another subsystem's. */
bool misas__subsystem_is_of_other(const misas_subsystem *subsystem, const misas_type *type);

/** NULL: it has none for this type. */
const misas__handler *misas__subsystem_find_handler(const misas_subsystem *subsystem,
                                                    const char *type);

/** NULL: it has none of this name. */
const misas_aggregate_type *misas__subsystem_find_aggregate(const misas_subsystem *subsystem,
                                                            const char *name);

/** NULL: it has none of this name. */
void *misas__subsystem_find_service(const misas_subsystem *subsystem, const char *name);

/** Whether it keeps documents of this type. */
bool misas__subsystem_keeps(const misas_subsystem *subsystem, const misas_type *type);

/** Creates the collections that are not there. Errors: those of the storage. */
misas_error *misas__subsystem_ensure_collections(const misas_subsystem *subsystem,
                                                 misas_storage *storage);

void misas__subsystem_free_documents(misas_subsystem *subsystem);

/** Checks that it can run: the first mistake, or what is missing. The caller's to free. */
misas_error *misas__subsystem_check(const misas_subsystem *subsystem);

/** Keeps an error as the subsystem's mistake, unless it has one. Takes the error; NULL: nothing. */
void misas__subsystem_keep_mistake(misas_subsystem *subsystem, misas_error *error);

misas_error *misas__subsystem_invalid(const char *subsystem, const char *name, const char *reason);

/** Calls a handler within the middleware for its kind. */
misas_error *misas__call_handler(const misas_subsystem *subsystem, const misas__handler *handler,
                                 misas_context *context, const ProtobufCMessage *message);

#endif
