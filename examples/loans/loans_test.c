/* What the subsystem does, as scenarios. */
#include <stdio.h>
#include <stdlib.h>

#include <misas/testing.h>

#include "book.h"
#include "loans.h"

static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

static misas_error *a_book_is_lent_for_two_weeks(void)
{
    misas_scenario *scenario = misas_scenario_begin(loans_register);

    misas_scenario_when_command(scenario, LOANS_V1_LEND_BOOK(.book = "Emma", .reader = "Ada"));
    misas_scenario_then_has_exactly(
        scenario, "book-Emma", MISAS_EXAMPLES(LOANS_V1_BOOK_LENT(.book = "Emma", .reader = "Ada")));
    misas_scenario_then_prediction_added(scenario, LOANS_V1_LOAN_OVERDUE(.book = "Emma"),
                                         "2000-01-15T00:00:00Z");
    return misas_scenario_end(scenario);
}

static misas_error *a_book_that_is_lent_is_not_lent_again(void)
{
    misas_scenario *scenario = misas_scenario_begin(loans_register);

    misas_scenario_given_events(
        scenario, "book-Emma", MISAS_EXAMPLES(LOANS_V1_BOOK_LENT(.book = "Emma", .reader = "Ada")));
    misas_scenario_when_command(scenario, LOANS_V1_LEND_BOOK(.book = "Emma", .reader = "Ben"));
    misas_scenario_then_error_is(scenario, BOOK_ERROR_LENT);
    misas_scenario_then_has_none(scenario, MISAS_ALL_STREAMS);
    return misas_scenario_end(scenario);
}

static misas_error *a_book_that_came_back_is_lent_again(void)
{
    misas_scenario *scenario = misas_scenario_begin(loans_register);

    misas_scenario_given_events(
        scenario, "book-Emma",
        MISAS_EXAMPLES(LOANS_V1_BOOK_LENT(.book = "Emma", .reader = "Ada"),
                       LOANS_V1_BOOK_RETURNED(.book = "Emma", .reader = "Ada")));
    misas_scenario_when_command(scenario, LOANS_V1_LEND_BOOK(.book = "Emma", .reader = "Ben"));
    misas_scenario_then_has_exactly(
        scenario, "book-Emma", MISAS_EXAMPLES(LOANS_V1_BOOK_LENT(.book = "Emma", .reader = "Ben")));
    return misas_scenario_end(scenario);
}

static misas_error *what_is_not_lent_does_not_come_back(void)
{
    misas_scenario *scenario = misas_scenario_begin(loans_register);

    misas_scenario_given_events(
        scenario, "book-Emma",
        MISAS_EXAMPLES(LOANS_V1_BOOK_LENT(.book = "Emma", .reader = "Ada"),
                       LOANS_V1_BOOK_RETURNED(.book = "Emma", .reader = "Ada")));
    misas_scenario_when_command(scenario, LOANS_V1_RETURN_BOOK(.book = "Emma"));
    misas_scenario_then_error_is(scenario, BOOK_ERROR_NOT_LENT);
    misas_scenario_when_command(scenario, LOANS_V1_RETURN_BOOK(.book = "Persuasion"));
    misas_scenario_then_error_has_tag(scenario, MISAS_TAG_NOT_FOUND);
    return misas_scenario_end(scenario);
}

static misas_error *a_loan_becomes_overdue_after_two_weeks(void)
{
    misas_scenario *scenario = misas_scenario_begin(loans_register);

    misas_scenario_when_command(scenario, LOANS_V1_LEND_BOOK(.book = "Emma", .reader = "Ada"));
    misas_scenario_when_time_passes(scenario, 14 * day_ms);
    misas_scenario_then_contains(
        scenario, "book-Emma",
        MISAS_EXAMPLES(LOANS_V1_LOAN_BECAME_OVERDUE(.book = "Emma", .reader = "Ada")));
    misas_scenario_then_document_is(scenario, "loans", "Emma",
                                    "{\"book\": \"Emma\", \"reader\": \"Ada\", \"overdue\": true}");
    return misas_scenario_end(scenario);
}

