/** Private: the events of an in-memory store: one log, its streams, its ids. Not locked. */
#ifndef MISAS_SRC_EVENTSTORE_MEMORY_LOG_H
#define MISAS_SRC_EVENTSTORE_MEMORY_LOG_H

#include "misas/event_store.h"

/** A stream keeps its place for as long as the log lives, so that no version is given twice. */
typedef struct misas__memory_stream {
    char *name;
    misas_event **events; /* those that are there, by version; owned by the log */
    size_t count;
    size_t capacity;
    uint64_t last_version;
    uint64_t began_at; /* the version with which it came to exist, last time */
    bool exists;
    bool was_deleted;
} misas__memory_stream;

/** Starts zeroed. */
typedef struct misas__memory_log {
    misas_event **events; /* the one at index i has position base + i + 1; NULL: removed */
    size_t count;
    size_t capacity;
    uint64_t base; /* positions up to here were cleared */
    void *streams; /* a tree (tsearch) of misas__memory_stream by name */
    void *ids;     /* a tree of misas_event by id */
} misas__memory_log;

uint64_t misas__memory_log_last_position(const misas__memory_log *log);

/** NULL when there never was one. */
misas__memory_stream *misas__memory_log_stream(const misas__memory_log *log, const char *name);

/** NULL when there is no event of that id. */
const misas_event *misas__memory_log_find(const misas__memory_log *log, misas_uuid id);

void misas__memory_stream_info(misas_stream_info *out, const misas__memory_stream *stream);

/** Adds an event after the last of its stream and of the log; all or nothing. */
misas_error *misas__memory_log_append(misas__memory_log *log, const char *stream,
                                      const misas_new_event *event, int64_t recorded_at_us);

/** Takes back the newest events of the log until `count` are left: for an append that failed
 * half-way. */
void misas__memory_log_undo(misas__memory_log *log, size_t count);

/** Removes the events of a stream before a version. */
void misas__memory_log_remove(misas__memory_log *log, misas__memory_stream *stream,
                              uint64_t before_version);

/** Removes everything; the positions go on. */
void misas__memory_log_clear(misas__memory_log *log);

#endif
