/* What an append to PostgreSQL does under the store's lock: it draws positions, in order, that no
 * reader's mark passes, and it sees what removals have left. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract/words.h"
#include "postgresql/pool.h"
#include "storage/transaction.h"
#include "support/database.h"
#include "support/session.h"
#include "support/test.h"

static const char lock_store[] = "begin; lock table events in share row exclusive mode";

#define APPEND_EVENT(stream)                                                    \
    "execute append_first('" stream "', 0, gen_random_uuid(), 't', 1, '" stream \
    "', null, null, null, null);"
#define APPEND_EVENTS(stream)                                                                  \
    "select append_events(array['" stream "'], array[0::bigint], array[1], array[1], "         \
    "array[gen_random_uuid()], array['t'], array[1], array['" stream "'::bytea], null, null, " \
    "null, null);"

#define APPEND_TO_STREAM(stream)                                                                \
    "select append_to_stream('" stream "', 0, array[gen_random_uuid()], array['t'], array[1], " \
    "array['" stream "'::bytea], null, null, null, null);"

static int64_t last_drawn(PGconn *session)
{
    return session_number(session, "select case when is_called then last_value else 0 end "
                                   "from events_position_seq");
}

static void assert_draws_only_under_the_lock(const char *append)
{
    test_store *at = test_store_open(NULL);
    PGconn *holder = session_open(at);
    PGconn *writer = session_open(at);

    session_execute(holder, lock_store);
    session_send(writer, "%s", append);
    session_await_waiting(holder, 1);
    assert_int_equal(last_drawn(holder), 0);
    session_execute(holder, "commit");
    session_finish(writer);
    assert_int_equal(last_drawn(holder), 1);
    PQfinish(holder);
    PQfinish(writer);
    test_store_close(at);
}

TEST(an_append_draws_its_position_only_when_it_has_the_lock)
{
    assert_draws_only_under_the_lock(APPEND_EVENT("a"));
    assert_draws_only_under_the_lock(APPEND_TO_STREAM("a"));
    assert_draws_only_under_the_lock(APPEND_EVENTS("a"));
}

TEST(an_append_that_does_not_see_its_predecessor_draws_no_position_and_leaves_no_gap)
{
    test_store *at = test_store_open(NULL);
    PGconn *first = session_open(at);
    PGconn *second = session_open(at);

    session_append(first, "a", 0, "a1");
    session_execute(first, "begin");
    session_append(first, "a", 1, "a2");
    assert_int_equal(session_append(second, "a", 2, "a3"), 0);
    session_assert_fails(second, "MS001", "%s", session_batch_text("a", 2, "a", 1));
    assert_int_equal(last_drawn(second), 2);
    session_execute(first, "commit");
    assert_int_equal(session_append(second, "a", 2, "a3"), 3);
    assert_reads(at->store, "a", NULL, "a1 a2 a3");
    PQfinish(first);
    PQfinish(second);
    test_store_close(at);
}

/* One transaction's way through savepoints. Another session appends "late" at the end of each part,
 * while the transaction is open. */
typedef struct savepoint_case {
    const char *first;
    const char *second;
    const char *delivered;
} savepoint_case;

static const savepoint_case savepoint_cases[] = {
    {"savepoint s;" APPEND_TO_STREAM("never") "rollback to s;" APPEND_TO_STREAM("x"), "",
     "x late later"},
    {"savepoint s;" APPEND_EVENT("never") "rollback to s;" APPEND_EVENT("x"), "", "x late later"},
    {"savepoint s;" APPEND_EVENTS("never") "rollback to s;" APPEND_EVENTS("x"), "", "x late later"},
    {"savepoint s;" APPEND_EVENTS("never") "rollback to s;" APPEND_EVENT("x"), "", "x late later"},
    {APPEND_EVENT("x") "savepoint s;" APPEND_EVENT("never") "rollback to s;", "", "x late later"},
    {APPEND_EVENT("x") "savepoint s;" APPEND_EVENT("never"), "rollback to s;" APPEND_EVENT("y"),
     "x late y later"},
    {"savepoint s;" APPEND_EVENT("x") "release s;", APPEND_EVENT("y"), "x late y later"},
    {"savepoint s; savepoint t;" APPEND_EVENT("x") "release t;",
     "savepoint u;" APPEND_EVENT("never") "rollback to u;" APPEND_EVENT("y"), "x late y later"},
};

