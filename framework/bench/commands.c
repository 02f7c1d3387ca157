#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "bank.h"
#include "postgresql/parameters.h"

enum { accounts = 1000, commands_a_step = 10000, batch = 500, window = 2000, most_workers = 2 };

/* A thread that sends, and what it waits for. */
typedef struct sender {
    misas_bus *bus;
    int next;
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    int answers;
} sender;

static void take_answer(void *argument, const misas_reply *reply, misas_error *error)
{
    sender *self = argument;

    (void)reply;
    bench_check(error, "a deposit");
    pthread_mutex_lock(&self->mutex);
    if (++self->answers == commands_a_step) {
        pthread_cond_signal(&self->answered);
    }
    pthread_mutex_unlock(&self->mutex);
}

static uint64_t send_deposits(void *context)
{
    sender *self = context;
    Bank__Ledger__V1__Deposit command = BANK__LEDGER__V1__DEPOSIT__INIT;
    char id[16];

    command.account = id;
    command.cents = 1;
    self->answers = 0;
    for (int i = 0; i < commands_a_step; i++) {
        self->next = (self->next + 7919) % accounts; /* a prime: all accounts in turn */
        snprintf(id, sizeof id, "%d", self->next);
        bench_check(bank_ledger_v1_deposit_send(
                        self->bus, &command,
                        &(misas_send_options){.completion = take_answer, .argument = self}),
                    "sending a deposit");
    }
    pthread_mutex_lock(&self->mutex);
    while (self->answers < commands_a_step) {
        pthread_cond_wait(&self->answered, &self->mutex);
    }
    pthread_mutex_unlock(&self->mutex);
    return commands_a_step;
}

static void sender_begin(sender *self, misas_bus *bus, int index)
{
    *self = (sender){.bus = bus, .next = index * 131};
    pthread_mutex_init(&self->mutex, NULL);
    pthread_cond_init(&self->answered, NULL);
}

static void sender_end(sender *self)
{
    pthread_cond_destroy(&self->answered);
    pthread_mutex_destroy(&self->mutex);
}

/* The same rows, by statements that know where they go. */
typedef struct inserter {
    PGconn *connection;
    int thread;
    int next;
    uint64_t versions[accounts];
} inserter;

static const char bare_events[] =
    "insert into events (position, version, recorded_at, id, type_version, stream, type, "
    "correlation_id, causation_id, payload) "
    "select nextval('events_position_seq'), e.version, clock_timestamp(), e.id, 1, e.stream, "
    "'bank.ledger.v1.Deposited', e.message_id, e.message_id, e.payload "
    "from unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::bytea[]) "
    "as e (version, id, stream, message_id, payload)";

static const char bare_handled[] = "insert into handled_messages (handled_at, source, id, digest) "
                                   "select clock_timestamp(), '/misas', e.id, e.digest "
                                   "from unnest($1::text[], $2::bytea[]) as e (id, digest)";

/* The arrays of both statements. */
typedef struct rows {
    misas__array versions;
    misas__array ids;
    misas__array streams;
    misas__array message_ids;
    misas__array payloads;
    misas__array handled_ids;
    misas__array digests;
} rows;

static void rows_begin(rows *of)
{
    misas__array_start(&of->versions, MISAS__BIGINT, batch);
    misas__array_start(&of->ids, MISAS__UUID, batch);
    misas__array_start(&of->streams, MISAS__TEXT, batch);
    misas__array_start(&of->message_ids, MISAS__TEXT, batch);
    misas__array_start(&of->payloads, MISAS__BYTEA, batch);
    misas__array_start(&of->handled_ids, MISAS__TEXT, batch);
    misas__array_start(&of->digests, MISAS__BYTEA, batch);
}

static void rows_add(rows *to, inserter *self)
{
    static const unsigned char digest[32];
    static const unsigned char payload[] = {0x0A, 0x03, '1', '2', '3', 0x10, 0x01};
    char stream[40];
    char message_id[MISAS_UUID_TEXT_SIZE];
    misas_uuid id = misas_uuid_new_v7();

    self->next = (self->next + 7919) % accounts;
    snprintf(stream, sizeof stream, "bare%d-%d", self->thread, self->next);
    misas_uuid_write(message_id, misas_uuid_new_v7());
    misas__array_add_bigint(&to->versions, (int64_t)++self->versions[self->next]);
    misas__array_add_bytes(&to->ids, id.bytes, sizeof id.bytes);
    misas__array_add_text(&to->streams, stream);
    misas__array_add_text(&to->message_ids, message_id);
    misas__array_add_bytes(&to->payloads, payload, sizeof payload);
    misas__array_add_text(&to->handled_ids, message_id);
    misas__array_add_bytes(&to->digests, digest, sizeof digest);
}

