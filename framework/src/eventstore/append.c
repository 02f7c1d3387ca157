#include <stdlib.h>
#include <string.h>

#include "eventstore/event_store.h"
#include "eventstore/validate.h"

static misas_error *check_append(const misas_event_store *store, const misas_append *append)
{
    misas_error *error = misas__check_own_stream(append->stream);

    if (error == NULL) {
        error = misas__check_expected_version(append->stream, append->expected_version);
    }
    if (error == NULL) {
        error = misas__check_events(append->stream, append->events, append->event_count,
                                    store->max_event_bytes);
    }
    return error;
}

/* An append as the backend takes it, and its place in the caller's list. */
typedef struct prepared_append {
    misas_append append; /* first, so that it can be sorted by stream */
    size_t index;
} prepared_append;

static int compare_streams(const void *left, const void *right)
{
    const prepared_append *a = left;
    const prepared_append *b = right;

    return strcmp(a->append.stream, b->append.stream);
}

static misas_error *sort_by_stream(prepared_append *prepared, size_t count)
{
    qsort(prepared, count, sizeof *prepared, compare_streams);
    for (size_t i = 1; i < count; i++) {
        if (compare_streams(&prepared[i - 1], &prepared[i]) == 0) {
            return misas__invalid_argument("stream", prepared[i].append.stream,
                                           "it is in the same call twice");
        }
    }
    return NULL;
}

/* Copies the events, with an id for each: an append that is repeated must have the same ids.
 * Returns how many ids came with the events. */
static size_t fill_events(misas_new_event *events, misas_append *append)
{
    size_t given = 0;

    for (size_t i = 0; i < append->event_count; i++) {
        events[i] = append->events[i];
        if (misas_uuid_is_none(events[i].id)) {
            events[i].id = misas_uuid_new_v7();
        } else {
            given++;
        }
        if (events[i].type_version == 0) {
            events[i].type_version = 1;
        }
    }
    append->events = events;
    return given;
}

static int compare_ids(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(misas_uuid));
}

/* Sorts the ids: two that are equal come to stand side by side. */
static misas_error *check_ids_differ(misas_uuid *ids, const misas_new_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ids[i] = events[i].id;
    }
    qsort(ids, count, sizeof *ids, compare_ids);
    for (size_t i = 1; i < count; i++) {
        if (misas_uuid_equal(ids[i - 1], ids[i])) {
            char text[MISAS_UUID_TEXT_SIZE];

            return misas__invalid_argument("id", misas_uuid_write(text, ids[i]),
                                           "two events of one call have it");
        }
    }
    return NULL;
}

/* What one call of misas_event_store_append_many needs, in one allocation. */
typedef struct append_plan {
    prepared_append *prepared;
    misas_append *appends;
    misas_append_result *results;
    misas_new_event *events;
    misas_uuid *ids; /* to compare them */
} append_plan;

static misas_error *plan_new(append_plan *plan, const misas_append *appends, size_t count)
{
    size_t event_count = 0;

    for (size_t i = 0; i < count; i++) {
        event_count += appends[i].event_count;
    }
    size_t size_of_one = sizeof *plan->prepared + sizeof *plan->appends + sizeof *plan->results;
    char *memory =
        malloc(count * size_of_one + event_count * (sizeof *plan->events + sizeof *plan->ids));
    if (memory == NULL) {
        return misas_error_out_of_memory();
    }
    plan->prepared = (prepared_append *)(void *)memory;
    plan->appends = (misas_append *)(plan->prepared + count);
    plan->results = (misas_append_result *)(plan->appends + count);
    plan->events = (misas_new_event *)(plan->results + count);
    plan->ids = (misas_uuid *)(plan->events + event_count);
    return NULL;
}

static misas_error *plan_fill(append_plan *plan, const misas_append *appends, size_t count)
{
    size_t filled = 0;
    size_t given = 0;

    for (size_t i = 0; i < count; i++) {
        plan->prepared[i] = (prepared_append){.append = appends[i], .index = i};
        given += fill_events(plan->events + filled, &plan->prepared[i].append);
        filled += appends[i].event_count;
    }
    misas_error *error = sort_by_stream(plan->prepared, count);

    if (error == NULL && given > 1) {
        error = check_ids_differ(plan->ids, plan->events, filled);
    }

    for (size_t i = 0; i < count; i++) {
        plan->appends[i] = plan->prepared[i].append;
    }
    return error;
}

misas_error *misas_event_store_append_many(misas_append_result *out, misas_event_store *store,
                                           const misas_append *appends, size_t append_count)
{
    append_plan plan;
    misas_error *error = NULL;

    if (append_count == 0) {
        return misas__invalid_argument("appends", NULL, "there are none");
    }
    for (size_t i = 0; i < append_count && error == NULL; i++) {
        error = check_append(store, &appends[i]);
    }
    if (error == NULL) {
        error = plan_new(&plan, appends, append_count);
    }
    if (error != NULL) {
        return error;
    }
    error = plan_fill(&plan, appends, append_count);
    if (error == NULL) {
        error = store->backend->append(plan.results, store->self, plan.appends, append_count);
    }
    for (size_t i = 0; i < append_count && error == NULL && out != NULL; i++) {
        out[plan.prepared[i].index] = plan.results[i];
    }
    free(plan.prepared);
    return error;
}

misas_error *misas_event_store_append(misas_append_result *out, misas_event_store *store,
                                      const char *stream, misas_expected_version expected_version,
                                      const misas_new_event *events, size_t event_count)
{
    const misas_append append = {stream, expected_version, events, event_count};

    return misas_event_store_append_many(out, store, &append, 1);
}
