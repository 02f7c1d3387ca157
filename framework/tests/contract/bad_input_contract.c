/* What a store does not take: the error names it, and nothing that is stored is touched. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract/words.h"

static misas_event_store *open_with_one(void)
{
    misas_event_store *store =
        fixture_open(&(misas_event_store_options){.environment = MISAS_ENVIRONMENT_TEST});

    words_append(store, "a", MISAS_NO_STREAM, "a1");
    return store;
}

static void close_untouched(misas_event_store *store)
{
    assert_all(store, "a1");
    fixture_close(store);
}

/* One line without controls, whatever was handed in, and tagged as the caller's mistake. */
static void assert_is_told_clearly(const misas_error *error)
{
    char text[4000];

    assert_non_null(error);
    misas_error_write(text, sizeof text, error);
    for (const char *at = text; *at != '\0'; at++) {
        assert_true((unsigned char)*at >= 0x20 && *at != 0x7F);
    }
    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_false(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
}

/* Frees the error. */
static void assert_refuses(misas_error *error, const char *field)
{
    assert_is_told_clearly(error);
    assert_error_data(error, "field", field);
    assert_non_null(misas_error_data(error, "reason"));
    assert_error_says(error, MISAS_ERROR_INVALID_ARGUMENT, misas_error_data(error, "reason"));
}

static void assert_not_appendable(misas_event_store *store, const char *stream)
{
    words made;

    words_parse(&made, "x");
    const misas_append appends[] = {
        {"b", MISAS_ANY_VERSION, made.events, 1},
        {stream, MISAS_ANY_VERSION, made.events, 1},
    };

    assert_refuses(words_try_append(NULL, store, stream, MISAS_ANY_VERSION, "x"), "stream");
    assert_refuses(misas_event_store_append_many(NULL, store, appends, 2), "stream");
    assert_refuses(misas_event_store_truncate_stream(store, stream, 2), "stream");
    assert_refuses(misas_event_store_delete_stream(store, stream, MISAS_ANY_VERSION), "stream");
}

static void assert_not_readable(misas_event_store *store, const char *stream)
{
    misas_event_reader *reader = NULL;
    misas_subscription *subscription = NULL;
    misas_stream_info info;
    bool exists = false;

    assert_refuses(misas_event_store_read_stream(&reader, store, stream, NULL), "stream");
    assert_null(reader);
    assert_refuses(misas_event_store_stream_info(&info, store, stream), "stream");
    assert_refuses(misas_event_store_stream_exists(&exists, store, stream), "stream");
    if (stream != NULL) { /* NULL is $all */
        assert_refuses(misas_event_store_subscribe(&subscription, store,
                                                   &(misas_subscription_options){.stream = stream}),
                       "stream");
        assert_null(subscription);
    }
}

TEST(names_of_streams_that_can_not_be_are_refused)
{
    static const char *const names[] = {
        NULL,        "",          "it's",
        "say \"a\"", "back`tick", "new\nline",
        "tab\t",     "\x01",      "delete\x7F",
        "\xFF",      "a\xC3",     "\xED\xA0\x80",
        "\xC0\xAF",  "a\x80z",    "\xF5\x80\x80\x80",
    };
    misas_event_store *store = open_with_one();

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_not_appendable(store, names[i]);
        assert_not_readable(store, names[i]);
    }
    close_untouched(store);
}

/* A name of so many bytes; freed with free(). */
static char *make_name(size_t size)
{
    char *name = calloc(size + 1, 1);

    assert_non_null(name);
    memset(name, 'n', size);
    return name;
}

TEST(names_of_streams_have_a_greatest_length)
{
    const size_t sizes[] = {MISAS_STREAM_MAX_BYTES + 1, 10000, 1000000};
    misas_event_store *store = open_with_one();

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *name = make_name(sizes[i]);

        assert_not_appendable(store, name);
        assert_not_readable(store, name);
        free(name);
    }
    close_untouched(store);
}

