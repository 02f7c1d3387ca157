/* Appending again by the events' ids. */
#include <string.h>

#include "contract/words.h"

static void check_same_answer(misas_event_store *store, misas_expected_version expected,
                              const misas_append_result *first)
{
    misas_append_result again = words_append(store, "a", expected, "#a1 #a2");

    assert_true(again.was_appended_before);
    assert_int_equal(again.version, first->version);
    assert_int_equal(again.position, first->position);
}

TEST(appending_again_gives_the_first_answer_whatever_version_is_expected)
{
    const misas_expected_version expected[] = {
        MISAS_NO_STREAM, MISAS_ANY_VERSION, MISAS_STREAM_EXISTS, 1, 2, 3, 17};
    misas_event_store *store = fixture_open(NULL);
    misas_append_result first = words_append(store, "a", MISAS_NO_STREAM, "#a1 #a2");

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        check_same_answer(store, expected[i], &first);
    }
    assert_all(store, "a1 a2");
    words_append(store, "a", 2, "a3");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        check_same_answer(store, expected[i], &first);
    }
    assert_all(store, "a1 a2 a3");
    fixture_close(store);
}

TEST(one_event_appended_again_gives_the_first_answer)
{
    misas_event_store *store = fixture_open(NULL);
    misas_append_result first = words_append(store, "a", MISAS_NO_STREAM, "#a1");
    misas_append_result second = words_append(store, "a", 1, "#a2");
    misas_append_result again = words_append(store, "a", MISAS_NO_STREAM, "#a1");

    assert_true(again.was_appended_before);
    assert_int_equal(again.version, first.version);
    assert_int_equal(again.position, first.position);
    again = words_append(store, "a", 1, "#a2");
    assert_true(again.was_appended_before);
    assert_int_equal(again.version, second.version);
    assert_int_equal(again.position, second.position);
    assert_all(store, "a1 a2");
    fixture_close(store);
}

TEST(a_run_of_what_was_appended_before_was_appended_before_too)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "#a1 #a2 #a3");
    misas_append_result again = words_append(store, "a", MISAS_ANY_VERSION, "#a2 #a3");

    assert_true(again.was_appended_before);
    assert_int_equal(again.version, 3);
    again = words_append(store, "a", MISAS_ANY_VERSION, "#a1 #a2");
    assert_true(again.was_appended_before);
    assert_int_equal(again.version, 2);
    assert_all(store, "a1 a2 a3");
    fixture_close(store);
}

/* With "#a1 #a2 #a3" in the stream a, appending `text` is a conflict, whatever is expected. */
static void check_id_conflict(const char *stream, const char *text)
{
    const misas_expected_version expected[] = {MISAS_NO_STREAM, MISAS_ANY_VERSION,
                                               MISAS_STREAM_EXISTS, 3};
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "#a1 #a2 #a3");
    words_append(store, "b", MISAS_NO_STREAM, "b1 b2 b3");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        misas_error *error = words_try_append(NULL, store, stream, expected[i], text);

        assert_error_data(error, "stream", stream);
        assert_false(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
        assert_id_conflict(error, "a1 a2 a3");
    }
    assert_all(store, "a1 a2 a3 b1 b2 b3");
    fixture_close(store);
}

TEST(appending_again_with_a_gap_is_a_conflict)
{
    check_id_conflict("a", "#a1 #a3");
}

TEST(appending_again_with_more_is_a_conflict)
{
    check_id_conflict("a", "#a1 #a2 #a3 #a4");
    check_id_conflict("a", "#a0 #a1");
    check_id_conflict("a", "new new #a2 new");
}

TEST(appending_again_in_another_order_is_a_conflict)
{
    check_id_conflict("a", "#a2 #a1");
}

TEST(appending_again_to_another_stream_is_a_conflict)
{
    check_id_conflict("b", "#a1 #a2 #a3");
    check_id_conflict("b", "#a1");
    check_id_conflict("c", "new #a2");
}

TEST(an_id_can_be_only_once_in_an_append)
{
    misas_event_store *store = fixture_open(NULL);
    char id[MISAS_UUID_TEXT_SIZE];
    misas_error *error = words_try_append(NULL, store, "a", MISAS_ANY_VERSION, "#x a2 #x");

    misas_uuid_write(id, words_id("x"));
    assert_error_data(error, "field", "id");
    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_error_says(error, MISAS_ERROR_INVALID_ARGUMENT, id);
    assert_all(store, "");
    fixture_close(store);
}

TEST(given_ids_are_kept_and_missing_ones_are_drawn)
{
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    words_append(store, "a", MISAS_NO_STREAM, "drawn #given drawn");
    words_append(store, "a", 3, "drawn");
    event_list_read(&list, store, "a", NULL);
    assert_true(misas_uuid_equal(list.events[1]->id, words_id("given")));
    for (size_t i = 0; i < list.count; i++) {
        assert_false(misas_uuid_is_none(list.events[i]->id));
        assert_true(i == 1 || list.events[i]->id.bytes[6] >> 4 == 7);
        for (size_t j = 0; j < i; j++) {
            assert_false(misas_uuid_equal(list.events[i]->id, list.events[j]->id));
        }
    }
    event_list_free(&list);
    fixture_close(store);
}
