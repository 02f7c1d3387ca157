/* What appending to many streams promises. */
#include <stdio.h>
#include <string.h>

#include "contract/words.h"

/* Up to three appends, written as words. */
typedef struct append_three {
    words words[3];
    misas_append appends[3];
    size_t count;
} append_three;

static void add(append_three *to, const char *stream, misas_expected_version expected,
                const char *text)
{
    size_t index = to->count++;

    words_parse(&to->words[index], text);
    to->appends[index] =
        (misas_append){stream, expected, to->words[index].events, to->words[index].count};
}

static misas_error *run(misas_append_result *out, misas_event_store *store,
                        const append_three *three)
{
    return misas_event_store_append_many(out, store, three->appends, three->count);
}

TEST(an_append_to_many_streams_answers_in_the_order_of_the_caller)
{
    misas_event_store *store = fixture_open(NULL);
    misas_append_result results[3];
    append_three three = {0};

    words_append(store, "m", MISAS_NO_STREAM, "m1");
    add(&three, "z", MISAS_NO_STREAM, "z1 z2 z3");
    add(&three, "a", MISAS_ANY_VERSION, "a1 a2");
    add(&three, "m", 1, "m2");
    assert_no_error(run(results, store, &three));
    for (size_t i = 0; i < three.count; i++) {
        misas_stream_info info;

        assert_no_error(misas_event_store_stream_info(&info, store, three.appends[i].stream));
        assert_int_equal(results[i].version, info.last_version);
        assert_int_equal(results[i].position, info.last_position);
        assert_false(results[i].was_appended_before);
    }
    assert_int_equal(results[0].version, 3);
    assert_int_equal(results[1].version, 2);
    assert_int_equal(results[2].version, 2);
    fixture_close(store);
}

TEST(many_streams_are_written_in_the_order_of_their_names)
{
    misas_event_store *store = fixture_open(NULL);
    append_three three = {0};

    add(&three, "z", MISAS_NO_STREAM, "z1 z2");
    add(&three, "B", MISAS_NO_STREAM, "B1 B2");
    add(&three, "a", MISAS_NO_STREAM, "a1 a2");
    assert_no_error(run(NULL, store, &three));
    assert_all(store, "B1 B2 a1 a2 z1 z2");
    fixture_close(store);
}

TEST(an_append_to_many_streams_writes_all_or_none)
{
    misas_event_store *store = fixture_open(NULL);
    append_three three = {0};

    words_append(store, "b", MISAS_NO_STREAM, "b1");
    add(&three, "a", MISAS_NO_STREAM, "a1");
    add(&three, "b", 2, "b2");
    add(&three, "c", MISAS_NO_STREAM, "c1");
    assert_conflict(run(NULL, store, &three), "b", "2", "1");
    assert_all(store, "b1");
    three.appends[1].expected_version = 1;
    assert_no_error(run(NULL, store, &three));
    assert_all(store, "b1 a1 b2 c1");
    fixture_close(store);
}

TEST(a_stream_can_be_only_once_in_an_append_to_many)
{
    misas_event_store *store = fixture_open(NULL);
    append_three three = {0};

    add(&three, "twice", MISAS_NO_STREAM, "1");
    add(&three, "once", MISAS_NO_STREAM, "2");
    add(&three, "twice", 1, "3");
    misas_error *error = run(NULL, store, &three);

    assert_error_data(error, "field", "stream");
    assert_error_says(error, MISAS_ERROR_INVALID_ARGUMENT, "twice");
    assert_all(store, "");
    fixture_close(store);
}

TEST(an_append_to_no_streams_is_refused)
{
    misas_event_store *store = fixture_open(NULL);
    misas_error *error = misas_event_store_append_many(NULL, store, NULL, 0);

    assert_error_data(error, "field", "appends");
    assert_error_is(error, MISAS_ERROR_INVALID_ARGUMENT);
    fixture_close(store);
}

TEST(one_bad_event_refuses_an_append_to_many_whole)
{
    misas_event_store *store = fixture_open(NULL);
    append_three three = {0};

    add(&three, "a", MISAS_NO_STREAM, "a1");
    add(&three, "b", MISAS_NO_STREAM, "b1 b2");
    three.words[1].events[1].type = "not a type";
    assert_error_says(run(NULL, store, &three), MISAS_ERROR_INVALID_ARGUMENT, "event 2 of 2 to b");
    assert_all(store, "");
    fixture_close(store);
}

