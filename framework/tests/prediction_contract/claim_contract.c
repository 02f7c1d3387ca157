/* Who gets which predictions, and when. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "misas/clock.h"
#include "prediction_contract/due.h"

TEST(predictions_are_claimed_in_the_order_in_which_they_are_due)
{
    test_due due = due_open();

    due_add(&due, "c", 30);
    due_add(&due, "a", 10);
    due_add(&due, "d", 40);
    due_add(&due, "b", 20);
    assert_claims(&due, 100, "a b c d");
    due_close(&due);
}

TEST(no_prediction_is_claimed_before_its_time)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    due_add(&due, "b", 11);
    assert_claims(&due, 9, "");
    assert_claims(&due, 10, "a");
    assert_claims(&due, 11, "b");
    due_close(&due);
}

TEST(a_claim_takes_no_more_than_it_asks_for)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    due_add(&due, "b", 20);
    due_add(&due, "c", 20);
    due_add(&due, "d", 30);
    assert_int_equal(due_claim(&due, 100, 0, a_minute_ms), 0);
    assert_int_equal(due_claim(&due, 100, 1, a_minute_ms), 1);
    assert_string_equal(due.claimed[0].content.id, "a");
    assert_int_equal(due_claim(&due, 100, 1, a_minute_ms), 1);
    assert_int_equal(due_claim(&due, 100, SIZE_MAX, a_minute_ms), 2);
    assert_string_equal(due.claimed[1].content.id, "d");
    due_close(&due);
}

TEST(what_is_claimed_is_not_given_to_another)
{
    test_due due = due_open();
    test_due other = due_open_again();

    due_add(&due, "a", 10);
    assert_claims(&due, 100, "a");
    assert_claims(&due, 100, "");
    assert_claims(&other, 100, "");
    due_add(&due, "b", 10);
    due_await(&other, 100);
    assert_string_equal(other.claimed[0].content.id, "b");
    due_close_again(&other);
    due_close(&due);
}

TEST(a_claim_ends_by_itself)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    assert_int_equal(due_claim(&due, 100, 1, 1), 1);
    due_await(&due, 100);
    assert_string_equal(due.claimed[0].content.id, "a");
    due_await(&due, 100);
    due_close(&due);
}

TEST(a_prediction_of_a_time_long_past_is_found_after_later_ones_were_claimed)
{
    test_due due = due_open();

    due_add(&due, "b", 500);
    due_add(&due, "c", 900);
    assert_claims(&due, 1000, "b c");
    due_add(&due, "a", MISAS_TIME_MIN_US);
    due_await(&due, 1000);
    assert_string_equal(due.claimed[0].content.id, "a");
    due_close(&due);
}

TEST(a_system_may_go_back_in_time)
{
    test_due due = due_open();

    due_add(&due, "b", 500);
    assert_claims(&due, 1000, "b");
    due_add(&due, "a", 5);
    due_add(&due, "c", 700);
    assert_claims(&due, 6, "a");
    due_close(&due);
}

TEST(predictions_of_the_first_and_the_last_time_are_due_then)
{
    test_due due = due_open();

    due_add(&due, "first", MISAS_TIME_MIN_US);
    due_add(&due, "last", MISAS_TIME_MAX_US);
    assert_claims(&due, MISAS_TIME_MIN_US, "first");
    assert_int_equal(due.claimed[0].content.due_at_us, MISAS_TIME_MIN_US);
    assert_claims(&due, MISAS_TIME_MAX_US - 1, "");
    assert_claims(&due, MISAS_TIME_MAX_US, "last");
    assert_int_equal(due.claimed[0].content.due_at_us, MISAS_TIME_MAX_US);
    due_close(&due);
}

TEST(a_claim_gives_all_that_a_prediction_has)
{
    test_due due = due_open();
    const misas_field fields[] = {{"user", "me"}, {NULL, NULL}};
    const misas__prediction_change change = {
        .kind = MISAS__PREDICTION_ADD,
        .prediction = {.id = "a",
                       .key = "k",
                       .due_at_us = 10,
                       .type = "test.v1.Due",
                       .type_version = 3,
                       .payload = "\0\1",
                       .payload_size = 2,
                       .metadata = {"conversation", "cause", fields}},
    };

    assert_no_error(due.transaction->functions->write(
        NULL, due.transaction, &(misas__batch){.predictions = &change, .prediction_count = 1}));
    assert_claims(&due, 10, "a");
    const misas_new_prediction *content = &due.claimed[0].content;

    assert_string_equal(content->key, "k");
    assert_string_equal(content->type, "test.v1.Due");
    assert_int_equal(content->type_version, 3);
    assert_int_equal(content->payload_size, 2);
    assert_memory_equal(content->payload, "\0\1", 2);
    assert_string_equal(content->metadata.correlation_id, "conversation");
    assert_string_equal(content->metadata.causation_id, "cause");
    assert_string_equal(misas_metadata_get(&content->metadata, "user"), "me");
    assert_true(due.claimed[0].added_at_us > 0);
    due_close(&due);
}

TEST(a_claim_gives_nothing_where_a_prediction_has_nothing)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    assert_claims(&due, 10, "a");
    const misas_new_prediction *content = &due.claimed[0].content;

    assert_null(content->key);
    assert_int_equal(content->type_version, 1);
    assert_int_equal(content->payload_size, 0);
    assert_null(content->metadata.correlation_id);
    assert_null(content->metadata.causation_id);
    assert_null(content->metadata.fields);
    due_close(&due);
}

TEST(a_replaced_prediction_is_not_claimed_any_more)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    assert_claims(&due, 100, "a");
    assert_no_error(due_change(&due, MISAS__PREDICTION_REPLACE, "a", 200));
    assert_claims(&due, 199, "");
    assert_claims(&due, 200, "a");
    assert_no_error(due_change(&due, MISAS__PREDICTION_REPLACE, "a", 300));
    assert_claims(&due, 300, "a");
    due_close(&due);
}

TEST(a_replacement_that_fails_leaves_the_claim)
{
    test_due due = due_open();
    const misas__prediction_change changes[] = {
        {MISAS__PREDICTION_REPLACE, {.id = "a", .type = "test.v1.Due", .due_at_us = 10}},
        {MISAS__PREDICTION_CANCEL_ID, {.id = "b"}},
        {MISAS__PREDICTION_ADD, {.id = "a", .type = "test.v1.Due", .due_at_us = 10}},
    };

    due_add(&due, "a", 10);
    due_add(&due, "b", 10);
    assert_int_equal(due_claim(&due, 100, 100, a_minute_ms), 2);
    assert_error_is(
        due.transaction->functions->write(
            NULL, due.transaction, &(misas__batch){.predictions = changes, .prediction_count = 3}),
        MISAS_ERROR_PREDICTION_EXISTS);
    assert_claims(&due, 100, "");
    assert_int_equal(due_count(&due), 2);
    due_close(&due);
}

TEST(a_cancelled_prediction_is_not_claimed)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    due_add(&due, "b", 10);
    assert_no_error(due_change(&due, MISAS__PREDICTION_CANCEL_ID, "a", 0));
    assert_claims(&due, 100, "b");
    assert_no_error(due_change(&due, MISAS__PREDICTION_CANCEL_ID, "b", 0));
    due_add(&due, "b", 20);
    due_await(&due, 100);
    assert_string_equal(due.claimed[0].content.id, "b");
    due_close(&due);
}

TEST(all_predictions_are_counted_claimed_or_not)
{
    test_due due = due_open();

    assert_int_equal(due_count(&due), 0);
    due_add(&due, "a", 10);
    due_add(&due, "b", 10);
    due_add(&due, "c", MISAS_TIME_MAX_US);
    assert_int_equal(due_claim(&due, 100, 1, a_minute_ms), 1);
    assert_int_equal(due_count(&due), 3);
    due_close(&due);
}

TEST(a_storage_tells_the_time)
{
    test_due due = due_open();
    int64_t before_us = misas_clock_now_us(NULL);
    int64_t first_us = 0;
    int64_t second_us = 0;

    assert_no_error(due.storage->backend->predictions.now(&first_us, due.storage));
    assert_no_error(due.storage->backend->predictions.now(&second_us, due.storage));
    assert_true(second_us >= first_us);
    assert_in_range(first_us - before_us + 60000000, 0, 120000000);
    due_close(&due);
}

static void add_of_type(test_due *due, const char *id, const char *type)
{
    const misas__prediction_change change = {MISAS__PREDICTION_ADD,
                                             {.id = id, .type = type, .due_at_us = 10}};

    assert_no_error(due->transaction->functions->write(
        NULL, due->transaction, &(misas__batch){.predictions = &change, .prediction_count = 1}));
}

TEST(a_claim_leaves_predictions_of_other_types_than_it_asks_for)
{
    static const char *const wanted[] = {"test.v1.Due", "test.v1.Other", NULL};
    static const char *const none[] = {NULL};
    test_due due = due_open();
    test_due other = due_open_again();

    add_of_type(&due, "a", "test.v1.Strange");
    add_of_type(&due, "b", "test.v1.Due");
    add_of_type(&due, "c", "test.v1.Other");
    due.types = none;
    assert_claims(&due, 100, "");
    due.types = wanted;
    due.progress = (misas__claim_progress){0};
    assert_int_equal(due_claim(&due, 100, 100, a_minute_ms), 2);
    assert_claims(&due, 100, "");
    assert_claims(&other, 100, "a");
    due_close_again(&other);
    due_close(&due);
}

static int32_t note_one(test_due *due, const char *id, misas__claim_note note)
{
    const misas__prediction_reference reference = {.id = id};
    int32_t attempts = -1;

    note.predictions = &reference;
    note.count = 1;
    assert_no_error(due->storage->backend->predictions.note(&attempts, due->storage, &note));
    return attempts;
}

TEST(a_prediction_whose_claim_ended_without_an_answer_is_suspect_until_it_is_answered)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    assert_int_equal(due_claim(&due, 100, 1, 1), 1);
    assert_false(due.claimed[0].is_suspect);
    due_await(&due, 100);
    assert_true(due.claimed[0].is_suspect);
    assert_int_equal(note_one(&due, "a", (misas__claim_note){.are_answered = true}), 0);
    due_await(&due, 100);
    assert_false(due.claimed[0].is_suspect);
    due_close(&due);
}

TEST(attempts_at_a_prediction_are_counted_until_it_is_answered_or_replaced)
{
    static const misas__claim_note attempt = {.is_attempt = true};
    test_due due = due_open();

    due_add(&due, "a", 10);
    assert_int_equal(note_one(&due, "b", attempt), 0);
    assert_int_equal(due_claim(&due, 100, 1, a_minute_ms), 1);
    assert_int_equal(note_one(&due, "a", attempt), 2);
    due_await(&due, 100); /* which is none by itself, once it is suspect */
    assert_int_equal(note_one(&due, "a", attempt), 3);
    assert_int_equal(note_one(&due, "a", (misas__claim_note){.are_answered = true}), 0);
    assert_int_equal(note_one(&due, "a", attempt), 1);
    assert_no_error(due_change(&due, MISAS__PREDICTION_REPLACE, "a", 10));
    due_await(&due, 100);
    assert_false(due.claimed[0].is_suspect);
    due_close(&due);
}

