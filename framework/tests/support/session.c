#define _XOPEN_SOURCE 700 /* pread */

#include "support/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "postgresql/connection.h"
#include "postgresql/sql.h"
#include "support/database.h"
#include "support/test.h"

enum { delivery_timeout_ms = 10000, lock_timeout_ms = 10000, looks_for_nothing = 3 };

test_store *test_store_open(const test_store_options *options)
{
    static const test_store_options defaults;
    static int count;
    const test_store_options *chosen = options != NULL ? options : &defaults;
    misas_postgresql_options postgresql = chosen->postgresql;
    misas_event_store_options store = chosen->store;
    test_store *opened = calloc(1, sizeof *opened);

    assert_non_null(opened);
    opened->connection = chosen->connection != NULL
                             ? chosen->connection
                             : test_database_connection(test_database_of_process());
    snprintf(opened->schema, sizeof opened->schema, "side_%d", ++count);
    opened->log_file = tmpfile();
    assert_no_error(misas_log_new(&opened->log, &(misas_log_options){.file = opened->log_file}));
    postgresql.connection = opened->connection;
    postgresql.schema = opened->schema;
    postgresql.logger.log = opened->log;
    store.logger.log = opened->log;
    assert_no_error(misas_postgresql_new(&opened->postgresql, &postgresql));
    assert_no_error(misas_postgresql_migrate(opened->postgresql));
    assert_no_error(misas_event_store_new_postgresql(&opened->store, opened->postgresql, &store));
    return opened;
}

void test_store_close(test_store *opened)
{
    misas_event_store_free(opened->store);
    misas_postgresql_free(opened->postgresql);
    misas_log_free(opened->log);
    fclose(opened->log_file);
    free(opened);
}

misas_subscription *test_store_follow(const test_store *opened)
{
    misas_subscription *subscription = NULL;

    assert_no_error(misas_event_store_subscribe(&subscription, opened->store, NULL));
    return subscription;
}

bool test_store_log_says(const test_store *opened, const char *text)
{
    char content[20000];

    fflush(opened->log_file);
    ssize_t size = pread(fileno(opened->log_file), content, sizeof content - 1, 0);

    content[size > 0 ? size : 0] = '\0';
    return strstr(content, text) != NULL;
}

/* For `execute` in the text of a statement. */
static void prepare_append(PGconn *session, const char *name, const char *sql, const char *schema)
{
    char *text = misas__statement_text(sql, schema);
    PGresult *result = PQprepare(session, name, text, 0, NULL);

    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    free(text);
}

PGconn *session_open(const test_store *opened)
{
    PGconn *session = PQconnectdb(misas_secret_reveal(opened->connection));

    if (PQstatus(session) != CONNECTION_OK) {
        fail_msg("%s", PQerrorMessage(session));
    }
    session_execute(session, "set search_path to \"%s\"", opened->schema);
    prepare_append(session, "append_first", misas__sql_append_first, opened->schema);
    prepare_append(session, "append_next", misas__sql_append_next, opened->schema);
    return session;
}

static void write_statement(char *out, size_t size, const char *format, va_list arguments)
{
    assert_in_range(vsnprintf(out, size, format, arguments), 0, size - 1);
}

#define WRITE_STATEMENT(statement, format)                                \
    do {                                                                  \
        va_list arguments;                                                \
        va_start(arguments, format);                                      \
        write_statement(statement, sizeof(statement), format, arguments); \
        va_end(arguments);                                                \
    } while (0)

/* Fails unless it is a success; then gives the first value as a number. */
static int64_t take_number(PGresult *result, const char *statement)
{
    ExecStatusType status = PQresultStatus(result);
    bool has_value = PQntuples(result) > 0 && PQnfields(result) > 0;
    int64_t number = has_value ? strtoll(PQgetvalue(result, 0, 0), NULL, 10) : 0;

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        print_error("%s: %s\n", statement, PQresultErrorMessage(result));
    }
    PQclear(result);
    assert_true(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK);
    return number;
}

void session_execute(PGconn *session, const char *format, ...)
{
    char statement[4000];

    WRITE_STATEMENT(statement, format);
    take_number(PQexec(session, statement), statement);
}

