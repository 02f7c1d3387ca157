#include "processing/aggregate_cache.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

void misas__aggregate_cache_begin(misas__aggregate_cache *cache, size_t max)
{
    *cache = (misas__aggregate_cache){.max = max};
    TAILQ_INIT(&cache->by_use);
}

void misas__aggregate_cache_end(misas__aggregate_cache *cache)
{
    while (!TAILQ_EMPTY(&cache->by_use)) {
        misas__aggregate_cache_evict(cache, TAILQ_FIRST(&cache->by_use));
    }
}

static int compare(const void *left, const void *right)
{
    const misas__cached_aggregate *a = left;
    const misas__cached_aggregate *b = right;

    return strcmp(a->aggregate->stream, b->aggregate->stream);
}

misas__cached_aggregate *misas__aggregate_cache_find(misas__aggregate_cache *cache,
                                                     const char *stream)
{
    misas_aggregate wanted_aggregate = {.stream = (char *)(uintptr_t)stream};
    const misas__cached_aggregate wanted = {.aggregate = &wanted_aggregate};
    misas__cached_aggregate **found = tfind(&wanted, &cache->by_stream, compare);

    if (found == NULL) {
        return NULL;
    }
    TAILQ_REMOVE(&cache->by_use, *found, by_use);
    TAILQ_INSERT_TAIL(&cache->by_use, *found, by_use);
    return *found;
}

misas_error *misas__aggregate_cache_add(misas__cached_aggregate **out,
                                        misas__aggregate_cache *cache, misas_aggregate *aggregate)
{
    misas__cached_aggregate *cached = calloc(1, sizeof *cached);

    if (cached != NULL) {
        cached->aggregate = aggregate;
    }
    if (cached == NULL || tsearch(cached, &cache->by_stream, compare) == NULL) {
        free(cached);
        misas_aggregate_free(aggregate);
        return misas_error_out_of_memory();
    }
    TAILQ_INSERT_TAIL(&cache->by_use, cached, by_use);
    cache->count++;
    *out = cached;
    return NULL;
}

void misas__aggregate_cache_evict(misas__aggregate_cache *cache, misas__cached_aggregate *cached)
{
    tdelete(cached, &cache->by_stream, compare);
    TAILQ_REMOVE(&cache->by_use, cached, by_use);
    cache->count--;
    misas_aggregate_free(cached->aggregate);
    free(cached);
}

void misas__aggregate_cache_trim(misas__aggregate_cache *cache)
{
    while (cache->count > cache->max) {
        misas__aggregate_cache_evict(cache, TAILQ_FIRST(&cache->by_use));
    }
}
