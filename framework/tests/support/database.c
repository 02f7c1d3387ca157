#include "support/database.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "misas/uuid.h"
#include "support/test.h"
#include "text/text.h"

struct test_database {
    char name[64];
    misas_secret *connection;
    test_database *next;
};

static test_database *all_databases; /* the newest first */

static void give_up(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static const char *server_uri(void)
{
    const char *uri = getenv("MISAS_POSTGRESQL");

    if (uri == NULL || uri[0] == '\0') {
        give_up("MISAS_POSTGRESQL is not set",
                "these tests need a PostgreSQL server, as in "
                "MISAS_POSTGRESQL=postgresql://user@host:5432/postgres; ./dev sets it");
    }
    return uri;
}

/* Says what went wrong, and whether all went well: the process may be exiting already. */
static bool execute_on_server(const char *statement)
{
    PGconn *connection = PQconnectdb(server_uri());
    PGresult *result = PQexec(connection, statement);
    ExecStatusType status = PQresultStatus(result);
    bool is_done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

    if (!is_done) {
        fprintf(stderr, "%s, on the server that MISAS_POSTGRESQL names: %s\n", statement,
                PQerrorMessage(connection));
    }
    PQclear(result);
    PQfinish(connection);
    return is_done;
}

static void append_setting(misas__text *text, const char *keyword, const char *value)
{
    misas__text_append_format(text, "%s='", keyword);
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\') {
            misas__text_append(text, "\\", 1);
        }
        misas__text_append(text, value, 1);
    }
    misas__text_append_string(text, "' ");
}

/* The server's settings, with another database. */
static misas_secret *connection_to(const char *database_name)
{
    char *problem = NULL;
    PQconninfoOption *settings = PQconninfoParse(server_uri(), &problem);
    misas__text text = {0};
    char *conninfo = NULL;
    misas_secret *secret = NULL;

    if (settings == NULL) {
        give_up("MISAS_POSTGRESQL is not a libpq URI", problem);
    }
    for (PQconninfoOption *setting = settings; setting->keyword != NULL; setting++) {
        if (setting->val != NULL && strcmp(setting->keyword, "dbname") != 0) {
            append_setting(&text, setting->keyword, setting->val);
        }
    }
    append_setting(&text, "dbname", database_name);
    PQconninfoFree(settings);
    misas_error *error = misas__text_finish(&conninfo, NULL, &text);
    if (error == NULL) {
        error = misas_secret_new(&secret, conninfo);
    }
    if (error != NULL) {
        give_up("the connection string of a test's database", misas_error_message(error));
    }
    free(conninfo);
    return secret;
}

/* Not in a process that a test forked: those end with _exit. */
static void drop_all(void)
{
    while (all_databases != NULL) {
        test_database_free(all_databases);
    }
}

static test_database *create(const char *options)
{
    static bool is_registered;
    test_database *database = calloc(1, sizeof *database);
    char id[MISAS_UUID_TEXT_SIZE];
    char statement[256];

    if (database == NULL) {
        abort();
    }
    if (!is_registered) {
        test_at_end(drop_all);
        is_registered = true;
    }
    snprintf(database->name, sizeof database->name, "misas_test_%s",
             misas_uuid_write(id, misas_uuid_new_v7()));
    snprintf(statement, sizeof statement, "create database \"%s\" %s", database->name, options);
    if (!execute_on_server(statement)) {
        exit(EXIT_FAILURE);
    }
    database->connection = connection_to(database->name);
    database->next = all_databases;
    all_databases = database;
    return database;
}

test_database *test_database_new(void)
{
    return create("");
}

test_database *test_database_new_in_english(void)
{
    return create("template template0 locale_provider icu icu_locale 'en-US'");
}

static void forget(const test_database *database)
{
    test_database **link = &all_databases;

    while (*link != database) {
        link = &(*link)->next;
    }
    *link = database->next;
}

void test_database_free(test_database *database)
{
    char statement[128];

    if (database == NULL) {
        return;
    }
    forget(database);
    snprintf(statement, sizeof statement, "drop database \"%s\" with (force)", database->name);
    execute_on_server(statement);
    misas_secret_free(database->connection);
    free(database);
}

test_database *test_database_of_process(void)
{
    static test_database *shared;

    if (shared == NULL) {
        shared = test_database_new();
    }
    return shared;
}

const char *test_database_name(const test_database *database)
{
    return database->name;
}

const misas_secret *test_database_connection(const test_database *database)
{
    return database->connection;
}

PGconn *test_database_connect(const test_database *database)
{
    PGconn *connection = PQconnectdb(misas_secret_reveal(database->connection));

    if (PQstatus(connection) != CONNECTION_OK) {
        give_up("can't connect to a test's database", PQerrorMessage(connection));
    }
    return connection;
}

void test_database_terminate_sessions(const test_database *database)
{
    char statement[256];

    snprintf(statement, sizeof statement,
             "select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'",
             database->name);
    execute_on_server(statement);
}
