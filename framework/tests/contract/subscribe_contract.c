/* What subscriptions promise. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract/workers.h"

enum { patience_ms = 20000, no_patience_ms = 60 };

/* Fails unless just these payloads are delivered next, one after the other. */
static void assert_delivers(misas_subscription *subscription, const char *text)
{
    const misas_event *event = NULL;
    words expected;

    words_parse(&expected, text);
    for (size_t i = 0; i < expected.count; i++) {
        assert_no_error(misas_subscription_next(&event, subscription, patience_ms));
        assert_non_null(event);
        assert_int_equal(event->payload_size, expected.events[i].payload_size);
        assert_memory_equal(event->payload, expected.events[i].payload, event->payload_size);
    }
}

static void assert_delivers_nothing(misas_subscription *subscription)
{
    const misas_event *event = (const misas_event *)"not set";

    assert_no_error(misas_subscription_next(&event, subscription, no_patience_ms));
    assert_null(event);
}

TEST(a_subscription_delivers_what_is_there_and_then_what_comes)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "a1 a2");
    words_append(store, "b", MISAS_NO_STREAM, "b1");
    misas_subscription *subscription = words_subscribe(store, NULL);

    assert_delivers(subscription, "a1 a2 b1");
    assert_delivers_nothing(subscription);
    words_append(store, "b", 1, "b2 b3");
    words_append(store, "a", 2, "a3");
    assert_delivers(subscription, "b2 b3 a3");
    assert_delivers_nothing(subscription);
    misas_subscription_free(subscription);
    fixture_close(store);
}

TEST(a_subscription_to_an_empty_store_waits_for_its_first_event)
{
    misas_event_store *store = fixture_open(NULL);
    misas_subscription *all = words_subscribe(store, &(misas_subscription_options){0});
    misas_subscription *one = words_subscribe(store, &(misas_subscription_options){.stream = "a"});

    assert_delivers_nothing(all);
    assert_delivers_nothing(one);
    assert_int_equal(misas_subscription_settled(all), 0);
    assert_int_equal(misas_subscription_settled(one), 0);
    words_append(store, "b", MISAS_NO_STREAM, "b1");
    words_append(store, "a", MISAS_NO_STREAM, "a1");
    assert_delivers(all, "b1 a1");
    assert_delivers(one, "a1");
    misas_subscription_free(all);
    misas_subscription_free(one);
    fixture_close(store);
}

TEST(a_subscription_to_a_stream_delivers_that_stream_only)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    words_append(store, "b", MISAS_NO_STREAM, "b1");
    words_append(store, "a", 1, "a2");
    misas_subscription *subscription =
        words_subscribe(store, &(misas_subscription_options){.stream = "a"});

    assert_delivers(subscription, "a1 a2");
    words_append(store, "b", 1, "b2");
    assert_delivers_nothing(subscription);
    words_append(store, "a", 2, "a3");
    assert_delivers(subscription, "a3");
    misas_subscription_free(subscription);
    fixture_close(store);
}

TEST(a_subscription_to_a_stream_begins_at_any_version)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "a1 a2 a3");
    misas_subscription *second =
        words_subscribe(store, &(misas_subscription_options){.stream = "a", .from = 2});
    misas_subscription *fifth =
        words_subscribe(store, &(misas_subscription_options){.stream = "a", .from = 5});

    assert_int_equal(misas_subscription_settled(second), 1);
    assert_delivers(second, "a2 a3");
    assert_delivers_nothing(fifth);
    words_append(store, "a", 3, "a4 a5 a6");
    assert_delivers(second, "a4 a5 a6");
    assert_delivers(fifth, "a5 a6");
    misas_subscription_free(second);
    misas_subscription_free(fifth);
    fixture_close(store);
}

TEST(a_subscription_to_all_events_begins_at_any_position)
{
    misas_event_store *store = fixture_open(NULL);
    uint64_t first = words_append(store, "a", MISAS_NO_STREAM, "a1").position;
    uint64_t second = words_append(store, "b", MISAS_NO_STREAM, "b1").position;
    misas_subscription *at = words_subscribe(store, &(misas_subscription_options){.from = second});
    misas_subscription *after =
        words_subscribe(store, &(misas_subscription_options){.from = first + 1});
    misas_subscription *last =
        words_subscribe(store, &(misas_subscription_options){.from = second + 1});

    words_append(store, "a", 1, "a2");
    assert_delivers(at, "b1 a2");
    assert_delivers(after, "b1 a2");
    assert_delivers(last, "a2");
    misas_subscription_free(at);
    misas_subscription_free(after);
    misas_subscription_free(last);
    fixture_close(store);
}