TEST(an_append_after_a_rollback_to_a_savepoint_is_waited_for)
{
    for (size_t i = 0; i < sizeof savepoint_cases / sizeof savepoint_cases[0]; i++) {
        const savepoint_case *each = &savepoint_cases[i];
        test_store *at = test_store_open(NULL);
        misas_subscription *subscription = test_store_follow(at);
        PGconn *session = session_open(at);
        PGconn *other = session_open(at);

        session_execute(session, "begin; %s", each->first);
        session_append(other, "late", 0, "late");
        assert_delivers(subscription, "");
        session_execute(session, "select 1; %s", each->second);
        session_append(other, "later", 0, "later");
        assert_delivers(subscription, "");
        session_execute(session, "commit");
        assert_delivers(subscription, each->delivered);
        PQfinish(session);
        PQfinish(other);
        misas_subscription_free(subscription);
        test_store_close(at);
    }
}

TEST(what_was_rolled_back_never_appears_and_holds_nothing_back)
{
    test_store *at = test_store_open(NULL);
    misas_subscription *subscription = test_store_follow(at);
    PGconn *session = session_open(at);
    PGconn *other = session_open(at);

    session_execute(session, "begin; savepoint s; %s rollback to s", APPEND_EVENT("never"));
    session_append(other, "a", 0, "a1"); /* the open transaction has dropped the lock */
    assert_delivers(subscription, "a1");
    session_append(session, "never", 0, "never");
    session_execute(session, "rollback");
    session_append(other, "a", 1, "a2");
    assert_delivers(subscription, "a2");
    PQfinish(session);
    PQfinish(other);
    misas_subscription_free(subscription);
    test_store_close(at);
}

static void assert_stores_sessions_commit_synchronously(const test_store *at, const char *expected)
{
    misas__connection *connection = NULL;

    assert_no_error(misas__pool_acquire(&connection, at->postgresql));
    session_assert_text(connection->pg, expected, "show synchronous_commit");
    misas__pool_release(at->postgresql, connection);
}

static void assert_commits_synchronously(PGconn *session, const char *append)
{
    session_assert_text(session, "off", "show synchronous_commit");
    session_execute(session, "begin; %s", append);
    session_assert_text(session, "on", "show synchronous_commit");
    session_execute(session, "rollback");
    session_assert_text(session, "off", "show synchronous_commit");
}

TEST(an_append_is_committed_synchronously_whatever_the_session_or_the_database_says)
{
    test_database *database = test_database_new();
    PGconn *setter = test_database_connect(database);

    session_execute(setter, "alter database \"%s\" set synchronous_commit = off",
                    test_database_name(database));
    test_store *at =
        test_store_open(&(test_store_options){.connection = test_database_connection(database)});
    PGconn *session = session_open(at);

    assert_stores_sessions_commit_synchronously(at, "on");
    assert_commits_synchronously(session, APPEND_TO_STREAM("a"));
    assert_commits_synchronously(session, APPEND_EVENTS("a"));
    session_execute(session, "begin; set local synchronous_commit = remote_apply; %s",
                    APPEND_TO_STREAM("a"));
    session_assert_text(session, "remote_apply", "show synchronous_commit");
    session_execute(session, "rollback");
    PQfinish(session);
    test_store_close(at);
    session_execute(setter, "alter database \"%s\" set synchronous_commit = remote_apply",
                    test_database_name(database));
    at = test_store_open(&(test_store_options){.connection = test_database_connection(database)});
    assert_stores_sessions_commit_synchronously(at, "remote_apply");
    PQfinish(setter);
    test_store_close(at);
    test_database_free(database);
}

