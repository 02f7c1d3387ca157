#include "eventstore/memory_store.h"

#include <stdlib.h>
#include <string.h>

#include "clock/deadline.h"
#include "eventstore/event_store.h"
#include "eventstore/repetition.h"

static misas_error *check_ids(misas_append_result *out, bool *out_is_repeated,
                              const misas__memory_log *log, const misas_append *appends,
                              size_t append_count)
{
    misas__repetition repetition = {0};

    for (size_t i = 0; i < append_count; i++) {
        for (size_t j = 0; j < appends[i].event_count; j++) {
            const misas_event *event = misas__memory_log_find(log, appends[i].events[j].id);
            misas__event_place place = {0};

            if (event != NULL) {
                place = (misas__event_place){event->stream, event->version, event->position};
            }
            misas__repetition_add(&repetition, &out[i], &appends[i], j, &place);
        }
    }
    return misas__repetition_judge(out_is_repeated, &repetition);
}

static misas_error *check_version(const misas__memory_log *log, const char *stream,
                                  misas_expected_version expected)
{
    misas_stream_info info;
    uint64_t base = 0;

    misas__memory_stream_info(&info, misas__memory_log_stream(log, stream));
    return misas__expected_version_fits(&base, &info, expected)
               ? NULL
               : misas__concurrency_error(stream, expected, &info);
}

/* Whether all of it was appended before; if nothing was, the versions must be as expected. */
static misas_error *check_appends(misas_append_result *out, bool *out_is_repeated,
                                  const misas__memory_log *log, const misas_append *appends,
                                  size_t append_count)
{
    misas_error *error = check_ids(out, out_is_repeated, log, appends, append_count);

    for (size_t i = 0; i < append_count && error == NULL && !*out_is_repeated; i++) {
        error = check_version(log, appends[i].stream, appends[i].expected_version);
    }
    return error;
}

static misas_error *append_stream(misas_append_result *out, misas__memory_log *log,
                                  const misas_append *append, int64_t now_us)
{
    for (size_t i = 0; i < append->event_count; i++) {
        misas_error *error =
            misas__memory_log_append(log, append->stream, &append->events[i], now_us);

        if (error != NULL) {
            return error;
        }
    }
    *out = (misas_append_result){misas__memory_log_stream(log, append->stream)->last_version,
                                 misas__memory_log_last_position(log), false};
    return NULL;
}

static misas_error *append_locked(misas_append_result *out, misas__memory_store *store,
                                  const misas_append *appends, size_t append_count)
{
    size_t count_before = store->log.count;
    int64_t now_us = misas_clock_now_us(store->clock);
    bool is_repeated = false;
    misas_error *error = check_appends(out, &is_repeated, &store->log, appends, append_count);

    if (error != NULL || is_repeated) {
        return error;
    }
    for (size_t i = 0; i < append_count && error == NULL; i++) {
        error = append_stream(&out[i], &store->log, &appends[i], now_us);
    }
    if (error != NULL) {
        misas__memory_log_undo(&store->log, count_before);
    }
    return error;
}

static misas_error *append(misas_append_result *out, void *self, const misas_append *appends,
                           size_t append_count)
{
    misas__memory_store *store = self;

    pthread_mutex_lock(&store->mutex);
    misas_error *error = append_locked(out, store, appends, append_count);

    pthread_cond_broadcast(&store->appended);
    pthread_mutex_unlock(&store->mutex);
    return error;
}

static misas_error *check_batch(const misas__memory_log *log, const misas__event_batch *batch)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < batch->stream_count && error == NULL; i++) {
        error = check_version(log, batch->streams[i].stream, batch->streams[i].expected);
    }
    for (size_t i = 0; i < batch->event_count && error == NULL; i++) {
        const misas__batch_event *each = &batch->events[i];

        if (misas__memory_log_find(log, each->event.id) != NULL) {
            error = misas__event_id_conflict_error(batch->streams[each->stream_index].stream,
                                                   each->event.id);
        }
    }
    return error;
}

