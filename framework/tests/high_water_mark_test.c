/* Each rule of the high-water mark, by a case in which a reader without the rule misses an event or
 * gives one out too early. Writers are raw sessions, moved step by step. */
#include "postgresql/high_water_mark.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "postgresql/event_store.h"
#include "postgresql/pool.h"
#include "support/database.h"
#include "support/session.h"
#include "support/statements.h"
#include "support/test.h"

static void commit(void *session)
{
    session_execute(session, "commit");
}

/* A mark on a connection of its own. */
typedef struct watcher {
    misas__connection *connection;
    misas__high_water_mark mark;
} watcher;

static watcher watch(const test_store *at)
{
    watcher made = {.mark = {.logger = {.log = at->log}}};

    statements_interrupt(0, NULL, NULL);
    assert_no_error(misas__pool_open_own(&made.connection, at->postgresql));
    return made;
}

static int64_t settled(watcher *of)
{
    assert_no_error(misas__high_water_mark_poll(&of->mark, of->connection));
    return (int64_t)of->mark.settled;
}

static void stop_watching(watcher *of)
{
    misas__high_water_mark_forget(&of->mark);
    misas__connection_close(of->connection);
}

static misas_subscription *follow(const test_store *at)
{
    statements_interrupt(0, NULL, NULL);
    return test_store_follow(at);
}

/* A session that has appended `word` to a stream of that name, and leaves its transaction open. */
static PGconn *open_append(const test_store *at, const char *word)
{
    PGconn *session = session_open(at);

    session_execute(session, "begin");
    assert_true(session_append(session, word, 0, word) > 0);
    return session;
}

static void append_one(const test_store *at, const char *word)
{
    PGconn *session = session_open(at);

    session_append(session, word, 0, word);
    PQfinish(session);
}

TEST(the_sequence_keeps_no_values_for_a_session_and_does_not_begin_again)
{
    test_store *at = test_store_open(NULL);
    PGconn *session = session_open(at);

    session_assert_text(session, "1 1 f bigint 1",
                        "select concat_ws(' ', seqcache, seqincrement, seqcycle, "
                        "format_type(seqtypid, null), seqstart) from pg_sequence "
                        "where seqrelid = 'events_position_seq'::regclass");
    PQfinish(session);
    test_store_close(at);
}

TEST(sessions_that_take_turns_are_read_in_the_order_in_which_they_appended)
{
    test_store *at = test_store_open(NULL);
    misas_subscription *subscription = follow(at);
    PGconn *one = session_open(at);
    PGconn *other = session_open(at);

    session_append(one, "a", 0, "a1");
    assert_delivers(subscription, "a1");
    session_append(other, "b", 0, "b1");
    assert_delivers(subscription, "b1");
    session_append(one, "a", 1, "a2");
    assert_delivers(subscription, "a2");
    session_append(other, "b", 1, "b2");
    session_append(one, "a", 2, "a3");
    assert_delivers(subscription, "b2 a3");
    PQfinish(one);
    PQfinish(other);
    misas_subscription_free(subscription);
    test_store_close(at);
}

TEST(before_the_first_position_is_drawn_nothing_is_settled)
{
    test_store *at = test_store_open(NULL);
    misas_subscription *subscription = follow(at);
    watcher mark = watch(at);

    assert_int_equal(settled(&mark), 0);
    assert_delivers(subscription, "");
    assert_int_equal(misas_subscription_settled(subscription), 0);
    append_one(at, "first");
    assert_delivers(subscription, "first");
    assert_int_equal(settled(&mark), 1);
    stop_watching(&mark);
    misas_subscription_free(subscription);
    test_store_close(at);
}

TEST(an_event_waits_for_every_append_that_drew_an_earlier_position)
{
    test_store *at = test_store_open(NULL);
    misas_subscription *subscription = follow(at);
    watcher mark = watch(at);
    PGconn *slow = open_append(at, "early");

    append_one(at, "late");
    assert_int_equal(settled(&mark), 0);
    assert_delivers(subscription, "");
    commit(slow);
    assert_int_equal(settled(&mark), 2);
    assert_delivers(subscription, "early late");
    PQfinish(slow);
    stop_watching(&mark);
    misas_subscription_free(subscription);
    test_store_close(at);
}

TEST(an_append_that_begins_later_holds_nothing_back_that_was_drawn_before)
{
    test_store *at = test_store_open(NULL);
    watcher mark = watch(at);
    PGconn *first = open_append(at, "first");

    assert_int_equal(settled(&mark), 0);
    PGconn *second = open_append(at, "second");

    assert_int_equal(settled(&mark), 0);
    commit(first);
    assert_int_equal(settled(&mark), 1);
    commit(second);
    assert_int_equal(settled(&mark), 2);
    PQfinish(first);
    PQfinish(second);
    stop_watching(&mark);
    test_store_close(at);
}

