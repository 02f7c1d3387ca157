/* What holds while several workers write. */
#include <stdio.h>
#include <string.h>

#include "contract/workers.h"
#include "storage_contract/batches.h"

enum { messages = 30 };

/* Handles each message unless it was handled: one event for it, all in streams of their own. */
static void handle_all(worker *self)
{
    misas__transaction *transaction = NULL;

    self->error = misas__transaction_new(&transaction, self->argument);
    for (size_t i = 0; i < messages && self->error == NULL; i++) {
        test_batch batch = {.words_count = 0};
        char id[16];

        snprintf(id, sizeof id, "m%zu", i);
        batch_handle(&batch, id);
        batch_append(&batch, id, MISAS_NO_STREAM, id);
        self->error = batch_write(&batch, transaction);
        self->result.version += self->error == NULL ? 1 : 0;
        if (misas_error_is(self->error, MISAS__ERROR_HANDLED_MEANWHILE)) {
            misas_error_free(self->error);
            self->error = NULL;
            transaction->functions->roll_back(transaction);
        }
    }
    if (transaction != NULL) {
        transaction->functions->free(transaction);
    }
}

TEST(of_several_workers_with_the_same_message_exactly_one_handles_it)
{
    enum { threads = 4 };
    test_side side = side_open(NULL);
    worker workers[threads];
    uint64_t handled = 0;
    event_list list;

    workers_start(workers, threads, &(worker){.argument = side.storage, .work = handle_all});
    workers_join(workers, threads);
    workers_assert_no_errors(workers, threads);
    for (size_t i = 0; i < threads; i++) {
        handled += workers[i].result.version;
    }
    assert_int_equal(handled, messages);
    event_list_read(&list, side.store, NULL, NULL);
    assert_int_equal(list.count, messages);
    event_list_free(&list);
    side_close(&side);
}

enum { rounds = 60, shared = 8 };

/* Adds one of the shared things to a batch. */
typedef void (*share_function)(test_batch *batch, int round, size_t i);

static void share_stream(test_batch *batch, int round, size_t i)
{
    static const char *const names[shared] = {"a", "b", "c", "d", "e", "f", "g", "h"};

    (void)round;
    batch_append(batch, names[i], MISAS_ANY_VERSION, "x");
}

static void share_replaced_prediction(test_batch *batch, int round, size_t i)
{
    char change[16];

    (void)round;
    snprintf(change, sizeof change, "=%zu:T/k", i);
    batch_predict(batch, change);
}

static void share_added_prediction(test_batch *batch, int round, size_t i)
{
    char change[16];

    snprintf(change, sizeof change, "+%d-%zu:T", round, i);
    batch_predict(batch, change);
}

static void share_message(test_batch *batch, int round, size_t i)
{
    char *id = batch->texts[i][0];

    snprintf(id, sizeof batch->texts[i][0], "%d-%zu", round, i);
    batch_handle(batch, id);
}

typedef struct sharing {
    misas_storage *storage;
    share_function share;
    const char *lost; /* the error of who comes too late */
    bool tries_again; /* after that; otherwise all begin each round at once */
    pthread_barrier_t *barrier;
} sharing;

/* Workers take the shared things in one order or in the other. */
static misas_error *write_shared(misas__transaction *transaction, const sharing *how,
                                 size_t worker_index, int round)
{
    test_batch batch = {.words_count = 0};

    for (size_t i = 0; i < shared; i++) {
        how->share(&batch, round, worker_index % 2 == 0 ? i : shared - 1 - i);
    }
    return batch_write(&batch, transaction);
}

/* Whether it was written. Another error than that of who comes too late is kept. */
static bool write_round(worker *self, misas__transaction *transaction, int round)
{
    const sharing *how = self->argument;

    if (self->error != NULL) {
        return true;
    }
    self->error = write_shared(transaction, how, self->index, round);
    if (misas_error_is(self->error, how->lost)) {
        misas_error_free(self->error);
        self->error = NULL;
        return false;
    }
    return true;
}

