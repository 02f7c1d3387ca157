/* What readers and subscriptions make of events of an older form. */
#include <stdio.h>
#include <string.h>

#include "contract/words.h"

static misas_error *emit_with_suffix(misas_upcast *upcast, const misas_event *event,
                                     const char *type, char suffix)
{
    char payload[64];
    int size = snprintf(payload, sizeof payload, "%.*s%c", (int)event->payload_size,
                        (const char *)event->payload, suffix);

    return misas_upcast_emit(upcast, type, 0, payload, (size_t)size);
}

/* "p" becomes "pl" and "pr". */
static misas_error *split(misas_upcast *upcast, const misas_event *event, void *argument)
{
    (void)argument;
    misas_error *error = emit_with_suffix(upcast, event, "test.v2.Left", 'l');

    return error != NULL ? error : emit_with_suffix(upcast, event, "test.v2.Right", 'r');
}

static misas_error *drop(misas_upcast *upcast, const misas_event *event, void *argument)
{
    (void)upcast;
    (void)event;
    (void)argument;
    return NULL;
}

static misas_error *refuse(misas_upcast *upcast, const misas_event *event, void *argument)
{
    (void)upcast;
    (void)event;
    (void)argument;
    return misas_error_new(&(misas_error_options){
        .type_name = "test.unreadable", .message = "it makes no sense", .tags = "retriable"});
}

/* Opened is renamed, Pair is split, Noise is dropped, Broken can't be read. */
static misas_upcasters *upcasters_new(void)
{
    static const char *const right[] = {"test.v2.Right", NULL};
    misas_upcasters *upcasters = NULL;

    assert_no_error(misas_upcasters_new(&upcasters));
    misas_upcasters_add(upcasters,
                        &(misas_upcaster){.type = "test.v1.Opened", .to_type = "test.v2.Opened"});
    misas_upcasters_add(upcasters, &(misas_upcaster){.type = "test.v1.Pair",
                                                     .to_type = "test.v2.Left",
                                                     .function = split,
                                                     .emits = right});
    misas_upcasters_add(upcasters, &(misas_upcaster){.type = "test.v1.Noise", .function = drop});
    misas_upcasters_add(upcasters, &(misas_upcaster){.type = "test.v1.Broken", .function = refuse});
    assert_no_error(misas_upcasters_check(upcasters));
    return upcasters;
}

typedef struct upcasting {
    misas_upcasters *upcasters;
    misas_event_store *store;
} upcasting;

static upcasting open_upcasting(const char *text)
{
    upcasting made = {.upcasters = upcasters_new()};

    made.store = fixture_open(&(misas_event_store_options){.upcasters = made.upcasters});
    words_append(made.store, "a", MISAS_NO_STREAM, text);
    return made;
}

static void close_upcasting(upcasting *made)
{
    fixture_close(made->store);
    misas_upcasters_free(made->upcasters);
}

TEST(an_old_event_is_read_in_its_new_form)
{
    upcasting made = open_upcasting("o:Opened h");
    event_list list;

    event_list_read(&list, made.store, "a", NULL);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.events[0]->type, "test.v2.Opened");
    assert_int_equal(list.events[0]->type_version, 1);
    assert_memory_equal(list.events[0]->payload, "o", 1);
    assert_string_equal(list.events[1]->type, "test.v1.Happened");
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.events[i]->part, 0);
        assert_int_equal(list.events[i]->part_count, 1);
        assert_int_equal(list.events[i]->version, i + 1);
    }
    event_list_free(&list);
    assert_all(made.store, "o h");
    close_upcasting(&made);
}

TEST(the_parts_of_a_split_event_share_its_place)
{
    upcasting made = open_upcasting("h #p:Pair i");
    event_list list;

    event_list_read(&list, made.store, NULL, NULL);
    assert_int_equal(list.count, 4);
    for (size_t i = 1; i <= 2; i++) {
        assert_int_equal(list.events[i]->part, i - 1);
        assert_int_equal(list.events[i]->part_count, 2);
        assert_int_equal(list.events[i]->version, 2);
        assert_int_equal(list.events[i]->position, list.events[1]->position);
        assert_true(misas_uuid_equal(list.events[i]->id, words_id("p")));
        assert_string_equal(list.events[i]->stream, "a");
    }
    assert_string_equal(list.events[1]->type, "test.v2.Left");
    assert_string_equal(list.events[2]->type, "test.v2.Right");
    event_list_free(&list);
    assert_all(made.store, "h pl pr i");
    close_upcasting(&made);
}

TEST(parts_are_read_backward_from_the_last)
{
    const misas_read_options backward = {.direction = MISAS_BACKWARD};
    upcasting made = open_upcasting("h p:Pair q:Pair");

    assert_reads(made.store, "a", &backward, "qr ql pr pl h");
    assert_reads(made.store, NULL, &backward, "qr ql pr pl h");
    close_upcasting(&made);
}

