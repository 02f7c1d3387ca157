/* What holds while many threads use one store. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "contract/workers.h"

enum { appends_each = 20 };

static void append_anywhere(worker *self)
{
    for (int i = 0; i < appends_each && self->error == NULL; i++) {
        self->error = words_try_append(NULL, self->store, "a", MISAS_ANY_VERSION, "1 2");
    }
}

static void assert_has_versions_up_to(misas_event_store *store, const char *stream, size_t last)
{
    event_list list;

    event_list_read(&list, store, stream, NULL);
    assert_int_equal(list.count, last);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.events[i]->version, i + 1);
        assert_true(i == 0 || list.events[i]->position > list.events[i - 1]->position);
        assert_int_equal(*(const char *)list.events[i]->payload, i % 2 == 0 ? '1' : '2');
    }
    event_list_free(&list);
}

TEST(many_threads_append_to_one_stream_when_any_version_will_do)
{
    enum { threads = 8 };
    misas_event_store *store = fixture_open(NULL);
    worker workers[threads];

    workers_start(workers, threads, &(worker){.store = store, .work = append_anywhere});
    workers_join(workers, threads);
    workers_assert_no_errors(workers, threads);
    assert_has_versions_up_to(store, "a", (size_t)2 * threads * appends_each);
    fixture_close(store);
}

static void append_at_version_one(worker *self)
{
    char payload[16];

    snprintf(payload, sizeof payload, "%zu", self->index);
    self->error = words_try_append(&self->result, self->store, "a", 1, payload);
}

static size_t count_winners(worker *workers, size_t count)
{
    size_t winners = 0;

    for (size_t i = 0; i < count; i++) {
        if (workers[i].error != NULL) {
            assert_error_data(workers[i].error, "expected", "1");
            assert_error_data(workers[i].error, "actual", "2");
            assert_error_is(workers[i].error, MISAS_ERROR_CONCURRENCY);
        } else {
            assert_int_equal(workers[i].result.version, 2);
            assert_false(workers[i].result.was_appended_before);
            winners++;
        }
    }
    return winners;
}

TEST(of_a_hundred_threads_that_expect_the_same_version_one_wins)
{
    enum { threads = 100 };
    misas_event_store *store = fixture_open(NULL);
    misas_stream_info info;
    worker workers[threads];

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    workers_start(workers, threads, &(worker){.store = store, .work = append_at_version_one});
    workers_join(workers, threads);
    assert_int_equal(count_winners(workers, threads), 1);
    assert_no_error(misas_event_store_stream_info(&info, store, "a"));
    assert_int_equal(info.last_version, 2);
    fixture_close(store);
}

static void append_the_same(worker *self)
{
    self->error = words_try_append(&self->result, self->store, "a", MISAS_NO_STREAM, "#a1 #a2 #a3");
}

TEST(of_many_threads_that_append_the_same_events_one_does_and_all_get_its_answer)
{
    enum { threads = 10 };
    misas_event_store *store = fixture_open(NULL);
    worker workers[threads];
    size_t first_answers = 0;

    workers_start(workers, threads, &(worker){.store = store, .work = append_the_same});
    workers_join(workers, threads);
    workers_assert_no_errors(workers, threads);
    for (size_t i = 0; i < threads; i++) {
        first_answers += workers[i].result.was_appended_before ? 0 : 1;
        assert_int_equal(workers[i].result.version, 3);
        assert_int_equal(workers[i].result.position, workers[0].result.position);
    }
    assert_int_equal(first_answers, 1);
    assert_all(store, "a1 a2 a3");
    fixture_close(store);
}

/* Each to the same three streams, in an order of its own. */
static void append_to_three(worker *self)
{
    static const char *const names[] = {"a", "b", "c"};
    misas_append appends[3];
    words made;

    words_parse(&made, "1 2");
    for (size_t i = 0; i < 3; i++) {
        const char *name = names[(self->index + (self->index % 2 == 0 ? i : 3 - i)) % 3];

        appends[i] = (misas_append){name, MISAS_ANY_VERSION, made.events, made.count};
    }
    for (int i = 0; i < appends_each && self->error == NULL; i++) {
        self->error = misas_event_store_append_many(NULL, self->store, appends, 3);
    }
}

TEST(appends_to_the_same_streams_in_different_orders_do_not_block_each_other)
{
    enum { threads = 6 };
    misas_event_store *store = fixture_open(NULL);
    worker workers[threads];

    workers_start(workers, threads, &(worker){.store = store, .work = append_to_three});
    workers_join(workers, threads);
    workers_assert_no_errors(workers, threads);
    assert_has_versions_up_to(store, "a", (size_t)2 * threads * appends_each);
    assert_has_versions_up_to(store, "b", (size_t)2 * threads * appends_each);
    assert_has_versions_up_to(store, "c", (size_t)2 * threads * appends_each);
    fixture_close(store);
}

