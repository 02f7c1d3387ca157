#include "eventstore/delivery.h"

#include <stdlib.h>

#include "clock/monotonic.h"
#include "text/names.h"

/* Types change on the way: the backend is asked for every stored type that may become a wanted one,
 * and what comes of it is filtered again here, which also moves the limit here. */
static misas_error *translate_filter(misas__delivery *delivery, misas__event_query *query,
                                     const char ***out_stored_types)
{
    misas_error *error = NULL;

    if (query->select_types != NULL) {
        delivery->select_types = misas__names_copy(query->select_types);
        error = misas__upcasters_stored_types(out_stored_types, delivery->upcasters,
                                              query->select_types, MISAS__MAY_BECOME_ANY_OF);
        query->select_types = *out_stored_types;
    } else if (query->exclude_types != NULL) {
        delivery->exclude_types = misas__names_copy(query->exclude_types);
        error = misas__upcasters_stored_types(out_stored_types, delivery->upcasters,
                                              query->exclude_types, MISAS__BECOME_ONLY);
        query->exclude_types = *out_stored_types;
    } else {
        return NULL;
    }
    if (error == NULL && delivery->select_types == NULL && delivery->exclude_types == NULL) {
        error = misas_error_out_of_memory();
    }
    return error;
}

static misas_error *open_source(misas__delivery *delivery, const misas__delivery_options *options)
{
    misas__event_query query = options->query;
    const char **stored_types = NULL;
    misas_error *error = NULL;

    if (!misas__upcasters_are_none(options->upcasters)) {
        error = translate_filter(delivery, &query, &stored_types);
        query.limit = 0;
    }
    if (error == NULL && options->is_following) {
        error = options->backend->follow(&delivery->source, options->self, &query);
    } else if (error == NULL) {
        error = options->backend->read(&delivery->source, options->self, &query);
    }
    free(stored_types);
    return error;
}

misas_error *misas__delivery_start(misas__delivery *delivery,
                                   const misas__delivery_options *options)
{
    *delivery = (misas__delivery){
        .upcasters = options->upcasters,
        .is_backward = options->query.direction == MISAS_BACKWARD,
        .is_limited = options->query.limit > 0,
        .remaining = options->query.limit,
    };
    misas_error *error = open_source(delivery, options);

    if (error != NULL) {
        misas__delivery_end(delivery);
    }
    return error;
}

static bool passes(const misas__delivery *delivery, const misas_event *event)
{
    return misas__names_pass(delivery->select_types, delivery->exclude_types, event->type);
}

static const misas_event *next_part(misas__delivery *delivery)
{
    if (delivery->parts_given == delivery->parts.count) {
        return NULL;
    }
    size_t given = delivery->parts_given++;
    size_t index = delivery->is_backward ? delivery->parts.count - 1 - given : given;

    return &delivery->parts.events[index];
}

/* Takes a stored event apart and keeps the parts that are wanted: the last of them settles it. */
static misas_error *take_apart(misas__delivery *delivery, const misas_event *stored)
{
    misas__upcasted *parts = &delivery->parts;
    misas_error *error = misas__upcasters_apply(parts, delivery->upcasters, stored);
    size_t kept = 0;

    for (size_t i = 0; i < parts->count; i++) {
        if (passes(delivery, &parts->events[i])) {
            parts->events[kept++] = parts->events[i];
        }
    }
    parts->count = kept;
    return error;
}

/* Gives the next stored event itself, or NULL in `out` when it was taken apart, or there is none.
 */
static misas_error *next_stored(const misas_event **out, bool *out_is_end,
                                misas__delivery *delivery, int timeout_ms)
{
    const misas_event *stored = NULL;

    delivery->before_parts = delivery->source->functions->settled(delivery->source);
    misas__upcasted_clear(&delivery->parts);
    delivery->parts_given = 0;
    *out = NULL;
    misas_error *error = delivery->source->functions->next(&stored, delivery->source, timeout_ms);

    *out_is_end = stored == NULL;
    if (error == NULL && stored != NULL && misas__upcasters_take(delivery->upcasters, stored)) {
        error = take_apart(delivery, stored);
    } else if (error == NULL && stored != NULL && passes(delivery, stored)) {
        *out = stored;
    }
    delivery->has_failed = error != NULL;
    return error;
}

/* Asks for the time only where there is a deadline: readers come here for every event. */
static int milliseconds_left(int64_t deadline_ms)
{
    int64_t left_ms = deadline_ms > 0 ? deadline_ms - misas__monotonic_ms() : 0;

    return left_ms > 0 ? (int)left_ms : 0;
}

misas_error *misas__delivery_next(const misas_event **out, misas__delivery *delivery,
                                  int timeout_ms)
{
    int64_t deadline_ms = timeout_ms > 0 ? misas__monotonic_ms() + timeout_ms : 0;
    bool is_end = delivery->is_limited && delivery->remaining == 0;
    misas_error *error = NULL;

    *out = is_end ? NULL : next_part(delivery);
    while (*out == NULL && !is_end && error == NULL) {
        error = next_stored(out, &is_end, delivery, milliseconds_left(deadline_ms));
        if (*out == NULL && error == NULL) {
            *out = next_part(delivery);
        }
    }
    if (*out != NULL) {
        delivery->remaining--;
    }
    return error;
}

uint64_t misas__delivery_settled(const misas__delivery *delivery)
{
    bool is_between_parts = delivery->parts_given < delivery->parts.count;

    return is_between_parts || delivery->has_failed
               ? delivery->before_parts
               : delivery->source->functions->settled(delivery->source);
}

void misas__delivery_end(misas__delivery *delivery)
{
    if (delivery->source != NULL) {
        delivery->source->functions->free(delivery->source);
    }
    misas__upcasted_free(&delivery->parts);
    free(delivery->select_types);
    free(delivery->exclude_types);
}
