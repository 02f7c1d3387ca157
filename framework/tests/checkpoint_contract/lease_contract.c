/* Who leads, and until when. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "checkpoint_contract/leaders.h"
#include "contract/workers.h"

TEST(who_takes_a_new_checkpoint_leads_from_the_beginning)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");

    leader_take(&a);
    assert_int_equal(a.checkpoint.position, 0);
    assert_int_equal(a.checkpoint.epoch, 1);
    assert_int_equal(a.checkpoint.attempted_position, 0);
    assert_int_equal(a.checkpoint.attempts, 0);
    assert_false(a.checkpoint.is_paused);
    assert_true(a.checkpoint.was_released);
    leader_assert(&a, 0, "a");
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(nobody_takes_what_another_leads_not_even_the_leader)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader b = leader_new(storage, "bank.board", "b");

    leader_take(&a);
    assert_false(leader_try(&b));
    assert_false(leader_try(&a));
    assert_no_error(leader_renew(&a));
    assert_no_error(leader_write(&a, 1, "a1", NULL));
    assert_false(leader_try(&b));
    leader_assert(&a, 1, "a");
    leader_free(&b);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(who_leaves_in_order_lets_others_lead_at_once)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader b = leader_new(storage, "bank.board", "b");

    leader_take(&a);
    assert_no_error(leader_write(&a, 7, "a1", NULL));
    leader_release(&a);
    leader_assert(&a, 7, NULL);
    leader_take(&b);
    assert_int_equal(b.checkpoint.position, 7);
    assert_int_equal(b.checkpoint.epoch, 2);
    assert_true(b.checkpoint.was_released);
    leader_release(&a);
    leader_assert(&b, 7, "b");
    leader_release(&b);
    leader_take(&a);
    assert_int_equal(a.checkpoint.epoch, 3);
    leader_free(&b);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

static void assert_is_lost(test_leader *leader)
{
    assert_error_is(leader_renew(leader), MISAS__ERROR_LEASE_LOST);
    assert_error_is(leader_attempt(leader, 9), MISAS__ERROR_LEASE_LOST);
    assert_error_is(leader_write(leader, 9, "lost", NULL), MISAS__ERROR_LEASE_LOST);
}

TEST(who_has_left_writes_no_more)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");

    assert_is_lost(&a);
    leader_take(&a);
    leader_release(&a);
    assert_is_lost(&a);
    leader_assert(&a, 0, NULL);
    assert_all(misas_storage_event_store(storage), "");
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_lease_that_is_not_renewed_goes_to_another_and_the_old_leader_changes_nothing)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader b = leader_new(storage, "bank.board", "b");
    int64_t taken_at_ms = test_now_ms();

    leader_take(&a);
    assert_no_error(leader_attempt(&a, 5));
    leader_take_over(&b);
    assert_true(test_now_ms() - taken_at_ms >= misas__lease_ms - 100);
    assert_int_equal(b.checkpoint.epoch, 2);
    assert_false(b.checkpoint.was_released);
    assert_int_equal(b.checkpoint.attempted_position, 5);
    assert_int_equal(b.checkpoint.attempts, 1);
    assert_is_lost(&a);
    leader_release(&a);
    leader_assert(&b, 0, "b");
    assert_no_error(leader_write(&b, 1, "b1", NULL));
    assert_all(misas_storage_event_store(storage), "b1");
    leader_free(&b);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(an_expired_lease_that_nobody_took_is_the_leaders_still)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader clock = leader_new(storage, "bank.clock", "a");
    test_leader after = leader_new(storage, "bank.clock", "b");
    test_leader b = leader_new(storage, "bank.board", "b");

    leader_take(&a);
    leader_take(&clock);
    leader_take_over(&after); /* so the first has expired as well */
    leader_assert(&a, 0, NULL);
    assert_no_error(leader_write(&a, 1, "a1", NULL));
    leader_assert(&a, 1, "a");
    assert_false(leader_try(&b));
    leader_free(&b);
    leader_free(&after);
    leader_free(&clock);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(each_sign_of_life_renews_the_lease)
{
    enum { kinds = 3 };
    misas_storage *storage = checkpoint_fixture_open();
    static const char *const processors[kinds] = {"bank.renews", "bank.attempts", "bank.writes"};
    test_leader leaders[kinds];
    test_leader others[kinds];
    int64_t until_ms = test_now_ms() + misas__lease_ms + 500;

    for (int i = 0; i < kinds; i++) {
        leaders[i] = leader_new(storage, processors[i], "a");
        others[i] = leader_new(storage, processors[i], "b");
        leader_take(&leaders[i]);
    }
    while (test_now_ms() < until_ms) {
        assert_no_error(leader_renew(&leaders[0]));
        assert_no_error(leader_attempt(&leaders[1], 1));
        assert_no_error(leader_write(&leaders[2], 1, "w", NULL));
        for (int i = 0; i < kinds; i++) {
            assert_false(leader_try(&others[i]));
        }
    }
    for (int i = 0; i < kinds; i++) {
        leader_free(&others[i]);
        leader_free(&leaders[i]);
    }
    checkpoint_fixture_close(storage);
}

/* All of these want to lead the same, time and again: they wait for each other before each try. */
typedef struct contest {
    misas_storage *storage;
    pthread_barrier_t barrier;
} contest;

enum { contest_rounds = 200, contestants = 4 };

/* The first time the checkpoint is new, then it was left. Counts its wins. */
static void contend(worker *self)
{
    contest *in = self->argument;
    const misas__checkpoint_functions *functions = &in->storage->backend->checkpoints;
    char processor[32];
    misas__checkpoint taken;

    for (int round = 0; round < contest_rounds; round++) {
        bool is_taken = false;

        snprintf(processor, sizeof processor, "bank.%d", round / 4);
        const misas__checkpoint_key key = {processor, MISAS__SOURCE_LOG, 0};

        pthread_barrier_wait(&in->barrier);
        misas_error *error = functions->take(&taken, &is_taken, in->storage, &key, "a");

        pthread_barrier_wait(&in->barrier); /* who wins leaves when all have tried */
        if (is_taken) {
            self->result.version++;
            error = functions->release(in->storage, &key, taken.epoch);
        }
        if (self->error == NULL) {
            self->error = error;
        } else {
            misas_error_free(error);
        }
    }
}

TEST(of_several_who_try_at_once_one_leads)
{
    contest in = {.storage = checkpoint_fixture_open()};
    worker workers[contestants];
    uint64_t wins = 0;

    pthread_barrier_init(&in.barrier, NULL, contestants);
    workers_start(workers, contestants, &(worker){.argument = &in, .work = contend});
    workers_join(workers, contestants);
    workers_assert_no_errors(workers, contestants);
    for (size_t i = 0; i < contestants; i++) {
        wins += workers[i].result.version;
    }
    assert_int_equal(wins, contest_rounds);
    pthread_barrier_destroy(&in.barrier);
    checkpoint_fixture_close(in.storage);
}
