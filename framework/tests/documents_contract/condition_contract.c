/* Which values fit which conditions. */
#include <stdio.h>
#include <string.h>

#include "documents_contract/words.h"

enum { path_max = 600 };

/* Whether the one document that there is fits. */
static bool fits(misas_documents *documents, const char *path, misas_condition_operator operator_,
                 const char *value)
{
    uint64_t count = 0;

    assert_no_error(
        misas_documents_count(&count, documents, "c", QUERY({path, operator_, .value = value})));
    return count == 1;
}

/* How two values stand to each other: '<', '=', '>', or '!', of which none holds. */
typedef struct pair {
    const char *left;
    char relation;
    const char *right;
} pair;

static const pair pairs[] = {
    {"1", '=', "1"},
    {"1", '=', "1.0"},
    {"100", '=', "1e2"},
    {"0", '=', "-0.0"},
    {"0.1", '=', "0.10000000000000001"},
    {"0.3", '<', "0.30000000000000004"},
    {"10", '>', "9"},
    {"-10", '<', "9"},
    {"2", '<', "2.5"},
    {"3", '>', "2.5"},
    {"-2", '>', "-2.5"},
    {"-3", '<', "-2.5"},
    {"9007199254740992", '<', "9007199254740993"},
    {"9007199254740992.0", '<', "9007199254740993"},
    {"2251799813685248.5", '>', "2251799813685248"},
    {"2251799813685248.5", '<', "2251799813685249"},
    {"1234567890123456768", '=', "1.2345678901234567e18"},
    {"1234567890123456767", '<', "1.2345678901234567e18"},
    {"9223372036854775807", '<', "9223372036854775808.0"},
    {"9223372036854775807", '>', "9223372036854774784.0"},
    {"-9223372036854775808", '=', "-9223372036854775808.0"},
    {"-9223372036854775808", '>', "-9223372036854777856.0"},
    {"1e300", '>', "9223372036854775807"},
    {"-1e300", '<', "-9223372036854775808"},
    {"1e300", '>', "1e299"},
    {"5e-324", '>', "0"},
    {"-5e-324", '<', "0"},
    {"\"a\"", '=', "\"\\u0061\""},
    {"\"a\"", '<', "\"b\""},
    {"\"a\"", '>', "\"A\""},
    {"\"a\"", '<', "\"a \""},
    {"\"\"", '<', "\"a\""},
    {"\"10\"", '<', "\"9\""},
    {"\"z\"", '<', "\"\xc3\xa9\""},
    {"\"e\xcc\x81\"", '<', "\"\xc3\xa9\""},
    {"\"\xef\xbd\x9e\"", '<', "\"\xf0\x9f\x98\x80\""}, /* unlike in UTF-16 */
    {"\"a-b\"", '<', "\"aa\""},                        /* unlike in a dictionary */
    {"\"it's $1 \\\\ \\\"\"", '=', "\"it's $1 \\\\ \\\"\""},
    {"true", '=', "true"},
    {"false", '<', "true"},
    {"null", '=', "null"},
    {"[]", '=', "[]"},
    {"[1,[2.0]]", '=', "[1.0,[2]]"},
    {"[1,2]", '!', "[2,1]"},
    {"[1]", '!', "[1,2]"},
    {"[[1]]", '!', "[[1,2]]"},
    {"[1,1]", '!', "[1]"},
    {"{\"a\":1,\"b\":{\"c\":[]}}", '=', "{\"b\":{\"c\":[]},\"a\":1e0}"},
    {"{\"a\":1}", '!', "{\"a\":1,\"b\":2}"},
    {"{\"a\":1}", '!', "{\"a\":2}"},
    {"1", '!', "\"1\""},
    {"1", '!', "true"},
    {"0", '!', "false"},
    {"0", '!', "null"},
    {"\"\"", '!', "null"},
    {"\"null\"", '!', "null"},
    {"\"true\"", '!', "true"},
    {"[]", '!', "{}"},
    {"[1]", '!', "1"},
    {"[\"a\"]", '!', "\"a\""},
};