static void run(inserter *self, const char *name, misas__parameters *parameters)
{
    static const int binary[5] = {1, 1, 1, 1, 1};

    bench_expect(self->connection,
                 PQexecPrepared(self->connection, name, parameters->count, parameters->values,
                                parameters->sizes, binary, 1),
                 PGRES_COMMAND_OK);
    misas__parameters_free(parameters);
}

static uint64_t insert_bare(void *context)
{
    inserter *self = context;
    misas__parameters events = {0};
    misas__parameters handled = {0};
    rows all;

    rows_begin(&all);
    for (int i = 0; i < batch; i++) {
        rows_add(&all, self);
    }
    misas__parameters_add_array(&events, &all.versions);
    misas__parameters_add_array(&events, &all.ids);
    misas__parameters_add_array(&events, &all.streams);
    misas__parameters_add_array(&events, &all.message_ids);
    misas__parameters_add_array(&events, &all.payloads);
    misas__parameters_add_array(&handled, &all.handled_ids);
    misas__parameters_add_array(&handled, &all.digests);
    bench_execute(self->connection, "begin");
    run(self, "handled", &handled);
    run(self, "events", &events);
    bench_execute(self->connection, "commit");
    return batch;
}

static inserter *inserter_new(const bench_database *database, int thread)
{
    inserter *self = calloc(1, sizeof *self);

    if (self == NULL) {
        abort();
    }
    self->thread = thread;
    self->connection = bench_connect(database);
    bench_expect(self->connection, PQprepare(self->connection, "events", bare_events, 0, NULL),
                 PGRES_COMMAND_OK);
    bench_expect(self->connection, PQprepare(self->connection, "handled", bare_handled, 0, NULL),
                 PGRES_COMMAND_OK);
    return self;
}

static void compare(const char *name, int workers)
{
    bench_database database = bench_database_new("commands");
    misas_storage *storage = NULL;
    sender senders[most_workers];
    bench_contender ours = {.step = send_deposits};
    bench_contender limit = {.step = insert_bare};

    bench_check(misas_storage_new_postgresql(&storage, database.database, NULL), "a storage");
    bench_bank bank = bench_bank_start(storage, workers, window, NULL);

    bench_bank_open_accounts(&bank, accounts);
    for (int i = 0; i < workers; i++) {
        sender_begin(&senders[i], bank.bus, i);
        ours.contexts[i] = &senders[i];
        limit.contexts[i] = inserter_new(&database, i);
    }
    bench_rates rates = bench_compare(&ours, &limit, workers, 10, 2000);

    bench_report(name, rates.ours, "commands/s", rates.limit);
    for (int i = 0; i < workers; i++) {
        inserter *self = limit.contexts[i];

        sender_end(&senders[i]);
        PQfinish(self->connection);
        free(self);
    }
    bench_bank_stop(&bank);
    misas_storage_free(storage);
    bench_database_free(&database);
}

void bench_commands_one_worker(void)
{
    compare("commands_in_process_1", 1);
}

void bench_commands_two_workers(void)
{
    compare("commands_in_process_2", 2);
}

void bench_memory_commands(void)
{
    enum { round_trips = 20000, steps = 20 };
    misas_storage *storage = NULL;
    sender self;
    Bank__Ledger__V1__Deposit command = BANK__LEDGER__V1__DEPOSIT__INIT;

    bench_check(misas_storage_new_memory(&storage, NULL), "a storage");
    bench_bank bank = bench_bank_start(storage, 1, window, NULL);

    bench_bank_open_accounts(&bank, accounts);
    sender_begin(&self, bank.bus, 0);
    double started_ms = bench_now_ms();

    for (int i = 0; i < steps; i++) {
        send_deposits(&self);
    }
    bench_report("memory_commands", steps * commands_a_step / (bench_now_ms() - started_ms) * 1e3,
                 "commands/s", 0);
    command.account = (char[]){"1"};
    started_ms = bench_now_ms();
    for (int i = 0; i < round_trips; i++) {
        bench_check(bank_ledger_v1_deposit_send_and_wait(NULL, bank.bus, &command, NULL),
                    "a deposit");
    }
    bench_report("memory_send_and_wait_us", (bench_now_ms() - started_ms) * 1e3 / round_trips, "us",
                 0);
    sender_end(&self);
    bench_bank_stop(&bank);
    misas_storage_free(storage);
}
