/* What appending to one stream promises. */
#include <string.h>

#include "contract/words.h"

TEST(versions_ascend_by_one_from_one_and_positions_ascend)
{
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    words_append(store, "a", MISAS_NO_STREAM, "a1 a2");
    words_append(store, "b", MISAS_NO_STREAM, "b1");
    words_append(store, "a", 2, "a3 a4 a5");
    event_list_read(&list, store, "a", NULL);
    assert_int_equal(list.count, 5);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.events[i]->version, i + 1);
        assert_string_equal(list.events[i]->stream, "a");
        assert_true(i == 0 || list.events[i]->position > list.events[i - 1]->position);
    }
    event_list_free(&list);
    fixture_close(store);
}

TEST(events_stay_in_the_order_of_their_appends_and_within_one)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "b", MISAS_NO_STREAM, "b1 b2 b3");
    words_append(store, "a", MISAS_NO_STREAM, "a1 a2");
    words_append(store, "b", 3, "b4");
    assert_reads(store, "b", NULL, "b1 b2 b3 b4");
    assert_all(store, "b1 b2 b3 a1 a2 b4");
    fixture_close(store);
}

TEST(an_append_answers_with_version_and_position_of_its_last_event)
{
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    misas_append_result result = words_append(store, "a", 1, "a2 a3");

    event_list_read(&list, store, "a", NULL);
    assert_int_equal(result.version, 3);
    assert_int_equal(result.position, list.events[2]->position);
    assert_false(result.was_appended_before);
    event_list_free(&list);
    fixture_close(store);
}

TEST(an_append_may_be_asked_for_no_answer)
{
    misas_event_store *store = fixture_open(NULL);

    assert_no_error(words_try_append(NULL, store, "a", MISAS_NO_STREAM, "a1"));
    assert_all(store, "a1");
    fixture_close(store);
}

/* An append with an expected version to a stream of this name. */
typedef struct expectation {
    const char *stream;
    misas_expected_version expected;
    const char *expected_text; /* in the error */
    const char *actual;        /* in the error; NULL: it succeeds */
} expectation;

static void check_expectation(const expectation *wanted)
{
    misas_event_store *store = fixture_open(NULL);
    misas_append_result result = {0};

    words_append(store, "three", MISAS_ANY_VERSION, "1 2 3");
    misas_error *error = words_try_append(&result, store, wanted->stream, wanted->expected, "new");

    if (wanted->actual != NULL) {
        assert_conflict(error, wanted->stream, wanted->expected_text, wanted->actual);
        assert_all(store, "1 2 3");
    } else {
        assert_no_error(error);
        assert_int_equal(result.version, strcmp(wanted->stream, "three") == 0 ? 4 : 1);
        assert_all(store, "1 2 3 new");
    }
    fixture_close(store);
}

TEST(an_exact_expected_version_fits_that_version_only)
{
    check_expectation(&(expectation){"three", 3, "3", NULL});
    check_expectation(&(expectation){"three", 2, "2", "3"});
    check_expectation(&(expectation){"three", 4, "4", "3"});
    check_expectation(&(expectation){"three", INT64_MAX, "9223372036854775807", "3"});
    check_expectation(&(expectation){"none", 1, "1", "no stream"});
}

TEST(expecting_no_stream_fits_a_new_stream_only)
{
    check_expectation(&(expectation){"none", MISAS_NO_STREAM, "no stream", NULL});
    check_expectation(&(expectation){"three", MISAS_NO_STREAM, "no stream", "3"});
}

TEST(expecting_any_version_fits_every_stream)
{
    check_expectation(&(expectation){"none", MISAS_ANY_VERSION, "any", NULL});
    check_expectation(&(expectation){"three", MISAS_ANY_VERSION, "any", NULL});
}

TEST(expecting_a_stream_fits_one_that_exists)
{
    check_expectation(&(expectation){"three", MISAS_STREAM_EXISTS, "stream exists", NULL});
    check_expectation(&(expectation){"none", MISAS_STREAM_EXISTS, "stream exists", "no stream"});
}

TEST(an_expected_version_that_does_not_fit_is_no_reason_to_try_the_same_again)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    for (misas_expected_version expected = 0; expected <= 3; expected += 2) {
        misas_error *error = words_try_append(NULL, store, "a", expected, "a2");

        assert_true(misas_error_is(error, MISAS_ERROR_CONCURRENCY));
        assert_false(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
        misas_error_free(error);
    }
    fixture_close(store);
}

TEST(several_events_are_appended_all_or_none)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    assert_conflict(words_try_append(NULL, store, "a", 7, "a2 a3 a4"), "a", "7", "1");
    assert_all(store, "a1");
    words_append(store, "a", 1, "a5");
    assert_all(store, "a1 a5");
    fixture_close(store);
}

TEST(names_of_streams_are_compared_byte_by_byte)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "lower");
    words_append(store, "A", MISAS_NO_STREAM, "upper");
    words_append(store, "a ", MISAS_NO_STREAM, "space");
    words_append(store, "\u00e4", MISAS_NO_STREAM, "composed");
    words_append(store, "a\u0308", MISAS_NO_STREAM, "decomposed");
    words_append(store, "a%_\\;--", MISAS_NO_STREAM, "odd");
    assert_reads(store, "a", NULL, "lower");
    assert_reads(store, "A", NULL, "upper");
    assert_reads(store, "a ", NULL, "space");
    assert_reads(store, "\u00e4", NULL, "composed");
    assert_reads(store, "a\u0308", NULL, "decomposed");
    assert_reads(store, "a%_\\;--", NULL, "odd");
    fixture_close(store);
}
