/* What truncating, deleting and clearing promise. */
#include <string.h>

#include "contract/words.h"
#include "misas/eventstore/v1/events.misas.h"

/* A stream's whole state in one line: first..last version, whether it exists and was deleted. */
static void assert_info_is(misas_event_store *store, const char *stream, misas_stream_info expected)
{
    misas_stream_info info;
    bool exists = !expected.exists;
    event_list list;

    assert_no_error(misas_event_store_stream_info(&info, store, stream));
    assert_no_error(misas_event_store_stream_exists(&exists, store, stream));
    event_list_read(&list, store, stream, NULL);
    assert_int_equal(info.exists, expected.exists);
    assert_int_equal(exists, expected.exists);
    assert_int_equal(info.was_deleted, expected.was_deleted);
    assert_int_equal(info.first_version, expected.first_version);
    assert_int_equal(info.last_version, expected.last_version);
    assert_int_equal(info.last_position,
                     list.count > 0 ? list.events[list.count - 1]->position : 0);
    event_list_free(&list);
}

static misas_event_store *open_with_a_of_five(void)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "a1 a2 a3");
    words_append(store, "b", MISAS_NO_STREAM, "b1");
    words_append(store, "a", 3, "a4 a5");
    return store;
}

/* All but what the store recorded of itself. */
static void assert_users_events(misas_event_store *store, const char *text)
{
    const misas_read_options options = {.exclude_types = LIST("misas.eventstore.v1.StreamTruncated",
                                                              "misas.eventstore.v1.StreamDeleted")};

    assert_reads(store, NULL, &options, text);
}

static void truncate_before(misas_event_store *store, uint64_t version)
{
    assert_no_error(misas_event_store_truncate_stream(store, "a", version));
}

static void delete_a(misas_event_store *store)
{
    assert_no_error(misas_event_store_delete_stream(store, "a", MISAS_ANY_VERSION));
}

TEST(there_is_nothing_of_a_stream_that_never_was)
{
    misas_event_store *store = fixture_open(NULL);

    assert_info_is(store, "never", (misas_stream_info){0});
    assert_info_is(store, MISAS_SYSTEM_STREAM, (misas_stream_info){0});
    fixture_close(store);
}

TEST(an_append_that_fails_leaves_nothing_of_a_new_stream)
{
    misas_event_store *store = fixture_open(NULL);

    assert_conflict(words_try_append(NULL, store, "a", 1, "a1"), "a", "1", "no stream");
    assert_info_is(store, "a", (misas_stream_info){0});
    fixture_close(store);
}

TEST(a_stream_exists_with_its_first_event)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    assert_info_is(store, "a",
                   (misas_stream_info){.exists = true, .first_version = 1, .last_version = 1});
    words_append(store, "a", 1, "a2 a3");
    assert_info_is(store, "a",
                   (misas_stream_info){.exists = true, .first_version = 1, .last_version = 3});
    fixture_close(store);
}

TEST(a_truncated_stream_has_lost_its_first_events_and_goes_on)
{
    const misas_read_options below = {.direction = MISAS_BACKWARD, .from = 2};
    misas_event_store *store = open_with_a_of_five();

    truncate_before(store, 3);
    assert_reads(store, "a", NULL, "a3 a4 a5");
    assert_reads(store, "a", &(misas_read_options){.direction = MISAS_BACKWARD}, "a5 a4 a3");
    assert_reads(store, "a", &(misas_read_options){.from = 2}, "a3 a4 a5");
    assert_reads(store, "a", &below, "");
    assert_users_events(store, "a3 b1 a4 a5");
    assert_info_is(store, "a",
                   (misas_stream_info){.exists = true, .first_version = 3, .last_version = 5});
    assert_int_equal(words_append(store, "a", 5, "a6").version, 6);
    assert_reads(store, "a", NULL, "a3 a4 a5 a6");
    fixture_close(store);
}