static void check(misas_documents *documents, const char *path, const pair *given)
{
    const char *right = given->right;
    char relation = given->relation;
    char array[path_max];

    snprintf(array, sizeof array, "[\"no\",%s,[[%s]]]", right, right);
    assert_int_equal(fits(documents, path, MISAS_EQUAL, right), relation == '=');
    assert_int_equal(fits(documents, path, MISAS_NOT_EQUAL, right), relation != '=');
    assert_int_equal(fits(documents, path, MISAS_LESS, right), relation == '<');
    assert_int_equal(fits(documents, path, MISAS_GREATER, right), relation == '>');
    assert_int_equal(fits(documents, path, MISAS_LESS_OR_EQUAL, right),
                     relation == '<' || relation == '=');
    assert_int_equal(fits(documents, path, MISAS_GREATER_OR_EQUAL, right),
                     relation == '>' || relation == '=');
    assert_int_equal(fits(documents, path, MISAS_ONE_OF, array), relation == '=');
    assert_true(fits(documents, path, MISAS_EXISTS, NULL));
    assert_false(fits(documents, path, MISAS_EXISTS_NOT, NULL));
}

static void check_in_document(misas_documents *documents, const pair *given)
{
    char content[path_max];

    snprintf(content, sizeof content, "{\"v\":%s,\"in\":{\"v\":%s},\"list\":[0,{\"v\":%s}]}",
             given->left, given->left, given->left);
    assert_no_error(write_content(misas_documents_upsert, documents, "a", content));
    check(documents, "v", given);
    check(documents, "in.v", given);
    check(documents, "list.1.v", given);
}

static char turn(char relation)
{
    return (char)(relation == '<' ? '>' : relation == '>' ? '<' : relation);
}

TEST(values_are_compared_as_json_has_them)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const pair *given = &pairs[i];

        check_in_document(documents, given);
        check_in_document(documents, &(pair){given->right, turn(given->relation), given->left});
    }
    fixture_close(opened);
}

TEST(what_is_not_there_is_not_equal_and_does_not_exist)
{
    static const char *const paths[] = {"x",       "a.x", "a.b.c",   "list.3",     "list.-4",
                                        "list.x",  "s.0", "n.0",     "list.0.0.0", "nothing.0",
                                        "list.0x", "a.0", "list.1e0"};
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(write_content(misas_documents_insert, documents, "a",
                                  "{\"a\":{\"b\":1},\"list\":[1,2,3],\"s\":\"abc\",\"n\":5,"
                                  "\"nothing\":null}"));
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_true(fits(documents, paths[i], MISAS_EXISTS_NOT, NULL));
        assert_true(fits(documents, paths[i], MISAS_NOT_EQUAL, "1"));
        assert_true(fits(documents, paths[i], MISAS_NOT_EQUAL, "null"));
        assert_false(fits(documents, paths[i], MISAS_EXISTS, NULL));
        assert_false(fits(documents, paths[i], MISAS_EQUAL, "null"));
        assert_false(fits(documents, paths[i], MISAS_LESS, "1"));
        assert_false(fits(documents, paths[i], MISAS_GREATER_OR_EQUAL, "null"));
        assert_false(fits(documents, paths[i], MISAS_ONE_OF, "[null]"));
        assert_false(fits(documents, paths[i], MISAS_STARTS_WITH, "\"\""));
    }
    assert_true(fits(documents, "nothing", MISAS_EXISTS, NULL));
    assert_false(fits(documents, "nothing", MISAS_EXISTS_NOT, NULL));
    fixture_close(opened);
}

TEST(a_number_in_a_path_is_an_index_of_an_array_or_the_name_of_a_member)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(write_content(misas_documents_insert, documents, "a",
                                  "{\"list\":[10,[20,21],{\"0\":30}],\"map\":{\"0\":40,\"01\":41,"
                                  "\"-1\":42},\"7\":{\"8\":[50]}}"));
    assert_true(fits(documents, "list.0", MISAS_EQUAL, "10"));
    assert_true(fits(documents, "list.1.1", MISAS_EQUAL, "21"));
    assert_true(fits(documents, "list.2.0", MISAS_EQUAL, "30"));
    assert_true(fits(documents, "list.-1.0", MISAS_EQUAL, "30"));
    assert_true(fits(documents, "list.-3", MISAS_EQUAL, "10"));
    assert_true(fits(documents, "map.0", MISAS_EQUAL, "40"));
    assert_true(fits(documents, "map.01", MISAS_EQUAL, "41"));
    assert_true(fits(documents, "map.-1", MISAS_EQUAL, "42"));
    assert_true(fits(documents, "7.8.0", MISAS_EQUAL, "50"));
    assert_true(fits(documents, "list.01.00", MISAS_EQUAL, "20"));
    assert_true(fits(documents, "list.+1. 1", MISAS_EQUAL, "21"));
    assert_false(fits(documents, "list.1 ", MISAS_EXISTS, NULL));
    assert_false(fits(documents, "list.99999999999999999999", MISAS_EXISTS, NULL));
    assert_false(fits(documents, "list.2147483648", MISAS_EXISTS, NULL));
    assert_false(fits(documents, "list.-2147483648", MISAS_EXISTS, NULL));
    fixture_close(opened);
}

