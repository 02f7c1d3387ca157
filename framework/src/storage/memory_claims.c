#include <stdlib.h>
#include <string.h>

#include "clock/monotonic.h"
#include "misas/clock.h"
#include "storage/memory_storage.h"

/* What is in a heap is the first member of a prediction. */
static misas__kept_prediction *first_of(const misas__time_heap *heap)
{
    return (misas__kept_prediction *)misas__time_heap_first(heap);
}

static void end_claim(misas__predictions *predictions, misas__kept_prediction *kept)
{
    misas__time_heap_remove(&predictions->claimed, &kept->timed);
    kept->is_claimed = false;
    kept->timed.time = kept->prediction.due_at_us;
    misas__time_heap_add(&predictions->waiting, &kept->timed);
}

static void begin_claim(misas__predictions *predictions, misas__kept_prediction *kept,
                        int64_t until_ms)
{
    misas__time_heap_remove(&predictions->waiting, &kept->timed);
    kept->is_claimed = true;
    kept->timed.time = until_ms;
    misas__time_heap_add(&predictions->claimed, &kept->timed);
}

static void end_old_claims(misas__predictions *predictions, int64_t now_ms)
{
    misas__kept_prediction *first = first_of(&predictions->claimed);

    while (first != NULL && first->timed.time <= now_ms) {
        end_claim(predictions, first);
        first = first_of(&predictions->claimed);
    }
}

/* Predictions that were claimed just now, with room for their copies. */
typedef struct claimed {
    misas__kept_prediction **kept;
    misas__prediction *copies;
    size_t count;
    misas__kept_prediction *passed; /* due as well, but of other types */
} claimed;

static bool is_wanted(const misas__claim *claim, const misas__kept_prediction *kept)
{
    bool is_wanted = claim->types == NULL;

    for (size_t i = 0; !is_wanted && claim->types[i] != NULL; i++) {
        is_wanted = strcmp(claim->types[i], kept->prediction.type) == 0;
    }
    return is_wanted;
}

static void take(claimed *out, misas__kept_prediction *kept)
{
    out->copies[out->count].is_suspect = kept->attempts > 0;
    kept->attempts = kept->attempts > 0 ? kept->attempts : 1;
    out->kept[out->count++] = kept;
}

/* Those passed are taken out meanwhile. */
static void take_due(claimed *out, misas__predictions *predictions, const misas__claim *claim,
                     size_t most)
{
    int64_t until_ms = misas__monotonic_ms() + claim->claim_ms;
    misas__kept_prediction *first = first_of(&predictions->waiting);

    while (out->count < most && first != NULL && first->timed.time <= claim->now_us) {
        if (is_wanted(claim, first)) {
            begin_claim(predictions, first, until_ms);
            take(out, first);
        } else {
            misas__time_heap_remove(&predictions->waiting, &first->timed);
            first->next_passed = out->passed;
            out->passed = first;
        }
        first = first_of(&predictions->waiting);
    }
    for (misas__kept_prediction *each = out->passed; each != NULL; each = each->next_passed) {
        misas__time_heap_add(&predictions->waiting, &each->timed);
    }
}

static misas_error *copy_all(const claimed *to, misas__arena *arena)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < to->count && error == NULL; i++) {
        const misas__prediction taken = {.content = to->kept[i]->prediction,
                                         .added_at_us = to->kept[i]->added_at_us,
                                         .is_suspect = to->copies[i].is_suspect};

        error = misas__prediction_copy(&to->copies[i], arena, &taken);
    }
    return error;
}

static misas_error *claim_locked(claimed *out, misas__predictions *predictions,
                                 const misas__claim *claim, misas__arena *arena)
{
    end_old_claims(predictions, misas__monotonic_ms());
    size_t waiting = predictions->waiting.count;
    size_t most = claim->max < waiting ? claim->max : waiting;

    out->kept = misas__arena_allocate(arena, most * sizeof(misas__kept_prediction *));
    out->copies = misas__arena_allocate(arena, most * sizeof *out->copies);
    if (out->kept == NULL || out->copies == NULL) {
        return misas_error_out_of_memory();
    }
    take_due(out, predictions, claim, most);
    misas_error *error = copy_all(out, arena);

    for (size_t i = 0; i < out->count && error != NULL; i++) {
        end_claim(predictions, out->kept[i]);
    }
    return error;
}

