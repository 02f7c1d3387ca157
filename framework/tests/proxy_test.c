/* The proxy that cuts connections at their commit, which other tests rely on. */
#include <stdio.h>

#include "support/database.h"
#include "support/proxy.h"
#include "support/session.h"
#include "support/test.h"

enum { timeout_ms = 10000 };

/* A proxy, a session through it, and one beside it. */
typedef struct sides {
    test_proxy *proxy;
    PGconn *through;
    PGconn *direct;
} sides;

static PGconn *connect_through(const test_proxy *proxy)
{
    PGconn *session = PQconnectdb(misas_secret_reveal(proxy_connection(proxy)));

    assert_int_equal(PQstatus(session), CONNECTION_OK);
    return session;
}

static sides open_sides(void)
{
    test_database *database = test_database_of_process();
    sides opened = {.proxy = proxy_start(test_database_connection(database)),
                    .direct = test_database_connect(database)};

    opened.through = connect_through(opened.proxy);
    session_execute(opened.direct, "drop table if exists t; create table t (n int)");
    return opened;
}

static void close_sides(sides *opened)
{
    PQfinish(opened->through);
    PQfinish(opened->direct);
    proxy_stop(opened->proxy);
}

/* Inserts a row, and finds the connection cut instead of an answer to its commit. */
static void insert_and_be_cut(sides *at, proxy_cut how)
{
    proxy_arm(at->proxy, how);
    session_execute(at->through, "begin");
    session_execute(at->through, "insert into t values (1)");
    PQclear(PQexec(at->through, "commit"));
    assert_int_equal(PQstatus(at->through), CONNECTION_BAD);
    assert_int_equal(proxy_cuts(at->proxy, how), 1);
}

static bool has_row(void *session)
{
    return session_number(session, "select count(*) from t") == 1;
}

/* Takes the lock that the transaction would still hold. */
static bool has_no_row_for_good(PGconn *session)
{
    session_execute(session, "lock table t in access exclusive mode");
    return !has_row(session);
}

TEST(a_proxy_relays_what_comes_also_much_of_it)
{
    sides at = open_sides();

    session_execute(at.through, "begin");
    session_execute(at.through, "insert into t select i from generate_series(1, 100000) i");
    session_execute(at.through, "commit");
    PGresult *rows = PQexec(at.through, "select n, repeat('x', 100) from t");

    assert_int_equal(PQntuples(rows), 100000);
    assert_int_equal(proxy_commits(at.proxy), 0);
    PQclear(rows);
    close_sides(&at);
}

TEST(a_commit_whose_answer_is_lost_is_done)
{
    sides at = open_sides();

    insert_and_be_cut(&at, PROXY_LOSES_ANSWER);
    assert_true(test_wait_until(has_row, at.direct, timeout_ms));
    close_sides(&at);
}

TEST(a_commit_that_is_dropped_is_not_done)
{
    sides at = open_sides();

    insert_and_be_cut(&at, PROXY_DROPS_COMMIT);
    session_execute(at.direct, "begin");
    assert_true(has_no_row_for_good(at.direct));
    session_execute(at.direct, "rollback");
    assert_int_equal(proxy_commits(at.proxy), 0);
    close_sides(&at);
}

TEST(a_commit_that_is_held_is_done_when_it_is_let_go)
{
    sides at = open_sides();
    PGconn *observer = test_database_connect(test_database_of_process());

    insert_and_be_cut(&at, PROXY_HOLDS_COMMIT);
    session_send(at.direct, "begin; lock table t in access exclusive mode; commit");
    session_await_waiting(observer, 1);
    proxy_let_go(at.proxy);
    session_finish(at.direct);
    assert_true(has_row(at.direct));
    PQfinish(observer);
    close_sides(&at);
}

TEST(a_proxy_cuts_once_and_relays_the_next_connections)
{
    sides at = open_sides();

    insert_and_be_cut(&at, PROXY_DROPS_COMMIT);
    PQfinish(at.through);
    at.through = connect_through(at.proxy);
    session_execute(at.through, "begin");
    session_execute(at.through, "insert into t values (1)");
    session_execute(at.through, "commit");
    assert_true(has_row(at.direct));
    proxy_arm(at.proxy, PROXY_DROPS_COMMIT);
    proxy_disarm(at.proxy);
    session_execute(at.through, "begin");
    session_execute(at.through, "commit");
    close_sides(&at);
}