TEST(a_subscription_from_beyond_every_number_delivers_nothing)
{
    misas_event_store *store = fixture_open(NULL);
    misas_subscription *all =
        words_subscribe(store, &(misas_subscription_options){.from = UINT64_MAX});
    misas_subscription *one =
        words_subscribe(store, &(misas_subscription_options){.stream = "a", .from = UINT64_MAX});

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    assert_delivers_nothing(all);
    assert_delivers_nothing(one);
    misas_subscription_free(all);
    misas_subscription_free(one);
    fixture_close(store);
}

TEST(a_subscription_delivers_only_the_types_it_wants)
{
    misas_event_store *store = fixture_open(NULL);
    misas_subscription *selecting = words_subscribe(
        store, &(misas_subscription_options){.select_types = LIST("test.v1.Opened")});
    misas_subscription *excluding = words_subscribe(
        store, &(misas_subscription_options){.stream = "a",
                                             .exclude_types = LIST("test.v1.Opened", "test.v1.X")});

    words_append(store, "a", MISAS_NO_STREAM, "a1:Opened a2:Paid a3:X");
    words_append(store, "b", MISAS_NO_STREAM, "b1:Paid b2:Opened");
    assert_delivers(selecting, "a1 b2");
    assert_delivers(excluding, "a2");
    assert_delivers_nothing(selecting);
    assert_delivers_nothing(excluding);
    words_append(store, "a", 3, "a4:Opened a5:Paid");
    assert_delivers(selecting, "a4");
    assert_delivers(excluding, "a5");
    misas_subscription_free(selecting);
    misas_subscription_free(excluding);
    fixture_close(store);
}

TEST(what_was_delivered_is_settled)
{
    misas_event_store *store = fixture_open(NULL);
    uint64_t first = words_append(store, "a", MISAS_NO_STREAM, "a1").position;
    uint64_t second = words_append(store, "b", MISAS_NO_STREAM, "b1").position;
    misas_subscription *all = words_subscribe(store, NULL);
    misas_subscription *one = words_subscribe(store, &(misas_subscription_options){.stream = "a"});

    assert_int_equal(misas_subscription_settled(all), 0);
    assert_delivers(all, "a1");
    assert_int_equal(misas_subscription_settled(all), first);
    assert_delivers(all, "b1");
    assert_int_equal(misas_subscription_settled(all), second);
    assert_delivers(one, "a1");
    assert_int_equal(misas_subscription_settled(one), 1);
    misas_subscription_free(all);
    misas_subscription_free(one);
    fixture_close(store);
}

/* Asks until all up to here is settled, and nothing is delivered. */
static bool has_settled(misas_subscription *subscription, uint64_t position)
{
    int64_t deadline_ms = test_now_ms() + patience_ms / 4;

    while (misas_subscription_settled(subscription) < position && test_now_ms() < deadline_ms) {
        assert_delivers_nothing(subscription);
    }
    return misas_subscription_settled(subscription) >= position;
}

TEST(what_was_filtered_out_of_all_events_is_settled_too)
{
    misas_event_store *store = fixture_open(NULL);
    misas_subscription *subscription = words_subscribe(
        store, &(misas_subscription_options){.select_types = LIST("test.v1.Never")});
    misas_append_result result = words_append(store, "a", MISAS_NO_STREAM, "a1 a2 a3");

    assert_true(has_settled(subscription, result.position));
    assert_int_equal(misas_subscription_settled(subscription), result.position);
    result = words_append(store, "b", MISAS_NO_STREAM, "b1");
    assert_true(has_settled(subscription, result.position));
    assert_int_equal(misas_subscription_settled(subscription), result.position);
    misas_subscription_free(subscription);
    fixture_close(store);
}