misas_error *misas__memory_claim_predictions(const misas__prediction **out, size_t *out_count,
                                             misas_storage *storage, const misas__claim *claim,
                                             misas__arena *arena)
{
    misas__memory_storage *self = (misas__memory_storage *)storage;
    claimed taken = {.count = 0};

    pthread_mutex_lock(&self->mutex);
    misas_error *error = claim_locked(&taken, &self->predictions, claim, arena);

    pthread_mutex_unlock(&self->mutex);
    if (error == NULL) {
        *out = taken.copies;
        *out_count = taken.count;
    }
    return error;
}

static int compare_due(const void *left, const void *right)
{
    const misas__prediction *a = left;
    const misas__prediction *b = right;

    if (a->content.due_at_us != b->content.due_at_us) {
        return a->content.due_at_us < b->content.due_at_us ? -1 : 1;
    }
    return (a->added_at_us > b->added_at_us) - (a->added_at_us < b->added_at_us);
}

static misas_error *copy_heap(misas__prediction *out, const misas__time_heap *heap,
                              misas__arena *arena)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < heap->count && error == NULL; i++) {
        const misas__kept_prediction *kept = (const misas__kept_prediction *)heap->items[i];

        error = misas__prediction_copy(
            &out[i], arena,
            &(misas__prediction){.content = kept->prediction, .added_at_us = kept->added_at_us});
    }
    return error;
}

misas_error *misas__memory_list_predictions(const misas__prediction **out, size_t *out_count,
                                            misas_storage *storage, misas__arena *arena)
{
    misas__memory_storage *self = (misas__memory_storage *)storage;
    const misas__predictions *predictions = &self->predictions;

    pthread_mutex_lock(&self->mutex);
    size_t count = predictions->waiting.count + predictions->claimed.count;
    misas__prediction *copies = misas__arena_allocate(arena, (count + 1) * sizeof *copies);
    misas_error *error = copies != NULL ? copy_heap(copies, &predictions->waiting, arena)
                                        : misas_error_out_of_memory();

    if (error == NULL) {
        error = copy_heap(copies + predictions->waiting.count, &predictions->claimed, arena);
    }
    pthread_mutex_unlock(&self->mutex);
    if (error == NULL) {
        qsort(copies, count, sizeof *copies, compare_due);
        *out = copies;
        *out_count = count;
    }
    return error;
}

static void note_claim(misas__predictions *predictions, misas__kept_prediction *kept,
                       const misas__claim_note *note)
{
    if (kept->is_claimed) {
        end_claim(predictions, kept);
    }
    if (note->claim_ms > 0) {
        begin_claim(predictions, kept, misas__monotonic_ms() + note->claim_ms);
    }
    kept->attempts = note->are_answered ? 0 : kept->attempts + (note->is_attempt ? 1 : 0);
}

misas_error *misas__memory_note_claims(int32_t *out_attempts, misas_storage *storage,
                                       const misas__claim_note *note)
{
    misas__memory_storage *self = (misas__memory_storage *)storage;

    *out_attempts = 0;
    pthread_mutex_lock(&self->mutex);
    for (size_t i = 0; i < note->count; i++) {
        misas__kept_prediction *kept =
            misas__predictions_find(&self->predictions, &note->predictions[i]);

        if (kept != NULL) {
            note_claim(&self->predictions, kept, note);
            *out_attempts = kept->attempts > *out_attempts ? kept->attempts : *out_attempts;
        }
    }
    pthread_mutex_unlock(&self->mutex);
    return NULL;
}

misas_error *misas__memory_count_predictions(uint64_t *out, misas_storage *storage)
{
    misas__memory_storage *self = (misas__memory_storage *)storage;

    pthread_mutex_lock(&self->mutex);
    *out = self->predictions.waiting.count + self->predictions.claimed.count;
    pthread_mutex_unlock(&self->mutex);
    return NULL;
}

misas_error *misas__memory_now(int64_t *out_us, misas_storage *storage)
{
    (void)storage;
    *out_us = misas_clock_now_us(NULL);
    return NULL;
}
