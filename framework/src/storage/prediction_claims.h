/** Private: predictions that are due, and who sees to them.
 *
 * A predictor claims what is due, publishes it, and holds nothing while it is handled: a claim ends
 * by itself after a while, in case nobody comes to handle it. Handling a prediction takes it away,
 * in the transaction of its effects (`fired` of misas__batch): whoever comes second finds it gone.
 * So it may be published many times, and takes effect once. */
#ifndef MISAS_SRC_STORAGE_PREDICTION_CLAIMS_H
#define MISAS_SRC_STORAGE_PREDICTION_CLAIMS_H

#include "memory/arena.h"
#include "misas/prediction.h"
#include "misas/storage.h"

/** A stored prediction; a plain record. */
typedef struct misas__prediction {
    misas_new_prediction content; /* its id is never NULL */
    int64_t added_at_us;          /* of those with one id in turn, no two have the same */
} misas__prediction;

/** Which prediction. One id may stand for many, one after another: a prediction that was replaced
 * since it was published, or that was handled and added again, is not the one that was meant. */
typedef struct misas__prediction_reference {
    const char *id;
    int64_t added_at_us; /* 0: whichever of that id there is */
} misas__prediction_reference;

/** What to claim. */
typedef struct misas__claim {
    int64_t now_us;
    size_t max;
    int claim_ms;
} misas__claim;

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
    /* How many predictions there are; for tests and operators. */
    misas_error *(*count)(uint64_t *out, misas_storage *storage);
    /* The time of the storage's own clock: the database's; in memory the machine's. */
    misas_error *(*now)(int64_t *out_us, misas_storage *storage);
} misas__prediction_functions;

/** Copies a prediction with all that it points to into the arena. */
misas_error *misas__prediction_copy(misas__prediction *out, misas__arena *arena,
                                    const misas__prediction *prediction);

#endif
