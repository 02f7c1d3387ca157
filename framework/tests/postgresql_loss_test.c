/* Connections and servers that are lost, at rest and in the middle of something. */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "contract/words.h"
#include "support/server.h"
#include "support/session.h"
#include "support/statements.h"
#include "support/test.h"

enum { event_count = 3000, commit_timeout_ms = 10000 };

/* The answer to the next statement of the store is lost once `is_committed` says so. */
static struct {
    bool (*is_committed)(void *argument); /* NULL: no answer is lost */
    void *argument;
} cut;

/* The peer is gone, as far as libpq can see. */
static void cut_connection(PGconn *connection)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    close(ends[1]);
    dup2(ends[0], PQsocket(connection));
    close(ends[0]);
}

/* Stands in for libpq's. */
PGresult *PQgetResult(PGconn *connection)
{
    PGresult *(*get)(PGconn *) = NULL;
    void *found = dlsym(RTLD_NEXT, "PQgetResult");
    bool (*is_committed)(void *) = cut.is_committed;

    memcpy(&get, &found, sizeof get);
    if (is_committed != NULL && statements_sent() > 0) {
        cut.is_committed = NULL;
        assert_int_equal(PQflush(connection), 0);
        assert_true(test_wait_until(is_committed, cut.argument, commit_timeout_ms));
        cut_connection(connection);
    }
    return get(connection);
}

static test_store *open_on_own_server(void)
{
    test_server_start();
    return test_store_open(&(test_store_options){.connection = test_server_connection()});
}

static bool has_two_events(void *session)
{
    return session_number(session, "select count(*) from events") == 2;
}

/* Appends the second event, or the first two, so that the answer is lost. */
static void lose_the_answer(test_store *at, PGconn *session, const misas_append *appends,
                            size_t count)
{
    misas_append_result results[2];

    cut.is_committed = has_two_events;
    cut.argument = session;
    statements_interrupt(0, NULL, NULL);
    assert_no_error(misas_event_store_append_many(results, at->store, appends, count));
    assert_null(cut.is_committed);
    for (size_t i = 0; i < count; i++) {
        assert_true(results[i].was_appended_before);
        assert_true(results[i].position > 0 && results[i].version > 0);
    }
    assert_true(has_two_events(session));
}

TEST(an_append_whose_answer_was_lost_after_its_commit_took_effect_once)
{
    static const misas_expected_version expected[] = {1, MISAS_ANY_VERSION, MISAS_STREAM_EXISTS};
    misas_new_event event = {.type = "test.v1.Happened"};

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        test_store *at = test_store_open(NULL);
        PGconn *session = session_open(at);

        words_append(at->store, "a", MISAS_NO_STREAM, "a1");
        lose_the_answer(at, session, &(misas_append){"a", expected[i], &event, 1}, 1);
        PQfinish(session);
        test_store_close(at);
    }
}

TEST(an_append_to_several_streams_whose_answer_was_lost_took_effect_once)
{
    misas_new_event event = {.type = "test.v1.Happened"};
    test_store *at = test_store_open(NULL);
    PGconn *session = session_open(at);

    lose_the_answer(
        at, session,
        (misas_append[]){{"a", MISAS_NO_STREAM, &event, 1}, {"b", MISAS_ANY_VERSION, &event, 1}},
        2);
    PQfinish(session);
    test_store_close(at);
}

/* An append on a thread of its own, which waits for a lock that a session holds. */
typedef struct waiting_append {
    test_store *at;
    const char *words;
    pthread_t thread;
    misas_error *error;
} waiting_append;

static void *run_append(void *argument)
{
    waiting_append *append = argument;

    append->error =
        words_try_append(NULL, append->at->store, "a", MISAS_ANY_VERSION, append->words);
    return NULL;
}

static void start_waiting_append(waiting_append *append, PGconn *holder)
{
    session_execute(holder, "begin; lock table events in share row exclusive mode");
    pthread_create(&append->thread, NULL, run_append, append);
    session_await_waiting(holder, 1);
}