int64_t session_number(PGconn *session, const char *format, ...)
{
    char statement[4000];

    WRITE_STATEMENT(statement, format);
    return take_number(PQexec(session, statement), statement);
}

void session_assert_text(PGconn *session, const char *expected, const char *query)
{
    PGresult *result = PQexec(session, query);
    char found[200];

    snprintf(found, sizeof found, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    take_number(result, query);
    assert_string_equal(found, expected);
}

void session_assert_fails(PGconn *session, const char *sqlstate, const char *format, ...)
{
    char statement[4000];
    char found[8];

    WRITE_STATEMENT(statement, format);
    PGresult *result = PQexec(session, statement);
    const char *field = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    snprintf(found, sizeof found, "%s", field != NULL ? field : "");
    PQclear(result);
    assert_string_equal(found, sqlstate);
}

int64_t session_append(PGconn *session, const char *stream, int64_t expected, const char *word)
{
    return session_number(session,
                          "execute %s('%s', %lld, gen_random_uuid(), 'test.v1.Happened', 1, '%s', "
                          "null, null, null, null)",
                          expected > 0 ? "append_next" : "append_first", stream,
                          (long long)expected, word);
}

const char *session_batch_text(const char *stream, int64_t expected, const char *word, int count)
{
    static char text[1000];

    snprintf(text, sizeof text,
             "with n as (select array_agg(i) all_of, array_agg(1) ones, "
             "array_agg(gen_random_uuid()) ids, array_agg('test.v1.Happened'::text) types, "
             "array_agg(convert_to('%s' || case when i > 1 then i::text else '' end, 'UTF8')) "
             "payloads from generate_series(1, %d) i) "
             "select last_position from n, append_events(array['%s'], array[%lld::bigint], ones, "
             "all_of, ids, types, ones, payloads, null, null, null, null)",
             word, count, stream, (long long)expected);
    return text;
}

int64_t session_append_batch(PGconn *session, const char *stream, int64_t expected,
                             const char *word, int count)
{
    return session_number(session, "%s", session_batch_text(stream, expected, word, count));
}

void session_send(PGconn *session, const char *format, ...)
{
    char statement[4000];

    WRITE_STATEMENT(statement, format);
    assert_int_equal(PQsendQuery(session, statement), 1);
}

int64_t session_finish(PGconn *session)
{
    int64_t number = 0;

    for (PGresult *result = PQgetResult(session); result != NULL; result = PQgetResult(session)) {
        number = take_number(result, "sent before");
    }
    return number;
}

void session_terminate_stores(PGconn *session)
{
    assert_true(
        session_number(session,
                       "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity "
                       "where datname = current_database() and application_name = 'misas'") > 0);
}

typedef struct expected_waiting {
    PGconn *observer;
    int count;
} expected_waiting;

static bool are_waiting(void *argument)
{
    const expected_waiting *expected = argument;

    return session_number(expected->observer,
                          "select pg_stat_clear_snapshot(); select count(*) from pg_stat_activity "
                          "where datname = current_database() and wait_event_type = 'Lock'") ==
           expected->count;
}

void session_await_waiting(PGconn *observer, int count)
{
    assert_true(
        test_wait_until(are_waiting, &(expected_waiting){observer, count}, lock_timeout_ms));
}

/* Appends the payload of the next event to the text; false if none came. */
static bool append_next(char *text, size_t size, misas_subscription *subscription, int timeout_ms)
{
    const misas_event *event = NULL;
    size_t used = strlen(text);

    assert_no_error(misas_subscription_next(&event, subscription, timeout_ms));
    if (event != NULL) {
        snprintf(text + used, size - used, "%s%.*s", used > 0 ? " " : "", (int)event->payload_size,
                 (const char *)event->payload);
    }
    return event != NULL;
}

void session_assert_delivers(misas_subscription *subscription, const char *words, const char *file,
                             int line)
{
    char delivered[4000] = "";
    size_t expected = strlen(words);

    while (strlen(delivered) < expected &&
           append_next(delivered, sizeof delivered, subscription, delivery_timeout_ms)) {
    }
    for (int look = 0; look < looks_for_nothing; look++) {
        append_next(delivered, sizeof delivered, subscription, 0);
    }
    _assert_string_equal(delivered, words, file, line);
}
