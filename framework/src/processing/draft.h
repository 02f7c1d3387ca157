/** Private: a batch in the making: what the messages decided upon so far ask for. */
#ifndef MISAS_SRC_PROCESSING_DRAFT_H
#define MISAS_SRC_PROCESSING_DRAFT_H

#include "processing/aggregate_cache.h"
#include "processing/working_documents.h"
#include "storage/transaction.h"

/** A message used an aggregate. */
typedef struct misas__touch {
    misas__cached_aggregate *cached;
    size_t uncommitted_before; /* what others of the batch had recorded on it */
} misas__touch;

/** How much there is in a draft, to get back to. */
typedef struct misas__draft_mark {
    size_t handled_count;
    size_t touch_count;
    size_t command_count;
    size_t prediction_count;
    size_t dead_letter_count;
    size_t fired_count;
} misas__draft_mark;

/** Starts zeroed. What its lists point to is in the arena, or lives as long as the batch. */
typedef struct misas__draft {
    misas__arena arena;
    misas__draft_mark count;
    misas__handled *handled;
    size_t handled_capacity;
    misas__touch *touches; /* an aggregate once for each message */
    size_t touch_capacity;
    misas_envelope *commands;
    size_t command_capacity;
    misas__prediction_change *predictions;
    size_t prediction_capacity;
    misas__dead_letter *dead_letters;
    size_t dead_letter_capacity;
    misas__prediction_reference *fired; /* predictions that were handled */
    size_t fired_capacity;
    misas__working_documents documents;
    const misas__checkpoint_move *checkpoint; /* NULL: there is none */
    const int64_t *settled_dead_letters;      /* handled after all, or made void by a reset */
    size_t settled_dead_letter_count;
} misas__draft;

misas_error *misas__draft_add_handled(misas__draft *draft, const misas__handled *handled);
misas_error *misas__draft_add_command(misas__draft *draft, const misas_envelope *command);
misas_error *misas__draft_add_prediction(misas__draft *draft,
                                         const misas__prediction_change *prediction);

/** Adds a dead letter, whose error is this one. */
misas_error *misas__draft_add_dead_letter(misas__draft *draft, const misas__dead_letter *letter,
                                          const misas_error *why);

misas_error *misas__draft_add_fired(misas__draft *draft,
                                    const misas__prediction_reference *prediction);

/** Notes that the message that began at `mark` uses an aggregate; once. */
misas_error *misas__draft_touch(misas__draft *draft, const misas__draft_mark *mark,
                                misas__cached_aggregate *cached);

/** Takes back what the message that began at `mark` asked for. That it looked at aggregates stays
 * noted: its answer rests on them. */
void misas__draft_undo(misas__draft *draft, const misas__draft_mark *mark);

/** Writes it by the transaction, which commits; the aggregates have their new versions then.
 * Errors: those of writing. */
misas_error *misas__draft_write(misas__draft *draft, misas__transaction *transaction);

/** Empties it. Aggregates that can't be trusted any more are evicted: all of them unless the batch
 * `was_written`. */
void misas__draft_reset(misas__draft *draft, misas__aggregate_cache *cache, bool was_written);

void misas__draft_free(misas__draft *draft);

#endif
