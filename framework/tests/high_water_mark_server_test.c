/* The high-water mark on a server of our own: across its death, and with a two-phase commit. A
 * position is drawn before anything is committed, so a killed server may have forgotten that it was
 * drawn, and give it out again. */
#include <poll.h>
#include <signal.h>

#include "support/server.h"
#include "support/session.h"
#include "support/test.h"

enum { many_positions = 60 }; /* more than the sequence writes down ahead */

/* A store on the process's own server, in which "a" was appended and read. */
typedef struct world {
    test_store *at;
    misas_subscription *subscription;
} world;

static world begin(void)
{
    world made = {0};

    test_server_start();
    made.at = test_store_open(&(test_store_options){.connection = test_server_connection()});
    assert_no_error(misas_event_store_subscribe(&made.subscription, made.at->store, NULL));
    PGconn *session = session_open(made.at);

    session_append(session, "a", 0, "a");
    assert_delivers(made.subscription, "a");
    PQfinish(session);
    return made;
}

static void end(world *of)
{
    misas_subscription_free(of->subscription);
    test_store_close(of->at);
}

/* Now only a commit brings anything to the disk. */
static void stop_wal_writer(PGconn *session)
{
    kill((pid_t)session_number(session, "select pid from pg_stat_activity "
                                        "where backend_type = 'walwriter'"),
         SIGSTOP);
}

static int64_t last_drawn(PGconn *session)
{
    return session_number(session, "select last_value from events_position_seq");
}

/* A session in whose open transaction many positions are drawn that a killed server forgets. */
static PGconn *draw_many(const world *of)
{
    PGconn *session = session_open(of->at);

    stop_wal_writer(session);
    session_execute(session, "begin");
    session_append_batch(session, "never", 0, "never", many_positions);
    return session;
}

static void restart(int64_t drawn, world *of)
{
    test_server_kill();
    test_server_start();
    PGconn *session = session_open(of->at);

    assert_true(last_drawn(session) < drawn); /* otherwise this shows nothing */
    PQfinish(session);
}

TEST(a_position_that_is_drawn_again_after_the_servers_death_is_not_missed)
{
    world of = begin();
    PGconn *session = draw_many(&of);
    int64_t drawn = last_drawn(session);

    session_execute(session, "rollback");
    assert_delivers(of.subscription, "");
    PQfinish(session);
    restart(drawn, &of);
    session = session_open(of.at);
    session_append(session, "b", 0, "b");
    assert_delivers(of.subscription, "b");
    PQfinish(session);
    end(&of);
}

TEST(what_is_settled_of_a_filtered_subscription_can_be_gone_on_from_after_the_servers_death)
{
    world of = begin();
    misas_subscription *filtered = NULL;
    PGconn *session = draw_many(&of);
    int64_t drawn = last_drawn(session);

    assert_no_error(misas_event_store_subscribe(
        &filtered, of.at->store,
        &(misas_subscription_options){.select_types = (const char *[]){"test.v1.Other", NULL}}));
    session_execute(session, "rollback");
    assert_delivers(filtered, "");
    assert_int_equal(misas_subscription_settled(filtered), 1);
    misas_subscription_free(filtered);
    PQfinish(session);
    restart(drawn, &of);
    end(&of);
}

/* Two appends to the server that came back, of which the one that drew its position first commits
 * last: at positions that the dead server had drawn already. */
static void assert_waits_for_the_earlier(world *of)
{
    PGconn *session = session_open(of->at);
    PGconn *other = session_open(of->at);

    session_execute(session, "begin");
    session_append(session, "early", 0, "early");
    session_append(other, "late", 0, "late");
    assert_delivers(of->subscription, "");
    assert_delivers(of->subscription, "");
    session_execute(session, "commit");
    assert_delivers(of->subscription, "early late");
    PQfinish(other);
    PQfinish(session);
}

TEST(a_mark_that_was_pending_when_the_server_died_settles_nothing_afterwards)
{
    world of = begin();
    PGconn *session = draw_many(&of);
    int64_t drawn = last_drawn(session);

    assert_delivers(of.subscription, "");
    restart(drawn, &of);
    PQfinish(session);
    assert_waits_for_the_earlier(&of);
    end(&of);
}

TEST(a_mark_that_was_settled_when_the_server_died_settles_nothing_afterwards)
{
    world of = begin();
    PGconn *session = draw_many(&of);
    int64_t drawn = last_drawn(session);

    session_execute(session, "rollback");
    assert_delivers(of.subscription, "");
    restart(drawn, &of);
    PQfinish(session);
    assert_waits_for_the_earlier(&of);
    end(&of);
}

/* Its lock has no process any more. */
TEST(an_append_that_waits_for_a_two_phase_commit_holds_the_mark_back)
{
    world of = begin();
    PGconn *session = session_open(of.at);
    int64_t deadline_ms = test_now_ms() + 5000;

    session_execute(session, "begin");
    session_append(session, "early", 0, "early");
    session_execute(session, "prepare transaction 'early'");
    session_append(session, "late", 0, "late");
    while (!test_store_log_says(of.at, "backend_pid=0 ") && test_now_ms() < deadline_ms) {
        assert_delivers(of.subscription, "");
        poll(NULL, 0, 20);
    }
    assert_true(test_store_log_says(of.at, "backend_pid=0 "));
    session_execute(session, "commit prepared 'early'");
    assert_delivers(of.subscription, "early late");
    PQfinish(session);
    end(&of);
}
