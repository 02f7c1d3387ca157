#define _GNU_SOURCE /* tdestroy */
#include "eventstore/memory_log.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare_streams(const void *left, const void *right)
{
    const misas__memory_stream *a = left;
    const misas__memory_stream *b = right;

    return strcmp(a->name, b->name);
}

static int compare_ids(const void *left, const void *right)
{
    const misas_event *a = left;
    const misas_event *b = right;

    return memcmp(a->id.bytes, b->id.bytes, sizeof a->id.bytes);
}

uint64_t misas__memory_log_last_position(const misas__memory_log *log)
{
    return log->base + log->count;
}

misas__memory_stream *misas__memory_log_stream(const misas__memory_log *log, const char *name)
{
    const misas__memory_stream key = {.name = (char *)(uintptr_t)name};
    void *found = tfind(&key, &log->streams, compare_streams);

    return found != NULL ? *(misas__memory_stream **)found : NULL;
}

const misas_event *misas__memory_log_find(const misas__memory_log *log, misas_uuid id)
{
    const misas_event key = {.id = id};
    void *found = tfind(&key, &log->ids, compare_ids);

    return found != NULL ? *(misas_event **)found : NULL;
}

void misas__memory_stream_info(misas_stream_info *out, const misas__memory_stream *stream)
{
    *out = (misas_stream_info){0};
    if (stream == NULL) {
        return;
    }
    out->exists = stream->exists;
    out->was_deleted = stream->was_deleted;
    out->last_version = stream->last_version;
    if (stream->count > 0) {
        out->first_version = stream->events[0]->version;
        out->last_position = stream->events[stream->count - 1]->position;
    }
}

static void free_stream(void *memory)
{
    misas__memory_stream *stream = memory;

    if (stream != NULL) {
        free(stream->name);
        free(stream->events);
        free(stream);
    }
}

static misas__memory_stream *get_or_add_stream(misas__memory_log *log, const char *name)
{
    misas__memory_stream *stream = misas__memory_log_stream(log, name);

    if (stream != NULL) {
        return stream;
    }
    stream = calloc(1, sizeof *stream);
    if (stream != NULL) {
        stream->name = strdup(name);
    }
    if (stream == NULL || stream->name == NULL ||
        tsearch(stream, &log->streams, compare_streams) == NULL) {
        free_stream(stream);
        return NULL;
    }
    return stream;
}

/* Makes room for one more pointer. */
static bool grow(misas_event ***events, size_t count, size_t *capacity)
{
    if (count < *capacity) {
        return true;
    }
    size_t larger = *capacity > 0 ? 2 * *capacity : 8;
    misas_event **moved = realloc(*events, larger * sizeof **events);

    if (moved == NULL) {
        return false;
    }
    *events = moved;
    *capacity = larger;
    return true;
}

misas_error *misas__memory_log_append(misas__memory_log *log, const char *stream_name,
                                      const misas_new_event *event, int64_t recorded_at_us)
{
    misas__memory_stream *stream = get_or_add_stream(log, stream_name);

    if (stream == NULL || !grow(&log->events, log->count, &log->capacity) ||
        !grow(&stream->events, stream->count, &stream->capacity)) {
        return misas_error_out_of_memory();
    }
    misas_event *kept = NULL;
    misas_error *error =
        misas_event_copy(&kept, &(misas_event){.position = misas__memory_log_last_position(log) + 1,
                                               .stream = stream_name,
                                               .version = stream->last_version + 1,
                                               .id = event->id,
                                               .type = event->type,
                                               .type_version = event->type_version,
                                               .recorded_at_us = recorded_at_us,
                                               .payload = event->payload,
                                               .payload_size = event->payload_size,
                                               .metadata = event->metadata,
                                               .part_count = 1});
    if (error != NULL) {
        return error;
    }
    if (tsearch(kept, &log->ids, compare_ids) == NULL) {
        free(kept);
        return misas_error_out_of_memory();
    }
    log->events[log->count++] = kept;
    stream->events[stream->count++] = kept;
    stream->last_version = kept->version;
    if (!stream->exists) {
        stream->began_at = kept->version;
    }
    stream->exists = true;
    stream->was_deleted = false;
    return NULL;
}

static void drop_event(misas__memory_log *log, misas_event *event)
{
    log->events[event->position - log->base - 1] = NULL;
    tdelete(event, &log->ids, compare_ids);
    free(event);
}

static void undo_newest(misas__memory_log *log)
{
    misas_event *newest = log->events[log->count - 1];
    misas__memory_stream *stream = misas__memory_log_stream(log, newest->stream);

    stream->count--;
    stream->last_version--;
    if (newest->version == stream->began_at) {
        stream->exists = false;
        stream->was_deleted = stream->last_version > 0;
    }
    drop_event(log, newest);
    log->count--;
}

void misas__memory_log_undo(misas__memory_log *log, size_t count)
{
    while (log->count > count) {
        undo_newest(log);
    }
}

void misas__memory_log_remove(misas__memory_log *log, misas__memory_stream *stream,
                              uint64_t before_version)
{
    size_t removed = 0;

    while (removed < stream->count && stream->events[removed]->version < before_version) {
        drop_event(log, stream->events[removed++]);
    }
    stream->count -= removed;
    if (removed > 0) {
        memmove(stream->events, stream->events + removed,
                stream->count * sizeof(stream->events[0]));
    }
}

static void keep_event(void *event)
{
    (void)event; /* the log frees it */
}

void misas__memory_log_clear(misas__memory_log *log)
{
    tdestroy(log->ids, keep_event);
    tdestroy(log->streams, free_stream);
    for (size_t i = 0; i < log->count; i++) {
        free(log->events[i]);
    }
    free(log->events);
    *log = (misas__memory_log){.base = misas__memory_log_last_position(log)};
}
