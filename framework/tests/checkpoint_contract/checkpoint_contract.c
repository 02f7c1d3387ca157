/* What is kept of how far a processor has got. */
#include <stdio.h>
#include <string.h>

#include "checkpoint_contract/leaders.h"
#include "contract/workers.h"

TEST(a_checkpoint_moves_with_its_batch_and_never_back)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader b = leader_new(storage, "bank.board", "b");

    leader_take(&a);
    assert_no_error(leader_write(&a, 10, "a1", NULL));
    assert_no_error(leader_write(&a, 5, "a2", NULL));
    leader_assert(&a, 10, "a");
    assert_no_error(leader_write(&a, UINT64_C(1) << 62, "a3", NULL));
    leader_release(&a);
    leader_take(&b);
    assert_int_equal(b.checkpoint.position, UINT64_C(1) << 62);
    assert_all(misas_storage_event_store(storage), "a1 a2 a3");
    leader_free(&b);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_batch_may_do_nothing_but_move_the_checkpoint)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");

    leader_take(&a);
    const misas__checkpoint_move move = {.key = a.key, .epoch = a.checkpoint.epoch, .position = 3};
    const misas__batch batch = {.checkpoint = &move};

    for (int i = 0; i < 2; i++) {
        assert_no_error(a.transaction->functions->begin(a.transaction));
        assert_no_error(a.transaction->functions->write(NULL, a.transaction, &batch));
        assert_no_error(a.transaction->functions->write(NULL, a.transaction, &batch));
        leader_assert(&a, 3, "a");
    }
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

static misas_error *move_once(test_leader *leader, uint64_t from, uint64_t position)
{
    const misas__checkpoint_move move = {.key = leader->key,
                                         .epoch = leader->checkpoint.epoch,
                                         .position = position,
                                         .is_once = true,
                                         .from = from};
    misas_error *error = leader->transaction->functions->write(
        NULL, leader->transaction, &(misas__batch){.checkpoint = &move});

    if (error != NULL) {
        leader->transaction->functions->roll_back(leader->transaction);
    }
    return error;
}

TEST(a_batch_that_may_be_written_once_is_refused_when_the_checkpoint_is_past_its_beginning)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");

    leader_take(&a);
    assert_no_error(move_once(&a, 0, 3));
    assert_error_is(move_once(&a, 0, 3), MISAS__ERROR_LEASE_LOST);
    assert_error_is(move_once(&a, 2, 9), MISAS__ERROR_LEASE_LOST);
    leader_assert(&a, 3, "a");
    assert_no_error(move_once(&a, 3, 3));
    assert_no_error(move_once(&a, 3, 9));
    leader_assert(&a, 9, "a");
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

static misas__handled handled_message(const char *id)
{
    return (misas__handled){.source = "/test/checkpoints", .id = id};
}

static void assert_was_handled(const test_leader *leader, const char *id, bool expected)
{
    misas__handled message = handled_message(id);
    misas__arena arena = {0};
    bool is_found = false;

    assert_no_error(leader->transaction->functions->find_handled(&is_found, leader->transaction,
                                                                 &message, 1, &arena));
    assert_int_equal(is_found, expected);
    misas__arena_free(&arena);
}

static const misas__dead_letter_query all_letters = {.max = 100};

