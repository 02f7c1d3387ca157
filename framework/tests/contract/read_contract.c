/* What readers promise. */
#include <stdlib.h>
#include <string.h>

#include "contract/words.h"

TEST(a_stream_that_never_was_has_no_events)
{
    misas_event_store *store = fixture_open(NULL);

    assert_reads(store, "never", NULL, "");
    assert_reads(store, "never", &(misas_read_options){.direction = MISAS_BACKWARD}, "");
    assert_all(store, "");
    assert_reads(store, NULL, &(misas_read_options){.direction = MISAS_BACKWARD}, "");
    assert_reads(store, MISAS_SYSTEM_STREAM, NULL, "");
    fixture_close(store);
}

typedef struct window {
    misas_direction direction;
    uint64_t from;
    uint64_t limit;
    const char *text;
} window;

/* From the versions, or the first version's place in $all, of five events. */
static const window windows[] = {
    {MISAS_FORWARD, 0, 0, "1 2 3 4 5"},  {MISAS_FORWARD, 1, 0, "1 2 3 4 5"},
    {MISAS_FORWARD, 3, 0, "3 4 5"},      {MISAS_FORWARD, 5, 0, "5"},
    {MISAS_FORWARD, 6, 0, ""},           {MISAS_FORWARD, 0, 2, "1 2"},
    {MISAS_FORWARD, 0, 5, "1 2 3 4 5"},  {MISAS_FORWARD, 0, 6, "1 2 3 4 5"},
    {MISAS_FORWARD, 3, 1, "3"},          {MISAS_FORWARD, 4, 5, "4 5"},
    {MISAS_BACKWARD, 0, 0, "5 4 3 2 1"}, {MISAS_BACKWARD, 5, 0, "5 4 3 2 1"},
    {MISAS_BACKWARD, 6, 0, "5 4 3 2 1"}, {MISAS_BACKWARD, 3, 0, "3 2 1"},
    {MISAS_BACKWARD, 1, 0, "1"},         {MISAS_BACKWARD, 0, 2, "5 4"},
    {MISAS_BACKWARD, 3, 1, "3"},         {MISAS_BACKWARD, 2, 5, "2 1"},
};

enum { window_count = sizeof windows / sizeof windows[0] };

TEST(a_stream_is_read_in_both_directions_from_any_version_up_to_a_limit)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "other", MISAS_NO_STREAM, "x");
    words_append(store, "a", MISAS_NO_STREAM, "1 2");
    words_append(store, "other", 1, "y");
    words_append(store, "a", 2, "3 4 5");
    words_append(store, "other", 2, "z");
    for (size_t i = 0; i < window_count; i++) {
        misas_read_options options = {
            .direction = windows[i].direction, .from = windows[i].from, .limit = windows[i].limit};

        assert_reads(store, "a", &options, windows[i].text);
    }
    fixture_close(store);
}

/* The window's `from`, which counts events, as a position; past the end, one beyond the last. */
static uint64_t to_position(const event_list *list, uint64_t from)
{
    if (from == 0) {
        return 0;
    }
    return from <= list->count ? list->events[from - 1]->position
                               : list->events[list->count - 1]->position + 1;
}

TEST(all_events_are_read_in_both_directions_from_any_position_up_to_a_limit)
{
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    words_append(store, "b", MISAS_NO_STREAM, "1 2");
    words_append(store, "a", MISAS_NO_STREAM, "3");
    words_append(store, "b", 2, "4 5");
    event_list_read(&list, store, NULL, NULL);
    for (size_t i = 0; i < window_count; i++) {
        uint64_t from = to_position(&list, windows[i].from);
        misas_read_options options = {
            .direction = windows[i].direction, .from = from, .limit = windows[i].limit};

        assert_reads(store, NULL, &options, windows[i].text);
    }
    event_list_free(&list);
    fixture_close(store);
}

TEST(reading_from_beyond_every_number_ends_at_once_forward_and_begins_at_the_end_backward)
{
    const uint64_t far[] = {1000000, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "1 2 3");
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        misas_read_options forward = {.from = far[i], .limit = far[i]};
        misas_read_options backward = {MISAS_BACKWARD, .from = far[i], .limit = far[i]};

        assert_reads(store, "a", &forward, "");
        assert_reads(store, NULL, &forward, "");
        assert_reads(store, "a", &backward, "3 2 1");
        assert_reads(store, NULL, &backward, "3 2 1");
    }
    fixture_close(store);
}

