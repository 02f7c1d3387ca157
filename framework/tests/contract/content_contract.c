/* What is read of an event is what was appended. */
#include <stdlib.h>
#include <string.h>

#include "contract/words.h"

static void append_one(misas_event_store *store, const misas_new_event *event)
{
    assert_no_error(misas_event_store_append(NULL, store, "a", MISAS_ANY_VERSION, event, 1));
}

TEST(an_event_is_read_as_it_was_appended)
{
    static const char payload[] = "\x00\x01\xFF\x00\\'\"";
    const misas_new_event event = {
        .id = words_id("x"),
        .type = "bank.accounts.v1.Deposited_2",
        .type_version = 7,
        .payload = payload,
        .payload_size = sizeof payload,
    };
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    append_one(store, &event);
    event_list_read(&list, store, "a", NULL);
    assert_true(misas_uuid_equal(list.events[0]->id, event.id));
    assert_string_equal(list.events[0]->type, event.type);
    assert_int_equal(list.events[0]->type_version, 7);
    assert_int_equal(list.events[0]->payload_size, sizeof payload);
    assert_memory_equal(list.events[0]->payload, payload, sizeof payload);
    assert_int_equal(list.events[0]->part, 0);
    assert_int_equal(list.events[0]->part_count, 1);
    event_list_free(&list);
    fixture_close(store);
}

TEST(an_event_without_a_type_version_has_version_one)
{
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    event_list_read(&list, store, NULL, NULL);
    assert_int_equal(list.events[0]->type_version, 1);
    event_list_free(&list);
    fixture_close(store);
}