TEST(a_claim_can_be_prolonged_and_ended)
{
    test_due due = due_open();

    due_add(&due, "a", 10);
    assert_int_equal(due_claim(&due, 100, 1, 5000), 1);
    note_one(&due, "a", (misas__claim_note){.claim_ms = a_minute_ms});
    assert_claims(&due, 100, "");
    note_one(&due, "a", (misas__claim_note){.claim_ms = 0});
    due_await(&due, 100);
    assert_string_equal(due.claimed[0].content.id, "a");
    due_close(&due);
}

TEST(what_is_noted_of_a_prediction_that_was_added_anew_is_not_noted)
{
    test_due due = due_open();
    int32_t attempts = -1;

    due_add(&due, "a", 10);
    assert_int_equal(due_claim(&due, 100, 1, a_minute_ms), 1);
    const misas__prediction_reference old = due_reference(&due, 0);

    assert_no_error(due_change(&due, MISAS__PREDICTION_REPLACE, "a", 10));
    assert_no_error(due.storage->backend->predictions.note(
        &attempts, due.storage,
        &(misas__claim_note){
            .predictions = &old, .count = 1, .claim_ms = a_minute_ms, .is_attempt = true}));
    assert_int_equal(attempts, 0);
    due_await(&due, 100);
    due_close(&due);
}

