/* A prediction that was handled is taken away with what its handling wrote, once. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "prediction_contract/due.h"

TEST(a_prediction_fires_once)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    assert_claims(&due, 10, "a");
    const misas__prediction_reference fired = due_reference(&due, 0);

    assert_true(due_is_there(&due, fired));
    assert_no_error(due_fire(&due, &fired, 1));
    assert_false(due_is_there(&due, fired));
    assert_int_equal(due_count(&due), 0);
    misas_error *error = due_fire(&due, &fired, 1);

    assert_true(misas_error_has_tag(error, MISAS_TAG_CONFLICT));
    assert_error_is(error, MISAS__ERROR_PREDICTION_GONE);
    due_close(&due);
}

/* A batch that fires a prediction, and what is done because of it. */
static misas_error *fire_with_effects(test_due *due, misas__prediction_reference fired,
                                      const char *message)
{
    const misas__batch_stream stream = {"stream", MISAS_ANY_VERSION};
    const misas__batch_event event = {0, {.type = "test.v1.Happened"}};
    const misas__handled handled = {.source = "/test", .id = message};
    const misas__prediction_change change = {
        MISAS__PREDICTION_ADD, {.id = message, .type = "test.v1.Due", .due_at_us = 99}};
    uint64_t version = 0;

    return due->transaction->functions->write(&version, due->transaction,
                                              &(misas__batch){.handled = &handled,
                                                              .handled_count = 1,
                                                              .streams = &stream,
                                                              .stream_count = 1,
                                                              .events = &event,
                                                              .event_count = 1,
                                                              .predictions = &change,
                                                              .prediction_count = 1,
                                                              .fired = &fired,
                                                              .fired_count = 1});
}

static uint64_t last_version(const test_due *due)
{
    misas_stream_info info;

    assert_no_error(
        misas_event_store_stream_info(&info, misas_storage_event_store(due->storage), "stream"));
    return info.last_version;
}

TEST(nothing_is_written_with_a_prediction_that_is_gone)
{
    test_due due = due_open();
    misas__handled handled = {.source = "/test", .id = "again"};
    misas__arena arena = {0};
    bool was_handled = true;

    due_add(&due, "a", 10);
    assert_no_error(fire_with_effects(&due, (misas__prediction_reference){.id = "a"}, "once"));
    assert_int_equal(last_version(&due), 1);
    assert_error_is(fire_with_effects(&due, (misas__prediction_reference){.id = "a"}, "again"),
                    MISAS__ERROR_PREDICTION_GONE);
    assert_int_equal(last_version(&due), 1);
    assert_claims(&due, 99, "once");
    assert_no_error(due.transaction->functions->find_handled(&was_handled, due.transaction,
                                                             &handled, 1, &arena));
    assert_false(was_handled);
    misas__arena_free(&arena);
    due_close(&due);
}

TEST(a_prediction_stays_when_its_batch_can_not_be_written)
{
    test_due due = due_open();
    const misas__confirmation wrong = {"stream", 7};
    const misas__prediction_reference fired = {.id = "a"};

    due_add(&due, "a", 10);
    assert_error_is(due.transaction->functions->write(NULL, due.transaction,
                                                      &(misas__batch){.confirmations = &wrong,
                                                                      .confirmation_count = 1,
                                                                      .fired = &fired,
                                                                      .fired_count = 1}),
                    MISAS_ERROR_CONCURRENCY);
    assert_claims(&due, 10, "a");
    due_close(&due);
}

TEST(a_cancelled_prediction_does_not_fire)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    assert_claims(&due, 10, "a");
    assert_no_error(due_change(&due, MISAS__PREDICTION_CANCEL_ID, "a", 0));
    assert_error_is(due_fire(&due, (misas__prediction_reference[]){due_reference(&due, 0)}, 1),
                    MISAS__ERROR_PREDICTION_GONE);
    due_close(&due);
}

TEST(a_replaced_prediction_does_not_fire_in_place_of_the_new_one)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    assert_claims(&due, 10, "a");
    const misas__prediction_reference old = due_reference(&due, 0);

    assert_no_error(due_change(&due, MISAS__PREDICTION_REPLACE, "a", 20));
    assert_false(due_is_there(&due, old));
    assert_true(due_is_there(&due, (misas__prediction_reference){.id = "a"}));
    assert_error_is(due_fire(&due, &old, 1), MISAS__ERROR_PREDICTION_GONE);
    assert_claims(&due, 20, "a");
    assert_no_error(due_fire(&due, (misas__prediction_reference[]){due_reference(&due, 0)}, 1));
    assert_int_equal(due_count(&due), 0);
    due_close(&due);
}

