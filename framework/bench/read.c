#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

enum { stream_count = 1000, events_of_stream = 1000, rounds = 4, slice_ms = 2000 };

/* Events of the streams in turn, as they come when many aggregates are in use. */
static const char load_sql[] =
    "insert into events (position, version, recorded_at, id, type_version, stream, type, payload) "
    "select nextval('events_position_seq'), i / %d + 1, clock_timestamp(), "
    "lpad(to_hex(i), 32, '0')::uuid, 1, 'account-' || i %% %d, '" BENCH_TYPE "', "
    "decode(repeat('2a', %d), 'hex') from generate_series(0, %d) as i";

typedef struct reader {
    misas_event_store *store;
    PGconn *connection;
    int next_stream;
    uint64_t bytes_seen; /* so that the reading is not optimised away */
} reader;

static void load(PGconn *connection)
{
    char sql[600];

    snprintf(sql, sizeof sql, load_sql, stream_count, stream_count, bench_payload_bytes,
             stream_count * events_of_stream - 1);
    bench_execute(connection, sql);
    bench_execute(connection, "vacuum analyze events");
    bench_execute(connection, "checkpoint");
}

static uint64_t drain(reader *self, misas_event_reader *events)
{
    const misas_event *event = NULL;
    uint64_t count = 0;

    do {
        bench_check(misas_event_reader_next(&event, events), "reading");
        if (event != NULL) {
            self->bytes_seen += event->payload_size;
            count++;
        }
    } while (event != NULL);
    misas_event_reader_free(events);
    return count;
}

static uint64_t read_stream(void *context)
{
    reader *self = context;
    misas_event_reader *events = NULL;
    char stream[40];

    snprintf(stream, sizeof stream, "account-%d", self->next_stream++ % stream_count);
    bench_check(misas_event_store_read_stream(&events, self->store, stream, NULL), "reading");
    return drain(self, events);
}

static uint64_t read_all(void *context)
{
    reader *self = context;
    misas_event_reader *events = NULL;

    bench_check(misas_event_store_read_all(&events, self->store, NULL), "reading");
    return drain(self, events);
}

static uint64_t copy_out(void *context)
{
    reader *self = context;
    char *row = NULL;
    uint64_t count = 0;

    bench_expect(self->connection,
                 PQexec(self->connection, "copy events to stdout (format binary)"), PGRES_COPY_OUT);
    for (int size = PQgetCopyData(self->connection, &row, 0); size > 0;
         size = PQgetCopyData(self->connection, &row, 0)) {
        self->bytes_seen += (uint64_t)size;
        count++;
        PQfreemem(row);
    }
    bench_expect(self->connection, PQgetResult(self->connection), PGRES_COMMAND_OK);
    PQclear(PQgetResult(self->connection));
    return count - 1; /* the trailer is no event */
}

static void compare(const char *name, bench_step step)
{
    bench_database database = bench_database_new("read");
    reader self = {.store = database.store, .connection = bench_connect(&database)};
    bench_contender ours = {.step = step, .contexts = {&self}};
    bench_contender limit = {.step = copy_out, .contexts = {&self}};

    load(self.connection);
    bench_rates rates = bench_compare(&ours, &limit, 1, rounds, slice_ms);

    bench_report(name, rates.ours, "events/s", rates.limit);
    PQfinish(self.connection);
    bench_database_free(&database);
}

void bench_read_stream(void)
{
    compare("read_stream", read_stream);
}

void bench_read_all(void)
{
    compare("read_all", read_all);
}
