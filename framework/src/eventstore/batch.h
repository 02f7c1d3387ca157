/** Private: events of many streams, appended together in an order of their own. */
#ifndef MISAS_SRC_EVENTSTORE_BATCH_H
#define MISAS_SRC_EVENTSTORE_BATCH_H

#include "misas/event_store.h"

/** A stream that a batch appends to, and the version it must have. */
typedef struct misas__batch_stream {
    const char *stream;
    misas_expected_version expected;
} misas__batch_stream;

typedef struct misas__batch_event {
    size_t stream_index; /* among the batch's streams */
    misas_new_event event;
} misas__batch_event;

/** Comes checked, with the events' ids; the streams are all different, in no order. Positions are
 * given to the events in their order here. */
typedef struct misas__event_batch {
    const misas__batch_stream *streams;
    size_t stream_count;
    const misas__batch_event *events;
    size_t event_count;
} misas__event_batch;

#endif
