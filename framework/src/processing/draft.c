#include "processing/draft.h"

#include <stdlib.h>
#include <string.h>

#include "memory/growth.h"

misas_error *misas__draft_add_handled(misas__draft *draft, const misas__handled *handled)
{
    misas__handled *items = misas__grow(draft->handled, draft->count.handled_count,
                                        &draft->handled_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    draft->handled = items;
    items[draft->count.handled_count++] = *handled;
    return NULL;
}

misas_error *misas__draft_add_command(misas__draft *draft, const misas_envelope *command)
{
    misas_envelope *items = misas__grow(draft->commands, draft->count.command_count,
                                        &draft->command_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    draft->commands = items;
    items[draft->count.command_count++] = *command;
    return NULL;
}

misas_error *misas__draft_add_prediction(misas__draft *draft,
                                         const misas__prediction_change *prediction)
{
    misas__prediction_change *items = misas__grow(draft->predictions, draft->count.prediction_count,
                                                  &draft->prediction_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    draft->predictions = items;
    items[draft->count.prediction_count++] = *prediction;
    return NULL;
}

static misas_error *keep_error(misas__dead_letter *out, misas__draft *draft, const misas_error *why)
{
    void *bytes = NULL;
    misas_error *error = misas_error_encode(&bytes, &out->error_size, why);

    if (error != NULL) {
        return error;
    }
    void *copy = misas__arena_allocate(&draft->arena, out->error_size);

    out->error = copy != NULL ? memcpy(copy, bytes, out->error_size) : NULL;
    free(bytes);
    return copy != NULL ? NULL : misas_error_out_of_memory();
}

misas_error *misas__draft_add_dead_letter(misas__draft *draft, const misas__dead_letter *letter,
                                          const misas_error *why)
{
    misas__dead_letter *items = misas__grow(draft->dead_letters, draft->count.dead_letter_count,
                                            &draft->dead_letter_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    draft->dead_letters = items;
    items[draft->count.dead_letter_count] = *letter;
    misas_error *error = keep_error(&items[draft->count.dead_letter_count], draft, why);

    draft->count.dead_letter_count += error == NULL ? 1 : 0;
    return error;
}

misas_error *misas__draft_add_fired(misas__draft *draft,
                                    const misas__prediction_reference *prediction)
{
    misas__prediction_reference *items =
        misas__grow(draft->fired, draft->count.fired_count, &draft->fired_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    draft->fired = items;
    items[draft->count.fired_count++] = *prediction;
    return NULL;
}

misas_error *misas__draft_touch(misas__draft *draft, const misas__draft_mark *mark,
                                misas__cached_aggregate *cached)
{
    for (size_t i = mark->touch_count; i < draft->count.touch_count; i++) {
        if (draft->touches[i].cached == cached) {
            return NULL;
        }
    }
    misas__touch *items = misas__grow(draft->touches, draft->count.touch_count,
                                      &draft->touch_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    draft->touches = items;
    items[draft->count.touch_count++] =
        (misas__touch){cached, cached->aggregate->uncommitted_count};
    cached->aggregate->uncommitted_of_others = cached->aggregate->uncommitted_count;
    cached->is_in_batch = true;
    return NULL;
}

void misas__draft_undo(misas__draft *draft, const misas__draft_mark *mark)
{
    size_t touch_count = draft->count.touch_count;

    for (size_t i = mark->touch_count; i < touch_count; i++) {
        misas__cached_aggregate *cached = draft->touches[i].cached;
        misas_aggregate *aggregate = cached->aggregate;

        if (aggregate->is_spoilt ||
            aggregate->uncommitted_count > draft->touches[i].uncommitted_before) {
            misas__aggregate_keep_uncommitted(aggregate, draft->touches[i].uncommitted_before);
            cached->is_spoilt = true;
        }
    }
    draft->count = *mark;
    draft->count.touch_count = touch_count;
    misas__working_documents_clear(&draft->documents);
}

static void evict_used(misas__draft *draft, misas__aggregate_cache *cache, bool was_written)
{
    for (size_t i = 0; i < draft->count.touch_count; i++) {
        misas__cached_aggregate *cached = draft->touches[i].cached;

        if (cached == NULL || !cached->is_in_batch) {
            continue;
        }
        cached->is_in_batch = false;
        cached->is_fresh = false;
        if (!was_written || cached->is_spoilt || cached->aggregate->version == 0) {
            for (size_t j = i + 1; j < draft->count.touch_count; j++) {
                if (draft->touches[j].cached == cached) {
                    draft->touches[j].cached = NULL;
                }
            }
            misas__aggregate_cache_evict(cache, cached);
        }
    }
}

void misas__draft_reset(misas__draft *draft, misas__aggregate_cache *cache, bool was_written)
{
    evict_used(draft, cache, was_written);
    misas__working_documents_clear(&draft->documents);
    draft->count = (misas__draft_mark){0};
    draft->checkpoint = NULL;
    draft->settled_dead_letters = NULL;
    draft->settled_dead_letter_count = 0;
    misas__arena_reset(&draft->arena);
}

void misas__draft_free(misas__draft *draft)
{
    free(draft->handled);
    free(draft->touches);
    free(draft->commands);
    free(draft->predictions);
    free(draft->dead_letters);
    free(draft->fired);
    misas__working_documents_free(&draft->documents);
    misas__arena_free(&draft->arena);
}
