/* Take-overs while others hold the row of the checkpoint. */
#include <pthread.h>
#include <string.h>

#include "checkpoint_contract/fixture_postgresql.h"
#include "checkpoint_contract/leaders.h"
#include "contract/workers.h"
#include "support/session.h"

static void expire(PGconn *session)
{
    session_execute(session,
                    "update checkpoints set expires_at = clock_timestamp() - interval '1 s'");
}

/* A leader that was stopped in its transaction; the server ends it after a while, as it ends ours.
 */
static void assert_is_not_waited_for(const char *statement)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader b = leader_new(storage, "bank.board", "b");
    PGconn *stopped = checkpoint_fixture_connect();

    leader_take(&a);
    expire(stopped);
    session_execute(stopped, "set idle_in_transaction_session_timeout = '2s'; begin; %s",
                    statement);
    int64_t started_at_ms = test_now_ms();

    assert_false(leader_try(&b));
    assert_true(test_now_ms() - started_at_ms < 1000);
    leader_take_over(&b);
    assert_true(test_now_ms() - started_at_ms > 1000); /* it did hold the row */
    assert_int_equal(b.checkpoint.epoch, 2);
    PQfinish(stopped);
    leader_free(&b);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_leader_that_was_stopped_while_it_wrote_is_not_waited_for)
{
    assert_is_not_waited_for("update checkpoints set position = 5");
}

TEST(who_has_locked_a_checkpoint_is_not_waited_for)
{
    assert_is_not_waited_for("select from checkpoints for update");
}

/* Writes as the leader that it was given. */
static void write_one(worker *self)
{
    self->error = leader_write(self->argument, 9, "lost", NULL);
}

TEST(a_write_that_waits_for_a_take_over_finds_the_lease_lost)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    PGconn *other = checkpoint_fixture_connect();
    worker writer;

    leader_take(&a);
    session_execute(other, "begin; update checkpoints set epoch = epoch + 1");
    workers_start(&writer, 1, &(worker){.argument = &a, .work = write_one});
    session_await_waiting(other, 1);
    session_execute(other, "commit");
    workers_join(&writer, 1);
    assert_error_is(writer.error, MISAS__ERROR_LEASE_LOST);
    leader_assert(&a, 0, "a");
    assert_all(misas_storage_event_store(storage), "");
    PQfinish(other);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_lost_lease_is_found_before_anything_else_is_written)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    const misas__handled handled = {.source = "/test", .id = "m1"};
    PGconn *session = checkpoint_fixture_connect();

    leader_take(&a);
    leader_reset(&a, 0);
    session_execute(session, "begin; insert into handled_messages (handled_at, source, id, digest) "
                             "values (now(), '/test', 'm1', '')");
    assert_error_is(
        leader_write(&a, 1, "lost", &(misas__batch){.handled = &handled, .handled_count = 1}),
        MISAS__ERROR_LEASE_LOST); /* it would wait for the session for ever */
    session_execute(session, "rollback");
    PQfinish(session);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(the_session_of_the_leader_is_known)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    PGconn *session = checkpoint_fixture_connect();
    static const char is_known[] = "select count(*) from checkpoints join pg_stat_activity "
                                   "on pid = owner_pid and application_name = 'misas'";

    leader_take(&a);
    int64_t taken_by = session_number(session, "select owner_pid from checkpoints");

    session_assert_text(session, "1", is_known);
    assert_no_error(leader_write(&a, 1, "a1", NULL));
    assert_int_not_equal(session_number(session, "select owner_pid from checkpoints"), taken_by);
    session_assert_text(session, "1", is_known);
    leader_release(&a);
    session_assert_text(session, "0", is_known);
    PQfinish(session);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

enum { contest_rounds = 300, contestants = 4 };

/* All of these try to take over at once. */
typedef struct contest {
    misas_storage *storage;
    pthread_barrier_t barrier;
} contest;

static void contend(worker *self)
{
    contest *in = self->argument;
    const misas__checkpoint_key key = {"bank.board", MISAS__SOURCE_LOG, 0};
    misas__checkpoint taken;

    for (int round = 0; round < contest_rounds; round++) {
        bool is_taken = false;

        pthread_barrier_wait(&in->barrier); /* the lease has expired */
        misas_error *error =
            in->storage->backend->checkpoints.take(&taken, &is_taken, in->storage, &key, "a");

        self->result.version += is_taken ? 1 : 0;
        if (self->error == NULL) {
            self->error = error;
        } else {
            misas_error_free(error);
        }
        pthread_barrier_wait(&in->barrier);
    }
}

TEST(of_several_who_take_over_at_once_one_leads)
{
    contest in = {.storage = checkpoint_fixture_open()};
    test_leader first = leader_new(in.storage, "bank.board", "a");
    PGconn *session = checkpoint_fixture_connect();
    worker workers[contestants];
    uint64_t wins = 0;

    leader_take(&first);
    pthread_barrier_init(&in.barrier, NULL, contestants + 1);
    workers_start(workers, contestants, &(worker){.argument = &in, .work = contend});
    for (int round = 0; round < contest_rounds; round++) {
        expire(session);
        pthread_barrier_wait(&in.barrier);
        pthread_barrier_wait(&in.barrier);
    }
    workers_join(workers, contestants);
    workers_assert_no_errors(workers, contestants);
    for (size_t i = 0; i < contestants; i++) {
        wins += workers[i].result.version;
    }
    assert_int_equal(wins, contest_rounds);
    session_assert_text(session, "301", "select epoch from checkpoints");
    pthread_barrier_destroy(&in.barrier);
    PQfinish(session);
    leader_free(&first);
    checkpoint_fixture_close(in.storage);
}

/* Waits if it must. */
static void reset_one(worker *self)
{
    const test_leader *leader = self->argument;
    bool is_found = false;

    self->error = leader->functions->reset(&is_found, leader->storage, leader->key.processor, 3);
}

TEST(a_reset_waits_for_the_batch_that_is_being_written)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    PGconn *writing = checkpoint_fixture_connect();
    worker resetter;

    leader_take(&a);
    session_execute(writing, "begin; update checkpoints set position = 100");
    workers_start(&resetter, 1, &(worker){.argument = &a, .work = reset_one});
    session_await_waiting(writing, 1);
    session_execute(writing, "commit");
    workers_join(&resetter, 1);
    assert_no_error(resetter.error);
    leader_assert(&a, 3, NULL);
    PQfinish(writing);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}
