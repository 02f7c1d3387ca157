#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "misas/envelope.h"
#include "misas/message/v1/error.misas.h"
#include "misas/schema.h"
#include "support/test.h"
#include "support/wire.h"

enum { type_field = 1, message_field = 2, data_field = 3, tags_field = 4, cause_field = 5 };

/* What was written of an error, and the error read from it. Ends `error`. */
static misas_error *send_over(misas_error *error)
{
    void *bytes = NULL;
    size_t size = 0;
    misas_error *received = NULL;

    assert_no_error(misas_error_encode(&bytes, &size, error));
    misas_error_free(error);
    assert_no_error(misas_error_decode(&received, bytes, size));
    free(bytes);
    return received;
}

static void assert_same_data(const misas_error *received, const misas_error *sent)
{
    const misas_field *is = misas_error_data_fields(received);
    const misas_field *was = misas_error_data_fields(sent);

    for (; was->name != NULL; was++, is++) {
        assert_non_null(is->name);
        assert_string_equal(is->name, was->name);
        assert_string_equal(is->value, was->value);
    }
    assert_null(is->name);
}

/* What each error of the chain answers; a wrap answers for what it wraps. */
static void assert_same(const misas_error *received, const misas_error *sent)
{
    while (sent != NULL) {
        assert_non_null(received);
        assert_string_equal(misas_error_type(received), misas_error_type(sent));
        assert_string_equal(misas_error_message(received), misas_error_message(sent));
        assert_string_equal(misas_error_tags(received), misas_error_tags(sent));
        assert_same_data(received, sent);
        sent = misas_error_cause(sent);
        received = misas_error_cause(received);
    }
    assert_null(received);
}

static void assert_crosses_whole(misas_error *sent)
{
    char *said = NULL;
    char *heard = NULL;
    void *bytes = NULL;
    size_t size = 0;
    misas_error *received = NULL;

    assert_no_error(misas_error_encode(&bytes, &size, sent));
    assert_no_error(misas_error_decode(&received, bytes, size));
    assert_same(received, sent);
    size = misas_error_write(NULL, 0, sent) + 1;
    said = malloc(size);
    heard = malloc(size);
    misas_error_write(said, size, sent);
    misas_error_write(heard, size, received);
    assert_string_equal(heard, said);
    free(said);
    free(heard);
    free(bytes);
    misas_error_free(received);
    misas_error_free(sent);
}

static misas_error *not_found(misas_error *cause)
{
    return misas_error_new(&(misas_error_options){
        .type_name = "bank.account_not_found",
        .message = "there is no account 17",
        .cause = cause,
        .data = (misas_field[]){{"account", "17"}, {"empty", ""}, {NULL, NULL}},
        .tags = "not_found rare",
    });
}

static misas_error *plain(misas_error *cause, const char *type, const char *message)
{
    return misas_error_new(
        &(misas_error_options){.type_name = type, .message = message, .cause = cause});
}

/* Levels of wraps around an error. */
static misas_error *wrapped(misas_error *error, int count)
{
    for (int i = 0; i < count; i++) {
        error = misas_error_wrap(error, "wrap %d", i);
    }
    return error;
}

static size_t count_levels(const misas_error *error)
{
    size_t count = 0;

    for (; error != NULL; error = misas_error_cause(error)) {
        count++;
    }
    return count;
}

static char *long_text(size_t size)
{
    char *text = malloc(size + 1);

    assert_non_null(text);
    memset(text, 'a', size);
    text[size] = '\0';
    return text;
}

/* Frees the bytes. */
static void assert_undecodable(wire *bytes, const char *reason)
{
    misas_error *received = NULL;
    misas_error *error = misas_error_decode(&received, bytes->bytes, bytes->size);

    assert_null(received);
    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_non_null(misas_error_data(error, "reason"));
    assert_non_null(strstr(misas_error_data(error, "reason"), reason));
    assert_error_is(error, MISAS_ERROR_ERROR_UNDECODABLE);
    misas__text_free(bytes);
}

TEST(an_error_crosses_with_type_message_data_and_tags)
{
    assert_crosses_whole(not_found(NULL));
}

TEST(an_error_of_nothing_but_type_and_message_crosses)
{
    assert_crosses_whole(plain(NULL, "a.b", "something"));
    assert_crosses_whole(plain(NULL, "a.b", ""));
}

TEST(wraps_cross_as_wraps)
{
    misas_error *received = send_over(misas_error_wrap(not_found(NULL), "depositing"));

    assert_string_equal(misas_error_message(received), "depositing");
    assert_true(misas_error_is(received, "bank.account_not_found"));
    assert_true(misas_error_has_tag(received, "rare"));
    assert_string_equal(misas_error_data(received, "account"), "17");
    misas_error_free(received);
}