TEST(names_in_a_path_may_be_unusual)
{
    static const char *const names[] = {
        "it's",
        "\\\"",
        "a b",
        "$1",
        "'); drop table documents; --",
        "{a,b}",
        "a,b",
        "*",
        "\\\\",
        "\xe6\x97\xa5\xe6\x9c\xac",
        "\xf0\x9f\x98\x80",
        "NULL",
        "%s",
        "@schema@",
        "\\n",
    };
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        static const char *const plain[] = {"\\\"", "\"", "\\\\", "\\", "\\n", "\n", NULL};
        const char *name = names[i];
        char content[path_max];
        char path[path_max];

        for (size_t j = 0; plain[j] != NULL; j += 2) {
            name = strcmp(names[i], plain[j]) == 0 ? plain[j + 1] : name;
        }
        snprintf(content, sizeof content, "{\"%s\":{\"%s\":1}}", names[i], names[i]);
        snprintf(path, sizeof path, "%s.%s", name, name);
        assert_no_error(write_content(misas_documents_upsert, documents, "a", content));
        assert_true(fits(documents, path, MISAS_EQUAL, "1"));
        assert_true(fits(documents, path, MISAS_LESS, "2"));
        assert_false(fits(documents, path, MISAS_EQUAL, "2"));
    }
    fixture_close(opened);
}

TEST(strings_start_with_their_first_characters)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(write_content(misas_documents_insert, documents, "a",
                                  "{\"s\":\"\xc3\xa9t\xc3\xa9 100%_\\\\x\",\"n\":123,\"l\":[\"a\"],"
                                  "\"o\":{\"a\":1}}"));
    assert_true(fits(documents, "s", MISAS_STARTS_WITH, "\"\""));
    assert_true(fits(documents, "s", MISAS_STARTS_WITH, "\"\xc3\xa9\""));
    assert_true(fits(documents, "s", MISAS_STARTS_WITH, "\"\xc3\xa9t\xc3\xa9 100%_\\\\x\""));
    assert_false(fits(documents, "s", MISAS_STARTS_WITH, "\"\xc3\xa9t\xc3\xa9 100%_\\\\x \""));
    assert_false(fits(documents, "s", MISAS_STARTS_WITH, "\"e\""));
    assert_false(fits(documents, "s", MISAS_STARTS_WITH, "\"\xc3\x89\""));
    assert_false(fits(documents, "s", MISAS_STARTS_WITH, "\"%\""));
    assert_false(fits(documents, "s", MISAS_STARTS_WITH, "\"_\""));
    assert_false(fits(documents, "n", MISAS_STARTS_WITH, "\"1\""));
    assert_false(fits(documents, "l", MISAS_STARTS_WITH, "\"a\""));
    assert_false(fits(documents, "o", MISAS_STARTS_WITH, "\"\""));
    fixture_close(opened);
}

TEST(one_of_none_fits_nothing)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(write_content(misas_documents_insert, documents, "a", "{\"n\":1,\"l\":[]}"));
    assert_false(fits(documents, "n", MISAS_ONE_OF, "[]"));
    assert_false(fits(documents, "l", MISAS_ONE_OF, "[]"));
    assert_true(fits(documents, "l", MISAS_ONE_OF, "[[]]"));
    assert_true(fits(documents, "n", MISAS_ONE_OF, "[null,\"1\",true,[1],1.0]"));
    assert_false(fits(documents, "n", MISAS_ONE_OF, "[null,\"1\",true,[1]]"));
    fixture_close(opened);
}