static misas_error *a_book_that_came_back_in_time_never_becomes_overdue(void)
{
    misas_scenario *scenario = misas_scenario_begin(loans_register);

    misas_scenario_when_command(scenario, LOANS_V1_LEND_BOOK(.book = "Emma", .reader = "Ada"));
    misas_scenario_when_time_passes(scenario, 13 * day_ms);
    misas_scenario_then_contains(
        scenario, "book-Emma", MISAS_EXAMPLES(LOANS_V1_BOOK_LENT(.book = "Emma", .reader = "Ada")));
    misas_scenario_when_command(scenario, LOANS_V1_RETURN_BOOK(.book = "Emma"));
    misas_scenario_then_prediction_cancelled(scenario, LOANS_V1_LOAN_OVERDUE(.book = "Emma"));
    misas_scenario_when_time_passes(scenario, 30 * day_ms);
    misas_scenario_then_has_none(scenario, MISAS_ALL_STREAMS);
    misas_scenario_then_no_document(scenario, "loans", "Emma");
    return misas_scenario_end(scenario);
}

static misas_error *what_is_no_loan_any_more_does_not_become_overdue(void)
{
    misas_scenario *scenario = misas_scenario_begin(loans_register);

    misas_scenario_given_events(
        scenario, "book-Emma",
        MISAS_EXAMPLES(LOANS_V1_BOOK_LENT(.book = "Emma", .reader = "Ada"),
                       LOANS_V1_BOOK_RETURNED(.book = "Emma", .reader = "Ada")));
    misas_scenario_when_prediction(scenario, LOANS_V1_LOAN_OVERDUE(.book = "Emma"));
    misas_scenario_then_has_none(scenario, MISAS_ALL_STREAMS);
    return misas_scenario_end(scenario);
}

static misas_error *readers_are_told_what_they_have(void)
{
    misas_scenario *scenario = misas_scenario_begin(loans_register);

    misas_scenario_given_events(
        scenario, "book-Emma",
        MISAS_EXAMPLES(LOANS_V1_BOOK_LENT(.book = "Emma", .reader = "Ada"),
                       LOANS_V1_LOAN_BECAME_OVERDUE(.book = "Emma", .reader = "Ada")));
    misas_scenario_given_events(
        scenario, "book-Persuasion",
        MISAS_EXAMPLES(LOANS_V1_BOOK_LENT(.book = "Persuasion", .reader = "Ada")));
    misas_scenario_when_query(scenario, LOANS_V1_LOANS_OF(.reader = "Ada"));
    misas_scenario_then_reply_is(
        scenario, LOANS_V1_LOANS(.n_books = 2, .books = (char *[]){"Emma", "Persuasion"}));
    misas_scenario_when_query(scenario, LOANS_V1_LOANS_OF(.reader = "Ada", .overdue = true));
    misas_scenario_then_reply_is(scenario,
                                 LOANS_V1_LOANS(.n_books = 1, .books = (char *[]){"Emma"}));
    misas_scenario_when_query(scenario, LOANS_V1_LOANS_OF(.reader = "\"Ben\""));
    misas_scenario_then_reply_is(scenario, LOANS_V1_LOANS(.n_books = 0));
    return misas_scenario_end(scenario);
}

static misas_error *where_nothing_was_ever_lent_nobody_has_anything(void)
{
    misas_scenario *scenario = misas_scenario_begin(loans_register);

    misas_scenario_when_query(scenario, LOANS_V1_LOANS_OF(.reader = "Ada"));
    misas_scenario_then_reply_is(scenario, LOANS_V1_LOANS(.n_books = 0));
    return misas_scenario_end(scenario);
}

typedef struct test {
    const char *name;
    misas_error *(*run)(void);
} test;

#define TEST(name) {#name, name}

static const test tests[] = {
    TEST(a_book_is_lent_for_two_weeks),
    TEST(a_book_that_is_lent_is_not_lent_again),
    TEST(a_book_that_came_back_is_lent_again),
    TEST(what_is_not_lent_does_not_come_back),
    TEST(a_loan_becomes_overdue_after_two_weeks),
    TEST(a_book_that_came_back_in_time_never_becomes_overdue),
    TEST(what_is_no_loan_any_more_does_not_become_overdue),
    TEST(readers_are_told_what_they_have),
    TEST(where_nothing_was_ever_lent_nobody_has_anything),
};

static bool passes(const test *at)
{
    char text[2000];
    misas_error *error = at->run();
    bool is_passed = error == NULL;

    misas_error_write(text, sizeof text, error);
    printf("%s %s%s%s\n", is_passed ? "passed" : "FAILED", at->name, is_passed ? "" : ": ", text);
    misas_error_free(error);
    return is_passed;
}

int main(void)
{
    int failures = 0;

    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        failures += passes(&tests[i]) ? 0 : 1;
    }
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