TEST(a_batch_of_a_leader_who_lost_the_lease_leaves_nothing)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader b = leader_new(storage, "bank.board", "b");
    const misas__dead_letter letter = dead_letter("bank.board", 4, "failed");
    const misas__handled handled = handled_message("m1");
    const misas__prediction_change change = {MISAS__PREDICTION_ADD,
                                             {.id = "p", .type = "test.v1.Due"}};
    misas__batch more = {.handled = &handled,
                         .handled_count = 1,
                         .predictions = &change,
                         .prediction_count = 1,
                         .dead_letters = &letter,
                         .dead_letter_count = 1};

    leader_take(&a);
    leader_reset(&b, 0);
    assert_error_is(leader_write(&a, 5, "lost", &more), MISAS__ERROR_LEASE_LOST);
    assert_was_handled(&a, "m1", false);
    assert_all(misas_storage_event_store(storage), "");
    assert_letters(&a, &all_letters, "");
    leader_assert(&a, 0, NULL);
    leader_take(&b);
    assert_no_error(leader_write(&b, 5, "b1", &more)); /* the prediction was not there either */
    assert_was_handled(&a, "m1", true);
    assert_letters(&a, &all_letters, "bank.board@4=failed*1");
    leader_assert(&b, 5, "b");
    leader_free(&b);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_batch_that_fails_otherwise_moves_no_checkpoint_and_changes_no_dead_letters)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    const misas__dead_letter letters[2] = {dead_letter("bank.board", 1, "old"),
                                           dead_letter("bank.board", 2, "new")};
    const misas__confirmation wrong = {"done", 17};

    leader_take(&a);
    assert_no_error(leader_write(&a, 1, "a1",
                                 &(misas__batch){.dead_letters = letters, .dead_letter_count = 1}));
    int64_t id = leader_letter_id(&a, &all_letters);
    const misas__batch more = {.confirmations = &wrong,
                               .confirmation_count = 1,
                               .dead_letters = letters + 1,
                               .dead_letter_count = 1,
                               .settled_dead_letters = &id,
                               .settled_dead_letter_count = 1};

    assert_error_is(leader_write(&a, 2, "a2", &more), MISAS_ERROR_CONCURRENCY);
    leader_assert(&a, 1, "a");
    assert_letters(&a, &all_letters, "bank.board@1=old*1");
    assert_no_error(leader_write(&a, 2, "a2", NULL));
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(each_source_and_partition_has_a_checkpoint_of_its_own)
{
    misas_storage *storage = checkpoint_fixture_open();
    static const misas__checkpoint_key keys[] = {{"bank.b", "log", 0},
                                                 {"bank.a", "topic", 2},
                                                 {"bank.a", "topic", 10},
                                                 {"bank.a", "log", 0},
                                                 {"bank", "topic", 0}};
    enum { count = sizeof keys / sizeof keys[0] };
    static const int sorted[count] = {4, 3, 1, 2, 0};
    const misas__checkpoint_info *infos = NULL;
    test_leader leaders[count];
    misas__arena arena = {0};
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        leaders[i] = leader_new(storage, keys[i].processor, "a");
        leaders[i].key = keys[i];
        leader_take(&leaders[i]);
        assert_no_error(leader_write(&leaders[i], 100 + i, "x", NULL));
    }
    assert_no_error(leaders[0].functions->list(&infos, &found, storage, &arena));
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; i++) {
        const misas__checkpoint_key *key = &keys[sorted[i]];

        assert_string_equal(infos[i].key.processor, key->processor);
        assert_string_equal(infos[i].key.source, key->source);
        assert_int_equal(infos[i].key.partition, key->partition);
        assert_int_equal(infos[i].checkpoint.position, 100 + sorted[i]);
        leader_free(&leaders[i]);
    }
    misas__arena_free(&arena);
    checkpoint_fixture_close(storage);
}

TEST(no_checkpoints_are_listed_as_none)
{
    misas_storage *storage = checkpoint_fixture_open();
    const misas__checkpoint_info *infos = NULL;
    misas__arena arena = {0};
    size_t count = 1;

    assert_no_error(storage->backend->checkpoints.list(&infos, &count, storage, &arena));
    assert_int_equal(count, 0);
    misas__arena_free(&arena);
    checkpoint_fixture_close(storage);
}

