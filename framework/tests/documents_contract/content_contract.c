/* What a document can contain, and what cannot be in one. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "documents_contract/words.h"

TEST(contents_come_back_as_the_same_json)
{
    static const char *const contents[] = {
        "{}",
        "  {\n\t\"a\" : [ 1 , 2 ] }\r\n",
        "{\"a\":null,\"b\":true,\"c\":false,\"d\":\"\",\"e\":[],\"f\":{}}",
        "{\"\":1,\" \":2,\"a.b\":3,\"0\":4,\"$\":5}",
        "{\"z\":1,\"a\":2,\"m\":{\"y\":[{\"x\":[[]]}]}}",
        "{\"s\":\"it's \\\"quoted\\\" \\\\ \\/ \\b\\f\\n\\r\\t \\u0001 \\u007f\"}",
        "{\"s\":\"\\u00e9\\u65e5\\ud83d\\ude00 \xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80\"}",
        "{\"s\":\"\\u2028\\u2029\\u0085\\ufeff\\uffff\"}",
        "{\"sql\":\"'); drop table documents; -- $1 @schema@\"}",
        "{\"n\":[0,-1,9223372036854775807,-9223372036854775808,9007199254740993]}",
        "{\"n\":[0.1,-2.5,1e-7,1.5e300,5e-324,1.7976931348623157e308,123456789.123456789]}",
        "{\"same\":[1,1,1],\"same again\":{\"same\":[1,1,1]}}",
    };
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        assert_no_error(write_content(misas_documents_upsert, documents, "a", contents[i]));
        assert_content(documents, "a", contents[i]);
    }
    fixture_close(opened);
}

/* A number as it is written, and as it is read. */
typedef struct number {
    const char *written;
    const char *read;
} number;

TEST(a_number_is_whole_or_a_double_however_it_is_written)
{
    static const number numbers[] = {
        {"1.0", "1"},
        {"1e2", "100"},
        {"-0", "0"},
        {"-0.0", "0"},
        {"1E-0", "1"},
        {"9007199254740993", "9007199254740993"},
        {"9007199254740993.0", "9007199254740992"},
        {"-9223372036854775808.0", "-9223372036854775808"},
        {"9.2233720368547758e18", "9.2233720368547758e18"},
        {"1e300", "1e300"},
        {"-1e22", "-1e22"},
        {"100000000000000000000.0", "1e20"},
        {"0.1000000000000000055511151231257827", "0.1"},
        {"1e-400", "0"},
        {"2.5e-310", "2.5e-310"},
    };
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    char written[200];
    char read[200];

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        snprintf(written, sizeof written, "{\"n\":[%s,1]}", numbers[i].written);
        snprintf(read, sizeof read, "{\"n\":[%s,1]}", numbers[i].read);
        assert_no_error(write_content(misas_documents_upsert, documents, "a", written));
        assert_content(documents, "a", read);
    }
    fixture_close(opened);
}

TEST(what_was_read_can_be_written_again)
{
    static const char content[] =
        "{\"large\":1e300,\"small\":1e-300,\"text\":\"a \\\"b\\\" : , \\\\\",\"n\":[1, 2.50 ]}";
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(write_content(misas_documents_insert, documents, "a", content));
    for (int round = 0; round < 3; round++) {
        misas_document_list *list = NULL;

        assert_no_error(misas_documents_find_by_id(&list, documents, "c", "a"));
        assert_no_error(
            misas_documents_update(documents, "c", misas_document_list_get(list, 0), 1));
        misas_document_list_free(list);
    }
    assert_content(documents, "a", content);
    fixture_close(opened);
}

TEST(what_is_not_a_json_object_is_refused)
{
    static const char *const contents[] = {
        "",
        " ",
        "null",
        "1",
        "\"a\"",
        "[]",
        "[{}]",
        "{",
        "{]",
        "{}{}",
        "{} x",
        "{\"a\":1,}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":1e999}",
        "{\"a\":9223372036854775808}",
        "{\"a\":-99999999999999999999}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":{\"b\":1,\"b\":2}}",
        "{\"a\":\"\\u0000\"}",
        "{\"\\u0000\":1}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\n\"}",
        "\xef\xbb\xbf{}",
        "// {}",
    };
    static const writing writings[] = {misas_documents_insert, misas_documents_upsert,
                                       misas_documents_update};
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        misas_error *error = write_content(writings[i % 3], documents, "the id", contents[i]);

        assert_error_data(error, "value", "\"the id\"");
        assert_invalid(error, "content", "JSON");
    }
    assert_invalid(write_content(misas_documents_insert, documents, "a", NULL), "content",
                   "missing");
    assert_has(documents, "");
    fixture_close(opened);
}