TEST(an_append_whose_session_is_terminated_takes_effect_once)
{
    test_store *at = test_store_open(NULL);
    PGconn *session = session_open(at);
    waiting_append append = {.at = at, .words = "a1 a2"};

    start_waiting_append(&append, session);
    session_terminate_stores(session);
    session_await_waiting(session, 1); /* it is back */
    session_execute(session, "commit");
    pthread_join(append.thread, NULL);
    assert_no_error(append.error);
    assert_all(at->store, "a1 a2");
    PQfinish(session);
    test_store_close(at);
}

TEST(an_append_goes_on_when_the_server_is_killed_and_comes_back)
{
    test_store *at = open_on_own_server();
    misas_subscription *subscription = test_store_follow(at);
    PGconn *session = session_open(at);
    waiting_append append = {.at = at, .words = "a1 a2"};

    start_waiting_append(&append, session);
    assert_delivers(subscription, "");
    test_server_kill();
    PQfinish(session);
    test_server_start();
    pthread_join(append.thread, NULL);
    assert_no_error(append.error);
    assert_all(at->store, "a1 a2");
    assert_delivers(subscription, "a1 a2");
    misas_subscription_free(subscription);
    test_store_close(at);
}

TEST(an_append_that_can_not_find_out_says_that_its_outcome_is_unknown)
{
    test_store *at = open_on_own_server();
    PGconn *session = session_open(at);
    waiting_append append = {.at = at, .words = "a1"};

    start_waiting_append(&append, session);
    test_server_kill();
    pthread_join(append.thread, NULL);
    assert_true(misas_error_has_tag(append.error, MISAS_TAG_RETRIABLE));
    assert_string_equal(misas_error_data(append.error, "stream"), "a");
    assert_string_equal(misas_error_type(misas_error_cause(append.error)),
                        MISAS_ERROR_POSTGRESQL_UNAVAILABLE);
    assert_error_says(append.error, MISAS_ERROR_OUTCOME_UNKNOWN,
                      "the outcome of appending to a is unknown");
    PQfinish(session);
    test_server_start();
    test_store_close(at);
}

TEST(a_store_works_again_when_its_server_does)
{
    test_store *at = open_on_own_server();
    misas_event_reader *reader = NULL;
    misas_stream_info info;

    words_append(at->store, "a", MISAS_NO_STREAM, "a1");
    test_server_kill();
    assert_error_is(words_try_append(NULL, at->store, "a", 1, "never"),
                    MISAS_ERROR_POSTGRESQL_UNAVAILABLE);
    assert_error_is(misas_event_store_read_stream(&reader, at->store, "a", NULL),
                    MISAS_ERROR_POSTGRESQL_UNAVAILABLE);
    assert_error_is(misas_event_store_read_all(&reader, at->store, NULL),
                    MISAS_ERROR_POSTGRESQL_UNAVAILABLE);
    assert_error_is(misas_event_store_stream_info(&info, at->store, "a"),
                    MISAS_ERROR_POSTGRESQL_UNAVAILABLE);
    assert_error_is(misas_event_store_delete_stream(at->store, "a", MISAS_ANY_VERSION),
                    MISAS_ERROR_POSTGRESQL_UNAVAILABLE);
    test_server_start();
    words_append(at->store, "a", 1, "a2");
    assert_all(at->store, "a1 a2");
    test_store_close(at);
}

TEST(sessions_that_were_terminated_at_rest_are_replaced_unnoticed)
{
    test_store *at = test_store_open(NULL);
    PGconn *session = session_open(at);
    misas_stream_info info;

    words_append(at->store, "a", MISAS_NO_STREAM, "a1");
    session_terminate_stores(session);
    words_append(at->store, "a", 1, "a2");
    session_terminate_stores(session);
    assert_reads(at->store, "a", NULL, "a1 a2");
    session_terminate_stores(session);
    assert_all(at->store, "a1 a2");
    session_terminate_stores(session);
    assert_no_error(misas_event_store_stream_info(&info, at->store, "a"));
    session_terminate_stores(session);
    assert_no_error(misas_event_store_truncate_stream(at->store, "a", 2));
    session_terminate_stores(session);
    assert_no_error(misas_event_store_delete_stream(at->store, "a", 2));
    PQfinish(session);
    test_store_close(at);
}