TEST(what_was_filtered_out_of_a_stream_is_settled_too)
{
    misas_event_store *store = fixture_open(NULL);
    misas_subscription *subscription = words_subscribe(
        store, &(misas_subscription_options){.stream = "a", .select_types = LIST("test.v1.Never")});

    words_append(store, "a", MISAS_NO_STREAM, "a1 a2 a3");
    assert_true(has_settled(subscription, 3));
    assert_int_equal(misas_subscription_settled(subscription), 3);
    misas_subscription_free(subscription);
    fixture_close(store);
}

TEST(a_subscription_goes_on_after_what_an_earlier_one_settled)
{
    misas_event_store *store = fixture_open(NULL);
    misas_subscription_options options = {.exclude_types = LIST("test.v1.Paid")};
    uint64_t settled = 0;

    words_append(store, "a", MISAS_NO_STREAM, "1 x:Paid 2 3 y:Paid z:Paid 4 5");
    for (int expected = '1'; expected <= '5'; expected++) {
        options.from = settled + 1;
        misas_subscription *subscription = words_subscribe(store, &options);

        assert_delivers(subscription, (const char[]){(char)expected, '\0'});
        settled = misas_subscription_settled(subscription);
        misas_subscription_free(subscription);
    }
    fixture_close(store);
}

TEST(a_subscription_without_events_returns_when_its_time_is_up)
{
    misas_event_store *store = fixture_open(NULL);
    misas_subscription *subscription = words_subscribe(store, NULL);
    const misas_event *event = NULL;
    int64_t started_ms = test_now_ms();

    assert_no_error(misas_subscription_next(&event, subscription, 0));
    assert_null(event);
    assert_true(test_now_ms() - started_ms < 1000);
    started_ms = test_now_ms();
    assert_no_error(misas_subscription_next(&event, subscription, 150));
    assert_null(event);
    assert_true(test_now_ms() - started_ms >= 149);
    assert_true(test_now_ms() - started_ms < 1500);
    misas_subscription_free(subscription);
    fixture_close(store);
}

static void append_when_asked(worker *self)
{
    self->error = words_try_append(NULL, self->store, "a", MISAS_ANY_VERSION, "a1");
}

TEST(a_waiting_subscription_gets_an_event_soon_after_it_is_appended)
{
    misas_event_store *store = fixture_open(NULL);
    misas_subscription *subscription = words_subscribe(store, NULL);
    int64_t started_ms = test_now_ms();
    worker appending;

    assert_delivers_nothing(subscription);
    workers_start(&appending, 1, &(worker){.store = store, .work = append_when_asked});
    assert_delivers(subscription, "a1");
    assert_true(test_now_ms() - started_ms < patience_ms / 4);
    workers_join(&appending, 1);
    workers_assert_no_errors(&appending, 1);
    misas_subscription_free(subscription);
    fixture_close(store);
}

/* A thread that waits for an event which never comes. */
typedef struct waiting {
    misas_subscription *subscription;
    const misas_event *event;
    atomic_bool is_waiting;
} waiting;

static void wait_for_event(worker *self)
{
    waiting *state = self->argument;

    atomic_store(&state->is_waiting, true);
    self->error = misas_subscription_next(&state->event, state->subscription, 10 * patience_ms);
}

static bool is_waiting(void *argument)
{
    return atomic_load(&((waiting *)argument)->is_waiting);
}

static void check_stop(const char *stream)
{
    misas_event_store *store = fixture_open(NULL);
    misas_subscription_options options = {.stream = stream};
    waiting state = {.subscription = words_subscribe(store, &options)};
    const misas_event *event = NULL;
    int64_t started_ms = test_now_ms();
    worker waiter;

    workers_start(&waiter, 1, &(worker){.work = wait_for_event, .argument = &state});
    assert_true(test_wait_until(is_waiting, &state, patience_ms));
    misas_subscription_stop(state.subscription);
    workers_join(&waiter, 1);
    workers_assert_no_errors(&waiter, 1);
    assert_null(state.event);
    words_append(store, "a", MISAS_NO_STREAM, "a1");
    for (int i = 0; i < 3; i++) {
        assert_no_error(misas_subscription_next(&event, state.subscription, patience_ms));
        assert_null(event);
    }
    assert_true(test_now_ms() - started_ms < patience_ms / 2);
    misas_subscription_free(state.subscription);
    fixture_close(store);
}