TEST(a_dropped_event_is_not_read)
{
    upcasting made = open_upcasting("n:Noise h m:Noise o:Noise i k:Noise");

    assert_reads(made.store, "a", NULL, "h i");
    assert_reads(made.store, NULL, &(misas_read_options){.direction = MISAS_BACKWARD}, "i h");
    close_upcasting(&made);
}

static void append_new_form(misas_event_store *store, const char *type, const char *payload)
{
    const misas_new_event event = {
        .type = type, .payload = payload, .payload_size = strlen(payload)};

    assert_no_error(misas_event_store_append(NULL, store, "a", MISAS_ANY_VERSION, &event, 1));
}

TEST(filters_go_by_the_new_types)
{
    upcasting made = open_upcasting("o:Opened p:Pair h n:Noise");
    misas_read_options options = {.select_types = LIST("test.v2.Opened")};

    append_new_form(made.store, "test.v2.Opened", "new");
    assert_reads(made.store, "a", &options, "o new");
    assert_reads(made.store, NULL, &options, "o new");
    options.select_types = LIST("test.v1.Opened", "test.v1.Pair");
    assert_reads(made.store, NULL, &options, "");
    options.select_types = LIST("test.v2.Right", "test.v1.Happened");
    assert_reads(made.store, "a", &options, "pr h");
    options.select_types = NULL;
    options.exclude_types = LIST("test.v2.Opened", "test.v2.Left");
    assert_reads(made.store, "a", &options, "pr h");
    options.exclude_types = LIST("test.v1.Opened", "test.v1.Pair");
    assert_reads(made.store, NULL, &options, "o pl pr h new");
    close_upcasting(&made);
}

TEST(a_part_that_a_filter_selects_keeps_its_number)
{
    upcasting made = open_upcasting("p:Pair");
    event_list list;

    event_list_read(&list, made.store, "a",
                    &(misas_read_options){.select_types = LIST("test.v2.Right")});
    assert_int_equal(list.count, 1);
    assert_int_equal(list.events[0]->part, 1);
    assert_int_equal(list.events[0]->part_count, 2);
    event_list_free(&list);
    close_upcasting(&made);
}

TEST(a_limit_counts_the_events_that_are_read)
{
    upcasting made = open_upcasting("n:Noise p:Pair m:Noise q:Pair h");
    misas_read_options options = {0};
    static const char *const expected[] = {"pl pr ql qr h", "pl",          "pl pr",
                                           "pl pr ql",      "pl pr ql qr", "pl pr ql qr h"};

    for (options.limit = 0; options.limit < 6; options.limit++) {
        assert_reads(made.store, "a", &options, expected[options.limit]);
        assert_reads(made.store, NULL, &options, expected[options.limit]);
    }
    options.limit = 2;
    options.from = 3;
    assert_reads(made.store, "a", &options, "ql qr");
    options.select_types = LIST("test.v2.Right");
    options.from = 1;
    assert_reads(made.store, "a", &options, "pr qr");
    options.direction = MISAS_BACKWARD;
    options.from = 0;
    options.limit = 1;
    assert_reads(made.store, NULL, &options, "qr");
    close_upcasting(&made);
}

