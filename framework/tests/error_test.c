#include <string.h>

#include "misas/error.h"
#include "support/test.h"

static misas_error *not_found(misas_error *cause)
{
    return misas_error_new(&(misas_error_options){
        .type_name = "bank.account_not_found",
        .message = "there is no account 17",
        .cause = cause,
        .data = (misas_field[]){{"account", "17"}, {"branch", "3"}, {NULL, NULL}},
        .tags = "not_found retriable_later",
    });
}

TEST(an_error_says_its_type_message_data_and_tags)
{
    misas_error *error = not_found(NULL);

    assert_string_equal(misas_error_type(error), "bank.account_not_found");
    assert_string_equal(misas_error_message(error), "there is no account 17");
    assert_string_equal(misas_error_data(error, "branch"), "3");
    assert_null(misas_error_data(error, "owner"));
    assert_true(misas_error_has_tag(error, "not_found"));
    assert_false(misas_error_has_tag(error, "retriable"));
    assert_false(misas_error_has_tag(error, ""));
    misas_error_free(error);
}

TEST(a_question_looks_through_wraps_but_not_at_causes)
{
    misas_error *retriable = misas_error_new(&(misas_error_options){
        .type_name = "net.down", .message = "down", .tags = MISAS_TAG_RETRIABLE});
    misas_error *error = misas_error_wrap(not_found(retriable), "depositing %d cents", 5);

    assert_true(misas_error_is(error, "bank.account_not_found"));
    assert_false(misas_error_is(error, "net.down"));
    assert_false(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_string_equal(misas_error_data(error, "account"), "17");
    assert_string_equal(misas_error_message(error), "depositing 5 cents");
    misas_error_free(error);
}

TEST(an_error_is_written_with_all_its_causes_and_cut_where_the_buffer_ends)
{
    misas_error *error = misas_error_wrap(not_found(NULL), "depositing");
    char whole[100];
    char part[8];

    assert_int_equal(misas_error_write(whole, sizeof whole, error), 34);
    assert_string_equal(whole, "depositing: there is no account 17");
    assert_int_equal(misas_error_write(part, sizeof part, error), 34);
    assert_string_equal(part, "deposit");
    assert_int_equal(misas_error_write(NULL, 0, error), 34);
    misas_error_free(error);
}

TEST(success_answers_every_question_with_nothing)
{
    assert_string_equal(misas_error_type(NULL), "");
    assert_string_equal(misas_error_message(NULL), "");
    assert_string_equal(misas_error_tags(NULL), "");
    assert_null(misas_error_data(NULL, "a"));
    assert_null(misas_error_data_fields(NULL)->name);
    assert_false(misas_error_is(NULL, ""));
    misas_error_free(NULL);
}

TEST(the_error_of_no_memory_needs_none)
{
    misas_error *error = misas_error_out_of_memory();

    assert_ptr_equal(error, misas_error_out_of_memory());
    assert_true(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    misas_error_free(error);
    misas_error_free(error);
}

TEST(what_an_error_was_made_from_may_go_away)
{
    char type[] = "a.b";
    char value[] = "before";
    misas_error *error = misas_error_new_format(
        &(misas_error_options){.type_name = type,
                               .data = (misas_field[]){{"name", value}, {NULL, NULL}}},
        "%s!", value);

    memset(type, 'x', 3);
    memset(value, 'x', 6);
    assert_true(misas_error_is(error, "a.b"));
    assert_string_equal(misas_error_message(error), "before!");
    assert_string_equal(misas_error_data(error, "name"), "before");
    misas_error_free(error);
}