TEST(a_stopped_subscription_returns_at_once_and_delivers_nothing_more)
{
    check_stop(NULL);
    check_stop("a");
}

TEST(a_subscription_stopped_before_its_first_call_delivers_nothing)
{
    misas_event_store *store = fixture_open(NULL);
    misas_subscription *subscription = words_subscribe(store, NULL);
    const misas_event *event = NULL;

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    misas_subscription_stop(subscription);
    misas_subscription_stop(subscription);
    assert_no_error(misas_subscription_next(&event, subscription, patience_ms));
    assert_null(event);
    misas_subscription_free(subscription);
    misas_subscription_free(NULL);
    fixture_close(store);
}

TEST(the_options_may_go_away_when_a_subscription_is_open)
{
    char *stream = strdup("a");
    char *type = strdup("test.v1.Opened");
    const char **types = calloc(2, sizeof *types);
    misas_event_store *store = fixture_open(NULL);

    types[0] = type;
    misas_subscription *subscription = words_subscribe(
        store, &(misas_subscription_options){.stream = stream, .select_types = types});

    free(stream);
    free(type);
    free(types);
    words_append(store, "a", MISAS_NO_STREAM, "a1 a2:Opened");
    words_append(store, "b", MISAS_NO_STREAM, "b1:Opened");
    assert_delivers(subscription, "a2");
    assert_delivers_nothing(subscription);
    misas_subscription_free(subscription);
    fixture_close(store);
}

/* Many readers, many writers: each reader notes the positions it gets, until it has the last one.
 */
enum { writers = 4, readers = 5, appends_each = 30 };

typedef struct observer {
    misas_subscription_options options;
    uint64_t positions[1000];
    size_t count;
} observer;

static void write_events(worker *self)
{
    char own[32];

    snprintf(own, sizeof own, "own-%zu", self->index);
    for (int i = 0; i < appends_each && self->error == NULL; i++) {
        self->error = words_try_append(NULL, self->store, i % 3 == 0 ? "shared" : own,
                                       MISAS_ANY_VERSION, i % 2 == 0 ? "1:Odd" : "1:Even 2:Odd");
    }
}

static void observe(worker *self)
{
    observer *seen = (observer *)self->argument + self->index;
    misas_subscription *subscription = NULL;
    bool is_last = false;

    self->error = misas_event_store_subscribe(&subscription, self->store, &seen->options);
    while (self->error == NULL && !is_last) {
        const misas_event *event = NULL;

        self->error = misas_subscription_next(&event, subscription, patience_ms);
        is_last = event == NULL || strcmp(event->type, "test.v1.Last") == 0;
        if (event != NULL && seen->count < 1000) {
            seen->positions[seen->count++] = event->position;
        }
    }
    misas_subscription_free(subscription);
}

static void assert_saw_all(const observer *seen, misas_event_store *store)
{
    const misas_read_options options = {.select_types = seen->options.select_types};
    event_list all;

    event_list_read(&all, store, seen->options.stream, &options);
    assert_int_equal(seen->count, all.count);
    for (size_t i = 0; i < all.count; i++) {
        assert_int_equal(seen->positions[i], all.events[i]->position);
    }
    event_list_free(&all);
}

TEST(every_subscription_sees_just_what_was_committed_in_order_while_many_write)
{
    static observer seen[readers];
    const misas_subscription_options odd = {.select_types = LIST("test.v1.Odd", "test.v1.Last")};
    misas_event_store *store = fixture_open(NULL);
    worker writing[writers];
    worker observing[readers];

    memset(seen, 0, sizeof seen);
    seen[1].options = odd;
    seen[2].options.stream = "shared";
    seen[3].options = odd;
    seen[3].options.stream = "shared";
    workers_start(observing, readers, &(worker){.store = store, .work = observe, .argument = seen});
    workers_start(writing, writers, &(worker){.store = store, .work = write_events});
    workers_join(writing, writers);
    workers_assert_no_errors(writing, writers);
    words_append(store, "shared", MISAS_ANY_VERSION, "last:Last");
    workers_join(observing, readers);
    workers_assert_no_errors(observing, readers);
    for (size_t i = 0; i < readers; i++) {
        assert_saw_all(&seen[i], store);
    }
    fixture_close(store);
}
