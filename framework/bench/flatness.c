#include <stdio.h>

#include "bench.h"

enum { threads = 8, rounds = 16, slice_ms = 1000, loaded_events = 5000000, loaded_streams = 50000 };

/* The events are loaded with sorted ids, as UUIDv7 gives them. */
static const char load_sql[] =
    "insert into events (position, version, recorded_at, id, type_version, stream, type, payload) "
    "select nextval('events_position_seq'), i / %d + 1, clock_timestamp(), "
    "lpad(to_hex(i), 32, '0')::uuid, 1, 'loaded-' || i %% %d, '" BENCH_TYPE "', "
    "decode(repeat('2a', %d), 'hex') from generate_series(0, %d) as i";

static void load(const bench_database *database)
{
    char sql[600];
    PGconn *connection = bench_connect(database);

    snprintf(sql, sizeof sql, load_sql, loaded_streams, loaded_streams, bench_payload_bytes,
             loaded_events - 1);
    bench_execute(connection, sql);
    bench_execute(connection, "vacuum analyze events");
    bench_execute(connection, "checkpoint");
    PQfinish(connection);
}

/* The same appends to a store with 5 million events, and to one that is empty at the start. */
void bench_size_flatness(void)
{
    bench_database full = bench_database_new("full");
    bench_database empty = bench_database_new("empty");

    load(&full);
    bench_contender to_full = bench_appender_to_existing(&full, threads);
    bench_contender to_empty = bench_appender_to_existing(&empty, threads);
    bench_rates rates = bench_compare(&to_full, &to_empty, threads, rounds, slice_ms);

    bench_report("size_flatness", rates.ours, "events/s", rates.limit);
    bench_appender_free(&to_full, threads);
    bench_appender_free(&to_empty, threads);
    bench_database_free(&empty);
    bench_database_free(&full);
}