static const misas_field odd_fields[] = {
    {"user", "J\u00f6rg \U0001F600 \u4e2d\u6587"},
    {"control", "\x01\x7F"},
    {"empty", ""},
    {"name with 'quotes' \" \\ and\nline", "value with 'quotes' \" \\ and\r\n\tlines"},
    {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
    {"\u00e9", "composed"},
    {"e\u0301", "decomposed"},
    {"json", "{\"a\": [null, 1e400, \"\\u0000\"]}"},
    {NULL, NULL},
};

static size_t count_fields(const misas_field *fields)
{
    size_t count = 0;

    while (fields != NULL && fields[count].name != NULL) {
        count++;
    }
    return count;
}

TEST(metadata_is_read_as_it_was_appended)
{
    misas_new_event event = {.type = "test.v1.Happened",
                             .metadata = {.correlation_id = "conversation \u00e4'\"",
                                          .causation_id = "cause \u00df",
                                          .fields = odd_fields}};
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    append_one(store, &event);
    event_list_read(&list, store, "a", NULL);
    const misas_metadata *read = &list.events[0]->metadata;

    assert_string_equal(read->correlation_id, event.metadata.correlation_id);
    assert_string_equal(read->causation_id, event.metadata.causation_id);
    assert_int_equal(count_fields(read->fields), count_fields(odd_fields));
    for (size_t i = 0; odd_fields[i].name != NULL; i++) {
        const char *value = misas_metadata_get(read, odd_fields[i].name);

        assert_non_null(value);
        assert_string_equal(value, odd_fields[i].value);
    }
    event_list_free(&list);
    fixture_close(store);
}

TEST(an_event_without_metadata_is_read_without)
{
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    event_list_read(&list, store, "a", NULL);
    assert_null(list.events[0]->metadata.correlation_id);
    assert_null(list.events[0]->metadata.causation_id);
    assert_int_equal(count_fields(list.events[0]->metadata.fields), 0);
    event_list_free(&list);
    fixture_close(store);
}

TEST(each_event_of_an_append_has_its_own_metadata)
{
    misas_new_event events[] = {
        {.type = "test.v1.A", .metadata = {.correlation_id = "one"}},
        {.type = "test.v1.B", .metadata = {.causation_id = "two"}},
        {.type = "test.v1.C",
         .metadata = {.fields = (const misas_field[]){{"three", "3"}, {NULL, NULL}}}},
    };
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    assert_no_error(misas_event_store_append(NULL, store, "a", MISAS_NO_STREAM, events, 3));
    event_list_read(&list, store, "a", NULL);
    assert_string_equal(list.events[0]->metadata.correlation_id, "one");
    assert_null(list.events[0]->metadata.causation_id);
    assert_null(list.events[1]->metadata.correlation_id);
    assert_string_equal(list.events[1]->metadata.causation_id, "two");
    assert_null(list.events[2]->metadata.correlation_id);
    assert_string_equal(misas_metadata_get(&list.events[2]->metadata, "three"), "3");
    event_list_free(&list);
    fixture_close(store);
}

TEST(a_payload_may_be_empty)
{
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    append_one(store, &(misas_new_event){.type = "test.v1.Null"});
    append_one(store, &(misas_new_event){.type = "test.v1.Empty", .payload = "x"});
    event_list_read(&list, store, "a", NULL);
    assert_int_equal(list.events[0]->payload_size, 0);
    assert_int_equal(list.events[1]->payload_size, 0);
    event_list_free(&list);
    fixture_close(store);
}

static char *make_payload(size_t size)
{
    char *payload = malloc(size);

    assert_non_null(payload);
    for (size_t i = 0; i < size; i++) {
        payload[i] = (char)(i * 31 + i / 251);
    }
    return payload;
}

TEST(a_payload_of_a_megabyte_is_read_as_it_was_appended)
{
    size_t size = 1000000;
    char *payload = make_payload(size);
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    append_one(store, &(misas_new_event){
                          .type = "test.v1.Large", .payload = payload, .payload_size = size});
    event_list_read(&list, store, "a", NULL);
    assert_int_equal(list.events[0]->payload_size, size);
    assert_memory_equal(list.events[0]->payload, payload, size);
    event_list_free(&list);
    free(payload);
    fixture_close(store);
}

static void assert_too_large(misas_error *error, const char *size, const char *maximum)
{
    assert_error_data(error, "stream", "a");
    assert_error_data(error, "type", "test.v1.Large");
    assert_error_data(error, "size", size);
    assert_error_data(error, "maximum", maximum);
    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_error_is(error, MISAS_ERROR_EVENT_TOO_LARGE);
}

TEST(a_payload_of_ten_mebibytes_is_refused)
{
    size_t size = (size_t)10 * 1024 * 1024;
    char *payload = make_payload(size);
    misas_event_store *store = fixture_open(NULL);
    const misas_new_event events[] = {
        {.type = "test.v1.Small", .payload = payload, .payload_size = 1},
        {.type = "test.v1.Large", .payload = payload, .payload_size = size},
    };

    assert_too_large(misas_event_store_append(NULL, store, "a", MISAS_ANY_VERSION, events, 2),
                     "10485760", "4194304");
    assert_all(store, "");
    free(payload);
    fixture_close(store);
}

TEST(the_largest_payload_is_an_option)
{
    misas_event_store *store = fixture_open(&(misas_event_store_options){.max_event_bytes = 10});
    misas_new_event event = {.type = "test.v1.Large", .payload = "0123456789A", .payload_size = 11};

    assert_too_large(misas_event_store_append(NULL, store, "a", MISAS_ANY_VERSION, &event, 1), "11",
                     "10");
    event.payload_size = 10;
    append_one(store, &event);
    assert_all(store, "0123456789");
    fixture_close(store);
}

TEST(events_are_stamped_by_the_clock_of_the_options)
{
    misas_clock *clock = NULL;
    event_list list;

    assert_no_error(misas_clock_new_fixed(&clock, INT64_C(-1234567890123456)));
    misas_event_store *store = fixture_open(&(misas_event_store_options){.clock = clock});

    words_append(store, "a", MISAS_NO_STREAM, "a1 a2");
    misas_clock_set(clock, INT64_C(4102444800000001));
    words_append(store, "a", 2, "a3");
    event_list_read(&list, store, "a", NULL);
    assert_int_equal(list.events[0]->recorded_at_us, INT64_C(-1234567890123456));
    assert_int_equal(list.events[1]->recorded_at_us, INT64_C(-1234567890123456));
    assert_int_equal(list.events[2]->recorded_at_us, INT64_C(4102444800000001));
    event_list_free(&list);
    fixture_close(store);
    misas_clock_free(clock);
}

TEST(the_first_and_the_last_time_there_is_are_kept)
{
    const int64_t times_us[] = {MISAS_TIME_MIN_US, MISAS_TIME_MAX_US, 0, -1};
    misas_clock *clock = NULL;
    event_list list;

    assert_no_error(misas_clock_new_fixed(&clock, 0));
    misas_event_store *store = fixture_open(&(misas_event_store_options){.clock = clock});

    for (size_t i = 0; i < 4; i++) {
        misas_clock_set(clock, times_us[i]);
        words_append(store, "a", MISAS_ANY_VERSION, "a1");
    }
    event_list_read(&list, store, "a", NULL);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(list.events[i]->recorded_at_us, times_us[i]);
    }
    event_list_free(&list);
    fixture_close(store);
    misas_clock_free(clock);
}

TEST(events_are_stamped_with_the_time_of_day_by_default)
{
    const int64_t tolerance_us = 60 * INT64_C(1000000); /* the database's clock is another one */
    int64_t before_us = misas_clock_now_us(NULL) - tolerance_us;
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    words_append(store, "a", MISAS_ANY_VERSION, "a2 a3");
    event_list_read(&list, store, "a", NULL);
    for (size_t i = 0; i < list.count; i++) {
        assert_true(list.events[i]->recorded_at_us > before_us);
        assert_true(list.events[i]->recorded_at_us < misas_clock_now_us(NULL) + tolerance_us);
    }
    event_list_free(&list);
    fixture_close(store);
}