TEST(a_wholly_truncated_stream_exists_and_goes_on)
{
    const uint64_t before[] = {6, 7, 1000000, INT64_MAX};

    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        misas_event_store *store = open_with_a_of_five();

        truncate_before(store, before[i]);
        assert_reads(store, "a", NULL, "");
        assert_info_is(store, "a", (misas_stream_info){.exists = true, .last_version = 5});
        assert_int_equal(words_append(store, "a", 5, "a6").version, 6);
        assert_info_is(store, "a",
                       (misas_stream_info){.exists = true, .first_version = 6, .last_version = 6});
        assert_users_events(store, "b1 a6");
        fixture_close(store);
    }
}

TEST(truncating_what_is_gone_already_removes_nothing)
{
    misas_event_store *store = open_with_a_of_five();

    truncate_before(store, 1);
    assert_reads(store, "a", NULL, "a1 a2 a3 a4 a5");
    truncate_before(store, 4);
    truncate_before(store, 2);
    assert_reads(store, "a", NULL, "a4 a5");
    truncate_before(store, 6);
    truncate_before(store, 6);
    assert_info_is(store, "a", (misas_stream_info){.exists = true, .last_version = 5});
    fixture_close(store);
}

TEST(expected_versions_mean_the_same_for_a_wholly_truncated_stream)
{
    misas_event_store *store = open_with_a_of_five();

    truncate_before(store, 6);
    assert_conflict(words_try_append(NULL, store, "a", MISAS_NO_STREAM, "x"), "a", "no stream",
                    "5");
    assert_conflict(words_try_append(NULL, store, "a", 4, "x"), "a", "4", "5");
    assert_conflict(words_try_append(NULL, store, "a", 6, "x"), "a", "6", "5");
    assert_int_equal(words_append(store, "a", MISAS_STREAM_EXISTS, "a6").version, 6);
    truncate_before(store, 7);
    assert_int_equal(words_append(store, "a", MISAS_ANY_VERSION, "a7").version, 7);
    truncate_before(store, 8);
    assert_int_equal(words_append(store, "a", 7, "a8").version, 8);
    assert_conflict(words_try_append(NULL, store, "a", 7, "x"), "a", "7", "8");
    assert_reads(store, "a", NULL, "a8");
    fixture_close(store);
}

TEST(a_partly_truncated_stream_is_not_forked_at_a_version_that_is_gone)
{
    misas_event_store *store = open_with_a_of_five();

    truncate_before(store, 4);
    for (misas_expected_version expected = 1; expected < 5; expected++) {
        misas_error *error = words_try_append(NULL, store, "a", expected, "x");

        assert_error_data(error, "actual", "5");
        assert_error_is(error, MISAS_ERROR_CONCURRENCY);
    }
    assert_conflict(words_try_append(NULL, store, "a", MISAS_NO_STREAM, "x"), "a", "no stream",
                    "5");
    assert_int_equal(words_append(store, "a", MISAS_STREAM_EXISTS, "a6").version, 6);
    assert_int_equal(words_append(store, "a", MISAS_ANY_VERSION, "a7").version, 7);
    assert_conflict(words_try_append(NULL, store, "a", 5, "x"), "a", "5", "7");
    fixture_close(store);
}

TEST(a_deleted_stream_has_no_events_and_does_not_exist)
{
    misas_event_store *store = open_with_a_of_five();

    delete_a(store);
    assert_reads(store, "a", NULL, "");
    assert_reads(store, "a", &(misas_read_options){.direction = MISAS_BACKWARD}, "");
    assert_users_events(store, "b1");
    assert_info_is(store, "a", (misas_stream_info){.was_deleted = true, .last_version = 5});
    fixture_close(store);
}

TEST(a_deleted_stream_begins_again_only_as_a_new_one)
{
    misas_event_store *store = open_with_a_of_five();

    delete_a(store);
    for (misas_expected_version expected = 1; expected <= 6; expected++) {
        misas_error *error = words_try_append(NULL, store, "a", expected, "x");

        assert_error_data(error, "actual", "no stream");
        assert_error_is(error, MISAS_ERROR_CONCURRENCY);
    }
    assert_conflict(words_try_append(NULL, store, "a", MISAS_STREAM_EXISTS, "x"), "a",
                    "stream exists", "no stream");
    assert_info_is(store, "a", (misas_stream_info){.was_deleted = true, .last_version = 5});
    assert_int_equal(words_append(store, "a", MISAS_NO_STREAM, "a6 a7").version, 7);
    assert_info_is(store, "a",
                   (misas_stream_info){.exists = true, .first_version = 6, .last_version = 7});
    assert_reads(store, "a", NULL, "a6 a7");
    fixture_close(store);
}