TEST(all_conditions_must_hold)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(write_content(misas_documents_insert, documents, "ann",
                                  "{\"name\":\"Ann\",\"age\":30,\"at\":{\"city\":\"Ulm\"}}"));
    assert_no_error(write_content(misas_documents_insert, documents, "bob",
                                  "{\"name\":\"Bob\",\"age\":40,\"at\":{\"city\":\"Ulm\"}}"));
    assert_no_error(write_content(misas_documents_insert, documents, "cid",
                                  "{\"name\":\"Cid\",\"age\":40,\"at\":{\"city\":\"Bonn\"}}"));
    assert_finds(documents, QUERY({"at.city", MISAS_EQUAL, .value = "\"Ulm\""}), "ann bob");
    assert_finds(
        documents,
        QUERY({"at.city", MISAS_EQUAL, .value = "\"Ulm\""}, {"age", MISAS_EQUAL, .value = "40"}),
        "bob");
    assert_finds(
        documents,
        QUERY({"age", MISAS_GREATER, .value = "30"}, {"name", MISAS_LESS, .value = "\"Cid\""}),
        "bob");
    assert_finds(documents,
                 QUERY({"age", MISAS_EQUAL, .value = "30"}, {"age", MISAS_EQUAL, .value = "40"}),
                 "");
    assert_finds(documents,
                 QUERY({"age", MISAS_EQUAL, .value = "40"}, {"age", MISAS_EQUAL, .value = "40.0"}),
                 "bob cid");
    assert_finds(
        documents,
        QUERY({"at", MISAS_EQUAL, .value = "1"}, {"at.city", MISAS_EQUAL, .value = "\"Ulm\""}), "");
    assert_finds(
        documents,
        QUERY({"at.city", MISAS_EQUAL, .value = "\"Ulm\""}, {"at", MISAS_EQUAL, .value = "1"}), "");
    assert_finds(documents,
                 QUERY({"at", MISAS_EQUAL, .value = "{\"city\":\"Ulm\"}"},
                       {"at.city", MISAS_EQUAL, .value = "\"Ulm\""}),
                 "ann bob");
    assert_finds(documents, QUERY({"at.zip", MISAS_EQUAL, .value = "null"}), "");
    fixture_close(opened);
}

TEST(there_may_be_sixty_four_conditions)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    misas_condition conditions[MISAS_DOCUMENT_MAX_CONDITIONS + 2] = {{.path = NULL}};
    const misas_document_query query = {.conditions = conditions};
    misas_document_list *list = NULL;

    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 b:2"));
    for (size_t i = 0; i < MISAS_DOCUMENT_MAX_CONDITIONS; i++) {
        conditions[i] = (misas_condition){"n", i % 2 == 0 ? MISAS_EQUAL : MISAS_LESS,
                                          .value = i % 2 == 0 ? "1" : "2"};
    }
    assert_finds(documents, &query, "a");
    conditions[MISAS_DOCUMENT_MAX_CONDITIONS] = conditions[0];
    misas_error *error = misas_documents_find(&list, documents, "c", &query);

    assert_error_data(error, "value", "\"65\"");
    assert_invalid(error, "conditions", "64");
    fixture_close(opened);
}

TEST(a_text_is_compared_as_it_is_without_quotes)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(
        write_content(misas_documents_insert, documents, "plain", "{\"s\":\"Ann\",\"n\":5}"));
    assert_no_error(write_content(misas_documents_insert, documents, "quoted",
                                  "{\"s\":\"\\\"a\\\\\\n\xc3\xa9\",\"n\":\"5\"}"));
    assert_finds(documents, QUERY({"s", MISAS_EQUAL, .text = "Ann"}), "plain");
    assert_finds(documents, QUERY({"s", MISAS_EQUAL, .text = "\"a\\\n\xc3\xa9"}), "quoted");
    assert_finds(documents, QUERY({"s", MISAS_NOT_EQUAL, .text = "Ann"}), "quoted");
    assert_finds(documents, QUERY({"s", MISAS_STARTS_WITH, .text = "\"a\\"}), "quoted");
    assert_finds(documents, QUERY({"s", MISAS_STARTS_WITH, .text = ""}), "plain quoted");
    assert_finds(documents, QUERY({"s", MISAS_LESS, .text = "Ann"}), "quoted");
    assert_finds(documents, QUERY({"s", MISAS_LESS_OR_EQUAL, .text = "Ann"}), "plain quoted");
    assert_finds(documents, QUERY({"s", MISAS_GREATER, .text = "\"a"}), "plain quoted");
    assert_finds(documents, QUERY({"s", MISAS_GREATER_OR_EQUAL, .text = "Ann"}), "plain");
    assert_finds(documents, QUERY({"n", MISAS_EQUAL, .text = "5"}), "quoted");
    assert_finds(documents, QUERY({"n", MISAS_EQUAL, .value = "5"}), "plain");
    fixture_close(opened);
}

