#include <stdio.h>

#include "bench.h"

enum { threads = 8, rounds = 16, slice_ms = 1000, loaded_streams = 50000, loaded_turns = 100 };

/* The same appends to a store with 5 million events, and to one that is empty at the start. */
void bench_size_flatness(void)
{
    bench_database full = bench_database_new("full");
    bench_database empty = bench_database_new("empty");
    PGconn *loader = bench_connect(&full);

    bench_load(loader, &(bench_content){loaded_streams, loaded_turns, 1});
    PQfinish(loader);
    bench_contender to_full = bench_appender_to_existing(&full, threads);
    bench_contender to_empty = bench_appender_to_existing(&empty, threads);
    bench_rates rates = bench_compare(&to_full, &to_empty, threads, rounds, slice_ms);

    bench_report("size_flatness", rates.ours, "events/s", rates.limit);
    bench_appender_free(&to_full, threads);
    bench_appender_free(&to_empty, threads);
    bench_database_free(&empty);
    bench_database_free(&full);
}
