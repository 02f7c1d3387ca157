#include <stdlib.h>
#include <string.h>

#include "processing/draft.h"

/* A draft as the transaction takes it; all of it in the draft's arena. */
typedef struct written {
    misas__batch_stream *streams;
    misas__cached_aggregate **aggregates; /* of the streams */
    misas__batch_event *events;
    misas__confirmation *confirmations;
    uint64_t *versions;
    size_t stream_count;
    size_t event_count;
    size_t confirmation_count;
} written;

static size_t count_events(const misas__draft *draft)
{
    size_t count = 0;

    for (size_t i = 0; i < draft->count.touch_count; i++) {
        const misas_aggregate *aggregate = draft->touches[i].cached->aggregate;

        count += aggregate->uncommitted_count - draft->touches[i].uncommitted_before;
    }
    return count;
}

/* Room for as much as there can be. */
static bool allocate(written *out, misas__draft *draft, size_t event_count)
{
    size_t touch_count = draft->count.touch_count;

    *out = (written){
        .streams = misas__arena_allocate(&draft->arena, touch_count * sizeof *out->streams),
        .aggregates = misas__arena_allocate(&draft->arena, touch_count * sizeof(void *)),
        .events = misas__arena_allocate(&draft->arena, event_count * sizeof *out->events),
        .confirmations =
            misas__arena_allocate(&draft->arena, touch_count * sizeof *out->confirmations),
        .versions = misas__arena_allocate(&draft->arena, touch_count * sizeof *out->versions),
    };
    return out->streams != NULL && out->aggregates != NULL && out->events != NULL &&
           out->confirmations != NULL && out->versions != NULL;
}

static void add_stream(written *to, misas__cached_aggregate *cached)
{
    const misas_aggregate *aggregate = cached->aggregate;

    to->aggregates[to->stream_count] = cached;
    to->streams[to->stream_count] =
        (misas__batch_stream){aggregate->stream, (misas_expected_version)aggregate->version};
    for (size_t i = 0; i < aggregate->uncommitted_count; i++) {
        to->events[to->event_count++] =
            (misas__batch_event){to->stream_count, aggregate->uncommitted[i]};
    }
    to->stream_count++;
}

/* Each aggregate once: what was recorded on it, or else that it still has this version. */
static void add_aggregate(written *to, misas__cached_aggregate *cached)
{
    const misas_aggregate *aggregate = cached->aggregate;

    if (!cached->is_in_batch) {
        return;
    }
    cached->is_in_batch = false;
    if (aggregate->uncommitted_count > 0) {
        add_stream(to, cached);
    } else if (!cached->is_fresh) {
        to->confirmations[to->confirmation_count++] =
            (misas__confirmation){aggregate->stream, aggregate->version};
    }
}

/* The ids of events ascend in the order in which they were recorded. */
static int compare_ids(const void *left, const void *right)
{
    const misas__batch_event *a = left;
    const misas__batch_event *b = right;

    return memcmp(&a->event.id, &b->event.id, sizeof a->event.id);
}

static void fill(written *out, const misas__draft *draft)
{
    for (size_t i = 0; i < draft->count.touch_count; i++) {
        add_aggregate(out, draft->touches[i].cached);
    }
    for (size_t i = 0; i < draft->count.touch_count; i++) {
        draft->touches[i].cached->is_in_batch = true;
    }
    qsort(out->events, out->event_count, sizeof *out->events, compare_ids);
}

/* Whoever loaded a document has begun the transaction. */
static misas_error *write_documents(misas__draft *draft, misas__transaction *transaction)
{
    return draft->documents.count > 0
               ? misas__working_documents_write(&draft->documents,
                                                transaction->functions->documents(transaction))
               : NULL;
}

misas_error *misas__draft_write(misas__draft *draft, misas__transaction *transaction)
{
    written all;

    if (!allocate(&all, draft, count_events(draft))) {
        return misas_error_out_of_memory();
    }
    misas_error *error = write_documents(draft, transaction);

    if (error != NULL) {
        return error;
    }
    fill(&all, draft);
    error = transaction->functions->write(
        all.versions, transaction,
        &(misas__batch){.handled = draft->handled,
                        .handled_count = draft->count.handled_count,
                        .confirmations = all.confirmations,
                        .confirmation_count = all.confirmation_count,
                        .streams = all.streams,
                        .stream_count = all.stream_count,
                        .events = all.events,
                        .event_count = all.event_count,
                        .commands = draft->commands,
                        .command_count = draft->count.command_count,
                        .predictions = draft->predictions,
                        .prediction_count = draft->count.prediction_count,
                        .fired = draft->fired,
                        .fired_count = draft->count.fired_count,
                        .checkpoint = draft->checkpoint,
                        .dead_letters = draft->dead_letters,
                        .dead_letter_count = draft->count.dead_letter_count,
                        .settled_dead_letters = draft->settled_dead_letters,
                        .settled_dead_letter_count = draft->settled_dead_letter_count});

    for (size_t i = 0; i < all.stream_count && error == NULL; i++) {
        misas__aggregate_committed(all.aggregates[i]->aggregate, all.versions[i]);
    }
    return error;
}