TEST(positions_ascend_over_all_streams_and_each_event_knows_its_stream)
{
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    words_append(store, "b", MISAS_NO_STREAM, "b1 b2");
    words_append(store, "a", MISAS_NO_STREAM, "a1");
    words_append(store, "b", 2, "b3");
    event_list_read(&list, store, NULL, NULL);
    assert_int_equal(list.count, 4);
    for (size_t i = 0; i < list.count; i++) {
        assert_true(list.events[i]->position > (i > 0 ? list.events[i - 1]->position : 0));
        assert_memory_equal(list.events[i]->payload, list.events[i]->stream, 1);
    }
    assert_int_equal(list.events[3]->version, 3);
    event_list_free(&list);
    fixture_close(store);
}

static misas_event_store *open_with_types(void)
{
    misas_event_store *store = fixture_open(NULL);

    words_append(store, "a", MISAS_NO_STREAM, "a1:Opened a2:Paid a3:Paid");
    words_append(store, "b", MISAS_NO_STREAM, "b1:Opened");
    words_append(store, "a", 3, "a4:Closed a5:Opened a6:Paid");
    words_append(store, "b", 1, "b2:Closed");
    return store;
}

TEST(only_the_selected_types_are_read)
{
    misas_event_store *store = open_with_types();
    misas_read_options options = {.select_types = LIST("test.v1.Opened", "test.v1.Closed")};

    assert_reads(store, "a", &options, "a1 a4 a5");
    assert_reads(store, NULL, &options, "a1 b1 a4 a5 b2");
    options.direction = MISAS_BACKWARD;
    assert_reads(store, "a", &options, "a5 a4 a1");
    assert_reads(store, NULL, &options, "b2 a5 a4 b1 a1");
    options.select_types = LIST("test.v1.Never");
    assert_reads(store, NULL, &options, "");
    options.select_types = LIST("test.v1.opened");
    assert_reads(store, NULL, &options, "");
    fixture_close(store);
}

TEST(all_types_but_the_excluded_are_read)
{
    misas_event_store *store = open_with_types();
    misas_read_options options = {.exclude_types = LIST("test.v1.Opened", "test.v1.Closed")};

    assert_reads(store, "a", &options, "a2 a3 a6");
    assert_reads(store, NULL, &options, "a2 a3 a6");
    options.exclude_types = LIST("test.v1.Paid");
    options.direction = MISAS_BACKWARD;
    assert_reads(store, "a", &options, "a5 a4 a1");
    assert_reads(store, NULL, &options, "b2 a5 a4 b1 a1");
    options.exclude_types = LIST("test.v1.Never");
    assert_reads(store, "b", &options, "b2 b1");
    fixture_close(store);
}

TEST(an_empty_list_selects_nothing_and_excludes_nothing)
{
    const char *const none[] = {NULL};
    misas_event_store *store = open_with_types();

    assert_reads(store, "a", &(misas_read_options){.select_types = none}, "");
    assert_reads(store, NULL, &(misas_read_options){.select_types = none}, "");
    assert_reads(store, "b", &(misas_read_options){.exclude_types = none}, "b1 b2");
    fixture_close(store);
}

TEST(a_limit_counts_what_the_filter_lets_pass)
{
    misas_event_store *store = open_with_types();
    misas_read_options options = {.limit = 2, .select_types = LIST("test.v1.Opened")};

    assert_reads(store, "a", &options, "a1 a5");
    assert_reads(store, NULL, &options, "a1 b1");
    options.from = 2;
    assert_reads(store, "a", &options, "a5");
    options.direction = MISAS_BACKWARD;
    options.from = 0;
    assert_reads(store, NULL, &options, "a5 b1");
    fixture_close(store);
}

static void append_correlated(misas_event_store *store, const char *stream,
                              const char *correlation_id, const char *text)
{
    words made;

    words_parse(&made, text);
    for (size_t i = 0; i < made.count; i++) {
        made.events[i].metadata.correlation_id = correlation_id;
    }
    assert_no_error(
        misas_event_store_append(NULL, store, stream, MISAS_ANY_VERSION, made.events, made.count));
}

TEST(a_conversation_is_read_of_all_streams_and_of_one)
{
    misas_event_store *store = fixture_open(NULL);
    misas_read_options options = {.correlation_id = "talk"};

    append_correlated(store, "a", "talk", "a1 a2:Paid");
    append_correlated(store, "b", NULL, "b1");
    append_correlated(store, "b", "Talk", "b2");
    append_correlated(store, "b", "talk", "b3:Paid b4");
    append_correlated(store, "a", "other", "a3:Paid");
    append_correlated(store, "a", "talk", "a4");
    assert_reads(store, NULL, &options, "a1 a2 b3 b4 a4");
    assert_reads(store, "a", &options, "a1 a2 a4");
    options.select_types = LIST("test.v1.Paid");
    assert_reads(store, NULL, &options, "a2 b3");
    options.select_types = NULL;
    options.exclude_types = LIST("test.v1.Paid");
    assert_reads(store, "b", &options, "b4");
    options.direction = MISAS_BACKWARD;
    options.limit = 2;
    assert_reads(store, NULL, &options, "a4 b4");
    assert_reads(store, "a", &options, "a4 a1");
    assert_reads(store, NULL, &(misas_read_options){.correlation_id = "never"}, "");
    fixture_close(store);
}

