/** @file
 * Predictions: something will have happened at a time, unless it is cancelled before. At that time
 * the prediction is handled like a command: once, and not before.
 */
#ifndef MISAS_PREDICTION_H
#define MISAS_PREDICTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "misas/metadata.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A prediction can't be added or cancelled: its time is out of range, its payload too large, its
 * id or key too long, empty, not UTF-8 or with a control character; data: "field", "value",
 * "reason". Tagged validation. */
#define MISAS_ERROR_PREDICTION_INVALID "misas.prediction.invalid"
/** There is a prediction of this id that is still to come; data: "id". Tagged already_exists. */
#define MISAS_ERROR_PREDICTION_EXISTS "misas.prediction.already_exists"

#define MISAS_PREDICTION_ID_MAX_BYTES 255
#define MISAS_PREDICTION_KEY_MAX_BYTES 512

/** A plain record; everything pointed to is borrowed for the call. */
typedef struct misas_new_prediction {
    const char *id;    /**< by which it can be cancelled or replaced; NULL: one is derived from the
                          message that is handled */
    const char *key;   /**< of any number of predictions, which can be cancelled together; NULL: the
                          one that its type's key field has, if any */
    int64_t due_at_us; /**< by the system's clock; what is past is due at once */
    const char *type;
    uint32_t type_version;
    const void *payload;
    size_t payload_size;
    misas_metadata metadata;
} misas_new_prediction;

/** How to predict. Zero members mean the defaults, but for the time. */
typedef struct misas_prediction_options {
    int64_t due_at_us; /**< by the system's clock, from MISAS_TIME_MIN_US to MISAS_TIME_MAX_US; what
                          is past is due at once */
    const char *id;    /**< at most MISAS_PREDICTION_ID_MAX_BYTES, one line; unique among all
                          predictions that are still to come. NULL: one is derived from the message
                          at hand */
    bool replaces;     /**< the prediction of this id, if there is one: that will not happen any
                          more. Else there must be none */
} misas_prediction_options;

#ifdef __cplusplus
}
#endif

#endif
