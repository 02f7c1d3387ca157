/** Private: what events and predictions have in common, as arrays: type, type version, payload,
 * correlation id, causation id, metadata. */
#ifndef MISAS_SRC_POSTGRESQL_MESSAGE_ARRAYS_H
#define MISAS_SRC_POSTGRESQL_MESSAGE_ARRAYS_H

#include "misas/event.h"
#include "misas/prediction.h"
#include "postgresql/parameters.h"

typedef struct misas__message_arrays {
    misas__array types;
    misas__array type_versions;
    misas__array payloads;
    misas__array correlation_ids;
    misas__array causation_ids;
    misas__array metadata;
} misas__message_arrays;

void misas__message_arrays_start(misas__message_arrays *arrays, size_t count);

misas_error *misas__message_arrays_add_event(misas__message_arrays *arrays,
                                             const misas_new_event *event);
misas_error *misas__message_arrays_add_prediction(misas__message_arrays *arrays,
                                                  const misas_new_prediction *prediction);

/** Adds the arrays, in the order above, and frees them. */
void misas__parameters_add_message_arrays(misas__parameters *parameters,
                                          misas__message_arrays *arrays);

/** Events, by their ids. */
typedef struct misas__event_arrays {
    misas__array ids;
    misas__message_arrays messages;
} misas__event_arrays;

void misas__event_arrays_start(misas__event_arrays *arrays, size_t count);
misas_error *misas__event_arrays_add(misas__event_arrays *arrays, const misas_new_event *event);

/** Adds the ids, then the rest, and frees them. */
void misas__parameters_add_event_arrays(misas__parameters *parameters, misas__event_arrays *arrays);

/** The fields of metadata as a JSON object, freed with free(); NULL in `out` when there are none.
 */
misas_error *misas__write_metadata(char **out, const misas_metadata *metadata);

#endif
