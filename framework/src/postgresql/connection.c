#include "postgresql/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock/monotonic.h"
#include "postgresql/errors.h"

/* What a session needs. A client that stops must not freeze the others: its transaction is ended.
 * An append that is acknowledged is on the disk. One plan for any parameters, because a plan made
 * for the first values, on a table still empty, stays. */
static const char session_setup[] = "set idle_in_transaction_session_timeout = '3s';"
                                    "select set_config('synchronous_commit', 'on', false) "
                                    "where current_setting('synchronous_commit') <> 'remote_apply';"
                                    "set default_transaction_isolation = 'read committed';"
                                    "set plan_cache_mode = force_generic_plan;"
                                    "set jit = off;"
                                    "set client_min_messages = warning;";

/* Ours come first: what the connection string says wins, but for the encoding. */
static PGconn *start_connecting(const char *conninfo)
{
    const char *const names[] = {"target_session_attrs",
                                 "keepalives_idle",
                                 "keepalives_interval",
                                 "keepalives_count",
                                 "tcp_user_timeout",
                                 "application_name",
                                 "dbname",
                                 "client_encoding",
                                 NULL};
    const char *const values[] = {"read-write", "5",      "2",    "3", "10000",
                                  "misas",      conninfo, "UTF8", NULL};

    return PQconnectStartParams(names, values, 1);
}

static int wait_for_socket(const PGconn *pg, PostgresPollingStatusType wanted, int64_t deadline_ms)
{
    int64_t left_ms = deadline_ms - misas__monotonic_ms();
    struct pollfd socket = {
        .fd = PQsocket(pg),
        .events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT,
    };

    return left_ms > 0 ? poll(&socket, 1, (int)left_ms) : 0;
}

static misas_error *finish_connecting(PGconn *pg, int timeout_ms)
{
    int64_t deadline_ms = misas__monotonic_ms() + timeout_ms;
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;

    while (status == PGRES_POLLING_WRITING || status == PGRES_POLLING_READING) {
        int ready = wait_for_socket(pg, status, deadline_ms);

        if (ready == 0) {
            return misas__pg_unavailable(pg, "no answer within the connect timeout");
        }
        if (ready > 0) {
            status = PQconnectPoll(pg);
        } else if (errno != EINTR) {
            return misas__pg_unavailable(pg, strerror(errno));
        }
    }
    return status == PGRES_POLLING_OK ? NULL : misas__pg_connect_error(pg);
}

static misas_error *check_encoding(PGconn *pg)
{
    const char *encoding = PQparameterStatus(pg, "server_encoding");

    return encoding != NULL && strcmp(encoding, "UTF8") == 0
               ? NULL
               : misas__pg_options_error("connection", "the database's encoding must be UTF8");
}

static misas_error *set_up(misas__connection *connection, int timeout_ms)
{
    PGconn *pg = connection->pg;

    PQsetErrorVerbosity(pg, PQERRORS_VERBOSE);
    misas_error *error = PQstatus(pg) == CONNECTION_BAD ? misas__pg_connect_error(pg)
                                                        : finish_connecting(pg, timeout_ms);

    PQsetErrorVerbosity(pg, PQERRORS_DEFAULT);
    if (error == NULL) {
        error = check_encoding(pg);
    }
    return error != NULL ? error : misas__connection_execute_text(connection, session_setup);
}

/* Notices are nobody's; but what the server says at the end of an idle session comes as one. */
static void take_notice(void *argument, const PGresult *notice)
{
    misas__connection *connection = argument;
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);

    if (severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0)) {
        connection->was_ended = true;
    }
}

misas_error *misas__connection_open(misas__connection **out,
                                    const misas__connection_settings *settings)
{
    misas__connection *connection = calloc(1, sizeof *connection);

    if (connection == NULL) {
        return misas_error_out_of_memory();
    }
    connection->schema = settings->schema;
    connection->pg = start_connecting(settings->conninfo);
    PQsetNoticeReceiver(connection->pg, take_notice, connection);
    misas_error *error = connection->pg != NULL ? set_up(connection, settings->timeout_ms)
                                                : misas_error_out_of_memory();

    if (error != NULL) {
        misas__connection_close(connection);
        return error;
    }
    *out = connection;
    return NULL;
}

void misas__connection_close(misas__connection *connection)
{
    if (connection != NULL) {
        PQfinish(connection->pg);
        free(connection);
    }
}

bool misas__connection_is_alive(misas__connection *connection)
{
    struct pollfd socket = {.fd = PQsocket(connection->pg), .events = POLLIN};

    /* The end of the connection comes after what the server has said before. */
    while (PQstatus(connection->pg) == CONNECTION_OK && poll(&socket, 1, 0) != 0) {
        if (PQconsumeInput(connection->pg) != 1) {
            return false;
        }
    }
    PQfreemem(PQnotifies(connection->pg)); /* takes notice of it */
    return PQstatus(connection->pg) == CONNECTION_OK && !connection->was_ended;
}