TEST(a_chain_of_errors_and_wraps_crosses_whole)
{
    misas_error *innermost = misas_error_new(&(misas_error_options){
        .type_name = "net.down", .message = "no route", .tags = MISAS_TAG_RETRIABLE});
    misas_error *error = not_found(wrapped(innermost, 2));

    error = plain(misas_error_wrap(error, "looking"), "bank.closed", "the bank is closed");
    assert_crosses_whole(misas_error_wrap(error, "opening"));
}

TEST(a_type_without_letters_is_still_a_type)
{
    misas_error *received = send_over(plain(wrapped(not_found(NULL), 1), "", "untyped"));

    assert_string_equal(misas_error_type(received), "");
    assert_string_equal(misas_error_tags(received), "");
    misas_error_free(received);
}

TEST(tags_cross_as_they_were_written)
{
    static const char *const tags[] = {"", "one", "one two three", "two  spaces", " around ", " "};

    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        assert_crosses_whole(misas_error_new(
            &(misas_error_options){.type_name = "a.b", .message = "m", .tags = tags[i]}));
    }
}

TEST(the_error_of_no_memory_crosses)
{
    misas_error *received = send_over(misas_error_out_of_memory());

    assert_true(misas_error_is(received, MISAS_ERROR_OUT_OF_MEMORY));
    assert_true(misas_error_has_tag(received, MISAS_TAG_RETRIABLE));
    misas_error_free(received);
    assert_crosses_whole(misas_error_wrap(misas_error_out_of_memory(), "reading"));
}

TEST(texts_that_look_like_formats_cross_as_they_are)
{
    assert_crosses_whole(misas_error_wrap(
        misas_error_new(&(misas_error_options){
            .type_name = "%s%n",
            .message = "100%: %s %n",
            .data = (misas_field[]){{"%s", "%n%n%n%n"}, {"%s", "twice"}, {NULL, NULL}},
            .tags = "%s %d",
        }),
        "%s", "%n %s %100000d"));
}

TEST(what_is_not_utf8_crosses_as_replacement_characters)
{
    misas_error *received = send_over(
        misas_error_wrap(misas_error_new(&(misas_error_options){
                             .type_name = "a.\xFF",
                             .message = "caf\xE9",
                             .data = (misas_field[]){{"na\xC3me", "\xED\xA0\x80"}, {NULL, NULL}},
                             .tags = "t\x80 u",
                         }),
                         "%s", "in \xF0\x9F\x98"));

    assert_string_equal(misas_error_message(received), "in \uFFFD\uFFFD\uFFFD");
    assert_string_equal(misas_error_message(misas_error_cause(received)), "caf\uFFFD");
    assert_string_equal(misas_error_type(received), "a.\uFFFD");
    assert_string_equal(misas_error_tags(received), "t\uFFFD u");
    assert_string_equal(misas_error_data(received, "na\uFFFDme"), "\uFFFD\uFFFD\uFFFD");
    misas_error_free(received);
}

TEST(fifty_levels_cross_whole)
{
    assert_crosses_whole(wrapped(not_found(NULL), 49));
}

TEST(a_longer_chain_is_cut_but_keeps_its_type)
{
    misas_error *received = send_over(wrapped(not_found(NULL), 100000));

    assert_int_equal(count_levels(received), 50);
    assert_string_equal(misas_error_message(received), "wrap 99999");
    assert_true(misas_error_is(received, "bank.account_not_found"));
    assert_true(misas_error_has_tag(received, "not_found"));
    assert_string_equal(misas_error_data(received, "account"), "17");
    misas_error_free(received);
}

TEST(the_last_of_a_chain_that_is_cut_has_a_type)
{
    misas_error *error = wrapped(plain(NULL, "a.innermost", "innermost"), 10);

    error = wrapped(plain(error, "a.next", "next"), 20);
    error = wrapped(plain(error, "a.first", "first"), 30);
    misas_error *received = send_over(error);
    const misas_error *last = received;

    assert_int_equal(count_levels(received), 50);
    while (misas_error_cause(last) != NULL) {
        last = misas_error_cause(last);
    }
    assert_string_equal(misas_error_type(last), "a.next");
    assert_string_equal(misas_error_message(last), "next");
    misas_error_free(received);
}

TEST(a_text_longer_than_16_kib_is_cut_at_a_character)
{
    char *text = long_text(20000);
    misas_error *received = send_over(plain(NULL, "a.b", text));

    assert_int_equal(strlen(misas_error_message(received)), 16 * 1024);
    assert_string_equal(misas_error_message(received) + 16 * 1024 - 4, "a\u2026");
    misas_error_free(received);
    memcpy(text + 16 * 1024 - 5, "\U0001F600", 4);
    received = send_over(plain(NULL, "a.b", text));
    assert_int_equal(strlen(misas_error_message(received)), 16 * 1024 - 2);
    assert_string_equal(misas_error_message(received) + 16 * 1024 - 6, "a\u2026");
    misas_error_free(received);
    text[16 * 1024 - 5] = 'a';
    text[16 * 1024] = '\0';
    memset(text, 'b', 16 * 1024);
    assert_crosses_whole(plain(NULL, "a.b", text));
    free(text);
}

