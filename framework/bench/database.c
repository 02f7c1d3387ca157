#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

const unsigned char bench_payload[bench_payload_bytes] = {0x0A, 0x20, 0x10, 0x2A};

static const char *connection_string(void)
{
    const char *value = getenv("MISAS_POSTGRESQL");

    if (value == NULL || value[0] == '\0') {
        fprintf(stderr, "misas-bench: MISAS_POSTGRESQL is not set; run ./dev bench\n");
        exit(2);
    }
    return value;
}

void bench_expect(PGconn *connection, PGresult *result, ExecStatusType status)
{
    if (PQresultStatus(result) != status) {
        fprintf(stderr, "misas-bench: %s\n", PQerrorMessage(connection));
        exit(1);
    }
    PQclear(result);
}

void bench_execute(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);

    bench_expect(connection, result,
                 status == PGRES_TUPLES_OK ? PGRES_TUPLES_OK : PGRES_COMMAND_OK);
}

PGconn *bench_connect(const bench_database *database)
{
    char sql[100];
    PGconn *connection = PQconnectdb(connection_string());

    if (PQstatus(connection) != CONNECTION_OK) {
        fprintf(stderr, "misas-bench: %s\n", PQerrorMessage(connection));
        exit(1);
    }
    bench_execute(connection, "set client_min_messages = warning");
    snprintf(sql, sizeof sql, "set search_path = %s", database->schema);
    bench_execute(connection, sql);
    return connection;
}

static void drop_schema(const bench_database *database)
{
    char sql[100];
    PGconn *connection = bench_connect(database);

    snprintf(sql, sizeof sql, "drop schema if exists %s cascade", database->schema);
    bench_execute(connection, sql);
    PQfinish(connection);
}

/* The i-th event is the e-th of the batch that stream s gets in turn t. $1: how many of a batch,
 * $2: how many streams, $3: how many events, $4: bytes of each. */
static const char load_sql[] =
    "insert into events (position, version, recorded_at, id, type_version, stream, type, payload) "
    "select nextval('events_position_seq'), i / ($1::int * $2::int) * $1::int + i % $1::int + 1, "
    "clock_timestamp(), lpad(to_hex(i), 32, '0')::uuid, 1, "
    "'account-' || i / $1::int % $2::int, '" BENCH_TYPE "', decode(repeat('2a', $4::int), 'hex') "
    "from generate_series(0, $3::int - 1) as i";

void bench_load(PGconn *connection, const bench_content *content)
{
    char numbers[4][12];
    const char *parameters[4] = {numbers[0], numbers[1], numbers[2], numbers[3]};

    snprintf(numbers[0], sizeof numbers[0], "%d", content->batch);
    snprintf(numbers[1], sizeof numbers[1], "%d", content->streams);
    snprintf(numbers[2], sizeof numbers[2], "%d",
             content->streams * content->turns * content->batch);
    snprintf(numbers[3], sizeof numbers[3], "%d", bench_payload_bytes);
    bench_expect(connection, PQexecParams(connection, load_sql, 4, NULL, parameters, NULL, NULL, 0),
                 PGRES_COMMAND_OK);
    bench_execute(connection, "vacuum analyze events");
    bench_execute(connection, "checkpoint");
}

bench_database bench_database_new(const char *name)
{
    bench_database opened = {0};
    misas_secret *connection = NULL;

    snprintf(opened.schema, sizeof opened.schema, "bench_%s_%d", name, (int)getpid());
    drop_schema(&opened);
    bench_check(misas_secret_new(&connection, connection_string()), "the connection string");
    bench_check(misas_postgresql_new(
                    &opened.database,
                    &(misas_postgresql_options){.connection = connection, .schema = opened.schema}),
                "connecting");
    misas_secret_free(connection);
    bench_check(misas_postgresql_migrate(opened.database), "migrating");
    bench_check(misas_event_store_new_postgresql(&opened.store, opened.database, NULL),
                "opening the store");
    return opened;
}

void bench_database_free(bench_database *database)
{
    misas_event_store_free(database->store);
    misas_postgresql_free(database->database);
    drop_schema(database);
}
