/** Private: the inside of aggregates, for what loads and saves them. */
#ifndef MISAS_SRC_AGGREGATE_AGGREGATE_H
#define MISAS_SRC_AGGREGATE_AGGREGATE_H

#include "misas/aggregate.h"

typedef struct misas__evolver {
    const misas_type *type;
    misas_evolve_invoker invoker;
    misas_function function; /* NULL: the state stays as it is */
} misas__evolver;

struct misas_aggregate_type {
    char *name;
    size_t state_size;
    void (*release)(void *state);
    misas__evolver *evolvers; /* by ascending name of their type */
    size_t count;
    size_t capacity;
    misas_error *mistake;
    bool is_sink; /* takes everything and keeps nothing */
};

struct misas_aggregate {
    const misas_aggregate_type *type;
    char *stream;
    void *state;
    uint64_t version;             /* when it was loaded or saved last */
    misas_new_event *uncommitted; /* their payloads are the aggregate's; each has an id, ascending
                                     in the order in which a thread records */
    size_t uncommitted_count;
    size_t uncommitted_capacity;
    size_t uncommitted_of_others; /* so many of the first were recorded by messages that are written
                                     together with the one at hand */
    bool is_spoilt;               /* an evolve function failed half-way */
};

/** What misas_subsystem_add_aggregate gives after a mistake; constant. */
misas_aggregate_type *misas__aggregate_type_sink(void);

/** NULL: the type does not know such an event. */
const misas__evolver *misas__find_evolver(const misas_aggregate_type *type, const char *event_type);

/** Lets the state evolve by the events of its stream, from the one after its version on. Errors:
 * those of misas_repository_load, but for MISAS_ERROR_AGGREGATE_NOT_FOUND. */
misas_error *misas__aggregate_read(misas_aggregate *aggregate, misas_event_store *store);

/** Whether the stream of an aggregate is there. */
misas_error *misas__aggregate_exists(bool *out, const misas_aggregate_type *type,
                                     misas_event_store *store, const char *id);

/** Forgets what was recorded but for the first `count` events. */
void misas__aggregate_keep_uncommitted(misas_aggregate *aggregate, size_t count);

/** What was recorded was saved, and the stream now has this version. */
void misas__aggregate_committed(misas_aggregate *aggregate, uint64_t version);

misas_error *misas__aggregate_not_found(const misas_aggregate_type *type, const char *id);
misas_error *misas__aggregate_already_exists(const misas_aggregate_type *type, const char *id);

/** That an aggregate's state is spoilt. */
misas_error *misas__aggregate_spoilt(const misas_aggregate *aggregate);

/** As misas_aggregate_new checks it, and the same texts. Errors: MISAS_ERROR_AGGREGATE_INVALID. */
misas_error *misas__aggregate_check_id(const char *id);

/** "<name>-<id>"; freed with free(). NULL when there is no memory. */
char *misas__aggregate_stream_name(const misas_aggregate_type *type, const char *id);

#endif
