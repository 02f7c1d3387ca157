#include "misas/envelope.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static misas_envelope valid_envelope(void)
{
    return (misas_envelope){
        .id = "0190-17", .source = "/bank/accounts", .type = "bank.accounts.v1.OpenAccount"};
}

static const char *repeat(char *buffer, size_t count)
{
    memset(buffer, 'a', count);
    buffer[count] = '\0';
    return buffer;
}

static void assert_refused(const misas_envelope *envelope, const char *attribute)
{
    misas_error *error = misas_envelope_validate(envelope);

    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_string_equal(misas_error_data(error, "attribute"), attribute);
    assert_non_null(misas_error_data(error, "reason"));
    assert_error_says(error, MISAS_ERROR_ENVELOPE_INVALID, attribute);
}

TEST(an_envelope_needs_no_more_than_id_source_and_type)
{
    misas_envelope envelope = valid_envelope();

    assert_no_error(misas_envelope_validate(&envelope));
    envelope.payload = "";
    assert_no_error(misas_envelope_validate(&envelope));
}

TEST(an_envelope_within_all_limits_is_valid)
{
    char id[MISAS_MESSAGE_ID_MAX_BYTES + 1];
    char source[MISAS_SOURCE_MAX_BYTES + 1];
    char type[MISAS_TYPE_MAX_BYTES + 1];
    char key[MISAS_KEY_MAX_BYTES + 1];
    misas_envelope envelope = {
        .id = repeat(id, MISAS_MESSAGE_ID_MAX_BYTES),
        .source = repeat(source, MISAS_SOURCE_MAX_BYTES),
        .type = repeat(type, MISAS_TYPE_MAX_BYTES),
        .type_version = INT32_MAX,
        .key = repeat(key, MISAS_KEY_MAX_BYTES),
        .time_us = INT64_MIN,
        .payload = "payload",
        .payload_size = 7,
        .metadata = {"conversation", "cause", (misas_field[]){{"user", "ada"}, {NULL, NULL}}},
    };

    assert_no_error(misas_envelope_validate(&envelope));
}

TEST(ids_sources_and_keys_may_be_any_line_of_text)
{
    misas_envelope envelope = valid_envelope();

    envelope.id = "it's \"17\" \u00e4\U0001F600";
    envelope.source = "https://example.com/a?b='c'#d";
    envelope.key = "\u00a0%s";
    assert_no_error(misas_envelope_validate(&envelope));
}

TEST(an_envelope_without_id_source_or_type_is_refused)
{
    misas_envelope envelope = valid_envelope();

    envelope.id = NULL;
    assert_refused(&envelope, "id");
    envelope.id = "";
    assert_refused(&envelope, "id");
    envelope = valid_envelope();
    envelope.source = NULL;
    assert_refused(&envelope, "source");
    envelope.source = "";
    assert_refused(&envelope, "source");
    envelope = valid_envelope();
    envelope.type = NULL;
    assert_refused(&envelope, "type");
    envelope.type = "";
    assert_refused(&envelope, "type");
    envelope = valid_envelope();
    envelope.key = "";
    assert_refused(&envelope, "key");
}

TEST(attributes_beyond_their_limits_are_refused)
{
    char text[MISAS_KEY_MAX_BYTES + 2];
    misas_envelope envelope = valid_envelope();

    envelope.id = repeat(text, MISAS_MESSAGE_ID_MAX_BYTES + 1);
    assert_refused(&envelope, "id");
    envelope = valid_envelope();
    envelope.source = repeat(text, MISAS_SOURCE_MAX_BYTES + 1);
    assert_refused(&envelope, "source");
    envelope = valid_envelope();
    envelope.type = repeat(text, MISAS_TYPE_MAX_BYTES + 1);
    assert_refused(&envelope, "type");
    envelope = valid_envelope();
    envelope.key = repeat(text, MISAS_KEY_MAX_BYTES + 1);
    assert_refused(&envelope, "key");
    envelope = valid_envelope();
    envelope.type_version = (uint32_t)INT32_MAX + 1;
    assert_refused(&envelope, "type_version");
}

TEST(broken_utf8_and_control_characters_are_refused)
{
    static const char *const bad[] = {"caf\xE9", "a\nb",      "\x1F",
                                      "\x7F",    "a\xC2\x85", "\xED\xA0\x80"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        misas_envelope envelope = valid_envelope();

        envelope.id = bad[i];
        assert_refused(&envelope, "id");
        envelope = valid_envelope();
        envelope.source = bad[i];
        assert_refused(&envelope, "source");
        envelope = valid_envelope();
        envelope.type = bad[i];
        assert_refused(&envelope, "type");
        envelope = valid_envelope();
        envelope.key = bad[i];
        assert_refused(&envelope, "key");
    }
}