TEST(a_stream_that_came_back_is_a_stream_like_others)
{
    misas_event_store *store = open_with_a_of_five();

    delete_a(store);
    assert_int_equal(words_append(store, "a", MISAS_ANY_VERSION, "a6").version, 6);
    assert_conflict(words_try_append(NULL, store, "a", MISAS_NO_STREAM, "x"), "a", "no stream",
                    "6");
    assert_conflict(words_try_append(NULL, store, "a", 5, "x"), "a", "5", "6");
    assert_int_equal(words_append(store, "a", 6, "a7").version, 7);
    assert_int_equal(words_append(store, "a", MISAS_STREAM_EXISTS, "a8").version, 8);
    truncate_before(store, 9);
    assert_info_is(store, "a", (misas_stream_info){.exists = true, .last_version = 8});
    assert_int_equal(words_append(store, "a", 8, "a9").version, 9);
    delete_a(store);
    assert_info_is(store, "a", (misas_stream_info){.was_deleted = true, .last_version = 9});
    assert_int_equal(words_append(store, "a", MISAS_NO_STREAM, "a10").version, 10);
    fixture_close(store);
}

TEST(a_wholly_truncated_stream_can_be_deleted)
{
    misas_event_store *store = open_with_a_of_five();

    truncate_before(store, 6);
    assert_no_error(misas_event_store_delete_stream(store, "a", 5));
    assert_info_is(store, "a", (misas_stream_info){.was_deleted = true, .last_version = 5});
    assert_int_equal(words_append(store, "a", MISAS_NO_STREAM, "a6").version, 6);
    fixture_close(store);
}

TEST(a_deletion_expects_a_version_too)
{
    misas_event_store *store = open_with_a_of_five();

    assert_conflict(misas_event_store_delete_stream(store, "a", 4), "a", "4", "5");
    assert_conflict(misas_event_store_delete_stream(store, "a", 6), "a", "6", "5");
    assert_conflict(misas_event_store_delete_stream(store, "a", MISAS_NO_STREAM), "a", "no stream",
                    "5");
    assert_all(store, "a1 a2 a3 b1 a4 a5");
    assert_no_error(misas_event_store_delete_stream(store, "a", 5));
    words_append(store, "a", MISAS_NO_STREAM, "a6");
    assert_no_error(misas_event_store_delete_stream(store, "a", MISAS_STREAM_EXISTS));
    assert_users_events(store, "b1");
    fixture_close(store);
}

/* To `a`, and to a new stream. */
static misas_error *append_to_two(misas_append_result out[2], misas_event_store *store,
                                  misas_expected_version expected, const char *text)
{
    words parsed;
    words other;

    words_parse(&parsed, text);
    words_parse(&other, "c1 c2");
    return misas_event_store_append_many(
        out, store,
        (misas_append[]){{"a", expected, parsed.events, parsed.count},
                         {"c", MISAS_NO_STREAM, other.events, other.count}},
        2);
}

TEST(an_append_to_many_streams_goes_on_where_a_truncated_one_ended)
{
    misas_event_store *store = open_with_a_of_five();
    misas_append_result results[2];

    truncate_before(store, 6);
    assert_conflict(append_to_two(results, store, MISAS_NO_STREAM, "x"), "a", "no stream", "5");
    assert_conflict(append_to_two(results, store, 4, "x"), "a", "4", "5");
    assert_conflict(append_to_two(results, store, 6, "x"), "a", "6", "5");
    assert_no_error(append_to_two(results, store, 5, "a6 a7"));
    assert_int_equal(results[0].version, 7);
    assert_int_equal(results[1].version, 2);
    assert_reads(store, "a", NULL, "a6 a7");
    fixture_close(store);
}