TEST(it_is_known_when_a_checkpoint_moved)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    misas__arena arena = {0};

    leader_take(&a);
    int64_t made_at_us = leader_info(&a, &arena).moved_at_us;

    assert_true(made_at_us > INT64_C(1600000000000000));
    assert_no_error(leader_write(&a, 1, "a1", NULL));
    int64_t moved_at_us = leader_info(&a, &arena).moved_at_us;

    assert_true(moved_at_us > made_at_us);
    assert_no_error(leader_write(&a, 1, "a2", NULL));
    assert_no_error(leader_renew(&a));
    assert_int_equal(leader_info(&a, &arena).moved_at_us, moved_at_us);
    misas__arena_free(&arena);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(attempts_at_one_message_are_counted_whoever_leads)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader b = leader_new(storage, "bank.board", "b");
    int32_t attempts = 0;

    leader_take(&a);
    for (int i = 1; i <= 3; i++) {
        assert_no_error(a.functions->attempt(&attempts, storage, &a.key, a.checkpoint.epoch, 5));
        assert_int_equal(attempts, i);
    }
    leader_release(&a);
    leader_take(&b);
    assert_int_equal(b.checkpoint.attempted_position, 5);
    assert_int_equal(b.checkpoint.attempts, 3);
    assert_int_equal(b.checkpoint.position, 0);
    assert_no_error(b.functions->attempt(&attempts, storage, &b.key, b.checkpoint.epoch, 5));
    assert_int_equal(attempts, 4);
    assert_no_error(b.functions->attempt(&attempts, storage, &b.key, b.checkpoint.epoch, 6));
    assert_int_equal(attempts, 1);
    assert_error_is(a.functions->attempt(&attempts, storage, &a.key, a.checkpoint.epoch, 6),
                    MISAS__ERROR_LEASE_LOST);
    assert_no_error(b.functions->attempt(&attempts, storage, &b.key, b.checkpoint.epoch, 6));
    assert_int_equal(attempts, 2);
    leader_free(&b);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_reset_takes_the_lease_from_the_leader)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader other = leader_new(storage, "bank.other", "a");

    leader_take(&a);
    leader_take(&other);
    assert_no_error(leader_write(&a, 100, "a1", NULL));
    assert_no_error(leader_write(&other, 100, "o1", NULL));
    assert_no_error(leader_attempt(&a, 101));
    leader_reset(&a, 40);
    leader_assert(&a, 40, NULL);
    assert_error_is(leader_renew(&a), MISAS__ERROR_LEASE_LOST);
    assert_error_is(leader_attempt(&a, 101), MISAS__ERROR_LEASE_LOST);
    assert_error_is(leader_write(&a, 101, "lost", NULL), MISAS__ERROR_LEASE_LOST);
    leader_take(&a);
    assert_int_equal(a.checkpoint.position, 40);
    assert_int_equal(a.checkpoint.epoch, 3);
    assert_true(a.checkpoint.was_released);
    assert_int_equal(a.checkpoint.attempted_position, 0);
    assert_int_equal(a.checkpoint.attempts, 0);
    assert_no_error(leader_write(&a, 41, "a2", NULL));
    leader_assert(&other, 100, "a");
    assert_all(misas_storage_event_store(storage), "a1 o1 a2");
    leader_free(&other);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(only_a_checkpoint_in_the_log_can_be_reset)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    bool is_found = true;

    assert_no_error(a.functions->reset(&is_found, storage, "bank.board", 0));
    assert_false(is_found);
    a.key.source = "topic";
    leader_take(&a);
    assert_no_error(leader_write(&a, 7, "a1", NULL));
    assert_no_error(a.functions->reset(&is_found, storage, "bank.board", 0));
    assert_false(is_found);
    leader_assert(&a, 7, "a");
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

static bool renew_tells_pause(const test_leader *leader)
{
    bool is_paused = false;

    assert_no_error(leader->functions->renew(&is_paused, leader->storage, &leader->key,
                                             leader->checkpoint.epoch));
    return is_paused;
}