TEST(broken_text_is_cut_by_the_length_of_what_is_written)
{
    char *text = long_text(20000);

    memset(text, 0xFF, 20000);
    misas_error *received = send_over(plain(NULL, "a.b", text));

    assert_in_range(strlen(misas_error_message(received)), 16 * 1024 - 3, 16 * 1024);
    misas_error_free(received);
    free(text);
}

/* As an error that holds whole documents. */
static misas_error *huge(misas_error *cause, const char *type)
{
    enum { count = 2000 };
    misas_field fields[count + 1] = {{NULL, NULL}};
    char *text = long_text(16 * 1024);

    for (size_t i = 0; i < count; i++) {
        fields[i] = (misas_field){"name", text};
    }
    misas_error *error = misas_error_new(&(misas_error_options){
        .type_name = type, .message = text, .cause = cause, .data = fields, .tags = "huge"});

    free(text);
    return error;
}

TEST(an_error_of_many_megabytes_is_cut_to_what_a_message_can_hold)
{
    void *bytes = NULL;
    size_t size = 0;
    misas_error *received = NULL;
    misas_error *error = huge(wrapped(huge(NULL, "a.cause"), 3), "a.first");

    assert_no_error(misas_error_encode(&bytes, &size, error));
    assert_in_range(size, 512 * 1024, 700 * 1024);
    assert_no_error(misas_error_decode(&received, bytes, size));
    assert_true(misas_error_is(received, "a.first"));
    assert_true(misas_error_has_tag(received, "huge"));
    assert_int_equal(count_levels(received), 2);
    assert_string_equal(misas_error_type(misas_error_cause(received)), "a.cause");
    misas_error_free(received);
    misas_error_free(error);
    free(bytes);
}

TEST(a_hundred_thousand_data_and_tags_can_be_read_again)
{
    enum { count = 100000 };
    misas_field *fields = calloc(count + 1, sizeof *fields);
    char *tags = long_text(count);

    memset(tags, ' ', count);
    for (size_t i = 0; i < count; i++) {
        fields[i] = (misas_field){"", ""};
    }
    misas_error *received = send_over(misas_error_new(
        &(misas_error_options){.type_name = "a.b", .message = "m", .data = fields, .tags = tags}));

    assert_true(misas_error_is(received, "a.b"));
    misas_error_free(received);
    free(fields);
    free(tags);
}

TEST(success_has_no_bytes)
{
    void *bytes = NULL;
    size_t size = 1;

    assert_no_error(misas_error_encode(&bytes, &size, NULL));
    assert_int_equal(size, 0);
    free(bytes);
}

TEST(no_bytes_are_not_success)
{
    wire bytes = {0};

    assert_undecodable(&bytes, "neither a type nor a cause");
}

TEST(a_wrap_of_nothing_is_refused)
{
    wire bytes = {0};
    wire wrap = {0};

    wire_add_text(&wrap, message_field, "in a wrap");
    wire_add_text(&bytes, type_field, "a.b");
    wire_add_text(&bytes, message_field, "m");
    wire_add_message(&bytes, cause_field, &wrap);
    assert_undecodable(&bytes, "neither a type nor a cause");
}

TEST(what_only_an_error_with_a_type_has_is_not_read_of_a_wrap)
{
    wire bytes = {0};
    wire cause = {0};
    wire datum = {0};
    misas_error *received = NULL;

    wire_add_text(&datum, 1, "name");
    wire_add_message(&bytes, data_field, &datum);
    wire_add_text(&bytes, tags_field, MISAS_TAG_FATAL);
    wire_add_text(&cause, type_field, "a.b");
    wire_add_message(&bytes, cause_field, &cause);
    assert_no_error(misas_error_decode(&received, bytes.bytes, bytes.size));
    assert_true(misas_error_is(received, "a.b"));
    assert_false(misas_error_has_tag(received, MISAS_TAG_FATAL));
    assert_null(misas_error_data_fields(received)->name);
    misas_error_free(received);
    misas__text_free(&bytes);
}

TEST(bytes_that_are_no_message_are_refused)
{
    wire cut = {0};
    wire broken = {0};

    wire_add_tag(&cut, message_field, wire_delimited);
    wire_add_number(&cut, 100);
    assert_undecodable(&cut, "a length exceeds what is left");
    wire_add_text(&broken, type_field, "\xFF");
    assert_undecodable(&broken, "a text is not UTF-8");
}

TEST(a_hundred_thousand_causes_are_refused_without_harm)
{
    wire bytes = wire_nested(cause_field, 100000);

    assert_undecodable(&bytes, "max_depth");
}

TEST(what_a_later_version_adds_is_passed_over)
{
    wire bytes = {0};
    misas_error *received = NULL;

    wire_add_text(&bytes, type_field, "a.b");
    wire_add_text(&bytes, 1000, "news");
    assert_no_error(misas_error_decode(&received, bytes.bytes, bytes.size));
    assert_error_is(received, "a.b");
    misas__text_free(&bytes);
}