TEST(an_append_to_many_streams_begins_a_deleted_one_again_only_as_a_new_one)
{
    misas_event_store *store = open_with_a_of_five();
    misas_append_result results[2];

    delete_a(store);
    assert_conflict(append_to_two(results, store, 5, "x"), "a", "5", "no stream");
    assert_no_error(append_to_two(results, store, MISAS_NO_STREAM, "a6 a7"));
    assert_int_equal(results[0].version, 7);
    assert_info_is(store, "a",
                   (misas_stream_info){.exists = true, .first_version = 6, .last_version = 7});
    assert_reads(store, "a", NULL, "a6 a7");
    fixture_close(store);
}

static void assert_not_found(misas_error *error, const char *stream)
{
    assert_error_data(error, "stream", stream);
    assert_true(misas_error_has_tag(error, MISAS_TAG_NOT_FOUND));
    assert_error_is(error, MISAS_ERROR_STREAM_NOT_FOUND);
}

TEST(what_does_not_exist_can_be_neither_truncated_nor_deleted)
{
    misas_event_store *store = open_with_a_of_five();

    assert_not_found(misas_event_store_truncate_stream(store, "never", 1), "never");
    assert_not_found(misas_event_store_delete_stream(store, "never", MISAS_ANY_VERSION), "never");
    assert_not_found(misas_event_store_delete_stream(store, "never", MISAS_NO_STREAM), "never");
    assert_info_is(store, "never", (misas_stream_info){0});
    delete_a(store);
    assert_not_found(misas_event_store_truncate_stream(store, "a", 2), "a");
    assert_not_found(misas_event_store_delete_stream(store, "a", MISAS_ANY_VERSION), "a");
    assert_not_found(misas_event_store_delete_stream(store, "a", 5), "a");
    assert_info_is(store, "a", (misas_stream_info){.was_deleted = true, .last_version = 5});
    fixture_close(store);
}

static void assert_truncated_record(const misas_event *event, uint64_t before_version,
                                    uint64_t last_version)
{
    Misas__Eventstore__V1__StreamTruncated *record = NULL;

    assert_string_equal(event->type, "misas.eventstore.v1.StreamTruncated");
    assert_no_error(misas_eventstore_v1_stream_truncated_decode(&record, event));
    assert_string_equal(record->stream, "a");
    assert_int_equal(record->before_version, before_version);
    assert_int_equal(record->last_version, last_version);
    misas_message_free(&record->base);
}

static void assert_deleted_record(const misas_event *event, uint64_t last_version)
{
    Misas__Eventstore__V1__StreamDeleted *record = NULL;

    assert_string_equal(event->type, "misas.eventstore.v1.StreamDeleted");
    assert_no_error(misas_eventstore_v1_stream_deleted_decode(&record, event));
    assert_string_equal(record->stream, "a");
    assert_int_equal(record->last_version, last_version);
    misas_message_free(&record->base);
}

TEST(every_removal_is_recorded_in_the_stores_own_stream)
{
    misas_event_store *store = open_with_a_of_five();
    event_list list;

    truncate_before(store, 3);
    misas_append_result result = words_append(store, "a", 5, "a6");
    delete_a(store);
    event_list_read(&list, store, MISAS_SYSTEM_STREAM, NULL);
    assert_int_equal(list.count, 2);
    assert_truncated_record(list.events[0], 3, 5);
    assert_deleted_record(list.events[1], 6);
    for (size_t i = 0; i < list.count; i++) {
        assert_string_equal(list.events[i]->stream, MISAS_SYSTEM_STREAM);
        assert_int_equal(list.events[i]->version, i + 1);
        assert_int_equal(list.events[i]->type_version, 1);
        assert_false(misas_uuid_is_none(list.events[i]->id));
    }
    assert_true(list.events[0]->position < result.position);
    assert_true(list.events[1]->position > result.position);
    event_list_free(&list);
    assert_info_is(store, MISAS_SYSTEM_STREAM,
                   (misas_stream_info){.exists = true, .first_version = 1, .last_version = 2});
    fixture_close(store);
}

TEST(a_refused_removal_is_not_recorded)
{
    misas_event_store *store = open_with_a_of_five();

    misas_error_free(misas_event_store_delete_stream(store, "a", 17));
    misas_error_free(misas_event_store_truncate_stream(store, "never", 2));
    assert_reads(store, MISAS_SYSTEM_STREAM, NULL, "");
    fixture_close(store);
}

