#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bank.h"

enum { accounts = 1000, predictions = 100000, workers = 2, window = 4000, predictors = 2 };
static const double wanted_predictions_per_second = 20000;

/* What fires is a deposit on its account: so it shows whether it fired once. */
static misas_error *pay_interest(misas_context *context, const Bank__Ledger__V1__InterestDue *due)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_load(&account, context, "account", due->account);

    event.account = due->account;
    event.cents = due->cents;
    return error == NULL ? bank_ledger_v1_deposited_record(account, &event) : error;
}

/* Field 1 is the account, field 2 the cents. */
static const char load_sql[] =
    "insert into predictions (id, type, type_version, key, due_at, payload) "
    "select 'interest-' || i, 'bank.ledger.v1.InterestDue', 1, (i % $2::int)::text, "
    "clock_timestamp() - interval '1 second', "
    "'\\x0a'::bytea || decode(lpad(to_hex(length((i % $2::int)::text)), 2, '0'), 'hex') "
    "|| convert_to((i % $2::int)::text, 'UTF8') || '\\x1001'::bytea "
    "from generate_series(1, $1::int) as i";

static void load(const bench_database *database)
{
    PGconn *connection = bench_connect(database);
    char count[16];
    char keys[16];
    const char *parameters[2] = {count, keys};

    snprintf(count, sizeof count, "%d", predictions);
    snprintf(keys, sizeof keys, "%d", accounts);
    bench_expect(connection, PQexecParams(connection, load_sql, 2, NULL, parameters, NULL, NULL, 0),
                 PGRES_COMMAND_OK);
    bench_execute(connection, "vacuum analyze predictions");
    bench_execute(connection, "checkpoint");
    PQfinish(connection);
}

static int64_t number(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);

    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        fprintf(stderr, "misas-bench: %s\n", PQerrorMessage(connection));
        exit(1);
    }
    int64_t value = strtoll(PQgetvalue(result, 0, 0), NULL, 10);

    PQclear(result);
    return value;
}

static void await_all(PGconn *connection)
{
    while (number(connection, "select count(*) from (select 1 from predictions limit 1) p") > 0) {
        struct timespec pause = {.tv_nsec = 20000000};

        nanosleep(&pause, NULL);
    }
}

static void judge(PGconn *connection)
{
    int64_t fired = number(connection, "select count(*) from events where causation_id like "
                                       "'interest-%'");
    int64_t different = number(connection, "select count(distinct causation_id) from events where "
                                           "causation_id like 'interest-%'");

    if (fired != predictions || different != predictions) {
        fprintf(stderr, "misas-bench: %lld deposits for %lld predictions\n", (long long)fired,
                (long long)different);
        exit(1);
    }
}

void bench_predictions_due(void)
{
    bench_database database = bench_database_new("predictions");
    misas_storage *storage = NULL;
    misas_predictor *both[predictors];

    bench_check(misas_storage_new_postgresql(&storage, database.database, NULL), "a storage");
    bench_bank bank = bench_bank_start(storage, workers, window, pay_interest);

    bench_bank_open_accounts(&bank, accounts);
    load(&database);
    PGconn *connection = bench_connect(&database);
    double started_ms = bench_now_ms();

    for (int i = 0; i < predictors; i++) {
        bench_check(misas_predictor_start(
                        &both[i], &(misas_predictor_options){.storage = storage, .bus = bank.bus}),
                    "a predictor");
    }
    await_all(connection);
    bench_report("predictions_due", predictions / (bench_now_ms() - started_ms) * 1e3,
                 "predictions/s", wanted_predictions_per_second);
    judge(connection);
    PQfinish(connection);
    for (int i = 0; i < predictors; i++) {
        misas_predictor_stop(both[i]);
    }
    bench_bank_stop(&bank);
    misas_storage_free(storage);
    bench_database_free(&database);
}