/* Plans for the append's join, and for finding the predecessor. */
static const char *const planner_settings[][3] = {
    {"enable_hashjoin = on"},
    {"enable_hashjoin = off", "enable_nestloop = off"},
    {"enable_hashjoin = off", "enable_mergejoin = off"},
    {"enable_mergejoin = off", "enable_nestloop = off"},
    {"enable_indexscan = off", "enable_bitmapscan = off", "enable_indexonlyscan = off"},
    {"enable_seqscan = off", "enable_sort = off"},
};

static void apply_settings(PGconn *session, const char *database, const char *const settings[3])
{
    session_execute(session, "alter database \"%s\" reset all", database);
    for (int i = 0; i < 3 && settings[i] != NULL; i++) {
        session_execute(session, "alter database \"%s\" set %s", database, settings[i]);
    }
}

enum { largest_batch = 500 };

static void append_batches(misas_event_store *store, misas_new_event *events)
{
    static const size_t sizes[] = {1, 2, 3, 17, 100, largest_batch};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        misas_append appends[] = {{"c", MISAS_ANY_VERSION, events, sizes[i]},
                                  {"a", MISAS_ANY_VERSION, events + sizes[i], 5},
                                  {"b", MISAS_ANY_VERSION, events + sizes[i] + 5, sizes[i]}};

        assert_no_error(
            misas_event_store_append(NULL, store, "single", MISAS_ANY_VERSION, events, sizes[i]));
        assert_no_error(misas_event_store_append_many(NULL, store, appends, 3));
    }
}

static void assert_streams_are_in_order(PGconn *session)
{
    session_assert_text(session, "0",
                        "select count(*) from (select version, row_number() over "
                        "(partition by stream order by position) as place from events) e "
                        "where version <> place");
}

TEST(positions_ascend_with_versions_whatever_the_plan_is)
{
    static misas_new_event events[2 * largest_batch + 5];
    test_database *database = test_database_new();
    PGconn *setter = test_database_connect(database);

    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        events[i].type = "test.v1.Happened";
    }
    for (size_t i = 0; i < sizeof planner_settings / sizeof planner_settings[0]; i++) {
        apply_settings(setter, test_database_name(database), planner_settings[i]);
        test_store *at = test_store_open(
            &(test_store_options){.connection = test_database_connection(database)});
        PGconn *session = session_open(at);

        append_batches(at->store, events);
        session_execute(session, "analyze events");
        append_batches(at->store, events);
        assert_streams_are_in_order(session);
        PQfinish(session);
        test_store_close(at);
    }
    PQfinish(setter);
    test_database_free(database);
}

/* `events` events of `streams` streams, in turns. */
static void append_in_turns(PGconn *session, int streams, int events)
{
    session_execute(
        session,
        "with s as (select array_agg(i || ' of %d and %d' order by i) names, "
        "array_agg(0::bigint) expected from generate_series(1, %d) i), "
        "e as (select array_agg(1 + (i - 1) %% %d order by i) streams, "
        "array_agg(1 + (i - 1) / %d order by i) offsets, array_agg(gen_random_uuid()) ids, "
        "array_agg('t'::text) types, array_agg(1) ones, "
        "array_agg(convert_to(lpad(i::text, 5, '0'), 'UTF8') order by i) payloads "
        "from generate_series(1, %d) i) "
        "select count(*) from s, e, append_events(names, expected, streams, offsets, ids, types, "
        "ones, payloads, null, null, null, null)",
        streams, events, streams, streams, streams, events);
}

