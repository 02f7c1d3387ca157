#include "text/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

/* A string literal with its size, so that it may hold a NUL. */
#define BYTES(literal) (literal), sizeof(literal) - 1

static void assert_json(const char *bytes, size_t size, const char *expected)
{
    misas__text text = {0};
    char *json = NULL;

    misas__text_append_json_string(&text, bytes, size);
    assert_no_error(misas__text_finish(&json, NULL, &text));
    assert_string_equal(json, expected);
    free(json);
}

TEST(text_grows_by_whatever_is_appended)
{
    misas__text text = {0};
    char *bytes = NULL;
    size_t size = 0;

    misas__text_append(&text, BYTES("a\0b"));
    misas__text_append_string(&text, "");
    misas__text_append(&text, NULL, 0);
    misas__text_append_string(&text, "cd");
    misas__text_append_format(&text, "%d-%s", 17, "%s");
    assert_no_error(misas__text_finish(&bytes, &size, &text));
    assert_int_equal(size, 10);
    assert_memory_equal(bytes, "a\0bcd17-%s", 11);
    assert_null(text.bytes);
    free(bytes);
}

TEST(text_grows_past_any_capacity)
{
    misas__text text = {0};
    char *bytes = NULL;
    size_t size = 0;

    for (int i = 0; i < 1000; i++) {
        misas__text_append_format(&text, "%03d,", i);
        assert_int_equal(text.bytes[text.size], 0);
    }
    assert_no_error(misas__text_finish(&bytes, &size, &text));
    assert_int_equal(size, 4000);
    assert_int_equal(strlen(bytes), 4000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(atoi(bytes + (size_t)i * 4), i);
    }
    free(bytes);
}

TEST(text_of_nothing_is_an_empty_string)
{
    misas__text text = {0};
    char *bytes = NULL;
    size_t size = 1;

    assert_no_error(misas__text_finish(&bytes, &size, &text));
    assert_string_equal(bytes, "");
    assert_int_equal(size, 0);
    free(bytes);
    misas__text_free(&text);
}

TEST(text_that_could_not_grow_says_so_at_the_end)
{
    misas__text text = {0};
    char *bytes = NULL;

    misas__text_append_string(&text, "begun");
    misas__text_append(&text, "x", SIZE_MAX - 2);
    misas__text_append_string(&text, "more");
    misas__text_append_format(&text, "%s", "more");
    assert_error_is(misas__text_finish(&bytes, NULL, &text), MISAS_ERROR_OUT_OF_MEMORY);
    assert_null(bytes);
    assert_null(text.bytes);
    assert_false(text.failed);
}

TEST(valid_utf8_is_valid_up_to_its_last_code_point)
{
    assert_true(misas__utf8_is_valid(BYTES("")));
    assert_true(misas__utf8_is_valid(NULL, 0));
    assert_true(misas__utf8_is_valid(BYTES("plain\0\x01\x7F")));
    assert_true(misas__utf8_is_valid(BYTES("\xC2\x80 \xDF\xBF")));
    assert_true(misas__utf8_is_valid(BYTES("\xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF")));
    assert_true(misas__utf8_is_valid(BYTES("\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF")));
}

TEST(broken_utf8_is_not_valid)
{
    static const char *const broken[] = {
        "\x80",             /* a continuation alone */
        "\xBF",             /* another */
        "\xC0\xAF",         /* overlong in two bytes */
        "\xC1\xBF",         /* overlong in two bytes */
        "\xE0\x80\xAF",     /* overlong in three bytes */
        "\xE0\x9F\xBF",     /* overlong in three bytes */
        "\xF0\x80\x80\xAF", /* overlong in four bytes */
        "\xF0\x8F\xBF\xBF", /* overlong in four bytes */
        "\xED\xA0\x80",     /* the first surrogate */
        "\xED\xBF\xBF",     /* the last surrogate */
        "\xF4\x90\x80\x80", /* beyond U+10FFFF */
        "\xF5\x80\x80\x80", /* beyond U+10FFFF */
        "\xFE",             /* never in UTF-8 */
        "\xFF",             /* never in UTF-8 */
        "\xC3",             /* cut */
        "\xE2\x82",         /* cut */
        "\xF0\x9F\x98",     /* cut */
        "\xC3(",            /* no continuation */
        "\xE2(\xA1",        /* no continuation */
        "\xE2\x82(",        /* no continuation */
        "\xF0\x9F(\x80",    /* no continuation */
        "\xF0\x9F\x98(",    /* no continuation */
        "\xE2\x82\xC0",     /* a lead for a continuation */
    };

    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        char text[16];
        size_t size = (size_t)snprintf(text, sizeof text, "ab%s", broken[i]);

        assert_false(misas__utf8_is_valid(text, size));
        assert_int_equal(misas__utf8_valid_prefix(text, size), 2);
    }
}

