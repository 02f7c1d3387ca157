/** Private: what stands behind an event store. The store itself checks arguments, upcasts, and
 * filters by upcast type; a backend stores and finds. */
#ifndef MISAS_SRC_EVENTSTORE_BACKEND_H
#define MISAS_SRC_EVENTSTORE_BACKEND_H

#include "misas/event_store.h"

/** Which stored events to find. Everything pointed to lives for the call only. */
typedef struct misas__event_query {
    const char *stream; /* NULL: $all */
    misas_direction direction;
    uint64_t from;                   /* 0: from the end that the direction starts at */
    uint64_t limit;                  /* 0: none */
    const char *const *select_types; /* NULL: all; ends with NULL */
    const char *const *exclude_types;
    const char *correlation_id;
} misas__event_query;

typedef struct misas__event_source misas__event_source;

/** A row of stored events. The first member of each backend's own struct. */
typedef struct misas__event_source_functions {
    /* The next stored event, until the next call; NULL at the end, or, of a source that follows,
     * when there was none for `timeout_ms` or it was stopped. */
    misas_error *(*next)(const misas_event **out, misas__event_source *source, int timeout_ms);
    /* All up to here was given out or filtered out: a position, or the version in a stream. */
    uint64_t (*settled)(const misas__event_source *source);
    /* Of a source that follows; from any thread. */
    void (*stop)(misas__event_source *source);
    void (*free)(misas__event_source *source);
} misas__event_source_functions;

struct misas__event_source {
    const misas__event_source_functions *functions;
};

/** Appends come checked: names, sizes, ids given, streams in ascending order and each only once. */
typedef struct misas__event_store_backend {
    misas_error *(*append)(misas_append_result *out, void *self, const misas_append *appends,
                           size_t append_count);
    misas_error *(*read)(misas__event_source **out, void *self, const misas__event_query *query);
    /* A source that follows: `direction` and `limit` are not used. */
    misas_error *(*follow)(misas__event_source **out, void *self, const misas__event_query *query);
    misas_error *(*stream_info)(misas_stream_info *out, void *self, const char *stream);
    /* Removes the events before `before_version`; UINT64_MAX: deletes the stream. Both record it.
     */
    misas_error *(*remove)(void *self, const char *stream, uint64_t before_version,
                           misas_expected_version expected_version);
    misas_error *(*clear)(void *self);
    void (*free)(void *self);
} misas__event_store_backend;

/** Takes `self`, also when it fails. `options` may be NULL. */
misas_error *misas__event_store_new(misas_event_store **out,
                                    const misas__event_store_backend *backend, void *self,
                                    const misas_event_store_options *options);

#define MISAS__REMOVE_ALL UINT64_MAX

/** Whether `expected` fits a stream like this, and which version it then goes on from. */
bool misas__expected_version_fits(uint64_t *out_base, const misas_stream_info *info,
                                  misas_expected_version expected);

misas_error *misas__concurrency_error(const char *stream, misas_expected_version expected,
                                      const misas_stream_info *info);
misas_error *misas__event_id_conflict_error(const char *stream, misas_uuid id);
misas_error *misas__stream_not_found_error(const char *stream);

/** The event that records a truncation, or a deletion for MISAS__REMOVE_ALL; its payload is freed
 * with free(). */
misas_error *misas__removal_event(misas_new_event *out, const char *stream, uint64_t before_version,
                                  uint64_t last_version);

#endif