TEST(whichever_prediction_of_an_id_there_is_may_fire)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    assert_no_error(due_change(&due, MISAS__PREDICTION_REPLACE, "a", 20));
    assert_no_error(due_fire_id(&due, "a"));
    assert_error_is(due_fire_id(&due, "a"), MISAS__ERROR_PREDICTION_GONE);
    assert_error_is(due_fire_id(&due, "never"), MISAS__ERROR_PREDICTION_GONE);
    due_close(&due);
}

TEST(a_prediction_whose_claim_has_ended_fires_nevertheless)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    due_await(&due, 10);
    assert_claims(&due, 9, "");
    assert_no_error(due_fire_id(&due, "a"));
    due_close(&due);
}

/* Fires what was claimed last and makes one change. */
static misas_error *fire_and_change(test_due *due, const misas__prediction_change *change)
{
    const misas__prediction_reference fired = due_reference(due, 0);

    return due->transaction->functions->write(
        NULL, due->transaction,
        &(misas__batch){
            .fired = &fired, .fired_count = 1, .predictions = change, .prediction_count = 1});
}

TEST(a_prediction_may_fire_and_be_added_again_at_once)
{
    for (misas__prediction_change_kind kind = MISAS__PREDICTION_ADD;
         kind <= MISAS__PREDICTION_REPLACE; kind++) {
        test_due due = due_open();
        const misas__prediction_change renewal = {
            kind, {.id = "a", .key = "k", .type = "test.v1.Due", .due_at_us = 20}};

        due_add(&due, "a", 10);
        assert_claims(&due, 10, "a");
        const int64_t added_at_us = due.claimed[0].added_at_us;

        assert_no_error(fire_and_change(&due, &renewal));
        assert_error_is(fire_and_change(&due, &renewal), MISAS__ERROR_PREDICTION_GONE);
        assert_claims(&due, 19, "");
        assert_claims(&due, 20, "a");
        assert_string_equal(due.claimed[0].content.key, "k");
        assert_int_not_equal(due.claimed[0].added_at_us, added_at_us);
        assert_int_equal(due_count(&due), 1);
        due_close(&due);
    }
}

TEST(a_prediction_that_fires_is_not_there_to_be_cancelled)
{
    static const misas__prediction_change cancellations[] = {
        {MISAS__PREDICTION_CANCEL_ID, {.id = "a"}},
        {MISAS__PREDICTION_CANCEL_ID, {.id = "none"}},
        {MISAS__PREDICTION_CANCEL_KEY, {.type = "test.v1.Due", .key = "k"}},
    };

    for (size_t i = 0; i < sizeof cancellations / sizeof cancellations[0]; i++) {
        test_due due = due_open();
        const misas__prediction_change added = {MISAS__PREDICTION_ADD,
                                                {.id = "a", .key = "k", .type = "test.v1.Due"}};

        assert_no_error(due.transaction->functions->write(
            NULL, due.transaction, &(misas__batch){.predictions = &added, .prediction_count = 1}));
        assert_claims(&due, 10, "a");
        assert_no_error(fire_and_change(&due, &cancellations[i]));
        assert_error_is(fire_and_change(&due, &cancellations[i]), MISAS__ERROR_PREDICTION_GONE);
        assert_int_equal(due_count(&due), 0);
        due_close(&due);
    }
}

TEST(of_several_predictions_all_fire_or_none)
{
    test_due due = due_open();
    const misas__prediction_reference with_one_gone[] = {{.id = "c"}, {.id = "gone"}, {.id = "a"}};
    const misas__prediction_reference twice[] = {{.id = "a"}, {.id = "c"}, {.id = "a"}};
    const misas__prediction_reference all[] = {{.id = "c"}, {.id = "b"}, {.id = "a"}};

    due_add(&due, "a", 10);
    due_add(&due, "b", 10);
    due_add(&due, "c", 10);
    assert_error_is(due_fire(&due, with_one_gone, 3), MISAS__ERROR_PREDICTION_GONE);
    assert_error_is(due_fire(&due, twice, 3), MISAS__ERROR_PREDICTION_GONE);
    assert_int_equal(due_count(&due), 3);
    assert_no_error(due_fire(&due, all, 3));
    assert_int_equal(due_count(&due), 0);
    due_close(&due);
}