static void write_in_order(worker *self)
{
    const sharing *how = self->argument;
    misas__transaction *transaction = NULL;

    self->error = misas__transaction_new(&transaction, how->storage);
    for (int round = 0; round < rounds; round++) {
        if (how->barrier != NULL) {
            pthread_barrier_wait(how->barrier);
        }
        while (!write_round(self, transaction, round) && how->tries_again) {
        }
    }
    if (transaction != NULL) {
        transaction->functions->free(transaction);
    }
}

static void write_in_both_orders(misas_storage *storage, share_function share, const char *lost)
{
    enum { threads = 4 };
    pthread_barrier_t barrier;
    sharing how = {storage, share, lost, false, &barrier};
    worker workers[threads];

    pthread_barrier_init(&barrier, NULL, threads);
    workers_start(workers, threads, &(worker){.argument = &how, .work = write_in_order});
    workers_join(workers, threads);
    workers_assert_no_errors(workers, threads);
    pthread_barrier_destroy(&barrier);
}

TEST(batches_to_the_same_streams_in_opposite_orders_never_block_each_other)
{
    test_side side = side_open(NULL);
    misas_stream_info info;

    write_in_both_orders(side.storage, share_stream, MISAS_ERROR_CONCURRENCY);
    assert_no_error(misas_event_store_stream_info(&info, side.store, "d"));
    assert_in_range(info.last_version, rounds, 4 * rounds);
    side_close(&side);
}

TEST(batches_of_the_same_predictions_in_opposite_orders_never_block_each_other)
{
    test_side side = side_open(NULL);

    write_in_both_orders(side.storage, share_replaced_prediction, "");
    assert_predictions(&side, "0:T/k 1:T/k 2:T/k 3:T/k 4:T/k 5:T/k 6:T/k 7:T/k");
    write_in_both_orders(side.storage, share_added_prediction, MISAS_ERROR_PREDICTION_EXISTS);
    side_close(&side);
}

TEST(batches_of_the_same_messages_in_opposite_orders_never_block_each_other)
{
    test_side side = side_open(NULL);

    write_in_both_orders(side.storage, share_message, MISAS__ERROR_HANDLED_MEANWHILE);
    assert_true(side_was_handled(&side, "0-0"));
    assert_true(side_was_handled(&side, "59-7"));
    side_close(&side);
}

/* Appends by the store itself, beside the batches. */
static void append_by_the_store(worker *self)
{
    const sharing *how = self->argument;

    for (int i = 0; i < rounds && self->error == NULL; i++) {
        self->error = words_try_append(NULL, misas_storage_event_store(how->storage), "d",
                                       MISAS_ANY_VERSION, "y");
    }
}

TEST(batches_and_appends_of_the_store_go_together)
{
    test_side side = side_open(NULL);
    sharing how = {side.storage, share_stream, MISAS_ERROR_CONCURRENCY, true, NULL};
    worker writers[2];
    worker appenders[2];
    misas_stream_info info;

    workers_start(writers, 2, &(worker){.argument = &how, .work = write_in_order});
    workers_start(appenders, 2, &(worker){.argument = &how, .work = append_by_the_store});
    workers_join(writers, 2);
    workers_join(appenders, 2);
    workers_assert_no_errors(writers, 2);
    workers_assert_no_errors(appenders, 2);
    assert_no_error(misas_event_store_stream_info(&info, side.store, "d"));
    assert_int_equal(info.last_version, 4 * rounds);
    side_close(&side);
}

TEST(a_subscription_is_given_what_batches_append)
{
    test_side side = side_open(NULL);
    misas_subscription *subscription = words_subscribe(side.store, NULL);
    const misas_event *event = NULL;
    test_batch batch = {.words_count = 0};

    batch_append(&batch, "a", MISAS_NO_STREAM, "a1");
    batch_send(&batch, "do");
    assert_no_error(batch_write(&batch, side.transaction));
    assert_no_error(misas_subscription_next(&event, subscription, 10000));
    assert_string_equal(event->stream, "a");
    assert_no_error(misas_subscription_next(&event, subscription, 10000));
    assert_string_equal(event->type, "test.v1.Do");
    misas_subscription_free(subscription);
    side_close(&side);
}
