#include <stdio.h>
#include <string.h>

#include "bank/accounts/v1/events.misas.h"
#include "misas/schema.h"
#include "support/test.h"
#include "support/wire.h"
#include "test/v1/everything.misas.h"
#include "test/v1/legacy.misas.h"

static misas_error *scan(const misas_type *type, const wire *bytes)
{
    return misas_message_scan(type, bytes->bytes, bytes->size, NULL);
}

/* Frees the bytes. What the scan refuses, decoding refuses too. */
static void assert_undecodable(const misas_type *type, wire *bytes, const char *reason)
{
    ProtobufCMessage *message = NULL;
    misas_error *error = misas_message_decode(&message, type, bytes->bytes, bytes->size, NULL);

    assert_null(message);
    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_string_equal(misas_error_data(error, "type"), type->descriptor->name);
    assert_non_null(misas_error_data(error, "offset"));
    assert_error_says(error, MISAS_ERROR_UNDECODABLE, reason);
    misas__text_free(bytes);
}

static void assert_decodable(const misas_type *type, wire *bytes)
{
    ProtobufCMessage *message = NULL;

    assert_no_error(misas_message_decode(&message, type, bytes->bytes, bytes->size, NULL));
    misas_message_free(message);
    misas__text_free(bytes);
}

TEST(no_bytes_are_an_empty_message)
{
    wire bytes = {0};

    assert_no_error(scan(&test_v1_everything_type, &bytes));
    assert_decodable(&test_v1_everything_type, &bytes);
}

TEST(bytes_that_end_within_a_number_are_refused)
{
    wire tag = {0};
    wire number = {0};
    wire fixed = {0};

    misas__text_append(&tag, "\x88", 1);
    assert_undecodable(&test_v1_everything_type, &tag, "end within a number");
    misas__text_append(&number, "\x18\xFF", 2);
    assert_undecodable(&test_v1_everything_type, &number,
                       "at byte 1, field an_int32: the bytes end within a number");
    misas__text_append(&fixed, "\x4D\x01\x02\x03", 4);
    assert_undecodable(&test_v1_everything_type, &fixed, "field a_fixed32: the bytes end");
}

TEST(numbers_with_too_many_bytes_are_refused)
{
    wire value = {0};
    wire tag = {0};
    wire longest = {0};

    misas__text_append(&value, "\x18\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12);
    assert_undecodable(&test_v1_everything_type, &value, "an_int32: a number has too many bytes");
    misas__text_append(&tag, "\x98\x80\x80\x80\x80\x00\x01", 7);
    assert_undecodable(&test_v1_everything_type, &tag, "too many bytes");
    wire_add_varint(&longest, 3, UINT64_MAX);
    assert_decodable(&test_v1_everything_type, &longest);
}

TEST(field_numbers_out_of_range_are_refused)
{
    wire zero = {0};
    wire large = {0};
    wire largest = {0};

    wire_add_varint(&zero, 0, 1);
    assert_undecodable(&test_v1_everything_type, &zero, "the number of a field is out of range");
    misas__text_append(&large, "\x80\x80\x80\x80\x10\x01", 6);
    assert_undecodable(&test_v1_everything_type, &large, "the number of a field is out of range");
    wire_add_varint(&largest, (1U << 29) - 1, 1);
    assert_decodable(&test_v1_everything_type, &largest);
}

TEST(a_length_beyond_what_is_left_is_refused)
{
    static const uint64_t lengths[] = {4, 1000, INT32_MAX, UINT32_MAX, UINT64_MAX / 2};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        wire bytes = {0};

        wire_add_tag(&bytes, 14, wire_delimited);
        wire_add_number(&bytes, lengths[i]);
        misas__text_append(&bytes, "abc", 3);
        assert_undecodable(&test_v1_everything_type, &bytes, "field a_string: a ");
    }
}

TEST(a_length_within_a_message_may_not_reach_beyond_it)
{
    wire line = {0};
    wire bytes = {0};

    wire_add_tag(&line, 1, wire_delimited);
    wire_add_number(&line, 5);
    wire_add_message(&bytes, 17, &line);
    wire_add_text(&bytes, 14, "enough for five");
    assert_undecodable(&test_v1_everything_type, &bytes,
                       "field article: a length exceeds what is left");
}

