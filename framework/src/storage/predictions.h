/** Private: predictions by id, and changes to them that are kept or taken back together. The
 * storage in memory has all of its predictions in one; the one on PostgreSQL has the rows that a
 * batch concerns, to find out what it changes. Not locked. */
#ifndef MISAS_SRC_STORAGE_PREDICTIONS_H
#define MISAS_SRC_STORAGE_PREDICTIONS_H

#include <stdbool.h>

#include "storage/time_heap.h"
#include "storage/transaction.h"

typedef struct misas__prediction_group misas__prediction_group;
typedef struct misas__prediction_slot misas__prediction_slot;

/** One that is there, or was until the changes are kept. */
typedef struct misas__kept_prediction {
    misas__timed timed; /* by which it is among those that wait, or are claimed */
    bool is_claimed;
    int32_t attempts; /* begun, and not answered */
    int64_t added_at_us;
    misas_new_prediction prediction; /* a copy */
    misas_event *content;            /* what the prediction has in common with an event */
    char *key;
    misas__prediction_group *group; /* of its type and key; NULL without a key */
    misas__prediction_slot *slot;
    struct misas__kept_prediction *previous; /* in the group, while it is there */
    struct misas__kept_prediction *next;
    struct misas__kept_prediction *next_passed; /* while others are claimed */
} misas__kept_prediction;

/** The place of an id. */
struct misas__prediction_slot {
    misas__kept_prediction *now; /* NULL: there is none */
    misas__kept_prediction *before;
    bool is_changed;
    bool was_added; /* the first change was MISAS__PREDICTION_ADD */
    misas__prediction_slot *next_changed;
    char id[];
};

/** Starts zeroed. */
typedef struct misas__predictions {
    void *slots;  /* a tree (tsearch) of misas__prediction_slot by id */
    void *groups; /* a tree of misas__prediction_group by type and key */
    misas__prediction_slot *changed;
    size_t changed_count;
    misas__time_heap waiting; /* those that are there, by when they are due ... */
    misas__time_heap claimed; /* ... or by when their claim ends, in monotonic milliseconds */
    size_t kept_count;        /* also those that come back if the changes are taken back */
    int64_t last_added_at_us;
} misas__predictions;

/** Puts one in as it was found elsewhere, before any change. */
misas_error *misas__predictions_load(misas__predictions *predictions,
                                     const misas__prediction *prediction);

/** NULL: it is not there. */
misas__kept_prediction *misas__predictions_find(const misas__predictions *predictions,
                                                const misas__prediction_reference *prediction);

bool misas__predictions_have(const misas__predictions *predictions,
                             const misas__prediction_reference *prediction);

/** Takes away those that were handled, as changes; after an error some of them may be. Errors:
 * MISAS__ERROR_PREDICTION_GONE. */
misas_error *misas__predictions_fire(misas__predictions *predictions,
                                     const misas__prediction_reference *fired, size_t count);

/** Changes in their order; after an error some of them may have been made. Errors:
 * MISAS_ERROR_PREDICTION_EXISTS. */
misas_error *misas__predictions_change(misas__predictions *predictions,
                                       const misas__prediction_change *changes, size_t count);

/** End the changes; neither can fail. */
void misas__predictions_keep(misas__predictions *predictions);
void misas__predictions_take_back(misas__predictions *predictions);

void misas__predictions_free(misas__predictions *predictions);

#endif