TEST(positions_ascend_in_the_order_of_the_arrays_whatever_the_plan_is)
{
    test_store *at = test_store_open(NULL);
    PGconn *session = session_open(at);

    for (size_t i = 0; i < sizeof planner_settings / sizeof planner_settings[0]; i++) {
        for (int mode = 0; mode < 2; mode++) {
            session_execute(session,
                            "reset all; set search_path to \"%s\"; truncate events; "
                            "set plan_cache_mode = %s",
                            at->schema, mode == 0 ? "force_generic_plan" : "force_custom_plan");
            for (int j = 0; j < 3 && planner_settings[i][j] != NULL; j++) {
                session_execute(session, "set %s", planner_settings[i][j]);
            }
            append_in_turns(session, 3, 12);
            append_in_turns(session, 40, 200);
            session_assert_text(
                session, "0",
                "select count(*) from (select payload, lag(payload) over (partition "
                "by split_part(stream, ' ', 3) order by position) as before "
                "from events) e where payload <= before");
        }
    }
    assert_streams_are_in_order(session);
    PQfinish(session);
    test_store_close(at);
}

enum { streams_of_batch = 40, events_of_batch = 200 };

/* Events in turns, each with its place in the batch as its payload, at exactly known versions. */
static misas_error *write_in_turns(misas__transaction *transaction, const char *prefix,
                                   misas_expected_version expected)
{
    char names[streams_of_batch][40];
    char payloads[events_of_batch][8];
    misas__batch_stream streams[streams_of_batch];
    misas__batch_event events[events_of_batch];
    uint64_t versions[streams_of_batch];

    for (int i = 0; i < streams_of_batch; i++) {
        snprintf(names[i], sizeof names[i], "%s-%d", prefix, i);
        streams[i] = (misas__batch_stream){names[i], expected};
    }
    for (int i = 0; i < events_of_batch; i++) {
        int size = snprintf(payloads[i], sizeof payloads[i], "%05d", i);

        events[i] = (misas__batch_event){
            (size_t)i * 7 % streams_of_batch,
            {.type = "t", .payload = payloads[i], .payload_size = (size_t)size}};
    }
    return transaction->functions->write(versions, transaction,
                                         &(misas__batch){.streams = streams,
                                                         .stream_count = streams_of_batch,
                                                         .events = events,
                                                         .event_count = events_of_batch});
}

static void write_batches(const test_store *at)
{
    enum { events_of_stream = events_of_batch / streams_of_batch };
    misas_storage *storage = NULL;
    misas__transaction *transaction = NULL;

    assert_no_error(misas_storage_new_postgresql(&storage, at->postgresql, NULL));
    assert_no_error(misas__transaction_new(&transaction, storage));
    for (int i = 0; i < 3; i++) {
        assert_no_error(write_in_turns(transaction, "a", i * events_of_stream));
        assert_no_error(write_in_turns(transaction, i == 1 ? "c" : "b", i / 2 * events_of_stream));
    }
    transaction->functions->free(transaction);
    misas_storage_free(storage);
}

TEST(positions_ascend_in_the_order_of_a_batch_whatever_the_plan_is)
{
    test_database *database = test_database_new();
    PGconn *setter = test_database_connect(database);

    for (size_t i = 0; i < sizeof planner_settings / sizeof planner_settings[0]; i++) {
        apply_settings(setter, test_database_name(database), planner_settings[i]);
        test_store *at = test_store_open(
            &(test_store_options){.connection = test_database_connection(database)});
        PGconn *session = session_open(at);

        write_batches(at);
        session_assert_text(session, "1200", "select count(*) from events");
        session_assert_text(session, "0",
                            "select count(*) from (select payload, lag(payload) over (order by "
                            "position) as before, row_number() over (order by position) as n "
                            "from events) e where payload <= before and n % 200 <> 1");
        assert_streams_are_in_order(session);
        PQfinish(session);
        test_store_close(at);
    }
    PQfinish(setter);
    test_database_free(database);
}

/* An append on a thread of its own. */
typedef struct racing_append {
    misas_event_store *store;
    misas_storage *storage; /* not NULL: as a batch, with another stream beside it */
    misas_expected_version expected;
    const char *words;
    misas_append_result result;
    misas_error *error;
} racing_append;

