#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

enum { stream_count = 1000, events_of_stream = 1000, rounds = 4, slice_ms = 2000 };

typedef struct reader {
    misas_event_store *store;
    PGconn *connection;
    int next_stream;
    uint64_t bytes_seen; /* so that the reading is not optimised away */
} reader;

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

/* Streams that get one event a turn have each on another page. */
static void compare(const char *name, bench_step step, int batch)
{
    bench_database database = bench_database_new("read");
    reader self = {.store = database.store, .connection = bench_connect(&database)};
    bench_contender ours = {.step = step, .contexts = {&self}};
    bench_contender limit = {.step = copy_out, .contexts = {&self}};

    bench_load(self.connection, &(bench_content){stream_count, events_of_stream / batch, batch});
    bench_rates rates = bench_compare(&ours, &limit, 1, rounds, slice_ms);

    bench_report(name, rates.ours, "events/s", rates.limit);
    PQfinish(self.connection);
    bench_database_free(&database);
}

void bench_read_stream(void)
{
    compare("read_stream", read_stream, 100);
}

void bench_read_stream_scattered(void)
{
    compare("read_stream_scattered", read_stream, 1);
}

void bench_read_all(void)
{
    compare("read_all", read_all, 1);
}