TEST(a_reader_at_its_end_stays_there)
{
    misas_event_store *store = fixture_open(NULL);
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    assert_no_error(misas_event_store_read_all(&reader, store, NULL));
    assert_no_error(misas_event_reader_next(&event, reader));
    assert_non_null(event);
    words_append(store, "a", 1, "a2");
    for (int i = 0; i < 3; i++) {
        assert_no_error(misas_event_reader_next(&event, reader));
        assert_null(event);
    }
    misas_event_reader_free(reader);
    fixture_close(store);
}

TEST(a_reader_may_be_freed_at_any_time)
{
    misas_event_store *store = fixture_open(NULL);
    const misas_event *event = NULL;

    words_append(store, "a", MISAS_NO_STREAM, "1 2 3 4 5");
    for (int taken = 0; taken < 8; taken++) {
        for (int all = 0; all < 2; all++) {
            misas_event_reader *reader = NULL;

            assert_no_error(all ? misas_event_store_read_all(&reader, store, NULL)
                                : misas_event_store_read_stream(&reader, store, "a", NULL));
            for (int i = 0; i < taken; i++) {
                assert_no_error(misas_event_reader_next(&event, reader));
            }
            misas_event_reader_free(reader);
        }
    }
    misas_event_reader_free(NULL);
    assert_all(store, "1 2 3 4 5");
    fixture_close(store);
}

TEST(several_readers_and_appends_do_not_disturb_each_other)
{
    enum { readers = 8 };
    misas_event_store *store = fixture_open(NULL);
    misas_event_reader *open[readers];
    const misas_event *events[readers];

    words_append(store, "a", MISAS_NO_STREAM, "1 2 3");
    for (size_t i = 0; i < readers; i++) {
        assert_no_error(i % 2 == 0 ? misas_event_store_read_all(&open[i], store, NULL)
                                   : misas_event_store_read_stream(&open[i], store, "a", NULL));
    }
    words_append(store, "b", MISAS_NO_STREAM, "x");
    for (int expected = '1'; expected <= '3'; expected++) {
        for (size_t i = 0; i < readers; i++) {
            assert_no_error(misas_event_reader_next(&events[i], open[i]));
            assert_non_null(events[i]);
        }
        for (size_t i = 0; i < readers; i++) {
            assert_int_equal(*(const char *)events[i]->payload, expected);
        }
    }
    for (size_t i = 0; i < readers; i++) {
        assert_no_error(misas_event_reader_next(&events[i], open[i]));
        assert_null(events[i]);
        misas_event_reader_free(open[i]);
    }
    fixture_close(store);
}

TEST(the_options_may_go_away_when_a_reader_is_open)
{
    char *type = strdup("test.v1.Opened");
    char *correlation_id = strdup("talk");
    char *stream = strdup("a");
    const char **types = calloc(2, sizeof *types);
    misas_event_store *store = fixture_open(NULL);
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    append_correlated(store, "a", "talk", "a1 a2:Opened");
    types[0] = type;
    assert_no_error(misas_event_store_read_stream(
        &reader, store, stream,
        &(misas_read_options){.select_types = types, .correlation_id = correlation_id}));
    free(type);
    free(correlation_id);
    free(stream);
    free(types);
    assert_no_error(misas_event_reader_next(&event, reader));
    assert_int_equal(event->version, 2);
    misas_event_reader_free(reader);
    fixture_close(store);
}

TEST(an_event_lives_until_its_readers_next_call)
{
    misas_event_store *store =
        fixture_open(&(misas_event_store_options){.environment = MISAS_ENVIRONMENT_TEST});
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    append_correlated(store, "a", "talk", "a1 a2");
    assert_no_error(misas_event_store_read_stream(&reader, store, "a", NULL));
    assert_no_error(misas_event_reader_next(&event, reader));
    words_append(store, "a", MISAS_ANY_VERSION, "a3");
    assert_no_error(misas_event_store_delete_stream(store, "a", MISAS_ANY_VERSION));
    assert_string_equal(event->stream, "a");
    assert_string_equal(event->type, "test.v1.Happened");
    assert_string_equal(event->metadata.correlation_id, "talk");
    assert_memory_equal(event->payload, "a1", 2);
    misas_event_reader_free(reader);
    fixture_close(store);
}
