/** Private: whether what is to be appended was appended before. A backend looks each event up by
 * its id, in order, and adds what it finds. */
#ifndef MISAS_SRC_EVENTSTORE_REPETITION_H
#define MISAS_SRC_EVENTSTORE_REPETITION_H

#include "misas/event_store.h"

/** Where an event is that has the same id. */
typedef struct misas__event_place {
    const char *stream; /* NULL: nowhere */
    uint64_t version;
    uint64_t position;
} misas__event_place;

/** Starts as {0}. */
typedef struct misas__repetition {
    size_t added;
    size_t repeated;          /* in the same stream, right after the event before it */
    const char *known_stream; /* of an event whose id is known; NULL: none is */
    misas_uuid known_id;
    uint64_t last_version;
} misas__repetition;

/** Adds what was found of `append->events[i]`, and keeps the answer to a repeated append in `out`.
 */
void misas__repetition_add(misas__repetition *repetition, misas_append_result *out,
                           const misas_append *append, size_t i, const misas__event_place *found);

/** All: it is a repetition. None: it is not. Some, or elsewhere, or in another order: an error. */
misas_error *misas__repetition_judge(bool *out_is_repeated, const misas__repetition *repetition);

#endif
