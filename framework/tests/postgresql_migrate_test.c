/* The database schema: its version, its migrations, its name. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract/words.h"
#include "postgresql/connection.h"
#include "postgresql/sql.h"
#include "support/database.h"
#include "support/server.h"
#include "support/session.h"
#include "support/test.h"

/* A database connection for a schema that is not migrated yet. */
static misas_postgresql *connect_to(const misas_secret *connection, const char *schema)
{
    static misas_log *quiet;
    misas_postgresql *database = NULL;

    if (quiet == NULL) {
        assert_no_error(misas_log_new(&quiet, &(misas_log_options){.level = MISAS_LOG_OFF}));
    }
    assert_no_error(misas_postgresql_new(
        &database, &(misas_postgresql_options){
                       .connection = connection, .schema = schema, .logger = {.log = quiet}}));
    return database;
}

static misas_postgresql *connect_to_schema(const char *schema)
{
    return connect_to(test_database_connection(test_database_of_process()), schema);
}

static PGconn *open_session(void)
{
    return test_database_connect(test_database_of_process());
}

static void assert_version_is_wrong(misas_error *error, const char *schema, const char *found)
{
    char expected[12];

    snprintf(expected, sizeof expected, "%d", misas_postgresql_schema_version());
    assert_error_data(error, "schema", schema);
    assert_error_data(error, "found", found);
    assert_error_data(error, "expected", expected);
    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_error_is(error, MISAS_ERROR_SCHEMA_VERSION);
}

