/* A checkpoint that is taken by force, and goes back within a batch: what a reset stands on. */
#include "checkpoint_contract/leaders.h"

static void seize(test_leader *leader)
{
    assert_no_error(leader->functions->seize(&leader->checkpoint, leader->storage, &leader->key,
                                             leader->owner));
}

static misas_error *go_back(const test_leader *leader, uint64_t position)
{
    const misas__checkpoint_move move = {.key = leader->key,
                                         .epoch = leader->checkpoint.epoch,
                                         .position = position,
                                         .may_go_back = true};

    return leader->transaction->functions->write(NULL, leader->transaction,
                                                 &(misas__batch){.checkpoint = &move});
}

TEST(a_lease_taken_by_force_is_lost_by_whoever_had_it)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader b = leader_new(storage, "bank.board", "b");

    leader_take(&a);
    assert_no_error(leader_write(&a, 7, "a1", NULL));
    seize(&b);
    assert_int_equal(b.checkpoint.position, 7);
    assert_int_equal(b.checkpoint.epoch, a.checkpoint.epoch + 1);
    leader_assert(&b, 7, "b");
    assert_error_is(leader_write(&a, 9, "a2", NULL), MISAS__ERROR_LEASE_LOST);
    assert_error_is(leader_renew(&a), MISAS__ERROR_LEASE_LOST);
    assert_false(leader_try(&a));
    assert_no_error(leader_write(&b, 8, "b1", NULL));
    leader_release(&b);
    leader_take(&a);
    leader_free(&b);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_lease_that_nobody_has_can_be_taken_by_force_too)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");

    seize(&a);
    assert_int_equal(a.checkpoint.epoch, 1);
    assert_int_equal(a.checkpoint.position, 0);
    leader_assert(&a, 0, "a");
    leader_release(&a);
    seize(&a);
    assert_int_equal(a.checkpoint.epoch, 2);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_checkpoint_taken_by_force_stays_paused)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");

    assert_no_error(a.functions->pause(storage, "bank.board", true));
    seize(&a);
    assert_true(a.checkpoint.is_paused);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_checkpoint_goes_back_with_a_batch_that_says_so)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");

    leader_take(&a);
    assert_no_error(leader_write(&a, 10, "a1", NULL));
    assert_no_error(leader_attempt(&a, 11));
    assert_no_error(go_back(&a, 4));
    leader_assert(&a, 4, "a");
    leader_release(&a);
    leader_take(&a);
    assert_int_equal(a.checkpoint.position, 4);
    assert_int_equal(a.checkpoint.attempted_position, 0);
    assert_int_equal(a.checkpoint.attempts, 0);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_checkpoint_does_not_go_back_for_one_who_lost_the_lease)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader b = leader_new(storage, "bank.board", "b");

    leader_take(&a);
    assert_no_error(leader_write(&a, 10, "a1", NULL));
    seize(&b);
    assert_error_is(go_back(&a, 0), MISAS__ERROR_LEASE_LOST);
    leader_assert(&b, 10, "b");
    leader_free(&b);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}