TEST(many_pending_marks_settle_in_their_order)
{
    enum { writers = misas__max_pending_marks + 4 };
    test_store *at = test_store_open(NULL);
    watcher mark = watch(at);
    PGconn *sessions[writers];
    char word[16];

    for (int i = 0; i < writers; i++) {
        snprintf(word, sizeof word, "s%d", i);
        sessions[i] = open_append(at, word);
        assert_int_equal(settled(&mark), 0);
    }
    for (int i = 0; i < writers; i++) {
        commit(sessions[i]);
        int64_t now = settled(&mark);

        assert_true(now <= i + 1 && (now == i + 1 || i >= misas__max_pending_marks));
        PQfinish(sessions[i]);
    }
    assert_int_equal(settled(&mark), writers);
    stop_watching(&mark);
    test_store_close(at);
}

static void draw_a_position(void *session)
{
    session_execute(session, "begin");
    session_append(session, "between", 0, "between");
}

/* Asked the other way round, nobody holds the lock yet, and the position counts already. */
TEST(a_position_drawn_between_the_statements_of_the_mark_is_not_settled)
{
    test_store *at = test_store_open(NULL);
    PGconn *session = session_open(at);
    watcher mark = watch(at);

    statements_interrupt(2, draw_a_position, session);
    assert_int_equal(settled(&mark), 0);
    assert_int_equal(statements_sent(), 2);
    assert_int_equal(settled(&mark), 0);
    commit(session);
    assert_int_equal(settled(&mark), 1);
    PQfinish(session);
    stop_watching(&mark);
    test_store_close(at);
}

/* In one transaction with one snapshot, the events would be read as they were before the commit. */
TEST(an_append_that_commits_between_the_statements_of_the_mark_is_not_missed)
{
    for (int statement = 1; statement <= 3; statement++) {
        test_store *at = test_store_open(NULL);
        misas_subscription *subscription = follow(at);
        PGconn *slow = open_append(at, "early");

        append_one(at, "late");
        assert_delivers(subscription, "");
        statements_interrupt(statement, commit, slow);
        assert_delivers(subscription, "early late");
        PQfinish(slow);
        misas_subscription_free(subscription);
        test_store_close(at);
    }
}

/* What is sent and answered, one letter each: E a statement is executed, I the server is ready and
 * in no transaction, T it is in one. */
static void read_trace(char *out, size_t size, FILE *trace)
{
    char line[4000];
    size_t used = 0;

    rewind(trace);
    while (fgets(line, sizeof line, trace) != NULL && used + 1 < size) {
        if (strstr(line, "\tExecute\t") != NULL || strstr(line, "\tQuery\t") != NULL) {
            out[used++] = 'E';
        } else if (strstr(line, "\tReadyForQuery\t") != NULL) {
            out[used++] = strstr(line, "\t I") != NULL ? 'I' : 'T';
        }
    }
    out[used] = '\0';
}

TEST(each_statement_of_the_mark_is_sent_after_the_answer_before_and_outside_of_a_transaction)
{
    test_store *at = test_store_open(NULL);
    watcher mark = watch(at);
    FILE *trace = tmpfile();
    char steps[100];

    settled(&mark); /* the statements are prepared now */
    PQtrace(mark.connection->pg, trace);
    PQsetTraceFlags(mark.connection->pg, PQTRACE_SUPPRESS_TIMESTAMPS);
    settled(&mark);
    PQuntrace(mark.connection->pg);
    read_trace(steps, sizeof steps, trace);
    assert_string_equal(steps, "EIEI");
    fclose(trace);
    stop_watching(&mark);
    test_store_close(at);
}

TEST(reading_all_waits_for_the_appends_in_progress)
{
    test_store *at = test_store_open(NULL);
    PGconn *slow = open_append(at, "early");
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    append_one(at, "late");
    statements_interrupt(9, commit, slow);
    assert_no_error(misas_event_store_read_all(&reader, at->store, NULL));
    assert_true(statements_sent() >= 9);
    assert_no_error(misas_event_reader_next(&event, reader));
    assert_string_equal(event->stream, "early");
    assert_no_error(misas_event_reader_next(&event, reader));
    assert_string_equal(event->stream, "late");
    misas_event_reader_free(reader);
    PQfinish(slow);
    test_store_close(at);
}

