#include "text/names.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *const empty[] = {NULL};

TEST(a_list_of_names_is_counted_up_to_its_end)
{
    assert_int_equal(misas__names_count(NULL), 0);
    assert_int_equal(misas__names_count(empty), 0);
    assert_int_equal(misas__names_count(LIST("a", "", "a")), 3);
}

TEST(a_copy_of_a_list_of_names_needs_the_original_no_more)
{
    char first[] = "first";
    const char *names[] = {first, "", "third", NULL};
    const char **copy = misas__names_copy(names);

    memset(first, 'x', strlen(first));
    names[2] = NULL;
    assert_string_equal(copy[0], "first");
    assert_string_equal(copy[1], "");
    assert_string_equal(copy[2], "third");
    assert_null(copy[3]);
    free(copy);
}

TEST(a_copy_of_an_empty_list_is_an_empty_list_and_one_of_none_is_none)
{
    const char **copy = misas__names_copy(empty);

    assert_non_null(copy);
    assert_null(copy[0]);
    assert_null(misas__names_copy(NULL));
    free(copy);
}

TEST(a_list_contains_a_name_only_as_a_whole)
{
    assert_true(misas__names_contain(LIST("a.B", "a.C"), "a.C"));
    assert_false(misas__names_contain(LIST("a.B", "a.C"), "a.c"));
    assert_false(misas__names_contain(LIST("a.B", "a.C"), "a."));
    assert_false(misas__names_contain(empty, ""));
    assert_false(misas__names_contain(NULL, "a.B"));
}

TEST(a_filter_lets_pass_what_is_selected_and_not_excluded)
{
    assert_true(misas__names_pass(NULL, NULL, "a"));
    assert_true(misas__names_pass(LIST("a"), NULL, "a"));
    assert_false(misas__names_pass(LIST("a"), NULL, "b"));
    assert_false(misas__names_pass(empty, NULL, "a"));
    assert_false(misas__names_pass(NULL, LIST("a"), "a"));
    assert_true(misas__names_pass(NULL, LIST("a"), "b"));
    assert_true(misas__names_pass(NULL, empty, "a"));
    assert_false(misas__names_pass(LIST("a"), LIST("a"), "a"));
}

TEST(a_name_is_utf8_without_controls_and_quotes)
{
    static const char *const good[] = {"a", "$", "a b", "\u00e4\U0001F600", "a\\b;--%", "12345"};
    static const char *const bad[] = {"'", "a\"", "`a", "\n", "a\x1F", "\x7F", "\xFF", "a\xC3"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_null(misas__name_problem(good[i], 8));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_non_null(misas__name_problem(bad[i], 8));
    }
}

TEST(a_name_has_a_least_and_a_greatest_length_in_bytes)
{
    assert_non_null(misas__name_problem(NULL, 3));
    assert_non_null(misas__name_problem("", 3));
    assert_null(misas__name_problem("abc", 3));
    assert_non_null(misas__name_problem("abcd", 3));
    assert_null(misas__name_problem("a\u00e4", 3));
    assert_non_null(misas__name_problem("\u00e4\u00e4", 3));
}

TEST(a_line_is_utf8_without_controls)
{
    static const char *const good[] = {"a",       "it's", "\"`", "\u00a0", "\u00e4\U0001F600",
                                       "12345678"};
    static const char *const bad[] = {
        "", "\n", "a\x1F", "\x7F", "\xFF", "a\xC3", "\xC2\x80 \xC2", "\xC2\x9F", "123456789"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_null(misas__line_problem(good[i], 8));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_non_null(misas__line_problem(bad[i], 8));
    }
    assert_non_null(misas__line_problem(NULL, 8));
}