static misas_error *append_batch_locked(uint64_t *out, misas__memory_store *store,
                                        const misas__event_batch *batch)
{
    misas__memory_log *log = &store->log;
    size_t count_before = log->count;
    int64_t now_us = misas_clock_now_us(store->clock);
    misas_error *error = check_batch(log, batch);

    memset(out, 0, batch->stream_count * sizeof *out);
    for (size_t i = 0; i < batch->event_count && error == NULL; i++) {
        const misas__batch_event *each = &batch->events[i];
        const char *stream = batch->streams[each->stream_index].stream;

        error = misas__memory_log_append(log, stream, &each->event, now_us);
        if (error == NULL) {
            out[each->stream_index] = log->events[log->count - 1]->version;
        }
    }
    if (error != NULL) {
        misas__memory_log_undo(log, count_before);
    }
    return error;
}

misas_error *misas__memory_append_batch(uint64_t *out_versions, misas__memory_store *store,
                                        const misas__event_batch *batch)
{
    pthread_mutex_lock(&store->mutex);
    misas_error *error = append_batch_locked(out_versions, store, batch);

    pthread_cond_broadcast(&store->appended);
    pthread_mutex_unlock(&store->mutex);
    return error;
}

misas__memory_store *misas__memory_store_of(const misas_event_store *store)
{
    return store->self;
}

static misas_error *stream_info(misas_stream_info *out, void *self, const char *stream)
{
    misas__memory_store *store = self;

    pthread_mutex_lock(&store->mutex);
    misas__memory_stream_info(out, misas__memory_log_stream(&store->log, stream));
    pthread_mutex_unlock(&store->mutex);
    return NULL;
}

/* The record comes first: it is what can fail. */
static misas_error *record_removal(misas__memory_store *store, const misas__memory_stream *stream,
                                   uint64_t before_version)
{
    misas_new_event record;
    misas_error *error =
        misas__removal_event(&record, stream->name, before_version, stream->last_version);

    if (error != NULL) {
        return error;
    }
    error = misas__memory_log_append(&store->log, MISAS_SYSTEM_STREAM, &record,
                                     misas_clock_now_us(store->clock));
    free((void *)(uintptr_t)record.payload);
    return error;
}

static misas_error *remove_locked(misas__memory_store *store, const char *name,
                                  uint64_t before_version, misas_expected_version expected)
{
    misas__memory_stream *stream = misas__memory_log_stream(&store->log, name);
    misas_stream_info info;
    uint64_t base = 0;

    misas__memory_stream_info(&info, stream);
    if (!info.exists) {
        return misas__stream_not_found_error(name);
    }
    if (!misas__expected_version_fits(&base, &info, expected)) {
        return misas__concurrency_error(name, expected, &info);
    }
    misas_error *error = record_removal(store, stream, before_version);
    if (error != NULL) {
        return error;
    }
    misas__memory_log_remove(&store->log, stream, before_version);
    stream->exists = before_version != MISAS__REMOVE_ALL;
    stream->was_deleted = !stream->exists;
    return NULL;
}

static misas_error *remove_events(void *self, const char *stream, uint64_t before_version,
                                  misas_expected_version expected_version)
{
    misas__memory_store *store = self;

    pthread_mutex_lock(&store->mutex);
    misas_error *error = remove_locked(store, stream, before_version, expected_version);

    pthread_cond_broadcast(&store->appended);
    pthread_mutex_unlock(&store->mutex);
    return error;
}

static misas_error *clear(void *self)
{
    misas__memory_store *store = self;

    pthread_mutex_lock(&store->mutex);
    misas__memory_log_clear(&store->log);
    pthread_mutex_unlock(&store->mutex);
    return NULL;
}

static void free_store(void *self)
{
    misas__memory_store *store = self;

    misas__memory_log_clear(&store->log);
    pthread_cond_destroy(&store->appended);
    pthread_mutex_destroy(&store->mutex);
    free(store);
}

static const misas__event_store_backend backend = {
    .append = append,
    .read = misas__memory_source_read,
    .follow = misas__memory_source_follow,
    .stream_info = stream_info,
    .remove = remove_events,
    .clear = clear,
    .free = free_store,
};

misas_error *misas_event_store_new_memory(misas_event_store **out,
                                          const misas_event_store_options *options)
{
    misas__memory_store *store = calloc(1, sizeof *store);

    if (store == NULL) {
        return misas_error_out_of_memory();
    }
    pthread_mutex_init(&store->mutex, NULL);
    misas__condition_init(&store->appended);
    store->clock = options != NULL ? options->clock : NULL;
    return misas__event_store_new(out, &backend, store, options);
}