TEST(the_record_of_a_removal_is_a_part_of_all_events)
{
    misas_event_store *store = open_with_a_of_five();
    event_list list;

    delete_a(store);
    words_append(store, "b", 1, "b2");
    event_list_read(&list, store, NULL, NULL);
    assert_int_equal(list.count, 3);
    assert_deleted_record(list.events[1], 5);
    event_list_free(&list);
    fixture_close(store);
}

TEST(removals_are_stamped_by_the_clock_of_the_options)
{
    misas_clock *clock = NULL;
    event_list list;

    assert_no_error(misas_clock_new_fixed(&clock, 1234567));
    misas_event_store *store = fixture_open(&(misas_event_store_options){.clock = clock});

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    delete_a(store);
    event_list_read(&list, store, MISAS_SYSTEM_STREAM, NULL);
    assert_int_equal(list.events[0]->recorded_at_us, 1234567);
    event_list_free(&list);
    fixture_close(store);
    misas_clock_free(clock);
}

TEST(the_ids_of_removed_events_are_forgotten)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "#a1 #a2");
    delete_a(store);
    misas_append_result result = words_append(store, "a", MISAS_NO_STREAM, "#a1 #a2");

    assert_false(result.was_appended_before);
    assert_int_equal(result.version, 4);
    fixture_close(store);
}

TEST(a_subscription_passes_over_what_was_removed_and_sees_the_record)
{
    misas_event_store *store = open_with_a_of_five();
    misas_subscription *subscription = NULL;
    const misas_event *event = NULL;

    delete_a(store);
    assert_no_error(misas_event_store_subscribe(&subscription, store, NULL));
    assert_no_error(misas_subscription_next(&event, subscription, 10000));
    assert_non_null(event);
    assert_string_equal(event->stream, "b");
    assert_no_error(misas_subscription_next(&event, subscription, 10000));
    assert_non_null(event);
    assert_deleted_record(event, 5);
    misas_subscription_free(subscription);
    fixture_close(store);
}

static void check_clear_is_refused(misas_environment environment)
{
    misas_event_store *store =
        fixture_open(&(misas_event_store_options){.environment = environment});

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    misas_error *error = misas_event_store_clear(store);

    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_error_is(error, MISAS_ERROR_CLEAR_REFUSED);
    assert_all(store, "a1");
    fixture_close(store);
}

TEST(a_store_is_not_cleared_in_production_or_staging)
{
    check_clear_is_refused(MISAS_ENVIRONMENT_PROD);
    check_clear_is_refused(MISAS_ENVIRONMENT_STAGING);
    check_clear_is_refused((misas_environment)0); /* by default */
}

static void check_clear(misas_environment environment)
{
    misas_event_store *store =
        fixture_open(&(misas_event_store_options){.environment = environment});

    words_append(store, "b", MISAS_NO_STREAM, "b1");
    words_append(store, "a", MISAS_NO_STREAM, "#a1");
    delete_a(store);
    uint64_t position = words_append(store, "a", MISAS_ANY_VERSION, "a2 a3").position;

    assert_no_error(misas_event_store_clear(store));
    assert_all(store, "");
    assert_info_is(store, "a", (misas_stream_info){0});
    assert_info_is(store, MISAS_SYSTEM_STREAM, (misas_stream_info){0});
    misas_append_result result = words_append(store, "a", MISAS_NO_STREAM, "#a1");

    assert_int_equal(result.version, 1);
    assert_false(result.was_appended_before);
    assert_true(result.position > position);
    assert_all(store, "a1");
    assert_reads(store, NULL, &(misas_read_options){.from = result.position}, "a1");
    assert_no_error(misas_event_store_clear(store));
    assert_no_error(misas_event_store_clear(store));
    assert_true(words_append(store, "a", MISAS_NO_STREAM, "a1").position > result.position);
    fixture_close(store);
}

TEST(a_store_is_cleared_in_test_and_development_and_its_positions_go_on)
{
    check_clear(MISAS_ENVIRONMENT_TEST);
    check_clear(MISAS_ENVIRONMENT_DEV);
}
