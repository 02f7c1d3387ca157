/** What the benchmarks share. Each compares MISAS with a limit: the same rows, written or read as
 * fast as plain libpq goes. The two take turns in short slices, so that a machine that gets slower
 * or faster meanwhile does so for both. A benchmark that can't go on says why and exits. */
#ifndef MISAS_BENCH_H
#define MISAS_BENCH_H

#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "misas/misas.h"

enum { bench_max_threads = 8, bench_payload_bytes = 200 };

/** Of every event: the size that the marks are set for. */
extern const unsigned char bench_payload[bench_payload_bytes];

#define BENCH_TYPE "bank.accounts.v1.Deposited"

/** How many events `bench_load` loads: in each turn each stream gets a batch. */
typedef struct bench_content {
    int streams; /* named account-<i> */
    int turns;
    int batch;
} bench_content;

/** Loads events, with ascending ids as UUIDv7 gives them, and leaves the table tidied up. */
void bench_load(PGconn *connection, const bench_content *content);

/** Does some work on its own connection and says how many events that were. */
typedef uint64_t (*bench_step)(void *context);

/** One contender: a step, and a context for each thread. */
typedef struct bench_contender {
    bench_step step;
    void *contexts[bench_max_threads];
} bench_contender;

typedef struct bench_rates {
    double ours; /* events a second */
    double limit;
} bench_rates;

/** Lets both take turns on `threads` threads: `rounds` slices of `slice_ms` each. */
bench_rates bench_compare(const bench_contender *ours, const bench_contender *limit, int threads,
                          int rounds, int slice_ms);

/** Notes a result for the table and the JSON file. `limit` 0: there is none. */
void bench_report(const char *name, double value, const char *unit, double limit);

/** Writes the table to standard output and, unless `path` is NULL, the JSON file. */
void bench_write_results(const char *path);

double bench_now_ms(void);

/** Exits with the error's text, unless it is NULL. */
void bench_check(misas_error *error, const char *what);

/** A schema of its own in the database that MISAS_POSTGRESQL names. */
typedef struct bench_database {
    char schema[40];
    misas_postgresql *database;
    misas_event_store *store;
} bench_database;

bench_database bench_database_new(const char *name);
void bench_database_free(bench_database *database);

/** A plain connection, with the schema first in its search path. */
PGconn *bench_connect(const bench_database *database);

/** Runs SQL that must succeed. */
void bench_execute(PGconn *connection, const char *sql);

/** The result must be of this kind; it is cleared. */
void bench_expect(PGconn *connection, PGresult *result, ExecStatusType status);

/** The benchmarks. */
void bench_append_1_new(void);
void bench_append_1_existing(void);
void bench_append_100_one_client(void);
void bench_append_100(void);
void bench_read_stream(void);
void bench_read_stream_scattered(void);
void bench_read_all(void);
void bench_high_water_mark_lag(void);
void bench_size_flatness(void);
void bench_load_aggregate(void);
void bench_commands_one_worker(void);
void bench_commands_two_workers(void);
void bench_memory_commands(void);
void bench_projection_catch_up(void);
void bench_predictions_due(void);

/** `threads` contexts that append one event a step to streams of their own, for bench_compare. */
bench_contender bench_appender_to_existing(const bench_database *database, int threads);
void bench_appender_free(bench_contender *contender, int threads);

#endif