TEST(the_longest_names_there_can_be_are_stored)
{
    misas_event_store *store = fixture_open(NULL);
    char *stream = make_name(MISAS_STREAM_MAX_BYTES);
    char *type = make_name(MISAS_TYPE_MAX_BYTES);
    const misas_new_event event = {.type = type};
    event_list list;

    assert_no_error(misas_event_store_append(NULL, store, stream, MISAS_NO_STREAM, &event, 1));
    event_list_read(&list, store, stream, &(misas_read_options){.select_types = LIST(type)});
    assert_int_equal(list.count, 1);
    assert_string_equal(list.events[0]->stream, stream);
    assert_string_equal(list.events[0]->type, type);
    event_list_free(&list);
    free(stream);
    free(type);
    fixture_close(store);
}

TEST(names_that_begin_with_a_dollar_are_the_stores_own)
{
    static const char *const names[] = {MISAS_SYSTEM_STREAM, "$", "$mine"};
    misas_event_store *store = open_with_one();

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_not_appendable(store, names[i]);
        assert_reads(store, names[i], NULL, "");
    }
    words_append(store, "not$mine", MISAS_NO_STREAM, "x");
    assert_reads(store, "not$mine", NULL, "x");
    assert_all(store, "a1 x");
    fixture_close(store);
}

TEST(all_events_are_no_stream_to_read_append_to_or_remove)
{
    misas_event_store *store = open_with_one();
    misas_event_reader *reader = NULL;
    misas_subscription *subscription = NULL;

    assert_error_says(misas_event_store_read_stream(&reader, store, "$all", NULL),
                      MISAS_ERROR_INVALID_ARGUMENT, "misas_event_store_read_all");
    assert_error_says(misas_event_store_subscribe(&subscription, store,
                                                  &(misas_subscription_options){.stream = "$all"}),
                      MISAS_ERROR_INVALID_ARGUMENT, "leave the stream out");
    assert_error_is(misas_event_store_truncate_stream(store, "$all", 1),
                    MISAS_ERROR_INVALID_ARGUMENT);
    assert_all(store, "a1");
    fixture_close(store);
}

static const char *const bad_types[] = {
    NULL,    "",    ".",   ".a",       "a.", "a..b", "1a",   "a.1b",
    "a b",   "a-b", "a/b", "\u00e4.B", "$a", "it's", "a\nb", "bank.v1.\"Paid\"",
    "a\xFF", " a",  "a ",  "a.b;c",
};

enum { bad_type_count = sizeof bad_types / sizeof bad_types[0] };

TEST(types_that_are_no_names_of_protobuf_messages_are_refused)
{
    misas_event_store *store = open_with_one();
    misas_new_event events[] = {{.type = "good.v1.Type"}, {.type = NULL}};

    for (size_t i = 0; i < bad_type_count; i++) {
        events[1].type = bad_types[i];
        misas_error *error =
            misas_event_store_append(NULL, store, "a", MISAS_ANY_VERSION, events, 2);
        char text[1000];

        misas_error_write(text, sizeof text, error);
        assert_non_null(strstr(text, "event 2 of 2 to a"));
        assert_refuses(error, "type");
    }
    close_untouched(store);
}

TEST(a_filter_takes_names_of_protobuf_messages_only)
{
    misas_event_store *store = open_with_one();
    misas_event_reader *reader = NULL;
    misas_subscription *subscription = NULL;

    for (size_t i = 1; i < bad_type_count; i++) { /* a NULL ends the list */
        const char *const types[] = {"good.v1.Type", bad_types[i], NULL};

        assert_refuses(misas_event_store_read_stream(&reader, store, "a",
                                                     &(misas_read_options){.select_types = types}),
                       "type");
        assert_refuses(misas_event_store_read_all(&reader, store,
                                                  &(misas_read_options){.exclude_types = types}),
                       "type");
        assert_refuses(
            misas_event_store_subscribe(&subscription, store,
                                        &(misas_subscription_options){.select_types = types}),
            "type");
    }
    assert_null(reader);
    assert_null(subscription);
    close_untouched(store);
}

TEST(types_have_a_greatest_length)
{
    misas_event_store *store = open_with_one();
    char *type = make_name(MISAS_TYPE_MAX_BYTES + 1);
    const misas_new_event event = {.type = type};

    assert_refuses(misas_event_store_append(NULL, store, "a", MISAS_ANY_VERSION, &event, 1),
                   "type");
    free(type);
    close_untouched(store);
}