static void check_failure(misas_error *error, uint64_t position)
{
    char position_text[24];

    snprintf(position_text, sizeof position_text, "%llu", (unsigned long long)position);
    assert_error_data(error, "type", "test.v1.Broken");
    assert_error_data(error, "version", "1");
    assert_error_data(error, "stream", "a");
    assert_error_data(error, "position", position_text);
    assert_false(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_true(misas_error_is(misas_error_cause(error), "test.unreadable"));
    assert_error_says(error, MISAS_ERROR_UPCASTING_FAILED, "it makes no sense");
}

TEST(a_failing_upcaster_ends_the_reading_where_it_fails)
{
    upcasting made = open_upcasting("h");
    uint64_t position = words_append(made.store, "a", 1, "b:Broken").position;
    misas_event_reader *reader = NULL;
    misas_subscription *subscription = NULL;
    const misas_event *event = NULL;

    words_append(made.store, "a", 2, "i");
    assert_no_error(misas_event_store_read_stream(&reader, made.store, "a", NULL));
    assert_no_error(misas_event_reader_next(&event, reader));
    assert_non_null(event);
    check_failure(misas_event_reader_next(&event, reader), position);
    misas_event_reader_free(reader);
    assert_no_error(misas_event_store_subscribe(&subscription, made.store, NULL));
    assert_no_error(misas_subscription_next(&event, subscription, 10000));
    assert_non_null(event);
    check_failure(misas_subscription_next(&event, subscription, 10000), position);
    assert_true(misas_subscription_settled(subscription) < position);
    misas_subscription_free(subscription);
    close_upcasting(&made);
}

static void assert_delivers_part(misas_subscription *subscription, const char *payload)
{
    const misas_event *event = NULL;

    assert_no_error(misas_subscription_next(&event, subscription, 10000));
    assert_non_null(event);
    assert_int_equal(event->payload_size, strlen(payload));
    assert_memory_equal(event->payload, payload, event->payload_size);
}

TEST(a_subscription_settles_a_split_event_with_its_last_part)
{
    upcasting made = open_upcasting("h");
    uint64_t split_position = words_append(made.store, "a", 1, "p:Pair").position;
    misas_subscription *all = words_subscribe(made.store, NULL);
    misas_subscription *one =
        words_subscribe(made.store, &(misas_subscription_options){.stream = "a"});

    assert_delivers_part(all, "h");
    uint64_t before = misas_subscription_settled(all);

    assert_delivers_part(all, "pl");
    assert_true(misas_subscription_settled(all) >= before);
    assert_true(misas_subscription_settled(all) < split_position);
    assert_delivers_part(all, "pr");
    assert_int_equal(misas_subscription_settled(all), split_position);
    assert_delivers_part(one, "h");
    assert_delivers_part(one, "pl");
    assert_int_equal(misas_subscription_settled(one), 1);
    assert_delivers_part(one, "pr");
    assert_int_equal(misas_subscription_settled(one), 2);
    misas_subscription_free(all);
    misas_subscription_free(one);
    close_upcasting(&made);
}

TEST(a_split_event_is_settled_when_its_other_parts_are_filtered_out)
{
    upcasting made = open_upcasting("p:Pair q:Pair");
    misas_subscription *subscription = words_subscribe(
        made.store,
        &(misas_subscription_options){.stream = "a", .select_types = LIST("test.v2.Left")});

    assert_delivers_part(subscription, "pl");
    assert_int_equal(misas_subscription_settled(subscription), 1);
    assert_delivers_part(subscription, "ql");
    assert_int_equal(misas_subscription_settled(subscription), 2);
    misas_subscription_free(subscription);
    close_upcasting(&made);
}

TEST(a_subscription_from_between_the_parts_delivers_all_of_them_again)
{
    upcasting made = open_upcasting("h p:Pair i");
    misas_subscription_options options = {.stream = "a"};
    misas_subscription *subscription = words_subscribe(made.store, &options);

    assert_delivers_part(subscription, "h");
    assert_delivers_part(subscription, "pl");
    options.from = misas_subscription_settled(subscription) + 1;
    misas_subscription_free(subscription);
    subscription = words_subscribe(made.store, &options);
    assert_delivers_part(subscription, "pl");
    assert_delivers_part(subscription, "pr");
    assert_delivers_part(subscription, "i");
    misas_subscription_free(subscription);
    close_upcasting(&made);
}

TEST(a_subscription_stopped_between_the_parts_delivers_nothing_more)
{
    upcasting made = open_upcasting("p:Pair");
    misas_subscription *subscription = words_subscribe(made.store, NULL);
    const misas_event *event = NULL;

    assert_delivers_part(subscription, "pl");
    misas_subscription_stop(subscription);
    assert_no_error(misas_subscription_next(&event, subscription, 10000));
    assert_null(event);
    assert_int_equal(misas_subscription_settled(subscription), 0);
    misas_subscription_free(subscription);
    close_upcasting(&made);
}

TEST(a_subscription_settles_what_upcasting_drops)
{
    upcasting made = open_upcasting("n:Noise m:Noise");
    misas_subscription *subscription =
        words_subscribe(made.store, &(misas_subscription_options){.stream = "a"});
    const misas_event *event = NULL;

    for (int i = 0; i < 100 && misas_subscription_settled(subscription) < 2; i++) {
        assert_no_error(misas_subscription_next(&event, subscription, 50));
        assert_null(event);
    }
    assert_int_equal(misas_subscription_settled(subscription), 2);
    words_append(made.store, "a", 2, "p:Pair");
    assert_delivers_part(subscription, "pl");
    assert_delivers_part(subscription, "pr");
    misas_subscription_free(subscription);
    close_upcasting(&made);
}

TEST(appending_does_not_upcast)
{
    upcasting made = open_upcasting("#p:Pair");
    misas_append_result again = words_append(made.store, "a", MISAS_NO_STREAM, "#p:Pair");

    assert_true(again.was_appended_before);
    assert_int_equal(again.version, 1);
    assert_int_equal(words_append(made.store, "a", 1, "h").version, 2);
    close_upcasting(&made);
}