char *misas__statement_text(const char *sql, const char *schema)
{
    static const char placeholder[] = "@schema@";
    misas__text text = {0};
    char *out = NULL;
    const char *at = strstr(sql, placeholder);

    while (at != NULL) {
        misas__text_append(&text, sql, (size_t)(at - sql));
        misas__text_append_string(&text, schema);
        sql = at + strlen(placeholder);
        at = strstr(sql, placeholder);
    }
    misas__text_append_string(&text, sql);
    misas_error_free(misas__text_finish(&out, NULL, &text));
    return out;
}

/* Statements are named after their place among the prepared ones. */
static void write_name(char name[16], int index)
{
    snprintf(name, 16, "misas_%d", index);
}

static misas_error *prepare(misas__connection *connection, const char *sql)
{
    char name[16];
    char *text = misas__statement_text(sql, connection->schema);

    if (text == NULL || connection->prepared_count == misas__max_statements) {
        free(text);
        return misas_error_out_of_memory();
    }
    write_name(name, connection->prepared_count);
    PGresult *result = PQprepare(connection->pg, name, text, 0, NULL);
    misas_error *error = PQresultStatus(result) == PGRES_COMMAND_OK
                             ? NULL
                             : misas__pg_result_error(connection->pg, result);

    PQclear(result);
    free(text);
    if (error == NULL) {
        connection->prepared[connection->prepared_count++] = sql;
    }
    return error;
}

static misas_error *find_statement(char name[16], misas__connection *connection, const char *sql)
{
    misas_error *error = NULL;
    int index = 0;

    while (index < connection->prepared_count && connection->prepared[index] != sql) {
        index++;
    }
    if (index == connection->prepared_count) {
        error = prepare(connection, sql);
    }
    write_name(name, index);
    return error;
}

static misas_error *send_statement(misas__connection *connection, const char *sql,
                                   const misas__parameters *parameters)
{
    static const misas__parameters none;
    static const int binary[misas__max_parameters] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                                      1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const misas__parameters *given = parameters != NULL ? parameters : &none;
    char name[16];

    if (given->failed) {
        return misas_error_out_of_memory();
    }
    misas_error *error = find_statement(name, connection, sql);

    if (error == NULL && PQsendQueryPrepared(connection->pg, name, given->count, given->values,
                                             given->sizes, binary, 1) != 1) {
        error = misas__pg_result_error(connection->pg, NULL);
    }
    return error;
}

/* The last result of what was sent; an error result wins over what came before it. */
static PGresult *take_last_result(PGconn *pg)
{
    PGresult *last = NULL;

    for (PGresult *next = PQgetResult(pg); next != NULL; next = PQgetResult(pg)) {
        if (last != NULL && PQresultStatus(last) == PGRES_FATAL_ERROR) {
            PQclear(next);
            continue;
        }
        PQclear(last);
        last = next;
    }
    return last;
}

static misas_error *check_result(const misas__connection *connection, const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
               ? NULL
               : misas__pg_result_error(connection->pg, result);
}

misas_error *misas__connection_run(PGresult **out, misas__connection *connection, const char *sql,
                                   const misas__parameters *parameters)
{
    misas_error *error = send_statement(connection, sql, parameters);

    *out = NULL;
    if (error != NULL) {
        return error;
    }
    PGresult *result = take_last_result(connection->pg);

    error = check_result(connection, result);
    if (error != NULL) {
        PQclear(result);
        return error;
    }
    *out = result;
    return NULL;
}

misas_error *misas__connection_execute(misas__connection *connection, const char *sql,
                                       const misas__parameters *parameters)
{
    PGresult *result = NULL;
    misas_error *error = misas__connection_run(&result, connection, sql, parameters);

    PQclear(result);
    return error;
}

misas_error *misas__connection_stream(misas__connection *connection, const char *sql,
                                      const misas__parameters *parameters)
{
    misas_error *error = send_statement(connection, sql, parameters);

    if (error == NULL && PQsetSingleRowMode(connection->pg) != 1) {
        error = misas__pg_result_error(connection->pg, NULL);
    }
    return error;
}

void misas__connection_end_stream(misas__connection *connection)
{
    PGresult *result = PQgetResult(connection->pg);

    if (PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
        char ignored[256];
        PGcancel *cancel = PQgetCancel(connection->pg);

        PQcancel(cancel, ignored, sizeof ignored);
        PQfreeCancel(cancel);
    }
    while (result != NULL) {
        PQclear(result);
        result = PQgetResult(connection->pg);
    }
}

misas_error *misas__connection_execute_text(misas__connection *connection, const char *sql)
{
    PGresult *result = PQexec(connection->pg, sql);
    misas_error *error = check_result(connection, result);

    PQclear(result);
    return error;
}