TEST(an_append_to_many_streams_again_gives_the_first_answers)
{
    misas_event_store *store = fixture_open(NULL);
    misas_append_result first[2];
    misas_append_result again[2];
    append_three three = {0};
    append_three reversed = {0};

    add(&three, "b", MISAS_NO_STREAM, "#b1 #b2");
    add(&three, "a", MISAS_NO_STREAM, "#a1");
    assert_no_error(run(first, store, &three));
    words_append(store, "b", 2, "b3");
    add(&reversed, "a", MISAS_NO_STREAM, "#a1");
    add(&reversed, "b", MISAS_NO_STREAM, "#b1 #b2");
    assert_no_error(run(again, store, &reversed));
    for (size_t i = 0; i < 2; i++) {
        assert_true(again[i].was_appended_before);
        assert_int_equal(again[i].version, first[1 - i].version);
        assert_int_equal(again[i].position, first[1 - i].position);
    }
    assert_all(store, "a1 b1 b2 b3");
    fixture_close(store);
}

static void check_half_known(const char *text_of_a, const char *text_of_b)
{
    misas_event_store *store = fixture_open(NULL);
    append_three three = {0};

    words_append(store, "a", MISAS_NO_STREAM, "#a1 #a2");
    add(&three, "a", MISAS_ANY_VERSION, text_of_a);
    add(&three, "b", MISAS_ANY_VERSION, text_of_b);
    assert_id_conflict(run(NULL, store, &three), "a1 a2");
    assert_all(store, "a1 a2");
    fixture_close(store);
}

TEST(an_append_to_many_streams_of_which_one_was_appended_before_is_a_conflict)
{
    check_half_known("#a1 #a2", "#b1");
    check_half_known("a9", "b1 #a1");
    check_half_known("#a9", "b1 b2 #a2 b3");
}

TEST(an_id_can_be_only_once_in_an_append_to_many)
{
    misas_event_store *store = fixture_open(NULL);
    append_three three = {0};
    char id[MISAS_UUID_TEXT_SIZE];

    add(&three, "a", MISAS_NO_STREAM, "a1 #same a3");
    add(&three, "b", MISAS_NO_STREAM, "b1 #same");
    misas_error *error = run(NULL, store, &three);

    misas_uuid_write(id, words_id("same"));
    assert_error_data(error, "field", "id");
    assert_error_says(error, MISAS_ERROR_INVALID_ARGUMENT, id);
    assert_all(store, "");
    fixture_close(store);
}

enum { many_streams = 40, many_events = 50 };

/* The payloads count up within each stream. */
static void check_counts_up(misas_event_store *store, const char *stream)
{
    event_list list;

    event_list_read(&list, store, stream, NULL);
    assert_int_equal(list.count, many_events);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.events[i]->version, i + 1);
        assert_int_equal(list.events[i]->payload_size, sizeof i);
        assert_memory_equal(list.events[i]->payload, &i, sizeof i);
        assert_true(i == 0 || list.events[i]->position > list.events[i - 1]->position);
    }
    event_list_free(&list);
}

TEST(large_appends_to_many_streams_keep_every_stream_in_order)
{
    static size_t numbers[many_events];
    static misas_new_event events[many_events];
    static char names[many_streams][16];
    misas_append appends[many_streams];
    misas_append_result results[many_streams];
    misas_event_store *store = fixture_open(NULL);

    for (size_t i = 0; i < many_events; i++) {
        numbers[i] = i;
        events[i] = (misas_new_event){
            .type = "test.v1.Counted", .payload = &numbers[i], .payload_size = sizeof numbers[i]};
    }
    for (size_t i = 0; i < many_streams; i++) {
        snprintf(names[i], sizeof names[i], "stream-%zu", (i * 7) % many_streams);
        appends[i] = (misas_append){names[i], MISAS_NO_STREAM, events, many_events};
    }
    assert_no_error(misas_event_store_append_many(results, store, appends, many_streams));
    for (size_t i = 0; i < many_streams; i++) {
        assert_int_equal(results[i].version, many_events);
        check_counts_up(store, names[i]);
    }
    fixture_close(store);
}