/* Counts by reading the version and appending with it, and again after each conflict. */
static void count_up(worker *self)
{
    for (int done = 0; done < appends_each && self->error == NULL;) {
        misas_stream_info info;

        self->error = misas_event_store_stream_info(&info, self->store, "a");
        if (self->error == NULL) {
            self->error = words_try_append(NULL, self->store, "a",
                                           (misas_expected_version)info.last_version, "1 2");
            done += self->error == NULL ? 1 : 0;
        }
        if (misas_error_is(self->error, MISAS_ERROR_CONCURRENCY)) {
            misas_error_free(self->error);
            self->error = NULL;
        }
    }
}

TEST(a_loop_of_reading_the_version_and_appending_with_it_loses_nothing)
{
    enum { threads = 4 };
    misas_event_store *store = fixture_open(NULL);
    worker workers[threads];

    workers_start(workers, threads, &(worker){.store = store, .work = count_up});
    workers_join(workers, threads);
    workers_assert_no_errors(workers, threads);
    assert_has_versions_up_to(store, "a", (size_t)2 * threads * appends_each);
    fixture_close(store);
}

/* Deletes a stream again and again, while others append to it. */
static void append_or_delete(worker *self)
{
    for (int i = 0; i < appends_each && self->error == NULL; i++) {
        if (self->index == 0) {
            self->error = misas_event_store_delete_stream(self->store, "a", MISAS_ANY_VERSION);
        } else {
            self->error = words_try_append(NULL, self->store, "a", MISAS_ANY_VERSION, "1 2");
        }
        if (misas_error_is(self->error, MISAS_ERROR_STREAM_NOT_FOUND)) {
            misas_error_free(self->error);
            self->error = NULL;
        }
    }
}

TEST(no_version_is_given_twice_while_a_stream_is_deleted_and_comes_back)
{
    enum { threads = 4 };
    misas_event_store *store = fixture_open(NULL);
    misas_stream_info info;
    worker workers[threads];

    workers_start(workers, threads, &(worker){.store = store, .work = append_or_delete});
    workers_join(workers, threads);
    workers_assert_no_errors(workers, threads);
    assert_no_error(misas_event_store_stream_info(&info, store, "a"));
    assert_int_equal(info.last_version, 2 * (threads - 1) * appends_each);
    fixture_close(store);
}

static void append_to_own_and_shared(worker *self)
{
    char own[32];

    snprintf(own, sizeof own, "own-%zu", self->index);
    for (int i = 0; i < appends_each && self->error == NULL; i++) {
        self->error = words_try_append(NULL, self->store, i % 4 == 0 ? "shared" : own,
                                       MISAS_ANY_VERSION, i % 3 == 0 ? "x" : "x y z");
    }
    atomic_fetch_add((atomic_int *)self->argument, 1);
}

/* Reads what comes after the last event read, over and over, until all writers are done. */
static void read_on_until_done(event_list *seen, misas_event_store *store,
                               const atomic_int *writers_done, int writers)
{
    bool is_last_round = false;

    while (!is_last_round) {
        uint64_t last = seen->count > 0 ? seen->events[seen->count - 1]->position : 0;
        event_list more;

        is_last_round = atomic_load(writers_done) == writers;
        event_list_read(&more, store, NULL, &(misas_read_options){.from = last + 1});
        for (size_t i = 0; i < more.count; i++) {
            seen->events[seen->count++] = more.events[i];
        }
    }
}

static uint64_t position_of(const misas_event *event)
{
    return event != NULL ? event->position : 0;
}

TEST(who_reads_on_from_the_last_position_misses_nothing_while_others_write)
{
    enum { threads = 4 };
    misas_event_store *store = fixture_open(NULL);
    atomic_int done = 0;
    worker workers[threads];
    event_list seen = {.count = 0};
    event_list all;

    workers_start(workers, threads,
                  &(worker){.store = store, .work = append_to_own_and_shared, .argument = &done});
    read_on_until_done(&seen, store, &done, threads);
    workers_join(workers, threads);
    workers_assert_no_errors(workers, threads);
    event_list_read(&all, store, NULL, NULL);
    assert_int_equal(seen.count, all.count);
    for (size_t i = 0; i < all.count; i++) {
        assert_int_equal(position_of(seen.events[i]), position_of(all.events[i]));
    }
    event_list_free(&all);
    event_list_free(&seen);
    fixture_close(store);
}
