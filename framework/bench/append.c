#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "postgresql/parameters.h"

enum { max_batch = 100, streams_of_thread = 125, rounds = 16, slice_ms = 1000 };

/* What one thread appends with: through the store, or a plain connection. */
typedef struct appender {
    misas_event_store *store;
    PGconn *connection;
    int thread;
    int batch;
    bool appends_to_existing;
    uint64_t streams_begun;
    uint64_t versions[streams_of_thread];
    misas_new_event events[max_batch];
    int next;
} appender;

/* Chooses the stream of the next append; `*out_version` is the one it has. */
static void choose_stream(char name[64], uint64_t **out_version, appender *self, const char *whose)
{
    int index = self->next++ % streams_of_thread;

    *out_version = &self->versions[index];
    if (self->appends_to_existing) {
        snprintf(name, 64, "account-%s-%d-%d", whose, self->thread, index);
    } else {
        **out_version = 0;
        snprintf(name, 64, "account-%s-%d-%llu", whose, self->thread,
                 (unsigned long long)self->streams_begun++);
    }
}

static uint64_t append_ours(void *context)
{
    appender *self = context;
    uint64_t *version = NULL;
    char stream[64];
    misas_append_result result;

    choose_stream(stream, &version, self, "ours");
    bench_check(misas_event_store_append(&result, self->store, stream,
                                         (misas_expected_version)*version, self->events,
                                         (size_t)self->batch),
                "appending");
    *version = result.version;
    return (uint64_t)self->batch;
}

static const char bare_insert[] =
    "insert into events (position, version, recorded_at, id, type_version, stream, type, payload) "
    "values (nextval('events_position_seq'), $1, clock_timestamp(), $2, 1, $3, $4, $5)";

static const char bare_unnest_insert[] =
    "insert into events (position, version, recorded_at, id, type_version, stream, type, payload) "
    "select nextval('events_position_seq'), e.version, clock_timestamp(), e.id, 1, $3, $4, "
    "e.payload "
    "from unnest($1::bigint[], $2::uuid[], $5::bytea[]) as e (version, id, payload)";

static void run_bare(appender *self, misas__parameters *parameters)
{
    static const int binary[5] = {1, 1, 1, 1, 1};

    bench_expect(self->connection,
                 PQexecPrepared(self->connection, "bare", 5, parameters->values, parameters->sizes,
                                binary, 1),
                 PGRES_COMMAND_OK);
    misas__parameters_free(parameters);
}

static uint64_t insert_bare(void *context)
{
    appender *self = context;
    uint64_t *version = NULL;
    char stream[64];
    misas__parameters parameters = {0};

    choose_stream(stream, &version, self, "bare");
    *version += 1;
    misas__parameters_add_bigint(&parameters, (int64_t)*version);
    misas__parameters_add_uuid(&parameters, misas_uuid_new_v7());
    misas__parameters_add_text(&parameters, stream);
    misas__parameters_add_text(&parameters, BENCH_TYPE);
    misas__parameters_add_bytes(&parameters, bench_payload, sizeof bench_payload);
    run_bare(self, &parameters);
    return 1;
}

static uint64_t insert_bare_batch(void *context)
{
    appender *self = context;
    size_t batch = (size_t)self->batch;
    uint64_t *version = NULL;
    char stream[64];
    misas__parameters parameters = {0};
    misas__array versions;
    misas__array ids;
    misas__array payloads;

    choose_stream(stream, &version, self, "bare");
    misas__array_start(&versions, MISAS__BIGINT, batch);
    misas__array_start(&ids, MISAS__UUID, batch);
    misas__array_start(&payloads, MISAS__BYTEA, batch);
    for (size_t i = 0; i < batch; i++) {
        misas_uuid id = misas_uuid_new_v7();

        *version += 1;
        misas__array_add_bigint(&versions, (int64_t)*version);
        misas__array_add_bytes(&ids, id.bytes, sizeof id.bytes);
        misas__array_add_bytes(&payloads, bench_payload, sizeof bench_payload);
    }
    misas__parameters_add_array(&parameters, &versions);
    misas__parameters_add_array(&parameters, &ids);
    misas__parameters_add_text(&parameters, stream);
    misas__parameters_add_text(&parameters, BENCH_TYPE);
    misas__parameters_add_array(&parameters, &payloads);
    run_bare(self, &parameters);
    return batch;
}

static appender *appender_new(const bench_database *database, int thread, int batch,
                              bool appends_to_existing)
{
    appender *self = calloc(1, sizeof *self);

    if (self == NULL) {
        abort();
    }
    self->store = database->store;
    self->thread = thread;
    self->batch = batch;
    self->appends_to_existing = appends_to_existing;
    for (int i = 0; i < batch; i++) {
        self->events[i] = (misas_new_event){
            .type = BENCH_TYPE, .payload = bench_payload, .payload_size = sizeof bench_payload};
    }
    return self;
}

static bench_contender ours_new(const bench_database *database, int threads, int batch,
                                bool appends_to_existing)
{
    bench_contender ours = {.step = append_ours};

    for (int i = 0; i < threads; i++) {
        ours.contexts[i] = appender_new(database, i, batch, appends_to_existing);
    }
    return ours;
}

static bench_contender limit_new(const bench_database *database, int threads, int batch,
                                 bool appends_to_existing)
{
    bench_contender limit = {.step = batch > 1 ? insert_bare_batch : insert_bare};
    const char *sql = batch > 1 ? bare_unnest_insert : bare_insert;

    for (int i = 0; i < threads; i++) {
        appender *self = appender_new(database, i, batch, appends_to_existing);

        self->connection = bench_connect(database);
        bench_expect(self->connection, PQprepare(self->connection, "bare", sql, 0, NULL),
                     PGRES_COMMAND_OK);
        limit.contexts[i] = self;
    }
    return limit;
}

void bench_appender_free(bench_contender *contender, int threads)
{
    for (int i = 0; i < threads; i++) {
        appender *self = contender->contexts[i];

        PQfinish(self->connection);
        free(self);
    }
}

static void compare(const char *name, int threads, int batch, bool appends_to_existing)
{
    bench_database database = bench_database_new("append");
    bench_contender ours = ours_new(&database, threads, batch, appends_to_existing);
    bench_contender limit = limit_new(&database, threads, batch, appends_to_existing);
    bench_rates rates = bench_compare(&ours, &limit, threads, rounds, slice_ms);

    bench_report(name, rates.ours, "events/s", rates.limit);
    bench_appender_free(&ours, threads);
    bench_appender_free(&limit, threads);
    bench_database_free(&database);
}

void bench_append_1_new(void)
{
    compare("append_1_new", 8, 1, false);
}

void bench_append_1_existing(void)
{
    compare("append_1_existing", 8, 1, true);
}

void bench_append_100_one_client(void)
{
    compare("append_100_one_client", 1, 100, true);
}

void bench_append_100(void)
{
    compare("append_100", 8, 100, true);
}

bench_contender bench_appender_to_existing(const bench_database *database, int threads)
{
    return ours_new(database, threads, 1, true);
}