static misas_error *write_racing(racing_append *append)
{
    misas__transaction *transaction = NULL;
    words made;

    words_parse(&made, append->words);
    const misas__batch_stream streams[] = {{"a", append->expected}, {"other", MISAS_NO_STREAM}};
    const misas__batch_event events[] = {
        {0, made.events[0]}, {1, {.type = "t"}}, {0, made.events[made.count - 1]}};
    uint64_t versions[2] = {0, 0};

    assert_no_error(misas__transaction_new(&transaction, append->storage));
    misas_error *error =
        transaction->functions->write(versions, transaction,
                                      &(misas__batch){.streams = streams,
                                                      .stream_count = 2,
                                                      .events = events,
                                                      .event_count = made.count + 1});

    append->result.version = versions[0];
    transaction->functions->free(transaction);
    return error;
}

static void *append_racing(void *argument)
{
    racing_append *append = argument;

    if (append->storage != NULL) {
        append->error = write_racing(append);
        return NULL;
    }
    append->error =
        words_try_append(&append->result, append->store, "a", append->expected, append->words);
    return NULL;
}

TEST(a_batch_draws_its_positions_only_when_it_has_the_lock)
{
    test_store *at = test_store_open(NULL);
    PGconn *holder = session_open(at);
    racing_append append = {.store = at->store, .words = "1 2"};
    pthread_t thread;

    assert_no_error(misas_storage_new_postgresql(&append.storage, at->postgresql, NULL));
    session_execute(holder, lock_store);
    pthread_create(&thread, NULL, append_racing, &append);
    session_await_waiting(holder, 1);
    assert_int_equal(last_drawn(holder), 0);
    session_execute(holder, "commit");
    pthread_join(thread, NULL);
    assert_no_error(append.error);
    assert_int_equal(last_drawn(holder), 3);
    PQfinish(holder);
    misas_storage_free(append.storage);
    test_store_close(at);
}

/* A removal that has the lock and has removed the stream's three events, but is not committed. */
static void remove_uncommitted(PGconn *remover, bool is_deleted)
{
    session_execute(remover,
                    "%s; delete from events where stream = 'a'; "
                    "insert into stream_marks (stream, last_version, is_deleted) "
                    "values ('a', 3, %s) on conflict (stream) do update "
                    "set last_version = excluded.last_version, is_deleted = excluded.is_deleted",
                    lock_store, is_deleted ? "true" : "false");
}

static void race_a_removal(racing_append *append, test_store *at, bool is_deleted)
{
    PGconn *remover = session_open(at);
    pthread_t thread;

    append->store = at->store;
    words_append(at->store, "a", MISAS_NO_STREAM, "a1 a2 a3");
    remove_uncommitted(remover, is_deleted);
    pthread_create(&thread, NULL, append_racing, append);
    session_await_waiting(remover, 1);
    session_execute(remover, "commit");
    pthread_join(thread, NULL);
    PQfinish(remover);
}

/* What becomes of an append that waited for a removal: the version it got, or 0 for a conflict. */
static const struct removal_case {
    bool is_deleted;
    misas_expected_version expected;
    const char *words;
    uint64_t version;
} removal_cases[] = {
    {true, 3, "late", 0},
    {true, 3, "late later", 0},
    {true, MISAS_STREAM_EXISTS, "late", 0},
    {true, MISAS_ANY_VERSION, "late", 4},
    {true, MISAS_NO_STREAM, "late", 4},
    {true, MISAS_NO_STREAM, "late later", 5},
    {false, 3, "late", 4},
    {false, MISAS_STREAM_EXISTS, "late", 4},
    {false, MISAS_NO_STREAM, "late", 0},
};

