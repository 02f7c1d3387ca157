/** Private: the aggregates that a worker has at hand, by their streams. One thread at a time. */
#ifndef MISAS_SRC_PROCESSING_AGGREGATE_CACHE_H
#define MISAS_SRC_PROCESSING_AGGREGATE_CACHE_H

#include <sys/queue.h>

#include "aggregate/aggregate.h"

typedef struct misas__cached_aggregate {
    misas_aggregate *aggregate;
    TAILQ_ENTRY(misas__cached_aggregate) by_use;
    size_t stream_index; /* among those that the batch appends to */
    bool is_in_batch;    /* the batch in the making uses it: it stays until its end */
    bool is_fresh;       /* it was loaded for that batch: its version needs no confirmation */
    bool is_spoilt;      /* its state is more than what was recorded: it goes with the batch */
} misas__cached_aggregate;

typedef TAILQ_HEAD(misas__cached_aggregates, misas__cached_aggregate) misas__cached_aggregates;

/** Starts zeroed, but for `max`, and with misas__aggregate_cache_begin. */
typedef struct misas__aggregate_cache {
    void *by_stream;                 /* a tree (tsearch) */
    misas__cached_aggregates by_use; /* those used last come last */
    size_t count;
    size_t max;
} misas__aggregate_cache;

void misas__aggregate_cache_begin(misas__aggregate_cache *cache, size_t max);
void misas__aggregate_cache_end(misas__aggregate_cache *cache);

/** NULL: it is not at hand. */
misas__cached_aggregate *misas__aggregate_cache_find(misas__aggregate_cache *cache,
                                                     const char *stream);

/** Takes the aggregate, also when it fails. */
misas_error *misas__aggregate_cache_add(misas__cached_aggregate **out,
                                        misas__aggregate_cache *cache, misas_aggregate *aggregate);

void misas__aggregate_cache_evict(misas__aggregate_cache *cache, misas__cached_aggregate *cached);

/** Evicts those used longest ago, until there are as few as there should be. Between batches. */
void misas__aggregate_cache_trim(misas__aggregate_cache *cache);

#endif