enum { max_depth = 2048 }; /* of jansson */

/* {"a":[[[...]]]} */
static char *nest(size_t depth)
{
    char *content = calloc(1, 2 * depth + 10);

    assert_non_null(content);
    strcpy(content, "{\"a\":");
    memset(content + 5, '[', depth);
    memset(content + 5 + depth, ']', depth);
    content[5 + 2 * depth] = '}';
    return content;
}

TEST(contents_may_nest_as_deep_as_the_parser_goes)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    char *deep = nest(max_depth - 1);
    char *deeper = nest(max_depth);

    assert_no_error(write_content(misas_documents_insert, documents, "a", deep));
    assert_content(documents, "a", deep);
    assert_invalid(write_content(misas_documents_insert, documents, "b", deeper), "content",
                   "depth");
    free(deep);
    free(deeper);
    fixture_close(opened);
}

/* An object of exactly this size. */
static char *fill(size_t size)
{
    char *content = malloc(size + 1);

    assert_non_null(content);
    memset(content, 'x', size);
    memcpy(content, "{\"a\":\"", 6);
    memcpy(content + size - 2, "\"}", 3);
    return content;
}

TEST(contents_may_have_four_mebibytes)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    char *largest = fill(MISAS_DOCUMENT_MAX_BYTES);
    char *too_large = fill(MISAS_DOCUMENT_MAX_BYTES + 1);

    assert_no_error(write_content(misas_documents_insert, documents, "a", largest));
    assert_content(documents, "a", largest);
    assert_invalid(write_content(misas_documents_insert, documents, "b", too_large), "content",
                   "4194305 bytes; at most 4194304");
    free(largest);
    free(too_large);
    fixture_close(opened);
}

TEST(one_call_may_have_sixty_four_mebibytes)
{
    enum { count = 16 };
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    char *content = fill(MISAS_DOCUMENT_MAX_BYTES - 2);
    misas_document items[count + 1];
    char ids[count + 1][3];
    uint64_t found = 0;

    for (size_t i = 0; i <= count; i++) {
        snprintf(ids[i], sizeof ids[i], "%02zu", i);
        items[i] = (misas_document){.id = ids[i], .content = content};
    }
    items[count].content = "{}";
    misas_error *error = misas_documents_insert(documents, "c", items, count + 1);

    assert_error_data(error, "value", "\"67108868\"");
    assert_invalid(error, "items", "67108864");
    assert_no_error(misas_documents_insert(documents, "c", items, count));
    assert_no_error(misas_documents_count(&found, documents, "c", NULL));
    assert_int_equal(found, count);
    free(content);
    fixture_close(opened);
}

TEST(many_documents_are_written_at_once)
{
    enum { count = 20000 };
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    misas_document *items = calloc(count, sizeof *items);
    char(*ids)[8] = calloc(count, sizeof *ids);
    uint64_t found = 0;

    assert_true(items != NULL && ids != NULL);
    for (size_t i = 0; i < count; i++) {
        snprintf(ids[i], sizeof ids[i], "%zu", (i * 7919) % count);
        items[i] = (misas_document){.id = ids[i], .content = "{\"n\":1}"};
    }
    assert_no_error(misas_documents_insert(documents, "c", items, count));
    assert_no_error(misas_documents_update(documents, "c", items, count));
    assert_error_is(misas_documents_insert(documents, "c", items, count),
                    MISAS_ERROR_DOCUMENT_EXISTS);
    assert_no_error(
        misas_documents_count(&found, documents, "c", QUERY({"n", MISAS_EQUAL, .value = "1"})));
    assert_int_equal(found, count);
    assert_no_error(misas_documents_delete(documents, "c", items, count));
    assert_has(documents, "");
    free(items);
    free(ids);
    fixture_close(opened);
}
