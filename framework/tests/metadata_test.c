#include "misas/metadata.h"

#include <stdio.h>
#include <string.h>

#include "support/test.h"

static misas_error *validate_field(const char *name, const char *value)
{
    return misas_metadata_validate(
        &(misas_metadata){.fields = (misas_field[]){{name, value}, {NULL, NULL}}});
}

static const char *repeat(char *buffer, char character, size_t count)
{
    memset(buffer, character, count);
    buffer[count] = '\0';
    return buffer;
}

TEST(what_a_message_causes_belongs_to_its_conversation)
{
    misas_metadata handled = {.correlation_id = "conversation",
                              .causation_id = "earlier",
                              .fields = (misas_field[]){{"user", "ada"}, {NULL, NULL}}};
    misas_metadata caused = misas_metadata_caused_by(&handled, "message-1");

    assert_string_equal(caused.correlation_id, "conversation");
    assert_string_equal(caused.causation_id, "message-1");
    assert_null(caused.fields);
}

TEST(a_message_without_a_conversation_starts_one)
{
    misas_metadata handled = {.causation_id = "earlier"};
    misas_metadata caused = misas_metadata_caused_by(&handled, "message-1");

    assert_string_equal(caused.correlation_id, "message-1");
    assert_string_equal(caused.causation_id, "message-1");
    caused = misas_metadata_caused_by(NULL, "message-2");
    assert_string_equal(caused.correlation_id, "message-2");
}

TEST(a_further_field_is_found_by_its_name)
{
    misas_metadata metadata = {.fields =
                                   (misas_field[]){{"user", "ada"}, {"trace", ""}, {NULL, NULL}}};

    assert_string_equal(misas_metadata_get(&metadata, "user"), "ada");
    assert_string_equal(misas_metadata_get(&metadata, "trace"), "");
    assert_null(misas_metadata_get(&metadata, "use"));
    assert_null(misas_metadata_get(&metadata, "correlation_id"));
    assert_null(misas_metadata_get(&(misas_metadata){0}, "user"));
    assert_null(misas_metadata_get(NULL, "user"));
}

TEST(metadata_within_all_limits_is_valid)
{
    char name[MISAS_METADATA_NAME_MAX_BYTES + 1];
    char value[MISAS_METADATA_VALUE_MAX_BYTES + 1];
    char id[MISAS_MESSAGE_ID_MAX_BYTES + 1];

    assert_no_error(misas_metadata_validate(NULL));
    assert_no_error(misas_metadata_validate(&(misas_metadata){0}));
    assert_no_error(misas_metadata_validate(&(misas_metadata){
        .correlation_id = repeat(id, 'i', MISAS_MESSAGE_ID_MAX_BYTES),
        .causation_id = id,
        .fields = (misas_field[]){{repeat(name, 'n', MISAS_METADATA_NAME_MAX_BYTES),
                                   repeat(value, 'v', MISAS_METADATA_VALUE_MAX_BYTES)},
                                  {"gr\xC3\xB6\xC3\x9F"
                                   "e",
                                   ""},
                                  {NULL, NULL}}}));
}

TEST(as_many_fields_as_the_limit_are_valid_and_one_more_is_not)
{
    char names[MISAS_METADATA_MAX_FIELDS + 1][8];
    misas_field fields[MISAS_METADATA_MAX_FIELDS + 2] = {{NULL, NULL}};
    misas_metadata metadata = {.fields = fields};

    for (size_t i = 0; i <= MISAS_METADATA_MAX_FIELDS; i++) {
        snprintf(names[i], sizeof names[i], "n%zu", i);
        fields[i] = (misas_field){i < MISAS_METADATA_MAX_FIELDS ? names[i] : NULL, "v"};
    }
    assert_no_error(misas_metadata_validate(&metadata));
    fields[MISAS_METADATA_MAX_FIELDS].name = names[MISAS_METADATA_MAX_FIELDS];

    misas_error *error = misas_metadata_validate(&metadata);
    assert_string_equal(misas_error_data(error, "name"), "n64");
    assert_error_says(error, MISAS_ERROR_METADATA_INVALID,
                      "metadata \"n64\" is one field too many: expected at most 64");
}

TEST(a_mistake_in_a_field_is_named_and_tagged_validation)
{
    misas_error *error = validate_field("user", "\xFF");

    assert_string_equal(misas_error_data(error, "name"), "user");
    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_error_says(error, MISAS_ERROR_METADATA_INVALID,
                      "metadata \"user\" has a broken value: expected UTF-8");
}

TEST(a_name_must_be_there_be_utf8_and_not_too_long)
{
    char name[MISAS_METADATA_NAME_MAX_BYTES + 2];

    assert_error_says(validate_field("", "v"), MISAS_ERROR_METADATA_INVALID, "is empty");
    assert_error_says(validate_field("a\xC0\xAF", "v"), MISAS_ERROR_METADATA_INVALID,
                      "has a broken name");
    assert_error_says(validate_field(repeat(name, 'n', MISAS_METADATA_NAME_MAX_BYTES + 1), "v"),
                      MISAS_ERROR_METADATA_INVALID, "a name of 129 bytes: expected at most 128");
}

TEST(a_value_must_be_there_and_not_too_long)
{
    char value[MISAS_METADATA_VALUE_MAX_BYTES + 2];

    assert_error_says(validate_field("user", NULL), MISAS_ERROR_METADATA_INVALID,
                      "metadata \"user\" has no value");
    assert_error_says(validate_field("user", repeat(value, 'v', sizeof value - 1)),
                      MISAS_ERROR_METADATA_INVALID,
                      "a value of 16385 bytes: expected at most 16384");
}

TEST(a_name_must_not_be_there_twice)
{
    misas_metadata metadata = {
        .fields = (misas_field[]){{"a", "1"}, {"b", "2"}, {"A", "3"}, {"a", "4"}, {NULL, NULL}}};

    assert_error_says(misas_metadata_validate(&metadata), MISAS_ERROR_METADATA_INVALID,
                      "metadata \"a\" is there twice");
}

TEST(the_ids_must_be_utf8_and_not_too_long)
{
    char id[MISAS_MESSAGE_ID_MAX_BYTES + 2];

    repeat(id, 'i', MISAS_MESSAGE_ID_MAX_BYTES + 1);
    misas_error *error = misas_metadata_validate(&(misas_metadata){.correlation_id = id});
    assert_string_equal(misas_error_data(error, "name"), "correlation_id");
    assert_error_says(error, MISAS_ERROR_METADATA_INVALID, "256 bytes: expected at most 255");

    error = misas_metadata_validate(&(misas_metadata){.correlation_id = "c", .causation_id = id});
    assert_string_equal(misas_error_data(error, "name"), "causation_id");
    assert_error_is(error, MISAS_ERROR_METADATA_INVALID);
    assert_error_says(misas_metadata_validate(&(misas_metadata){.causation_id = "\xED\xA0\x80"}),
                      MISAS_ERROR_METADATA_INVALID, "metadata \"causation_id\" has a broken value");
}

TEST(the_message_about_a_name_is_one_line_and_no_format)
{
    assert_error_says(validate_field("%n\n", NULL), MISAS_ERROR_METADATA_INVALID,
                      "metadata \"%n\\n\" has no value");
}