enum { many = 10000, each = 500 };

/* Added in an order that has nothing to do with their times. */
static void add_many(test_due *due)
{
    static char ids[each][16];
    static misas__prediction_change changes[each];

    for (int first = 0; first < many; first += each) {
        for (int i = 0; i < each; i++) {
            int number = (first + i) * 7919 % many;

            snprintf(ids[i], sizeof ids[i], "p%05d", number);
            changes[i] = (misas__prediction_change){
                MISAS__PREDICTION_ADD, {.id = ids[i], .type = "test.v1.Due", .due_at_us = number}};
        }
        assert_no_error(due->transaction->functions->write(
            NULL, due->transaction,
            &(misas__batch){.predictions = changes, .prediction_count = each}));
    }
}

TEST(ten_thousand_predictions_are_claimed_in_order_and_fired)
{
    test_due due = due_open();
    misas__prediction_reference fired[each];
    int next = 0;

    add_many(&due);
    assert_int_equal(due_count(&due), many);
    while (due_claim(&due, many, each, a_minute_ms) > 0) {
        for (size_t i = 0; i < due.count; i++) {
            assert_int_equal(due.claimed[i].content.due_at_us, next++);
            fired[i] = due_reference(&due, i);
        }
        assert_no_error(due_fire(&due, fired, due.count));
    }
    assert_int_equal(next, many);
    assert_int_equal(due_count(&due), 0);
    due_close(&due);
}