TEST(a_leader_learns_of_a_pause_when_it_renews_the_lease)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader other = leader_new(storage, "bank.other", "a");

    leader_take(&a);
    leader_take(&other);
    assert_false(renew_tells_pause(&a));
    assert_no_error(a.functions->pause(storage, "bank.board", true));
    assert_no_error(a.functions->pause(storage, "bank.board", true));
    assert_true(renew_tells_pause(&a));
    assert_false(renew_tells_pause(&other));
    assert_no_error(leader_write(&a, 1, "a1", NULL)); /* what it has in hand */
    leader_release(&a);
    leader_take(&a);
    assert_true(a.checkpoint.is_paused);
    assert_no_error(a.functions->pause(storage, "bank.board", false));
    assert_false(renew_tells_pause(&a));
    leader_free(&other);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_processor_that_never_ran_can_be_paused)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    test_leader on_topic = leader_new(storage, "bank.board", "a");
    test_leader resumed = leader_new(storage, "bank.board", "a");

    assert_no_error(a.functions->pause(storage, "bank.board", true));
    leader_assert(&a, 0, NULL);
    leader_take(&a);
    assert_int_equal(a.checkpoint.epoch, 1);
    assert_true(a.checkpoint.is_paused);
    assert_true(a.checkpoint.was_released);
    on_topic.key = (misas__checkpoint_key){"bank.board", "topic", 3};
    leader_take(&on_topic);
    assert_true(on_topic.checkpoint.is_paused);
    assert_no_error(a.functions->pause(storage, "bank.board", false));
    assert_false(renew_tells_pause(&a));
    assert_false(renew_tells_pause(&on_topic));
    resumed.key = (misas__checkpoint_key){"bank.board", "topic", 4};
    leader_take(&resumed);
    assert_false(resumed.checkpoint.is_paused);
    leader_free(&resumed);
    leader_free(&on_topic);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(names_of_processors_are_taken_as_they_are)
{
    static char long_name[601];
    const char *const names[] = {"'; drop table checkpoints; --",
                                 "\"@schema@\".checkpoints",
                                 "%s%n$1\\",
                                 "",
                                 " ",
                                 "{a,b}",
                                 "J\303\266rg \360\237\232\200\n\t\1",
                                 "null",
                                 long_name};
    enum { count = sizeof names / sizeof names[0] };
    misas_storage *storage = checkpoint_fixture_open();

    memset(long_name, 'x', sizeof long_name - 1);
    for (size_t i = 0; i < count; i++) {
        test_leader a = leader_new(storage, names[i], names[i]);
        test_leader again = leader_new(storage, names[i], names[i]);
        const misas__dead_letter letter = dead_letter(names[i], 1, "e");
        const misas__dead_letter_query query = {.processor = names[i], .max = 10};

        a.key.source = again.key.source = i % 2 == 0 ? MISAS__SOURCE_LOG : names[i];
        leader_take(&a);
        assert_no_error(leader_write(
            &a, 1, "a1", &(misas__batch){.dead_letters = &letter, .dead_letter_count = 1}));
        leader_assert(&a, 1, names[i]);
        assert_false(leader_try(&again));
        assert_no_error(a.functions->pause(storage, names[i], true));
        assert_true(renew_tells_pause(&a));
        assert_true(leader_letter_id(&a, &query) > 0);
        leader_free(&again);
        leader_free(&a);
    }
    checkpoint_fixture_close(storage);
}

enum { turns = 40, leaders_in_turn = 4 };

/* Leads for one message, if nobody else leads now; the word of a message is its position. */
static misas_error *lead_once(test_leader *leader)
{
    uint64_t *position = &leader->checkpoint.position;
    bool is_taken = false;
    char word[32];
    misas_error *error = leader->functions->take(&leader->checkpoint, &is_taken, leader->storage,
                                                 &leader->key, leader->owner);

    if (error != NULL || !is_taken) {
        return error;
    }
    if (*position < turns) {
        snprintf(word, sizeof word, "w%llu", (unsigned long long)*position + 1);
        error = leader_write(leader, *position + 1, word, NULL);
    }
    return error != NULL ? error
                         : leader->functions->release(leader->storage, &leader->key,
                                                      leader->checkpoint.epoch);
}

static void lead_in_turn(worker *self)
{
    test_leader *leader = (test_leader *)self->argument + self->index;

    while (self->error == NULL && leader->checkpoint.position < turns) {
        self->error = lead_once(leader);
    }
}

TEST(each_leader_goes_on_where_the_one_before_has_stopped)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader leaders[leaders_in_turn];
    worker workers[leaders_in_turn];
    char expected[turns * 4] = "w1";
    size_t used = strlen(expected);

    for (size_t i = 0; i < leaders_in_turn; i++) {
        leaders[i] = leader_new(storage, "bank.board", "a");
    }
    workers_start(workers, leaders_in_turn, &(worker){.argument = leaders, .work = lead_in_turn});
    workers_join(workers, leaders_in_turn);
    workers_assert_no_errors(workers, leaders_in_turn);
    for (int i = 2; i <= turns; i++) {
        used += (size_t)snprintf(expected + used, sizeof expected - used, " w%d", i);
    }
    assert_all(misas_storage_event_store(storage), expected);
    for (size_t i = 0; i < leaders_in_turn; i++) {
        leader_free(&leaders[i]);
    }
    checkpoint_fixture_close(storage);
}