TEST(a_wire_type_that_is_not_the_fields_is_refused)
{
    static const struct {
        uint32_t field;
        uint32_t wire_type;
    } cases[] = {{1, wire_varint},    {2, wire_64bit},      {3, wire_32bit},   {3, wire_delimited},
                 {9, wire_delimited}, {13, wire_delimited}, {14, wire_varint}, {17, wire_varint},
                 {44, wire_varint},   {39, wire_varint},    {33, wire_64bit}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wire bytes = {0};

        wire_add_tag(&bytes, cases[i].field, cases[i].wire_type);
        misas__text_append(&bytes, "\x01\x01\x01\x01\x01\x01\x01\x01", 8);
        assert_undecodable(&test_v1_everything_type, &bytes, "the wire type is not that");
    }
}

TEST(groups_and_unknown_wire_types_are_refused)
{
    for (uint32_t wire_type = 0; wire_type < 8; wire_type++) {
        wire bytes = {0};

        wire_add_tag(&bytes, 1000, wire_type);
        misas__text_append(&bytes, "\x07\x01\x01\x01\x01\x01\x01\x01", 8);
        if (wire_type == 3 || wire_type == 4) {
            assert_undecodable(&test_v1_nothing_type, &bytes, "groups are not supported");
        } else if (wire_type > 5) {
            assert_undecodable(&test_v1_nothing_type, &bytes, "no such wire type");
        } else {
            misas__text_free(&bytes);
        }
    }
}

TEST(lists_of_numbers_may_be_packed_or_not)
{
    wire bytes = {0};

    wire_add_bytes(&bytes, 33, "\x01\x96\x01", 3);
    wire_add_varint(&bytes, 33, 2);
    wire_add_bytes(&bytes, 48, "\x01\x02", 2);
    wire_add_bytes(&bytes, 31, "12345678abcdefgh", 16);
    wire_add_bytes(&bytes, 43, "\x01\x00\x80\x01", 4);
    assert_decodable(&test_v1_everything_type, &bytes);
}

TEST(a_packed_list_that_ends_within_a_number_is_refused)
{
    wire varints = {0};
    wire doubles = {0};

    wire_add_bytes(&varints, 33, "\x01\x96", 2);
    wire_add_varint(&varints, 3, 1);
    assert_undecodable(&test_v1_everything_type, &varints, "field int32s: the bytes end");
    wire_add_bytes(&doubles, 31, "123456789", 9);
    assert_undecodable(&test_v1_everything_type, &doubles, "field doubles: the bytes end");
}

TEST(texts_must_be_utf8_without_nul_but_bytes_and_unknown_fields_need_not)
{
    wire broken = {0};
    wire surrogate = {0};
    wire nul = {0};
    wire key = {0};
    wire entry = {0};
    wire free_form = {0};

    wire_add_text(&broken, 14, "caf\xE9");
    assert_undecodable(&test_v1_everything_type, &broken,
                       "at byte 5, field a_string: a text is not UTF-8");
    wire_add_text(&surrogate, 44, "\xED\xA0\x80");
    assert_undecodable(&test_v1_everything_type, &surrogate, "field strings: a text is not UTF-8");
    wire_add_bytes(&nul, 14, "a\0b", 3);
    assert_undecodable(&test_v1_everything_type, &nul,
                       "at byte 3, field a_string: a text has a NUL");
    wire_add_text(&entry, 1, "\xFF");
    wire_add_message(&key, 61, &entry);
    assert_undecodable(&test_v1_everything_type, &key, "field key: a text is not UTF-8");
    wire_add_bytes(&free_form, 15, "\xFF\0", 2);
    wire_add_bytes(&free_form, 1000, "\xFF\0", 2);
    assert_decodable(&test_v1_everything_type, &free_form);
}

TEST(a_message_that_is_not_repeated_may_not_occur_twice)
{
    wire bytes = {0};

    wire_add_text(&bytes, 17, "");
    wire_add_text(&bytes, 17, "");
    assert_undecodable(&test_v1_everything_type, &bytes, "field a_line: a message that is not");
}

TEST(a_number_that_occurs_twice_counts_as_the_last)
{
    Test__V1__Everything *message = NULL;
    ProtobufCMessage *decoded = NULL;
    wire bytes = {0};

    wire_add_varint(&bytes, 3, 1);
    wire_add_varint(&bytes, 3, 2);
    wire_add_text(&bytes, 81, "a choice");
    wire_add_varint(&bytes, 82, 17);
    assert_no_error(
        misas_message_decode(&decoded, &test_v1_everything_type, bytes.bytes, bytes.size, NULL));
    message = (Test__V1__Everything *)decoded;
    assert_int_equal(message->an_int32, 2);
    assert_int_equal(message->choice_case, TEST__V1__EVERYTHING__CHOICE_CHOICE_INT32);
    assert_int_equal(message->choice_int32, 17);
    misas_message_free(decoded);
    misas__text_free(&bytes);
}