/* Claims until there is nothing more, and counts how often it got each. */
typedef struct claimer {
    misas_storage *storage;
    int times[many];
    bool was_in_order;
    misas_error *error;
    pthread_t thread;
} claimer;

static void *claim_all(void *argument)
{
    claimer *self = argument;
    const misas__prediction *claimed = NULL;
    size_t count = 1;
    misas__claim_progress progress = {0};
    misas__arena arena = {0};

    self->was_in_order = true;
    while (count > 0 && self->error == NULL) {
        count = 0;
        misas__arena_reset(&arena);
        self->error = self->storage->backend->predictions.claim(
            &claimed, &count, self->storage,
            &(misas__claim){
                .now_us = many, .max = 50, .claim_ms = a_minute_ms, .progress = &progress},
            &arena);
        for (size_t i = 0; i < count; i++) {
            self->times[claimed[i].content.due_at_us]++;
            self->was_in_order = self->was_in_order && (i == 0 || claimed[i - 1].content.due_at_us <
                                                                      claimed[i].content.due_at_us);
        }
    }
    misas__arena_free(&arena);
    return NULL;
}

TEST(several_who_claim_at_once_get_each_prediction_once_between_them)
{
    enum { claimers = 4 };
    test_due due = due_open();
    claimer *all = calloc(claimers, sizeof *all);

    assert_non_null(all);
    add_many(&due);
    for (int i = 0; i < claimers; i++) {
        all[i].storage = i % 2 == 0 ? due.storage : prediction_fixture_open_again();
        assert_int_equal(pthread_create(&all[i].thread, NULL, claim_all, &all[i]), 0);
    }
    for (int i = 0; i < claimers; i++) {
        pthread_join(all[i].thread, NULL);
    }
    for (int i = 0; i < claimers; i++) {
        assert_no_error(all[i].error);
        assert_true(all[i].was_in_order);
    }
    for (int i = 0; i < many; i++) {
        assert_int_equal(all[0].times[i] + all[1].times[i] + all[2].times[i] + all[3].times[i], 1);
    }
    free(all);
    due_close(&due);
}