TEST(a_sequence_is_not_read_beyond_the_end)
{
    assert_int_equal(misas__utf8_valid_prefix("a\xC3\xA9", 2), 1);
    assert_int_equal(misas__utf8_valid_prefix("a\xF0\x9F\x98\x80", 4), 1);
    assert_int_equal(misas__utf8_valid_prefix("a\xF0\x9F\x98\x80", 5), 5);
}

static void assert_repaired(const char *text, size_t size, const char *expected)
{
    char repaired[40];

    assert_true(size * MISAS__UTF8_REPAIRED_FACTOR < sizeof repaired);
    assert_int_equal(misas__utf8_repair(repaired, text, size), strlen(expected));
    assert_string_equal(repaired, expected);
}

TEST(repaired_utf8_has_a_replacement_for_each_broken_byte)
{
    assert_repaired(BYTES(""), "");
    assert_repaired(BYTES("caf\u00e9 \U0001F600"), "caf\u00e9 \U0001F600");
    assert_repaired(BYTES("caf\xE9"), "caf\uFFFD");
    assert_repaired(BYTES("\xFF\xFE"
                          "a\xED\xA0\x80"),
                    "\uFFFD\uFFFD"
                    "a\uFFFD\uFFFD\uFFFD");
    assert_repaired("\xF0\x9F\x98\x80", 3, "\uFFFD\uFFFD\uFFFD");
}

TEST(a_json_string_escapes_what_json_must_and_what_ends_a_line)
{
    assert_json(BYTES(""), "\"\"");
    assert_json(BYTES("plain / text's"), "\"plain / text's\"");
    assert_json(BYTES("a\"b\\c"), "\"a\\\"b\\\\c\"");
    assert_json(BYTES("\0\x01\x1F\x7F"), "\"\\u0000\\u0001\\u001f\\u007f\"");
    assert_json(BYTES("\b\f\n\r\t\v"), "\"\\b\\f\\n\\r\\t\\u000b\"");
    assert_json(BYTES("\xC2\x80\xC2\x85\xC2\x9F\xC2\xA0"), "\"\\u0080\\u0085\\u009f\xC2\xA0\"");
    assert_json(BYTES("\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA"),
                "\"\xE2\x80\xA7\\u2028\\u2029\xE2\x80\xAA\"");
    assert_json(BYTES("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
                "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
}

TEST(a_json_string_shows_each_broken_byte)
{
    assert_json(BYTES("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
    assert_json(BYTES("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    assert_json(BYTES("\xC3\""), "\"\xEF\xBF\xBD\\\"\"");
    assert_json("\xC3\xA9", 1, "\"\xEF\xBF\xBD\"");
}

TEST(a_quoted_text_is_escaped_as_a_json_string)
{
    char quoted[MISAS__QUOTED_SIZE];

    assert_ptr_equal(misas__text_quote(quoted, "a\n\"b\" \xFF"), quoted);
    assert_string_equal(quoted, "\"a\\n\\\"b\\\" \xEF\xBF\xBD\"");
    assert_string_equal(misas__text_quote(quoted, ""), "\"\"");
}

TEST(a_long_quoted_text_is_cut_at_a_character)
{
    const char *const characters[] = {"a", "\xC3\xA9", "\xF0\x9F\x98\x80", "\n", "\xFF"};

    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        char quoted[MISAS__QUOTED_SIZE + 1];
        char text[1000] = "";

        for (int j = 0; j < 200; j++) {
            strcat(text, characters[i]);
        }
        quoted[MISAS__QUOTED_SIZE] = '#';
        misas__text_quote(quoted, text);
        size_t length = strlen(quoted);

        assert_in_range(length, MISAS__QUOTED_SIZE - 8, MISAS__QUOTED_SIZE - 1);
        assert_true(misas__utf8_is_valid(quoted, length));
        assert_string_equal(quoted + length - 4, "\xE2\x80\xA6\"");
        assert_int_equal(quoted[MISAS__QUOTED_SIZE], '#');
    }
}
