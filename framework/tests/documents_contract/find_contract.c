/* The order of what is found, pages, counting, and deleting by conditions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "documents_contract/words.h"

TEST(without_an_order_documents_come_by_the_bytes_of_their_ids)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    const misas_condition all[] = {{"n", MISAS_EQUAL, .value = "1"}, {.path = NULL}};
    misas_document_query query = {.conditions = all};

    assert_no_error(
        words_write(misas_documents_insert, documents, "c", "b:1 a:1 B:1 \303\251:1 z:1 10:1 9:1"));
    assert_finds(documents, NULL, "10 9 B a b z \303\251");
    assert_finds(documents, &query, "10 9 B a b z \303\251");
    query.is_descending = true;
    assert_finds(documents, &query, "\303\251 z b a B 9 10");
    query.conditions = NULL;
    assert_finds(documents, &query, "\303\251 z b a B 9 10");
    fixture_close(opened);
}

static void insert_values(misas_documents *documents, const char *const *values)
{
    char id[8];
    char content[200];

    for (int i = 0; values[i] != NULL; i++) {
        snprintf(id, sizeof id, "%c", 'a' + i);
        snprintf(content, sizeof content, "{\"in\":{\"v\":%s}}", values[i]);
        assert_no_error(write_content(misas_documents_insert, documents, id, content));
    }
}

TEST(values_are_ordered_by_their_kind_and_then_by_themselves)
{
    static const char *const values[] = {
        /* a to j */
        "\"b\"", "2.5", "true", "null", "1e1", "false", "\"a\"", "-3", "[1]", "9007199254740993",
        /* k to r */
        "9007199254740992", "\"B\"", "{}", "2", "\"\xc3\xa9\"", "1e300", "\"10\"", "\"9\"", NULL};
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    misas_document_query query = {.order_by = "in.v"};

    insert_values(documents, values);
    assert_no_error(write_content(misas_documents_insert, documents, "y", "{\"in\":1}"));
    assert_no_error(write_content(misas_documents_insert, documents, "x", "{}"));
    assert_finds(documents, &query, "h n b e k j p q r l g a o f c d i m x y");
    query.is_descending = true;
    assert_finds(documents, &query, "d i m c f o a g l r q p j k e b n h x y");
    fixture_close(opened);
}

TEST(equal_values_are_ordered_by_ids_in_either_direction)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    misas_document_query query = {.order_by = "n"};

    assert_no_error(words_write(misas_documents_insert, documents, "c",
                                "e:1 c:2 a:1 d:2.0 b:1e0 f:3 g:null i:null h:[]"));
    assert_finds(documents, &query, "a b e c d f g h i");
    query.is_descending = true;
    assert_finds(documents, &query, "g h i f c d a b e");
    fixture_close(opened);
}

TEST(an_order_may_go_by_an_element_of_an_array)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(write_content(misas_documents_insert, documents, "a", "{\"l\":[{\"v\":3}]}"));
    assert_no_error(write_content(misas_documents_insert, documents, "b", "{\"l\":[{\"v\":1}]}"));
    assert_no_error(write_content(misas_documents_insert, documents, "c", "{\"l\":[]}"));
    assert_no_error(write_content(misas_documents_insert, documents, "d", "{\"l\":[{\"v\":2}]}"));
    assert_finds(documents, &(misas_document_query){.order_by = "l.0.v"}, "b d a c");
    fixture_close(opened);
}