TEST(selected_and_excluded_types_can_not_be_combined)
{
    misas_event_store *store = open_with_one();
    misas_read_options reading = {.select_types = LIST("a.B"), .exclude_types = LIST("a.C")};
    misas_subscription_options subscribing = {.select_types = LIST("a.B"),
                                              .exclude_types = LIST("a.C")};
    misas_event_reader *reader = NULL;
    misas_subscription *subscription = NULL;

    assert_error_says(misas_event_store_read_stream(&reader, store, "a", &reading),
                      MISAS_ERROR_INVALID_ARGUMENT, "exclude_types");
    assert_refuses(misas_event_store_read_all(&reader, store, &reading), "select_types");
    assert_refuses(misas_event_store_subscribe(&subscription, store, &subscribing), "select_types");
    close_untouched(store);
}

TEST(a_conversation_to_read_must_be_utf8)
{
    misas_event_store *store = open_with_one();
    misas_read_options options = {.correlation_id = "\xFF"};
    misas_event_reader *reader = NULL;

    for (int all = 0; all < 2; all++) {
        misas_error *error = all ? misas_event_store_read_all(&reader, store, &options)
                                 : misas_event_store_read_stream(&reader, store, "a", &options);

        assert_is_told_clearly(error);
        assert_error_data(error, "name", "correlation_id");
        assert_error_is(error, MISAS_ERROR_METADATA_INVALID);
    }
    assert_null(reader);
    close_untouched(store);
}

TEST(an_append_of_no_events_is_refused)
{
    misas_event_store *store = open_with_one();
    const misas_new_event event = {.type = "a.B"};

    assert_refuses(misas_event_store_append(NULL, store, "a", MISAS_ANY_VERSION, NULL, 0),
                   "events");
    assert_refuses(misas_event_store_append(NULL, store, "a", MISAS_ANY_VERSION, &event, 0),
                   "events");
    close_untouched(store);
}

TEST(a_payload_that_is_not_there_must_have_no_size)
{
    misas_event_store *store = open_with_one();
    const misas_new_event event = {.type = "a.B", .payload_size = 1};

    assert_refuses(misas_event_store_append(NULL, store, "a", MISAS_ANY_VERSION, &event, 1),
                   "payload");
    close_untouched(store);
}

TEST(a_type_version_beyond_a_databases_integer_is_refused)
{
    misas_event_store *store = open_with_one();
    misas_new_event event = {.type = "a.B", .type_version = (uint32_t)INT32_MAX + 1};

    assert_refuses(misas_event_store_append(NULL, store, "a", MISAS_ANY_VERSION, &event, 1),
                   "type_version");
    event.type_version = INT32_MAX;
    assert_no_error(misas_event_store_append(NULL, store, "a", MISAS_ANY_VERSION, &event, 1));
    fixture_close(store);
}

TEST(an_expected_version_that_means_nothing_is_refused)
{
    const misas_expected_version expected[] = {-3, -4, INT64_MIN};
    misas_event_store *store = open_with_one();

    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        char text[32];
        misas_error *error = words_try_append(NULL, store, "a", expected[i], "x");

        snprintf(text, sizeof text, "%lld", (long long)expected[i]);
        assert_error_says(error, MISAS_ERROR_INVALID_ARGUMENT, text);
        assert_refuses(words_try_append(NULL, store, "a", expected[i], "x"), "expected_version");
        assert_refuses(misas_event_store_delete_stream(store, "a", expected[i]),
                       "expected_version");
    }
    close_untouched(store);
}

TEST(a_stream_is_truncated_before_a_version_only)
{
    misas_event_store *store = open_with_one();

    assert_refuses(misas_event_store_truncate_stream(store, "a", 0), "before_version");
    assert_refuses(misas_event_store_truncate_stream(store, "a", (uint64_t)INT64_MAX + 1),
                   "before_version");
    assert_refuses(misas_event_store_truncate_stream(store, "a", UINT64_MAX), "before_version");
    close_untouched(store);
}