/* More than fits between the server and a reader: 12 MB. */
static void append_much(PGconn *session)
{
    char word[3901];

    memset(word, 'w', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    PGresult *result = PQexecParams(
        session,
        "with n as (select array_agg(i) all_of, array_agg(1) ones, "
        "array_agg(gen_random_uuid()) ids, array_agg('test.v1.Happened'::text) types, "
        "array_agg($1::bytea) payloads from generate_series(1, $2::int) i) "
        "select count(*) from n, append_events(array['a'], array[0::bigint], ones, all_of, ids, "
        "types, ones, payloads, null, null, null, null)",
        2, NULL, (const char *[]){word, "3000"}, NULL, NULL, 0);

    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
}

TEST(a_reader_that_loses_its_connection_says_so_and_another_one_reads_all)
{
    test_store *at = test_store_open(NULL);
    PGconn *session = session_open(at);
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;
    misas_error *error = NULL;
    uint64_t read = 0;

    append_much(session);
    assert_no_error(misas_event_store_read_all(&reader, at->store, NULL));
    assert_no_error(misas_event_reader_next(&event, reader));
    session_terminate_stores(session);
    while (error == NULL && event != NULL) {
        assert_int_equal(event->position, ++read);
        error = misas_event_reader_next(&event, reader);
    }
    assert_true(read < event_count);
    assert_error_is(error, MISAS_ERROR_POSTGRESQL_UNAVAILABLE);
    misas_event_reader_free(reader);
    assert_no_error(misas_event_store_read_all(&reader, at->store, NULL));
    for (read = 0; read == 0 || event != NULL; read++) {
        assert_no_error(misas_event_reader_next(&event, reader));
    }
    assert_int_equal(read - 1, event_count);
    misas_event_reader_free(reader);
    PQfinish(session);
    test_store_close(at);
}

TEST(a_subscription_that_loses_its_connection_between_two_rows_goes_on_with_the_second)
{
    test_store *at = test_store_open(NULL);
    PGconn *session = session_open(at);
    misas_subscription *subscription = test_store_follow(at);
    const misas_event *event = NULL;

    append_much(session);
    for (uint64_t i = 1; i <= event_count; i++) {
        assert_no_error(misas_subscription_next(&event, subscription, 10000));
        assert_non_null(event);
        assert_int_equal(event->position, i);
        assert_int_equal(misas_subscription_settled(subscription), i);
        if (i == 1 || i == event_count / 2) {
            session_terminate_stores(session);
        }
    }
    assert_delivers(subscription, "");
    PQfinish(session);
    misas_subscription_free(subscription);
    test_store_close(at);
}

static void terminate(void *session)
{
    session_terminate_stores(session);
}

TEST(a_subscription_that_loses_its_connection_before_any_of_its_statements_misses_nothing)
{
    static const char *const types[] = {"test.v1.Happened", NULL};
    const misas_subscription_options options[] = {{.stream = NULL}, {.select_types = types}};

    for (int statement = 1; statement <= 4; statement++) {
        test_store *at = test_store_open(NULL);
        PGconn *session = session_open(at);
        misas_subscription *subscription = NULL;

        assert_no_error(
            misas_event_store_subscribe(&subscription, at->store, &options[statement > 3 ? 1 : 0]));
        session_append(session, "a", 0, "a1");
        assert_delivers(subscription, "a1");
        session_append(session, "a", 1, "a2");
        statements_interrupt(statement, terminate, session);
        assert_delivers(subscription, "a2");
        assert_true(statements_sent() >= statement);
        misas_subscription_free(subscription);
        PQfinish(session);
        test_store_close(at);
    }
}

TEST(a_reader_that_is_freed_early_disturbs_nothing_that_follows_on_its_connection)
{
    test_store *at = test_store_open(&(test_store_options){.postgresql = {.max_connections = 1}});
    PGconn *session = session_open(at);
    misas_stream_info info;

    append_much(session);
    for (int i = 0; i < 50; i++) {
        misas_event_reader *reader = NULL;
        const misas_event *event = NULL;

        assert_no_error(misas_event_store_read_all(&reader, at->store, NULL));
        assert_no_error(misas_event_reader_next(&event, reader));
        misas_event_reader_free(reader);
        assert_no_error(misas_event_store_stream_info(&info, at->store, "a"));
        words_append(at->store, "b", i, "b");
    }
    PQfinish(session);
    test_store_close(at);
}
