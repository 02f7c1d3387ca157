#include <stdio.h>
#include <stdlib.h>

#include "bank.h"

enum { streams = 300, events_each = 1000, batch = 100 };

/* Reads streams one after another: as aggregates, or as events only. */
typedef struct reader {
    misas_event_store *store;
    misas_repository *repository;
    int next;
} reader;

static uint64_t load_aggregate(void *context)
{
    reader *self = context;
    misas_aggregate *account = NULL;
    char id[16];

    snprintf(id, sizeof id, "%d", self->next++ % streams);
    bench_check(misas_repository_load(&account, self->repository, id), "loading");
    uint64_t events = misas_aggregate_version(account);

    misas_aggregate_free(account);
    return events;
}

static uint64_t read_stream(void *context)
{
    reader *self = context;
    misas_event_reader *events = NULL;
    const misas_event *event = NULL;
    uint64_t count = 0;
    char stream[32];

    snprintf(stream, sizeof stream, "account-%d", self->next++ % streams);
    bench_check(misas_event_store_read_stream(&events, self->store, stream, NULL), "reading");
    bench_check(misas_event_reader_next(&event, events), "reading");
    while (event != NULL) {
        count++;
        bench_check(misas_event_reader_next(&event, events), "reading");
    }
    misas_event_reader_free(events);
    return count;
}

/* Each event about as large as those of the other benchmarks. */
static void fill(misas_event_store *store)
{
    Bank__Ledger__V1__Deposited deposited = BANK__LEDGER__V1__DEPOSITED__INIT;
    misas_new_event events[batch];
    char account[bench_payload_bytes - 4];
    char stream[32];

    for (size_t i = 0; i < sizeof account; i++) {
        account[i] = i + 1 < sizeof account ? 'a' : '\0';
    }
    deposited.account = account;
    deposited.cents = 1;
    for (int i = 0; i < batch; i++) {
        bench_check(bank_ledger_v1_deposited_new_event(&events[i], &deposited), "an event");
    }
    for (int i = 0; i < streams; i++) {
        snprintf(stream, sizeof stream, "account-%d", i);
        for (int version = 0; version < events_each; version += batch) {
            bench_check(misas_event_store_append(NULL, store, stream, version, events, batch),
                        "appending");
        }
    }
    for (int i = 0; i < batch; i++) {
        free((void *)(uintptr_t)events[i].payload);
    }
}

void bench_load_aggregate(void)
{
    bench_database database = bench_database_new("aggregate");
    misas_aggregate_type *type = bench_account_type_new();
    reader self = {.store = database.store};

    fill(database.store);
    bench_check(misas_repository_new(&self.repository, database.store, type), "a repository");
    bench_rates rates = bench_compare(&(bench_contender){load_aggregate, {&self}},
                                      &(bench_contender){read_stream, {&self}}, 1, 6, 1000);

    bench_report("load_aggregate", rates.ours, "events/s", rates.limit);
    misas_repository_free(self.repository);
    misas_aggregate_type_free(type);
    bench_database_free(&database);
}