/* A text that changes whenever an object of the schema does. */
static void assert_fingerprint_stays(PGconn *session, const char *schema, char fingerprint[200])
{
    char query[1000];
    char before[200];

    snprintf(query, sizeof query,
             "select md5(coalesce(string_agg(o, ',' order by o), '')) || count(*) from ("
             "select c.oid || ' ' || relname || ' ' || c.xmin || ' ' || relfilenode as o "
             "from pg_class c where relnamespace = to_regnamespace('\"%s\"') union all "
             "select oid || ' ' || proname || ' ' || xmin from pg_proc "
             "where pronamespace = to_regnamespace('\"%s\"')) objects",
             schema, schema);
    PGresult *result = PQexec(session, query);

    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    strcpy(before, fingerprint);
    snprintf(fingerprint, 200, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    if (before[0] != '\0') {
        assert_string_equal(fingerprint, before);
    }
}

TEST(a_schema_that_was_not_migrated_is_named_and_left_alone)
{
    misas_postgresql *database = connect_to_schema("bare");
    PGconn *session = open_session();
    misas_event_store *store = NULL;

    assert_version_is_wrong(misas_event_store_new_postgresql(&store, database, NULL), "bare",
                            "none");
    assert_int_equal(
        session_number(session, "select count(*) from pg_namespace where nspname = 'bare'"), 0);
    PQfinish(session);
    misas_postgresql_free(database);
}

/* The version before the newest, as an error names it. */
static const char *version_before(char text[12])
{
    snprintf(text, 12, "%d", misas_postgresql_schema_version() - 1);
    return text;
}

TEST(an_older_schema_is_named_and_left_alone)
{
    misas_postgresql *database = connect_to_schema("older");
    PGconn *session = open_session();
    misas_event_store *store = NULL;
    char fingerprint[200] = "";
    char found[12];

    assert_no_error(misas_postgresql_migrate(database));
    session_execute(session, "delete from older.migrations where version = %d",
                    misas_postgresql_schema_version());
    assert_fingerprint_stays(session, "older", fingerprint);
    assert_version_is_wrong(misas_event_store_new_postgresql(&store, database, NULL), "older",
                            version_before(found));
    assert_fingerprint_stays(session, "older", fingerprint);
    PQfinish(session);
    misas_postgresql_free(database);
}

/* Applies the files of the first migration, as an older library did. */
static void migrate_to_first_version(PGconn *session, const char *schema)
{
    session_execute(session,
                    "create schema %s; create table %s.migrations (version integer primary key, "
                    "applied_at timestamptz not null default clock_timestamp()); "
                    "insert into %s.migrations (version) values (1)",
                    schema, schema, schema);
    for (const misas__migration_file *file = misas__migration_files; file->version == 1; file++) {
        char *text = misas__statement_text(file->sql, schema);
        PGresult *result = PQexec(session, text);

        assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
        PQclear(result);
        free(text);
    }
}

TEST(a_store_of_the_first_version_keeps_its_events_and_goes_on)
{
    misas_postgresql *database = connect_to_schema("first");
    PGconn *session = open_session();
    misas_event_store *store = NULL;

    migrate_to_first_version(session, "first");
    session_execute(session, "set search_path to first");
    session_append_batch(session, "a", 0, "a", 3);
    assert_no_error(misas_postgresql_migrate(database));
    assert_no_error(misas_event_store_new_postgresql(&store, database, NULL));
    assert_int_equal(words_append(store, "a", 3, "a4").position, 4);
    session_append_batch(session, "b", 0, "b", 2);
    assert_all(store, "a a2 a3 a4 b b2");
    misas_event_store_free(store);
    PQfinish(session);
    misas_postgresql_free(database);
}

TEST(a_newer_schema_is_named_and_left_alone_also_by_migrate)
{
    misas_postgresql *database = connect_to_schema("newer");
    PGconn *session = open_session();
    misas_event_store *store = NULL;
    char fingerprint[200] = "";

    assert_no_error(misas_postgresql_migrate(database));
    session_execute(session, "insert into newer.migrations (version) values (42)");
    assert_fingerprint_stays(session, "newer", fingerprint);
    assert_version_is_wrong(misas_event_store_new_postgresql(&store, database, NULL), "newer",
                            "42");
    assert_version_is_wrong(misas_postgresql_migrate(database), "newer", "42");
    assert_fingerprint_stays(session, "newer", fingerprint);
    PQfinish(session);
    misas_postgresql_free(database);
}

TEST(migrating_again_changes_nothing)
{
    misas_postgresql *database = connect_to_schema("again");
    PGconn *session = open_session();
    char fingerprint[200] = "";

    assert_no_error(misas_postgresql_migrate(database));
    assert_fingerprint_stays(session, "again", fingerprint);
    assert_no_error(misas_postgresql_migrate(database));
    assert_fingerprint_stays(session, "again", fingerprint);
    assert_int_equal(session_number(session, "select count(*) from again.migrations"),
                     misas_postgresql_schema_version());
    PQfinish(session);
    misas_postgresql_free(database);
}

/* As a service that may write events, but not create anything. */
TEST(migrating_what_is_up_to_date_takes_no_right_to_change_it)
{
    misas_secret *connection = NULL;
    char conninfo[200];

    test_server_start();
    misas_postgresql *owner = connect_to(test_server_connection(), "owned");
    PGconn *session = test_server_connect();

    assert_no_error(misas_postgresql_migrate(owner));
    session_execute(session, "grant usage on schema owned to guarded; "
                             "grant select on owned.migrations to guarded");
    snprintf(conninfo, sizeof conninfo,
             "host=127.0.0.1 port=%d user=guarded password=%s dbname=postgres", test_server_port(),
             test_server_password);
    assert_no_error(misas_secret_new(&connection, conninfo));
    misas_postgresql *guarded = connect_to(connection, "owned");
    misas_postgresql *elsewhere = connect_to(connection, "not_owned");

    assert_no_error(misas_postgresql_migrate(guarded));
    assert_error_says(misas_postgresql_migrate(elsewhere), MISAS_ERROR_POSTGRESQL,
                      "permission denied");
    misas_postgresql_free(elsewhere);
    misas_postgresql_free(guarded);
    misas_postgresql_free(owner);
    misas_secret_free(connection);
    PQfinish(session);
}

enum { migrating_threads = 8 };

static void *migrate(void *database)
{
    return misas_postgresql_migrate(database);
}

TEST(many_may_migrate_at_once)
{
    PGconn *session = open_session();

    for (int round = 0; round < 3; round++) {
        misas_postgresql *databases[migrating_threads];
        pthread_t threads[migrating_threads];
        void *error = NULL;

        for (int i = 0; i < migrating_threads; i++) {
            databases[i] = connect_to_schema("crowded");
        }
        for (int i = 0; i < migrating_threads; i++) {
            pthread_create(&threads[i], NULL, migrate, databases[i]);
        }
        for (int i = 0; i < migrating_threads; i++) {
            pthread_join(threads[i], &error);
            assert_no_error(error);
            misas_postgresql_free(databases[i]);
        }
        assert_int_equal(session_number(session, "select count(*) from crowded.migrations"),
                         misas_postgresql_schema_version());
        session_execute(session, "set client_min_messages = warning; drop schema crowded cascade");
    }
    PQfinish(session);
}

TEST(a_migration_that_fails_leaves_nothing_behind)
{
    misas_postgresql *database = connect_to_schema("taken");
    PGconn *session = open_session();
    char fingerprint[200] = "";

    session_execute(session, "create schema taken; create table taken.stream_marks (note text)");
    assert_fingerprint_stays(session, "taken", fingerprint);
    misas_error *error = misas_postgresql_migrate(database);

    assert_error_data(error, "sqlstate", "42P07");
    assert_error_says(error, MISAS_ERROR_POSTGRESQL, "stream_marks");
    assert_fingerprint_stays(session, "taken", fingerprint);
    session_execute(session, "drop table taken.stream_marks");
    assert_no_error(misas_postgresql_migrate(database));
    PQfinish(session);
    misas_postgresql_free(database);
}

TEST(two_schemas_in_one_database_have_nothing_in_common)
{
    test_store *left = test_store_open(NULL);
    test_store *right = test_store_open(NULL);

    assert_int_equal(words_append(left->store, "a", MISAS_NO_STREAM, "#same l2").position, 2);
    assert_int_equal(words_append(right->store, "a", MISAS_NO_STREAM, "#same r2").position, 2);
    assert_no_error(misas_event_store_delete_stream(left->store, "a", MISAS_ANY_VERSION));
    assert_all(right->store, "same r2");
    assert_reads(left->store, "a", NULL, "");
    test_store_close(left);
    test_store_close(right);
}

static void use_store(misas_event_store *store)
{
    misas_subscription *subscription = NULL;

    assert_no_error(misas_event_store_subscribe(&subscription, store, NULL));
    words_append(store, "a", MISAS_NO_STREAM, "a1");
    words_append(store, "a", 1, "a2");
    words_append(store, "a", MISAS_ANY_VERSION, "a3 a4");
    assert_delivers(subscription, "a1 a2 a3 a4");
    assert_no_error(misas_event_store_truncate_stream(store, "a", 3));
    assert_reads(store, "a", NULL, "a3 a4");
    misas_subscription_free(subscription);
}

TEST(a_schema_may_have_an_unusual_name)
{
    static const char *const names[] = {
        "My Schema",
        "select",
        "Jahresabschl\303\274sse",
        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
        "@schema@",
        "100%",
        "a.b",
        "a;b--c",
        "back\\slash",
        "/* comment",
        "%s%n",
        "public",
        "012345678901234567890123456789012345678901234567890123456789012",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        misas_postgresql *database = connect_to_schema(names[i]);
        misas_event_store *store = NULL;

        assert_no_error(misas_postgresql_migrate(database));
        assert_no_error(misas_event_store_new_postgresql(&store, database, NULL));
        use_store(store);
        misas_event_store_free(store);
        misas_postgresql_free(database);
    }
}

TEST(the_databases_own_schemas_are_refused)
{
    static const char *const names[] = {"pg_catalog", "pg_toast", "pg_mine"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        misas_postgresql *database = connect_to_schema(names[i]);

        assert_error_is(misas_postgresql_migrate(database), MISAS_ERROR_POSTGRESQL);
        misas_postgresql_free(database);
    }
}
