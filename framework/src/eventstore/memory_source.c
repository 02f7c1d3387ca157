#include <stdlib.h>
#include <string.h>

#include "clock/deadline.h"
#include "eventstore/memory_store.h"
#include "text/names.h"

typedef struct memory_source {
    misas__event_source base;
    misas__memory_store *store;
    char *stream; /* NULL: $all */
    const char **select_types;
    const char **exclude_types;
    char *correlation_id;
    bool is_backward;
    bool is_following;
    bool is_stopped; /* guarded by the store's mutex */
    uint64_t next;   /* the version or position to look at next; 0: before the first, backward */
    uint64_t end;    /* of a reader going forward: the last to look at */
    uint64_t remaining;
    misas_event *current;
} memory_source;

/* The event of this position or version, or NULL; `*at` moves over those that are not there. */
static const misas_event *look_at(const memory_source *source)
{
    const misas__memory_log *log = &source->store->log;

    if (source->stream == NULL) {
        return source->next > log->base && source->next <= log->base + log->count
                   ? log->events[source->next - log->base - 1]
                   : NULL;
    }
    const misas__memory_stream *stream = misas__memory_log_stream(log, source->stream);

    if (stream == NULL || stream->count == 0 || source->next < stream->events[0]->version ||
        source->next > stream->last_version) {
        return NULL;
    }
    return stream->events[source->next - stream->events[0]->version];
}

static uint64_t last_there_is(const memory_source *source)
{
    const misas__memory_log *log = &source->store->log;

    if (source->stream == NULL) {
        return misas__memory_log_last_position(log);
    }
    const misas__memory_stream *stream = misas__memory_log_stream(log, source->stream);

    return stream != NULL ? stream->last_version : 0;
}

static bool passes(const memory_source *source, const misas_event *event)
{
    const char *correlation_id = event->metadata.correlation_id;

    return misas__names_pass(source->select_types, source->exclude_types, event->type) &&
           (source->correlation_id == NULL ||
            (correlation_id != NULL && strcmp(correlation_id, source->correlation_id) == 0));
}

static bool is_at_end(const memory_source *source)
{
    if (source->is_backward) {
        return source->next == 0;
    }
    return source->next > (source->is_following ? last_there_is(source) : source->end);
}

static const misas_event *find_next(memory_source *source)
{
    while (!is_at_end(source)) {
        const misas_event *event = look_at(source);

        source->next = source->is_backward ? source->next - 1 : source->next + 1;
        if (event != NULL && passes(source, event)) {
            return event;
        }
    }
    return NULL;
}

static const misas_event *wait_for_next(memory_source *source, int timeout_ms)
{
    struct timespec deadline = misas__deadline_after_ms(timeout_ms);
    const misas_event *event = NULL;
    int waited = 0;

    while (!source->is_stopped && event == NULL && waited == 0) {
        event = find_next(source);
        if (event == NULL) {
            waited =
                pthread_cond_timedwait(&source->store->appended, &source->store->mutex, &deadline);
        }
    }
    return event;
}

static misas_error *next(const misas_event **out, misas__event_source *base, int timeout_ms)
{
    memory_source *source = (memory_source *)base;
    misas_error *error = NULL;

    free(source->current);
    source->current = NULL;
    pthread_mutex_lock(&source->store->mutex);
    const misas_event *event = source->is_following    ? wait_for_next(source, timeout_ms)
                               : source->remaining > 0 ? find_next(source)
                                                       : NULL;
    if (event != NULL) {
        source->remaining--;
        error = misas_event_copy(&source->current, event);
    }
    pthread_mutex_unlock(&source->store->mutex);
    *out = source->current;
    return error;
}

static uint64_t settled(const misas__event_source *base)
{
    const memory_source *source = (const memory_source *)base;

    return source->next - 1;
}

static void stop(misas__event_source *base)
{
    memory_source *source = (memory_source *)base;

    pthread_mutex_lock(&source->store->mutex);
    source->is_stopped = true;
    pthread_cond_broadcast(&source->store->appended);
    pthread_mutex_unlock(&source->store->mutex);
}

static void free_source(misas__event_source *base)
{
    memory_source *source = (memory_source *)base;

    free(source->stream);
    free(source->select_types);
    free(source->exclude_types);
    free(source->correlation_id);
    free(source->current);
    free(source);
}

static const misas__event_source_functions functions = {next, settled, stop, free_source};

static bool copy_query(memory_source *source, const misas__event_query *query)
{
    source->select_types = misas__names_copy(query->select_types);
    source->exclude_types = misas__names_copy(query->exclude_types);
    source->stream = query->stream != NULL ? strdup(query->stream) : NULL;
    source->correlation_id = query->correlation_id != NULL ? strdup(query->correlation_id) : NULL;
    return (source->select_types == NULL) == (query->select_types == NULL) &&
           (source->exclude_types == NULL) == (query->exclude_types == NULL) &&
           (source->stream == NULL) == (query->stream == NULL) &&
           (source->correlation_id == NULL) == (query->correlation_id == NULL);
}

static memory_source *source_new(misas__memory_store *store, const misas__event_query *query)
{
    memory_source *source = calloc(1, sizeof *source);

    if (source == NULL) {
        return NULL;
    }
    source->base.functions = &functions;
    source->store = store;
    source->is_backward = query->direction == MISAS_BACKWARD;
    source->remaining = query->limit > 0 ? query->limit : UINT64_MAX;
    source->next = query->from > 0 ? query->from : 1;
    if (!copy_query(source, query)) {
        free_source(&source->base);
        return NULL;
    }
    return source;
}

misas_error *misas__memory_source_follow(misas__event_source **out, void *self,
                                         const misas__event_query *query)
{
    memory_source *source = source_new(self, query);

    if (source == NULL) {
        return misas_error_out_of_memory();
    }
    source->is_following = true;
    *out = &source->base;
    return NULL;
}

misas_error *misas__memory_source_read(misas__event_source **out, void *self,
                                       const misas__event_query *query)
{
    misas__memory_store *store = self;
    memory_source *source = source_new(store, query);

    if (source == NULL) {
        return misas_error_out_of_memory();
    }
    pthread_mutex_lock(&store->mutex);
    source->end = last_there_is(source);
    pthread_mutex_unlock(&store->mutex);
    if (source->is_backward && (query->from == 0 || query->from > source->end)) {
        source->next = source->end;
    }
    *out = &source->base;
    return NULL;
}