static void check_metadata(misas_event_store *store, const misas_metadata *metadata,
                           const char *name)
{
    const misas_new_event events[] = {{.type = "a.B"}, {.type = "a.B", .metadata = *metadata}};
    misas_error *error = misas_event_store_append(NULL, store, "a", MISAS_ANY_VERSION, events, 2);

    assert_is_told_clearly(error);
    assert_error_data(error, "name", name);
    assert_error_says(error, MISAS_ERROR_METADATA_INVALID, "event 2 of 2 to a");
}

static void check_fields(misas_event_store *store, const misas_field *fields, const char *name)
{
    check_metadata(store, &(misas_metadata){.fields = fields}, name);
}

TEST(metadata_that_can_not_be_is_refused)
{
    misas_event_store *store = open_with_one();
    char *long_name = make_name(MISAS_METADATA_NAME_MAX_BYTES + 1);
    char *long_value = make_name(MISAS_METADATA_VALUE_MAX_BYTES + 1);
    char *long_id = make_name(MISAS_MESSAGE_ID_MAX_BYTES + 1);

    check_fields(store, (misas_field[]){{"twice", "1"}, {"twice", "2"}, {NULL, NULL}}, "twice");
    check_fields(store, (misas_field[]){{long_name, "1"}, {NULL, NULL}}, long_name);
    check_fields(store, (misas_field[]){{"long", long_value}, {NULL, NULL}}, "long");
    check_fields(store, (misas_field[]){{"broken", "\xC3("}, {NULL, NULL}}, "broken");
    check_fields(store, (misas_field[]){{"none", NULL}, {NULL, NULL}}, "none");
    check_fields(store, (misas_field[]){{"", "1"}, {NULL, NULL}}, "");
    check_metadata(store, &(misas_metadata){.correlation_id = long_id}, "correlation_id");
    check_metadata(store, &(misas_metadata){.causation_id = "\xFF"}, "causation_id");
    free(long_name);
    free(long_value);
    free(long_id);
    close_untouched(store);
}

TEST(metadata_has_a_greatest_number_of_fields)
{
    static char names[MISAS_METADATA_MAX_FIELDS + 1][8];
    misas_field fields[MISAS_METADATA_MAX_FIELDS + 2] = {{NULL, NULL}};
    misas_event_store *store = open_with_one();

    for (size_t i = 0; i <= MISAS_METADATA_MAX_FIELDS; i++) {
        snprintf(names[i], sizeof names[i], "f%zu", i);
        fields[i] = (misas_field){names[i], "value"};
    }
    check_fields(store, fields, "f64");
    close_untouched(store);
}

TEST(the_largest_metadata_there_can_be_is_stored)
{
    static char names[MISAS_METADATA_MAX_FIELDS][MISAS_METADATA_NAME_MAX_BYTES + 1];
    misas_field fields[MISAS_METADATA_MAX_FIELDS + 1] = {{NULL, NULL}};
    char *value = make_name(MISAS_METADATA_VALUE_MAX_BYTES);
    char *id = make_name(MISAS_MESSAGE_ID_MAX_BYTES);
    misas_new_event event = {
        .type = "a.B", .metadata = {.correlation_id = id, .causation_id = id, .fields = fields}};
    misas_event_store *store = fixture_open(NULL);
    event_list list;

    for (size_t i = 0; i < MISAS_METADATA_MAX_FIELDS; i++) {
        snprintf(names[i], sizeof names[i], "%0*zu", MISAS_METADATA_NAME_MAX_BYTES, i);
        fields[i] = (misas_field){names[i], value};
    }
    assert_no_error(misas_event_store_append(NULL, store, "a", MISAS_NO_STREAM, &event, 1));
    event_list_read(&list, store, "a", &(misas_read_options){.correlation_id = id});
    assert_int_equal(list.count, 1);
    for (size_t i = 0; i < MISAS_METADATA_MAX_FIELDS; i++) {
        assert_string_equal(misas_metadata_get(&list.events[0]->metadata, names[i]), value);
    }
    event_list_free(&list);
    free(value);
    free(id);
    fixture_close(store);
}