TEST(each_of_several_predictions_is_looked_for)
{
    test_due due = due_open();
    const misas__transaction_functions *functions = due.transaction->functions;

    due_add(&due, "b", 10);
    due_add(&due, "a", 10);
    assert_int_equal(due_claim(&due, 10, 2, a_minute_ms), 2);
    const misas__prediction_reference sought[] = {
        due_reference(&due, 0), {.id = "none"}, {.id = "b", .added_at_us = 1}, {.id = "a"},
        due_reference(&due, 1),
    };

    for (int has_begun = 0; has_begun < 2; has_begun++) {
        bool found[] = {false, true, true, false, false};

        assert_no_error(functions->find_predictions(found, due.transaction, sought, 5));
        assert_true(found[0] && !found[1] && !found[2] && found[3] && found[4]);
        assert_no_error(functions->find_predictions(NULL, due.transaction, NULL, 0));
        assert_no_error(functions->begin(due.transaction));
    }
    functions->roll_back(due.transaction);
    due_close(&due);
}

enum { rounds = 200, renewals = 40, shared = 8 };

/* Works by a transaction of its own. */
typedef struct firer {
    test_due due;
    int index;
    int wins;
    misas_error *error; /* that was not expected */
    pthread_t thread;
} firer;

static void run_all(firer *firers, int count, test_due *due, void *(*work)(void *))
{
    for (int i = 0; i < count; i++) {
        firers[i] = (firer){.due = i == 0 ? *due : due_open_again(), .index = i};
        assert_int_equal(pthread_create(&firers[i].thread, NULL, work, &firers[i]), 0);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(firers[i].thread, NULL);
        assert_no_error(firers[i].error);
        if (i > 0) {
            due_close_again(&firers[i].due);
        }
    }
}

static void *fire_each(void *argument)
{
    firer *self = argument;

    for (int i = 0; i < rounds && self->error == NULL; i++) {
        char id[16];
        char message[32];

        snprintf(id, sizeof id, "%d", i);
        snprintf(message, sizeof message, "%d-%d", i, self->index);
        self->error =
            fire_with_effects(&self->due, (misas__prediction_reference){.id = id}, message);
        self->wins += self->error == NULL ? 1 : 0;
        if (misas_error_is(self->error, MISAS__ERROR_PREDICTION_GONE) ||
            misas_error_is(self->error, MISAS_ERROR_CONCURRENCY)) {
            i -= misas_error_is(self->error, MISAS_ERROR_CONCURRENCY) ? 1 : 0;
            misas_error_free(self->error);
            self->error = NULL;
            self->due.transaction->functions->roll_back(self->due.transaction);
        }
    }
    return NULL;
}

TEST(of_several_who_fire_the_same_prediction_one_succeeds)
{
    enum { threads = 4 };
    test_due due = due_open();
    firer firers[threads];
    int wins = 0;

    for (int i = 0; i < rounds; i++) {
        char id[16];

        snprintf(id, sizeof id, "%d", i);
        due_add(&due, id, 10);
    }
    run_all(firers, threads, &due, fire_each);
    for (int i = 0; i < threads; i++) {
        wins += firers[i].wins;
    }
    assert_int_equal(wins, rounds);
    assert_int_equal(last_version(&due), rounds);
    due_close(&due);
}

/* The same predictions fire and are added again, in one order or in the other. */
static void *renew_all(void *argument)
{
    static const char *const names[shared] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    firer *self = argument;
    misas__prediction_reference fired[shared];
    misas__prediction_change changes[shared];

    for (int i = 0; i < shared; i++) {
        const char *id = names[self->index % 2 == 0 ? i : shared - 1 - i];

        fired[i] = (misas__prediction_reference){.id = id};
        changes[shared - 1 - i] = (misas__prediction_change){
            MISAS__PREDICTION_ADD, {.id = id, .type = "test.v1.Due", .due_at_us = id[0]}};
    }
    for (int i = 0; i < renewals && self->error == NULL; i++) {
        self->error =
            self->due.transaction->functions->write(NULL, self->due.transaction,
                                                    &(misas__batch){.fired = fired,
                                                                    .fired_count = shared,
                                                                    .predictions = changes,
                                                                    .prediction_count = shared});
    }
    return NULL;
}

TEST(those_who_renew_the_same_predictions_in_opposite_orders_never_block_each_other)
{
    enum { threads = 4 };
    test_due due = due_open();
    firer firers[threads];

    for (char id[2] = "a"; id[0] <= 'h'; id[0]++) {
        due_add(&due, id, 10);
    }
    run_all(firers, threads, &due, renew_all);
    assert_claims(&due, 'h', "a b c d e f g h");
    due_close(&due);
}