TEST(a_type_is_the_full_name_of_a_message)
{
    static const char *const bad[] = {".a", "a.", "a..b", "a.1b", "a b", "com/example", "a-b"};
    misas_envelope envelope = valid_envelope();

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        envelope.type = bad[i];
        assert_refused(&envelope, "type");
    }
    envelope.type = "_a1.B_2";
    assert_no_error(misas_envelope_validate(&envelope));
}

TEST(a_payload_that_is_not_there_has_no_size)
{
    misas_envelope envelope = valid_envelope();

    envelope.payload_size = 1;
    assert_refused(&envelope, "payload");
}

TEST(an_envelope_with_broken_metadata_is_refused_by_the_metadatas_own_error)
{
    misas_envelope envelope = valid_envelope();

    envelope.metadata.causation_id = "\xFF";
    assert_error_says(misas_envelope_validate(&envelope), MISAS_ERROR_METADATA_INVALID,
                      "causation_id");
}

TEST(a_copy_of_an_envelope_outlives_what_it_was_copied_from)
{
    char texts[7][13] = {"id-id", "source", "type.a", "key-key", "conversation", "cause", "user"};
    char value[] = "ada";
    unsigned char payload[] = {8, 0, 255};
    misas_field fields[] = {{texts[6], value}, {"empty", ""}, {NULL, NULL}};
    misas_envelope envelope = {.id = texts[0],
                               .source = texts[1],
                               .type = texts[2],
                               .type_version = 2,
                               .key = texts[3],
                               .time_us = -5,
                               .payload = payload,
                               .payload_size = sizeof payload,
                               .metadata = {texts[4], texts[5], fields}};
    misas_envelope *copy = NULL;

    assert_no_error(misas_envelope_copy(&copy, &envelope));
    memset(texts, 'x', sizeof texts);
    memset(value, 'x', sizeof value);
    memset(payload, 'x', sizeof payload);
    memset(fields, 0, sizeof fields);
    memset(&envelope, 0, sizeof envelope);

    assert_string_equal(copy->id, "id-id");
    assert_string_equal(copy->source, "source");
    assert_string_equal(copy->type, "type.a");
    assert_int_equal(copy->type_version, 2);
    assert_string_equal(copy->key, "key-key");
    assert_int_equal(copy->time_us, -5);
    assert_int_equal(copy->payload_size, 3);
    assert_memory_equal(copy->payload, ((unsigned char[]){8, 0, 255}), 3);
    assert_string_equal(copy->metadata.correlation_id, "conversation");
    assert_string_equal(copy->metadata.causation_id, "cause");
    assert_string_equal(copy->metadata.fields[0].name, "user");
    assert_string_equal(copy->metadata.fields[0].value, "ada");
    assert_string_equal(copy->metadata.fields[1].value, "");
    assert_null(copy->metadata.fields[2].name);
    free(copy);
}

TEST(what_an_envelope_does_not_have_its_copy_does_not_have_either)
{
    misas_envelope *copy = NULL;
    misas_envelope envelope = valid_envelope();

    assert_no_error(misas_envelope_copy(&copy, &envelope));
    assert_string_equal(copy->id, envelope.id);
    assert_null(copy->key);
    assert_null(copy->payload);
    assert_int_equal(copy->payload_size, 0);
    assert_null(copy->metadata.correlation_id);
    assert_null(copy->metadata.causation_id);
    assert_null(copy->metadata.fields);
    free(copy);
}

TEST(a_payload_without_bytes_is_still_a_payload_in_the_copy)
{
    misas_envelope *copy = NULL;
    misas_envelope envelope = valid_envelope();

    envelope.payload = "";
    assert_no_error(misas_envelope_copy(&copy, &envelope));
    assert_non_null(copy->payload);
    assert_int_equal(copy->payload_size, 0);
    free(copy);
}

TEST(a_copy_of_a_reply_outlives_what_it_was_copied_from)
{
    char type[] = "bank.v1.Opened";
    char payload[] = {1, 0, 2};
    misas_reply reply = {.type = type, .payload = payload, .payload_size = sizeof payload};
    misas_reply *copy = NULL;

    assert_no_error(misas_reply_copy(&copy, &reply));
    memset(type, 'x', sizeof type);
    memset(payload, 'x', sizeof payload);
    memset(&reply, 0, sizeof reply);
    assert_string_equal(copy->type, "bank.v1.Opened");
    assert_int_equal(copy->payload_size, 3);
    assert_memory_equal(copy->payload, "\1\0\2", 3);
    free(copy);
}

TEST(a_reply_without_content_is_copied_as_one)
{
    misas_reply *copy = NULL;

    assert_no_error(misas_reply_copy(&copy, &(misas_reply){0}));
    assert_null(copy->type);
    assert_null(copy->payload);
    assert_int_equal(copy->payload_size, 0);
    free(copy);
}