static void assert_removal_is_seen(const struct removal_case *each, const misas_secret *connection,
                                   bool is_batch)
{
    test_store *at = test_store_open(&(test_store_options){.connection = connection});
    racing_append append = {.expected = each->expected, .words = each->words};

    if (is_batch) {
        assert_no_error(misas_storage_new_postgresql(&append.storage, at->postgresql, NULL));
    }
    race_a_removal(&append, at, each->is_deleted);
    if (each->version > 0) {
        assert_no_error(append.error);
        assert_int_equal(append.result.version, each->version);
    } else {
        assert_error_is(append.error, MISAS_ERROR_CONCURRENCY);
    }
    misas_storage_free(append.storage);
    test_store_close(at);
}

static void assert_removals_are_seen(const misas_secret *connection)
{
    for (size_t i = 0; i < sizeof removal_cases / sizeof removal_cases[0]; i++) {
        assert_removal_is_seen(&removal_cases[i], connection, false);
        assert_removal_is_seen(&removal_cases[i], connection, true);
    }
}

TEST(an_append_that_waits_for_a_removal_is_judged_on_what_that_left)
{
    assert_removals_are_seen(NULL);
}

TEST(an_append_is_judged_on_what_a_removal_left_where_transactions_keep_one_snapshot_by_default)
{
    test_database *database = test_database_new();
    PGconn *setter = test_database_connect(database);

    session_execute(setter,
                    "alter database \"%s\" set default_transaction_isolation = 'serializable'",
                    test_database_name(database));
    PQfinish(setter);
    assert_removals_are_seen(test_database_connection(database));
    test_database_free(database);
}

static void *delete_racing(void *argument)
{
    racing_append *removal = argument;

    removal->error = misas_event_store_delete_stream(removal->store, "a", MISAS_ANY_VERSION);
    return NULL;
}

static void *truncate_racing(void *argument)
{
    racing_append *removal = argument;

    removal->error = misas_event_store_truncate_stream(removal->store, "a", UINT64_C(1) << 40);
    return NULL;
}

TEST(a_removal_waits_for_the_appends_in_progress_and_knows_their_versions)
{
    void *(*const removals[])(void *) = {delete_racing, truncate_racing};

    for (size_t i = 0; i < 2; i++) {
        test_store *at = test_store_open(NULL);
        racing_append removal = {.store = at->store};
        PGconn *session = session_open(at);
        PGconn *observer = session_open(at);
        misas_stream_info info;
        pthread_t thread;

        words_append(at->store, "a", MISAS_NO_STREAM, "a1 a2 a3");
        session_execute(session, "begin");
        session_append(session, "a", 3, "a4");
        pthread_create(&thread, NULL, removals[i], &removal);
        session_await_waiting(observer, 1);
        session_execute(session, "commit");
        pthread_join(thread, NULL);
        assert_no_error(removal.error);
        assert_no_error(misas_event_store_stream_info(&info, at->store, "a"));
        assert_int_equal(info.last_version, 4);
        assert_reads(at->store, "a", NULL, "");
        assert_int_equal(words_append(at->store, "a", MISAS_ANY_VERSION, "a5").version, 5);
        PQfinish(observer);
        PQfinish(session);
        test_store_close(at);
    }
}

TEST(a_removal_that_can_not_have_the_lock_gives_up_and_appends_go_on)
{
    test_store *at = test_store_open(NULL);
    PGconn *session = session_open(at);

    words_append(at->store, "a", MISAS_NO_STREAM, "a1");
    session_execute(session, "begin; lock table events in share update exclusive mode");
    words_append(at->store, "a", 1, "a2");
    misas_error *error = misas_event_store_delete_stream(at->store, "a", MISAS_ANY_VERSION);

    assert_true(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_error_says(error, MISAS_ERROR_POSTGRESQL, "lock timeout");
    words_append(at->store, "a", 2, "a3");
    assert_reads(at->store, "a", NULL, "a1 a2 a3");
    session_execute(session, "commit");
    assert_no_error(misas_event_store_delete_stream(at->store, "a", MISAS_ANY_VERSION));
    PQfinish(session);
    test_store_close(at);
}
