/** Private: predictions that are due, and who sees to them.
 *
 * A predictor claims what is due, publishes it, and holds nothing while it is handled: a claim ends
 * by itself after a while, in case nobody comes to handle it. Handling a prediction takes it away,
 * in the transaction of its effects (`fired` of misas__batch): whoever comes second finds it gone.
 * So it may be published many times, and takes effect once. Whoever has it in hand for long claims
 * it again in time, so that a claim that ends means that nobody has. */
#ifndef MISAS_SRC_STORAGE_PREDICTION_CLAIMS_H
#define MISAS_SRC_STORAGE_PREDICTION_CLAIMS_H

#include <stdbool.h>

#include "memory/arena.h"
#include "misas/prediction.h"
#include "misas/storage.h"

/** A stored prediction; a plain record. */
typedef struct misas__prediction {
    misas_new_prediction content; /* its id is never NULL */
    int64_t added_at_us;          /* of those with one id in turn, no two have the same */
    bool is_suspect; /* handling it was begun before, and never answered: maybe the process ended */
} misas__prediction;

/** Which prediction. One id may stand for many, one after another: a prediction that was replaced
 * since it was published, or that was handled and added again, is not the one that was meant. */
typedef struct misas__prediction_reference {
    const char *id;
    int64_t added_at_us; /* 0: whichever of that id there is */
} misas__prediction_reference;

/** Where one who claims has got to; starts zeroed. What is claimed stays where it was in the index
 * until it is handled: a claim that looked at all of it would take 40 ms for a hundred thousand
 * predictions. So a claim begins where the one before it ended, and only now and then at the
 * beginning: there may be predictions that were added with a time long past, or whose claim has
 * ended. */
typedef struct misas__claim_progress {
    int64_t seen_until_us;    /* all that was due before had been claimed when it was looked at */
    int64_t begin_anew_at_us; /* monotonic: from then on a claim begins at the beginning */
} misas__claim_progress;

/** What to claim. */
typedef struct misas__claim {
    int64_t now_us;
    size_t max;
    int claim_ms;
    const char *const *types;        /* of these only; ends with NULL. NULL: of all */
    misas__claim_progress *progress; /* of claims for the same types; NULL: it looks at all */
} misas__claim;

/** What became of predictions that were claimed. */
typedef struct misas__claim_note {
    const misas__prediction_reference *predictions;
    size_t count;
    int claim_ms;      /* their claims end after so long from now */
    bool are_answered; /* they stay, but nothing is suspect about them any more */
    bool is_attempt;   /* handling them is begun once more */
} misas__claim_note;

/** Part of a storage's backend; each call is a transaction of its own, from any thread. Errors:
 * those of the backend. */
typedef struct misas__prediction_functions {
    /* Claims up to `max` predictions that are due at `now_us` and that nobody has claimed, the
     * earliest first, for `claim_ms` (by the database's clock): until then nobody else gets them,
     * unless they are replaced. Those that others are claiming at this moment are left out, not
     * waited for. One that was added with a time long past, or whose claim has ended, may be left
     * out for a moment, and for longer when very many are claimed: for 1 s at most. In `arena`. */
    misas_error *(*claim)(const misas__prediction **out, size_t *out_count, misas_storage *storage,
                          const misas__claim *claim, misas__arena *arena);
    /* Notes it of those that are there still. `*out_attempts` is how often handling them was begun
     * since they were answered last, the most of them, a claim being the first time; 0: none of
     * them is there. */
    misas_error *(*note)(int32_t *out_attempts, misas_storage *storage,
                         const misas__claim_note *note);
    /* How many predictions there are; for tests and operators. */
    misas_error *(*count)(uint64_t *out, misas_storage *storage);
    /* The time of the storage's own clock: the database's; in memory the machine's. */
    misas_error *(*now)(int64_t *out_us, misas_storage *storage);
} misas__prediction_functions;

/** Copies a prediction with all that it points to into the arena. */
misas_error *misas__prediction_copy(misas__prediction *out, misas__arena *arena,
                                    const misas__prediction *prediction);

#endif