TEST(a_text_that_can_not_be_is_refused)
{
    static char too_long[MISAS_DOCUMENT_MAX_BYTES + 2];
    static const struct {
        misas_condition condition;
        const char *reason;
    } refusals[] = {
        {{"a", MISAS_EQUAL, .value = "1", .text = "1"}, "there is a text as well"},
        {{"a", MISAS_STARTS_WITH, .value = "\"a\"", .text = "a"}, "there is a text as well"},
        {{"a", MISAS_ONE_OF, .text = "[1]"}, "array"},
        {{"a", MISAS_EQUAL, .text = "\xff"}, "UTF-8"},
        {{"a", MISAS_EQUAL, .text = too_long}, "at most 4194304"},
    };
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    memset(too_long, 'x', sizeof too_long - 1);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        misas_document_list *list = NULL;

        assert_invalid(misas_documents_find(&list, documents, "c", QUERY(refusals[i].condition)),
                       "value", refusals[i].reason);
        assert_null(list);
    }
    assert_finds(documents, QUERY({"a", MISAS_EXISTS, .value = "1", .text = "\xff"}), "");
    fixture_close(opened);
}

/* A condition that is refused, for this field. */
typedef struct refusal {
    const char *path;
    int operator_; /* which may be none */
    const char *value;
    const char *field;
    const char *reason;
} refusal;

TEST(a_condition_that_can_not_be_is_refused)
{
    char too_long[MISAS_DOCUMENT_PATH_MAX_BYTES + 2];
    const refusal refusals[] = {
        {"", MISAS_EXISTS, NULL, "path", "empty"},
        {".", MISAS_EXISTS, NULL, "path", "between its dots"},
        {".a", MISAS_EXISTS, NULL, "path", "between its dots"},
        {"a.", MISAS_EXISTS, NULL, "path", "between its dots"},
        {"a..b", MISAS_EXISTS, NULL, "path", "between its dots"},
        {"\xff", MISAS_EXISTS, NULL, "path", "UTF-8"},
        {too_long, MISAS_EXISTS, NULL, "path", "512"},
        {"a", 10, "1", "operator", "misas_condition_operator"},
        {"a", -1, "1", "operator", "misas_condition_operator"},
        {"a", MISAS_EQUAL, NULL, "value", "missing"},
        {"a", MISAS_STARTS_WITH, NULL, "value", "missing"},
        {"a", MISAS_EQUAL, "", "value", "JSON"},
        {"a", MISAS_EQUAL, "abc", "value", "JSON"},
        {"a", MISAS_NOT_EQUAL, "'a'", "value", "JSON"},
        {"a", MISAS_LESS, "1 2", "value", "JSON"},
        {"a", MISAS_LESS, "9223372036854775808", "value", "JSON"},
        {"a", MISAS_GREATER, "{\"a\":1,\"a\":2}", "value", "JSON"},
        {"a", MISAS_EQUAL, "\"\\u0000\"", "value", "JSON"},
        {"a", MISAS_ONE_OF, "1", "value", "array"},
        {"a", MISAS_ONE_OF, "{}", "value", "array"},
        {"a", MISAS_STARTS_WITH, "1", "value", "string"},
        {"a", MISAS_STARTS_WITH, "[\"a\"]", "value", "string"},
    };
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const refusal *given = &refusals[i];
        const misas_document_query *query =
            QUERY({"fine", MISAS_EXISTS, .value = "not looked at"},
                  {given->path, (misas_condition_operator)given->operator_, .value = given->value});
        misas_document_list *list = NULL;

        assert_invalid(misas_documents_find(&list, documents, "c", query), given->field,
                       given->reason);
        assert_invalid(misas_documents_count(NULL, documents, "c", query), given->field,
                       "condition 2 of 2");
        assert_invalid(misas_documents_delete_where(NULL, documents, "c", query), given->field, "");
        assert_null(list);
    }
    fixture_close(opened);
}
