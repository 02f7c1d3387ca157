/** Private: predictions that are set aside, as dead letters of the processor
 * "<subsystem>.predictions". */
#ifndef MISAS_SRC_PROCESSING_PREDICTION_LETTER_H
#define MISAS_SRC_PROCESSING_PREDICTION_LETTER_H

#include "processing/draft.h"

#define MISAS__PREDICTIONS_ENDING ".predictions"

/** A plain record with borrowed parts. */
typedef struct misas__refused_prediction {
    const char *subsystem; /* its name */
    const misas_envelope *envelope;
    const misas_error *why;
    int32_t attempts; /* to handle it */
} misas__refused_prediction;

/** Notes in the draft that the prediction is taken away and is a dead letter from then on. */
misas_error *misas__draft_set_prediction_aside(misas__draft *draft,
                                               const misas__refused_prediction *refused);

/** As above, in a transaction of its own. Errors: MISAS__ERROR_PREDICTION_GONE; those of the
 * storage. */
misas_error *misas__set_prediction_aside(misas_storage *storage,
                                         const misas__refused_prediction *refused);

bool misas__is_prediction_letter(const misas__dead_letter *letter);

/** In one transaction: the dead letter is no more, and the prediction is there again, due when it
 * was. Errors: MISAS_ERROR_PREDICTION_EXISTS, when there is another of its id by now;
 * MISAS__ERROR_LEASE_LOST, when the dead letter is gone; those of the storage. */
misas_error *misas__predict_again(misas_storage *storage, const misas__dead_letter *letter);

#endif
