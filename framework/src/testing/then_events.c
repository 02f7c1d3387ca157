/* The steps that look at what was recorded. */
#include <stdlib.h>
#include <string.h>

#include "memory/growth.h"
#include "testing/example.h"
#include "testing/scenario.h"

/* Events that were recorded. */
typedef struct recorded {
    misas_event **items;
    size_t count;
    size_t capacity;
} recorded;

static void free_recorded(recorded *events)
{
    for (size_t i = 0; i < events->count; i++) {
        free(events->items[i]);
    }
    free(events->items);
}

static misas_error *keep_event(recorded *to, const misas_event *event)
{
    misas_event **items = misas__grow(to->items, to->count, &to->capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    to->items = items;
    misas_error *error = misas_event_copy(&items[to->count], event);

    to->count += error == NULL ? 1 : 0;
    return error;
}

/* What the store has noted for itself, and commands, are no events of the system. */
static bool is_of(const misas_event *event, const char *stream)
{
    return event->stream[0] != '$' &&
           (strcmp(stream, MISAS_ALL_STREAMS) == 0 || strcmp(stream, event->stream) == 0);
}

static misas_error *collect(recorded *out, misas_scenario *scenario, const char *stream)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;
    misas_error *error = misas_event_store_read_all(
        &reader, misas_storage_event_store(misas_system_storage(scenario->system)),
        &(misas_read_options){.from = scenario->mark + 1});

    do {
        if (error == NULL) {
            error = misas_event_reader_next(&event, reader);
        }
        if (error == NULL && event != NULL && is_of(event, stream)) {
            error = keep_event(out, event);
        }
    } while (error == NULL && event != NULL);
    misas_event_reader_free(reader);
    return error;
}

static misas__found_message content_of(const misas_event *event)
{
    return (misas__found_message){event->type, event->type_version, event->payload,
                                  event->payload_size};
}

static void append_place(misas__text *text, size_t index)
{
    misas__text_append_format(text, "%sevent %zu: ", text->size > 0 ? "; " : "", index + 1);
}

static misas_error *compare_at(misas__text *text, size_t index, const misas_example *expected,
                               const misas_event *event)
{
    misas__text differences = {0};
    const misas__found_message found = content_of(event);
    size_t count = 0;
    misas_error *error = misas__example_compare(&count, &differences, expected, &found);

    if (error == NULL && count > 0) {
        append_place(text, index);
        misas__text_append(text, differences.bytes, differences.size);
    }
    misas__text_free(&differences);
    return error;
}

static misas_error *missing_at(misas__text *text, size_t index, const misas_example *expected)
{
    append_place(text, index);
    misas__text_append_string(text, "expected ");
    misas_error *error = misas__example_describe(text, expected);

    misas__text_append_string(text, ", found none");
    return error;
}

static misas_error *compare_exactly(misas__text *text, const recorded *found,
                                    const misas_example *expected)
{
    misas_error *error = NULL;
    size_t i = 0;

    for (; expected[i].type != NULL && error == NULL; i++) {
        error = i < found->count ? compare_at(text, i, &expected[i], found->items[i])
                                 : missing_at(text, i, &expected[i]);
    }
    for (; i < found->count && error == NULL; i++) {
        append_place(text, i);
        misas__text_append_format(text, "expected none, found %s in %s", found->items[i]->type,
                                  found->items[i]->stream);
    }
    return error;
}

/* An event that was recorded, and what is different in it. */
typedef struct candidate {
    size_t index;
    size_t difference_count;
    misas__text differences;
} candidate;

static void replace(candidate *best, candidate *by)
{
    misas__text_free(&best->differences);
    *best = *by;
    by->differences = (misas__text){0};
}

/* The event, of those that were not taken yet, that is most like the example. */
static misas_error *find_nearest(candidate *best, const recorded *found, const bool *taken,
                                 const misas_example *expected)
{
    misas_error *error = NULL;

    *best = (candidate){.index = found->count, .difference_count = SIZE_MAX};
    for (size_t i = 0; i < found->count && error == NULL; i++) {
        candidate next = {.index = i};
        const misas__found_message content = content_of(found->items[i]);

        if (taken[i] || strcmp(content.type, misas__example_name(expected)) != 0) {
            continue;
        }
        error =
            misas__example_compare(&next.difference_count, &next.differences, expected, &content);
        if (error == NULL && next.difference_count < best->difference_count) {
            replace(best, &next);
        }
        misas__text_free(&next.differences);
    }
    return error;
}

static misas_error *find_one(misas__text *text, const recorded *found, bool *taken,
                             const misas_example *expected)
{
    candidate best;
    misas_error *error = find_nearest(&best, found, taken, expected);

    if (error == NULL && best.difference_count == 0) {
        taken[best.index] = true;
    } else if (error == NULL) {
        misas__text_append_string(text, text->size > 0 ? "; expected " : "expected ");
        error = misas__example_describe(text, expected);
        misas__text_append_string(text, ", found none");
        if (best.index < found->count) {
            misas__text_append_format(text, "; the most like it is event %zu: ", best.index + 1);
            misas__text_append(text, best.differences.bytes, best.differences.size);
        }
    }
    misas__text_free(&best.differences);
    return error;
}

static misas_error *compare_contained(misas__text *text, const recorded *found,
                                      const misas_example *expected)
{
    bool *taken = calloc(found->count + 1, sizeof *taken);
    misas_error *error = taken == NULL ? misas_error_out_of_memory() : NULL;

    for (size_t i = 0; expected[i].type != NULL && error == NULL; i++) {
        error = find_one(text, found, taken, &expected[i]);
    }
    free(taken);
    return error;
}

typedef misas_error *(*comparing)(misas__text *text, const recorded *found,
                                  const misas_example *expected);

static misas_error *look(misas_scenario *scenario, const char *stream,
                         const misas_example *expected, comparing compare)
{
    recorded found = {0};
    misas__text text = {0};
    misas_error *error = collect(&found, scenario, stream);

    if (error == NULL) {
        error = compare(&text, &found, expected);
    }
    if (error == NULL && (text.size > 0 || text.failed)) {
        error = misas__not_as_expected(&text);
    }
    misas__text_free(&text);
    free_recorded(&found);
    return error;
}

void misas_scenario_then_has_exactly(misas_scenario *scenario, const char *stream,
                                     const misas_example *events)
{
    if (misas__scenario_begin_step(scenario, MISAS__THEN, "then %s has exactly these", stream)) {
        misas__scenario_end_step(scenario, look(scenario, stream, events, compare_exactly));
    }
}

void misas_scenario_then_contains(misas_scenario *scenario, const char *stream,
                                  const misas_example *events)
{
    if (misas__scenario_begin_step(scenario, MISAS__THEN, "then %s contains these", stream)) {
        misas__scenario_end_step(scenario, look(scenario, stream, events, compare_contained));
    }
}

void misas_scenario_then_has_none(misas_scenario *scenario, const char *stream)
{
    static const misas_example none[] = {{NULL, NULL}};

    if (misas__scenario_begin_step(scenario, MISAS__THEN, "then %s has none", stream)) {
        misas__scenario_end_step(scenario, look(scenario, stream, none, compare_exactly));
    }
}