TEST(reading_all_gives_up_when_an_append_holds_the_mark_back_for_too_long)
{
    test_store *at = test_store_open(&(test_store_options){.store = {.mark_timeout_ms = 100}});
    PGconn *slow = open_append(at, "early");
    misas_event_reader *reader = NULL;
    int64_t began_ms = test_now_ms();

    misas_error *error = misas_event_store_read_all(&reader, at->store, NULL);

    assert_true(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_error_is(error, MISAS_ERROR_MARK_HELD_BACK);
    assert_in_range(test_now_ms() - began_ms, 100, 1500);
    commit(slow);
    assert_no_error(misas_event_store_read_all(&reader, at->store, NULL));
    misas_event_reader_free(reader);
    PQfinish(slow);
    test_store_close(at);
}

/* Locks that look like that of an append. */
static const char *const other_locks[] = {
    "lock table events in access share mode",
    "lock table events in row share mode",
    "lock table events in share update exclusive mode",
    "lock table stream_marks in row exclusive mode",
    "select pg_advisory_xact_lock('events'::regclass::bigint)",
    "select nextval('stream_marks_seq')",
};

TEST(other_locks_do_not_hold_the_mark_back)
{
    test_store *at = test_store_open(NULL);
    watcher mark = watch(at);
    PGconn *session = session_open(at);

    for (size_t i = 0; i < sizeof other_locks / sizeof other_locks[0]; i++) {
        session_execute(session, "select nextval('events_position_seq')");
        session_execute(session, "begin; %s", other_locks[i]);
        assert_int_equal(settled(&mark), i + 1);
        commit(session);
    }
    PQfinish(session);
    stop_watching(&mark);
    test_store_close(at);
}

/* In a copy of a database the tables have the same numbers. */
static PGconn *connect_to_copy(char copy[80], const test_database *database)
{
    test_store *elsewhere = test_store_open(NULL);
    PGconn *maker = session_open(elsewhere);

    snprintf(copy, 80, "%s_copy", test_database_name(database));
    test_database_terminate_sessions(database); /* a database in use can't be copied */
    session_execute(maker, "create database \"%s\" template \"%s\"", copy,
                    test_database_name(database));
    PQfinish(maker);
    test_store_close(elsewhere);

    const char *connection = misas_secret_reveal(test_database_connection(database));
    PGconn *session = PQconnectdbParams((const char *const[]){"dbname", "dbname", NULL},
                                        (const char *const[]){connection, copy, NULL}, 1);

    assert_int_equal(PQstatus(session), CONNECTION_OK);
    return session;
}

TEST(the_same_lock_in_another_database_does_not_hold_the_mark_back)
{
    test_database *database = test_database_new();
    test_store *at =
        test_store_open(&(test_store_options){.connection = test_database_connection(database)});
    char copy[80];
    PGconn *other = connect_to_copy(copy, database);
    PGconn *session = session_open(at);
    watcher mark = watch(at);
    char table[100];

    snprintf(table, sizeof table, "\"%s\".events", at->schema);
    assert_int_equal(session_number(session, "select '%s'::regclass::oid", table),
                     session_number(other, "select '%s'::regclass::oid", table));
    session_execute(other, "begin; lock table %s in row exclusive mode", table);
    session_append(session, "a", 0, "a");
    assert_int_equal(settled(&mark), 1);
    PQfinish(other);
    session_execute(session, "drop database \"%s\"", copy);
    PQfinish(session);
    stop_watching(&mark);
    test_store_close(at);
    test_database_free(database);
}

TEST(an_append_to_the_store_of_another_schema_does_not_hold_the_mark_back)
{
    test_store *at = test_store_open(NULL);
    test_store *neighbour = test_store_open(NULL);
    watcher mark = watch(at);
    PGconn *session = open_append(neighbour, "a");

    append_one(at, "a");
    assert_int_equal(settled(&mark), 1);
    PQfinish(session);
    stop_watching(&mark);
    test_store_close(neighbour);
    test_store_close(at);
}

static const char *const inserts_of_others[] = {
    "insert into events select nextval('events_position_seq'), 1, now(), gen_random_uuid(), 1, "
    "'a', "
    "'t', null, null, null, ''",
    "insert into events values (nextval('events_position_seq'), 1, now(), gen_random_uuid(), 1, "
    "'a', 't', null, null, null, '')",
    "lock table events in row exclusive mode; select nextval('events_position_seq')",
};

TEST(whoever_inserts_holds_the_mark_back_until_the_transaction_ends)
{
    test_store *at = test_store_open(NULL);
    watcher mark = watch(at);
    PGconn *session = session_open(at);
    int64_t last = 0;

    for (size_t i = 0; i < sizeof inserts_of_others / sizeof inserts_of_others[0]; i++) {
        session_execute(session, "begin; %s", inserts_of_others[i]);
        assert_int_equal(settled(&mark), last);
        session_execute(session, "rollback");
        last++;
        assert_int_equal(settled(&mark), last);
    }
    PQfinish(session);
    stop_watching(&mark);
    test_store_close(at);
}

TEST(a_subscription_that_loses_its_connection_while_it_waits_for_the_mark_misses_nothing)
{
    test_store *at = test_store_open(NULL);
    misas_subscription *subscription = follow(at);
    PGconn *session = session_open(at);
    PGconn *slow = open_append(at, "early");

    append_one(at, "late");
    assert_delivers(subscription, "");
    session_terminate_stores(session);
    assert_delivers(subscription, "");
    assert_delivers(subscription, "");
    commit(slow);
    assert_delivers(subscription, "early late");
    session_terminate_stores(session);
    append_one(at, "last");
    assert_delivers(subscription, "last");
    PQfinish(slow);
    PQfinish(session);
    misas_subscription_free(subscription);
    test_store_close(at);
}

TEST(who_holds_the_mark_back_for_a_second_is_logged)
{
    test_store *at = test_store_open(NULL);
    watcher mark = watch(at);
    PGconn *slow = open_append(at, "early");
    char backend[64];
    int64_t deadline_ms = test_now_ms() + 5000;

    snprintf(backend, sizeof backend, "backend_pid=%d", PQbackendPID(slow));
    while (!test_store_log_says(at, backend) && test_now_ms() < deadline_ms) {
        settled(&mark);
        poll(NULL, 0, 20);
    }
    assert_true(test_store_log_says(at, backend));
    assert_true(test_store_log_says(at, "holds the high-water mark back"));
    assert_true(test_now_ms() > deadline_ms - 4100);
    PQfinish(slow);
    stop_watching(&mark);
    test_store_close(at);
}

TEST(a_client_that_stops_inside_a_transaction_is_ended_and_readers_go_on)
{
    test_store *at = test_store_open(NULL);
    misas_subscription *subscription = follow(at);
    misas__connection *stopped = NULL;
    misas_append_result result;
    misas_append append = {"never", 0,
                           &(misas_new_event){.id = misas_uuid_new_v7(),
                                              .type = "test.v1.Happened",
                                              .type_version = 1},
                           1};

    assert_no_error(misas__pool_open_own(&stopped, at->postgresql));
    assert_no_error(misas__connection_execute_text(stopped, "begin"));
    assert_no_error(misas__append_on_connection(&result, stopped, &append, 1, NULL));
    int64_t began_ms = test_now_ms();

    append_one(at, "late");
    assert_delivers(subscription, "");
    assert_delivers(subscription, "late");
    assert_in_range(test_now_ms() - began_ms, 2500, 6000);
    misas__connection_close(stopped);
    misas_subscription_free(subscription);
    test_store_close(at);
}

static test_database *database_with(const char *setting)
{
    test_database *database = test_database_new();
    PGconn *session = test_database_connect(database);

    session_execute(session, "alter database \"%s\" set %s", test_database_name(database), setting);
    PQfinish(session);
    return database;
}

TEST(nothing_is_missed_where_transactions_keep_one_snapshot_by_default)
{
    static const char *const levels[] = {"'repeatable read'", "'serializable'"};

    for (size_t i = 0; i < 2; i++) {
        char setting[100];

        snprintf(setting, sizeof setting, "default_transaction_isolation = %s", levels[i]);
        test_database *database = database_with(setting);
        test_store *at = test_store_open(
            &(test_store_options){.connection = test_database_connection(database)});
        misas_subscription *subscription = follow(at);
        watcher mark = watch(at);
        PGconn *slow = open_append(at, "early");

        append_one(at, "late");
        assert_delivers(subscription, "");
        statements_interrupt(2, commit, slow);
        assert_delivers(subscription, "early late");
        assert_no_error(misas__connection_execute_text(mark.connection, "begin"));
        session_assert_text(mark.connection->pg, "read committed", "show transaction_isolation");
        PQfinish(slow);
        stop_watching(&mark);
        misas_subscription_free(subscription);
        test_store_close(at);
        test_database_free(database);
    }
}

TEST(a_server_that_only_reads_is_refused)
{
    test_database *database = database_with("default_transaction_read_only = on");
    misas_postgresql *postgresql = NULL;

    assert_error_says(misas_postgresql_new(&postgresql,
                                           &(misas_postgresql_options){
                                               .connection = test_database_connection(database)}),
                      MISAS_ERROR_POSTGRESQL_UNAVAILABLE, "read-only");
    test_database_free(database);
}
