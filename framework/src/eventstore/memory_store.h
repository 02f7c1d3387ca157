/** Private: the in-memory store, as its sources of events see it. */
#ifndef MISAS_SRC_EVENTSTORE_MEMORY_STORE_H
#define MISAS_SRC_EVENTSTORE_MEMORY_STORE_H

#include <pthread.h>

#include "eventstore/backend.h"
#include "eventstore/batch.h"
#include "eventstore/memory_log.h"

typedef struct misas__memory_store {
    pthread_mutex_t mutex;   /* guards the log */
    pthread_cond_t appended; /* by the monotonic clock */
    misas__memory_log log;
    const misas_clock *clock;
} misas__memory_store;

/** What is behind a store that misas_event_store_new_memory has made. */
misas__memory_store *misas__memory_store_of(const misas_event_store *store);

/** Appends a batch, all or none. `out_versions` has for each stream that of its last event, or 0.
 */
misas_error *misas__memory_append_batch(uint64_t *out_versions, misas__memory_store *store,
                                        const misas__event_batch *batch);

misas_error *misas__memory_source_read(misas__event_source **out, void *self,
                                       const misas__event_query *query);
misas_error *misas__memory_source_follow(misas__event_source **out, void *self,
                                         const misas__event_query *query);

#endif