TEST(a_page_is_so_many_after_so_many)
{
    static const misas_condition one[] = {{"n", MISAS_EQUAL, .value = "1"}, {.path = NULL}};
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 b:1 c:1 d:1 e:1"));
    for (int i = 0; i < 8; i++) {
        misas_document_query query = {
            .conditions = (i & 1) != 0 ? one : NULL,
            .order_by = (i & 2) != 0 ? "n" : NULL,
            .is_descending = i == 4 || i == 5,
        };
        bool is_turned = query.is_descending;

        query.limit = 2;
        assert_finds(documents, &query, is_turned ? "e d" : "a b");
        query.offset = 2;
        assert_finds(documents, &query, is_turned ? "c b" : "c d");
        query.offset = 4;
        assert_finds(documents, &query, is_turned ? "a" : "e");
        query.offset = 5;
        assert_finds(documents, &query, "");
        query.offset = UINT64_MAX;
        assert_finds(documents, &query, "");
        query.limit = UINT64_MAX;
        assert_finds(documents, &query, "");
        query.offset = 3;
        assert_finds(documents, &query, is_turned ? "b a" : "d e");
        query.limit = 0;
        assert_finds(documents, &query, is_turned ? "b a" : "d e");
    }
    fixture_close(opened);
}

TEST(an_order_that_can_not_be_is_refused)
{
    static const char *const paths[] = {"", ".", "a..b", "a.", "\xc3", NULL};
    fixture *opened = fixture_open_with_collection();
    misas_document_list *list = NULL;

    for (size_t i = 0; paths[i] != NULL; i++) {
        assert_invalid(misas_documents_find(&list, fixture_documents(opened), "c",
                                            &(misas_document_query){.order_by = paths[i]}),
                       "order_by", "path");
    }
    fixture_close(opened);
}

static uint64_t count(misas_documents *documents, const misas_document_query *query)
{
    uint64_t counted = 0;

    assert_no_error(misas_documents_count(&counted, documents, "c", query));
    return counted;
}

TEST(a_count_is_of_all_pages)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    misas_document_query query = *QUERY({"n", MISAS_GREATER, .value = "1"});

    assert_int_equal(count(documents, NULL), 0);
    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 b:2 c:3 d:4"));
    assert_int_equal(count(documents, NULL), 4);
    assert_int_equal(count(documents, &query), 3);
    assert_int_equal(count(documents, QUERY({"n", MISAS_EQUAL, .value = "3"})), 1);
    assert_int_equal(count(documents, QUERY({"n", MISAS_EQUAL, .value = "5"})), 0);
    query.limit = 1;
    query.offset = 2;
    query.order_by = "n";
    assert_int_equal(count(documents, &query), 3);
    fixture_close(opened);
}

TEST(whatever_fits_is_deleted_and_counted)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    uint64_t deleted = 0;

    assert_no_error(misas_documents_create_collection(documents, "d"));
    assert_no_error(words_write(misas_documents_insert, documents, "d", "a:1 b:2"));
    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 b:2 c:3 d:4 e:2"));
    assert_no_error(misas_documents_delete_where(&deleted, documents, "c",
                                                 QUERY({"n", MISAS_EQUAL, .value = "2"})));
    assert_int_equal(deleted, 2);
    assert_has(documents, "a:1@1 c:3@1 d:4@1");
    assert_no_error(misas_documents_delete_where(&deleted, documents, "c",
                                                 QUERY({"n", MISAS_GREATER, .value = "3"})));
    assert_int_equal(deleted, 1);
    assert_no_error(misas_documents_delete_where(&deleted, documents, "c",
                                                 QUERY({"n", MISAS_EQUAL, .value = "2"})));
    assert_int_equal(deleted, 0);
    assert_has(documents, "a:1@1 c:3@1");
    assert_no_error(misas_documents_delete_where(NULL, documents, "c", NULL));
    assert_has(documents, "");
    words_assert_has(documents, "d", "a:1@1 b:2@1", __FILE__, __LINE__);
    fixture_close(opened);
}

TEST(what_is_deleted_can_not_be_limited)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 b:2"));
    assert_invalid(
        misas_documents_delete_where(NULL, documents, "c", &(misas_document_query){.limit = 1}),
        "limit", "conditions");
    assert_invalid(
        misas_documents_delete_where(NULL, documents, "c", &(misas_document_query){.offset = 1}),
        "offset", "conditions");
    assert_has(documents, "a:1@1 b:2@1");
    fixture_close(opened);
}