TEST(a_missing_required_field_is_named)
{
    wire bytes = {0};
    wire part = {0};

    wire_add_text(&bytes, 1, "name");
    assert_undecodable(&test_v1_legacy_type, &bytes, "field number: a required field is missing");
    wire_add_text(&bytes, 1, "name");
    wire_add_varint(&bytes, 2, 1);
    wire_add_text(&part, 1, "content");
    wire_add_message(&bytes, 11, &part);
    assert_undecodable(&test_v1_legacy_type, &bytes, "field size: a required field is missing");
}

TEST(messages_nest_as_deep_as_the_limit_says)
{
    wire hundred = wire_nested(1, 100);
    wire more = wire_nested(1, 101);
    wire thousand = wire_nested(2, 1000);
    wire thousand_and_one = wire_nested(2, 1001);
    misas_decode_limits limits = {.max_depth = 1000000};

    assert_decodable(&test_v1_nest_type, &hundred);
    misas_error *error = scan(&test_v1_nest_type, &more);
    assert_string_equal(misas_error_data(error, "limit"), "max_depth");
    assert_string_equal(misas_error_data(error, "maximum"), "100");
    assert_error_is(error, MISAS_ERROR_LIMIT_EXCEEDED);
    ProtobufCMessage *message = NULL;
    assert_no_error(
        misas_message_decode(&message, &test_v1_nest_type, thousand.bytes, thousand.size, &limits));
    misas_message_free(message);
    assert_error_says(misas_message_scan(&test_v1_nest_type, thousand_and_one.bytes,
                                         thousand_and_one.size, &limits),
                      MISAS_ERROR_LIMIT_EXCEEDED, "max_depth of 1000");
    misas__text_free(&more);
    misas__text_free(&thousand);
    misas__text_free(&thousand_and_one);
}

TEST(a_hundred_thousand_levels_are_refused_without_harm)
{
    wire bytes = wire_nested(1, 100000);

    assert_error_says(scan(&test_v1_nest_type, &bytes), MISAS_ERROR_LIMIT_EXCEEDED, "max_depth");
    misas__text_free(&bytes);
}

TEST(more_bytes_than_the_limit_are_refused_unread)
{
    misas_decode_limits limits = {.max_bytes = 3};

    assert_error_says(misas_message_scan(&test_v1_nest_type, "\xFF\xFF\xFF\xFF", 4, &limits),
                      MISAS_ERROR_LIMIT_EXCEEDED, "max_bytes of 3");
}

TEST(every_field_and_packed_number_counts_as_an_element)
{
    wire fields = {0};
    wire packed = {0};
    misas_decode_limits limits = {.max_elements = 10};

    for (int i = 0; i < 10; i++) {
        wire_add_text(&fields, 2, "");
    }
    assert_no_error(misas_message_scan(&test_v1_nest_type, fields.bytes, fields.size, &limits));
    wire_add_varint(&fields, 1000, 1);
    assert_error_says(misas_message_scan(&test_v1_nest_type, fields.bytes, fields.size, &limits),
                      MISAS_ERROR_LIMIT_EXCEEDED, "max_elements of 10");
    wire_add_bytes(&packed, 33, "\1\1\1\1\1\1\1\1\1\1", 10);
    assert_error_says(
        misas_message_scan(&test_v1_everything_type, packed.bytes, packed.size, &limits),
        MISAS_ERROR_LIMIT_EXCEEDED, "max_elements of 10");
    misas__text_free(&fields);
    misas__text_free(&packed);
}

TEST(half_a_million_empty_messages_are_decoded)
{
    wire bytes = {0};

    for (int i = 0; i < 500000; i++) {
        wire_add_text(&bytes, 2, "");
    }
    assert_decodable(&test_v1_nest_type, &bytes);
}

TEST(messages_that_unpack_to_far_more_than_they_are_are_refused)
{
    wire bytes = {0};

    for (int i = 0; i < 10000; i++) {
        wire_add_text(&bytes, 1, "");
    }
    misas_decode_limits limits = {.max_bytes = bytes.size};
    assert_error_says(misas_message_scan(&test_v1_herd_type, bytes.bytes, bytes.size, &limits),
                      MISAS_ERROR_LIMIT_EXCEEDED, "limit memory");
    assert_no_error(misas_message_scan(&test_v1_herd_type, bytes.bytes, bytes.size, NULL));
    misas__text_free(&bytes);
}
