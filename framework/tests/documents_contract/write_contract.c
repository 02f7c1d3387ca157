/* What inserting, upserting, updating and deleting documents promise. */
#include <stdlib.h>
#include <string.h>

#include "documents_contract/words.h"

TEST(inserted_documents_have_version_one)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(words_write(misas_documents_insert, documents, "c", "b:2 a:1@7 c:3"));
    assert_has(documents, "a:1@1 b:2@1 c:3@1");
    fixture_close(opened);
}

TEST(inserting_what_is_there_already_inserts_nothing)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(words_write(misas_documents_insert, documents, "c", "m:1 x:2"));
    misas_error *error = words_write(misas_documents_insert, documents, "c", "a:3 x:4 m:5 z:6");

    assert_true(misas_error_has_tag(error, MISAS_TAG_ALREADY_EXISTS));
    assert_error_names(error, MISAS_ERROR_DOCUMENT_EXISTS, "m");
    assert_has(documents, "m:1@1 x:2@1");
    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:3 z:6"));
    assert_has(documents, "a:3@1 m:1@1 x:2@1 z:6@1");
    fixture_close(opened);
}

TEST(an_upsert_adds_what_is_new_and_replaces_what_is_there)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(words_write(misas_documents_upsert, documents, "c", "b:1"));
    assert_no_error(words_write(misas_documents_upsert, documents, "c", "c:2@9 b:3@9 a:4"));
    assert_no_error(words_write(misas_documents_upsert, documents, "c", "b:3"));
    assert_has(documents, "a:4@1 b:3@3 c:2@1");
    fixture_close(opened);
}

TEST(an_update_replaces_the_whole_content)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(
        write_content(misas_documents_insert, documents, "a", "{\"x\":1,\"y\":{\"z\":2}}"));
    assert_no_error(write_content(misas_documents_update, documents, "a", "{\"y\":{\"w\":3}}"));
    assert_content(documents, "a", "{\"y\":{\"w\":3}}");
    fixture_close(opened);
}

TEST(an_update_fits_any_version_or_the_one_expected)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 b:2"));
    assert_no_error(words_write(misas_documents_update, documents, "c", "b:4 a:3@1"));
    assert_no_error(words_write(misas_documents_update, documents, "c", "a:5@2 b:6"));
    assert_has(documents, "a:5@3 b:6@3");
    fixture_close(opened);
}

/* A write of which the document "m" is in the way. */
static void assert_conflict(misas_documents *documents, writing write, const char *text,
                            const char *expected)
{
    misas_error *error = words_write(write, documents, "c", text);

    assert_error_data(error, "expected", expected);
    assert_error_data(error, "actual", "2");
    assert_true(misas_error_has_tag(error, MISAS_TAG_CONFLICT));
    assert_false(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_error_names(error, MISAS_ERROR_DOCUMENT_CONFLICT, "m");
    assert_has(documents, "a:1@1 m:4@2 z:3@1");
}

TEST(an_update_of_another_version_changes_nothing)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 m:2 z:3"));
    assert_no_error(words_write(misas_documents_update, documents, "c", "m:4"));
    assert_conflict(documents, misas_documents_update, "z:7@1 m:6@1 a:5", "1");
    assert_conflict(documents, misas_documents_update, "m:6@3", "3");
    assert_conflict(documents, misas_documents_update, "m:6@18446744073709551615 z:1@4",
                    "18446744073709551615");
    assert_conflict(documents, misas_documents_update, "m:6@9223372036854775808",
                    "9223372036854775808");
    fixture_close(opened);
}

TEST(a_deletion_of_another_version_deletes_nothing)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 m:2 z:3"));
    assert_no_error(words_write(misas_documents_update, documents, "c", "m:4"));
    assert_conflict(documents, misas_documents_delete, "a m@1 z@1", "1");
    assert_no_error(words_write(misas_documents_delete, documents, "c", "z@1 m@2"));
    assert_has(documents, "a:1@1");
    fixture_close(opened);
}

static void assert_not_found(misas_documents *documents, writing write, const char *text)
{
    misas_error *error = words_write(write, documents, "c", text);

    assert_true(misas_error_has_tag(error, MISAS_TAG_NOT_FOUND));
    assert_error_names(error, MISAS_ERROR_DOCUMENT_NOT_FOUND, "m");
    assert_has(documents, "a:1@1 z:2@1");
}

TEST(an_update_or_deletion_of_what_is_not_there_changes_nothing)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 z:2"));
    assert_not_found(documents, misas_documents_update, "a:3 m:4 z:5");
    assert_not_found(documents, misas_documents_update, "m:4@1 n:4");
    assert_not_found(documents, misas_documents_delete, "z m a");
    assert_not_found(documents, misas_documents_delete, "m@1");
    fixture_close(opened);
}

TEST(what_was_deleted_can_be_inserted_again_from_version_one)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 b:1"));
    assert_no_error(words_write(misas_documents_update, documents, "c", "a:2 b:2"));
    assert_no_error(words_write(misas_documents_delete, documents, "c", "b a"));
    assert_has(documents, "");
    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:3"));
    assert_no_error(words_write(misas_documents_upsert, documents, "c", "b:4"));
    assert_has(documents, "a:3@1 b:4@1");
    fixture_close(opened);
}

TEST(a_document_is_found_by_its_id)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    misas_document_list *list = NULL;

    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 b:2 c:3"));
    assert_no_error(words_write(misas_documents_update, documents, "c", "b:5"));
    assert_no_error(misas_documents_find_by_id(&list, documents, "c", "b"));
    assert_int_equal(misas_document_list_count(list), 1);
    assert_string_equal(misas_document_list_get(list, 0)->id, "b");
    assert_string_equal(misas_document_list_get(list, 0)->content, "{\"n\":5}");
    assert_int_equal(misas_document_list_get(list, 0)->version, 2);
    misas_document_list_free(list);
    list = NULL;
    misas_error *error = misas_documents_find_by_id(&list, documents, "c", "d");

    assert_true(misas_error_has_tag(error, MISAS_TAG_NOT_FOUND));
    assert_error_names(error, MISAS_ERROR_DOCUMENT_NOT_FOUND, "d");
    assert_null(list);
    fixture_close(opened);
}

TEST(what_was_found_stays_as_it_was)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    misas_document_list *list = NULL;

    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 b:2"));
    assert_no_error(misas_documents_find(&list, documents, "c", NULL));
    assert_no_error(misas_documents_delete_collection(documents, "c"));
    fixture_close(opened);
    assert_string_equal(misas_document_list_get(list, 1)->id, "b");
    assert_string_equal(misas_document_list_get(list, 1)->content, "{\"n\":2}");
    misas_document_list_free(list);
}

static misas_document_list *empty_list;

static void ask_beyond_the_end(void)
{
    misas_document_list_get(empty_list, 0);
}

TEST(asking_a_list_for_what_is_not_in_it_aborts)
{
    fixture *opened = fixture_open_with_collection();

    assert_no_error(misas_documents_find(&empty_list, fixture_documents(opened), "c", NULL));
    assert_aborts(ask_beyond_the_end, "document 0 of a list of 0");
    misas_document_list_free(empty_list);
    misas_document_list_free(NULL);
    fixture_close(opened);
}

TEST(writing_no_documents_is_no_error)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(misas_documents_insert(documents, "c", NULL, 0));
    assert_no_error(misas_documents_upsert(documents, "c", NULL, 0));
    assert_no_error(misas_documents_update(documents, "c", NULL, 0));
    assert_no_error(misas_documents_delete(documents, "c", NULL, 0));
    assert_has(documents, "");
    fixture_close(opened);
}

TEST(one_id_twice_in_a_call_is_refused)
{
    static const writing writings[] = {misas_documents_insert, misas_documents_upsert,
                                       misas_documents_update, misas_documents_delete};
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 b:2"));
    for (size_t i = 0; i < sizeof writings / sizeof writings[0]; i++) {
        misas_error *error = words_write(writings[i], documents, "c", "b:1 x:1 a:1 b:1");

        assert_error_data(error, "value", "\"b\"");
        assert_invalid(error, "id", "twice");
    }
    assert_has(documents, "a:1@1 b:2@1");
    fixture_close(opened);
}

TEST(documents_may_have_unusual_ids)
{
    char longest[MISAS_DOCUMENT_ID_MAX_BYTES + 1];
    const char *const ids[] = {
        "it's",
        "\"quoted\"",
        "`",
        "'); drop table documents; --",
        "$1",
        "{a,b}",
        "a,b",
        "\\",
        "\\000",
        "%s%n",
        "NULL",
        "null",
        "\xe6\x97\xa5\xe6\x9c\xac",
        "\xf0\x9f\x98\x80",
        "e\xcc\x81",
        "\xc3\xa9",
        " ",
        "a ",
        "a",
        "A",
        "{}",
        longest,
    };
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    size_t count = 0;

    memset(longest, '\'', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        assert_no_error(write_content(misas_documents_insert, documents, ids[i], "{\"n\":1}"));
        assert_error_names(write_content(misas_documents_insert, documents, ids[i], "{\"n\":2}"),
                           MISAS_ERROR_DOCUMENT_EXISTS, ids[i]);
        assert_no_error(write_content(misas_documents_update, documents, ids[i], "{\"n\":3}"));
        assert_content(documents, ids[i], "{\"n\":3}");
        count++;
    }
    uint64_t found = 0;

    assert_no_error(
        misas_documents_count(&found, documents, "c", QUERY({"n", MISAS_EQUAL, .value = "3"})));
    assert_int_equal(found, count);
    fixture_close(opened);
}

TEST(an_id_that_no_document_can_have_is_refused_everywhere)
{
    char too_long[MISAS_DOCUMENT_ID_MAX_BYTES + 2];
    const char *const ids[] = {NULL, "", "a\nb", "\t", "\001", "\177", "\xff", "a\xc3", too_long};
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        misas_document_list *list = NULL;

        assert_invalid(write_content(misas_documents_insert, documents, ids[i], "{}"), "id", "512");
        assert_invalid(write_content(misas_documents_upsert, documents, ids[i], "{}"), "id", "");
        assert_invalid(write_content(misas_documents_update, documents, ids[i], "{}"), "id", "");
        assert_invalid(write_content(misas_documents_delete, documents, ids[i], NULL), "id", "");
        assert_invalid(misas_documents_find_by_id(&list, documents, "c", ids[i]), "id", "");
    }
    assert_has(documents, "");
    fixture_close(opened);
}

TEST(an_error_says_which_of_the_documents_is_not_valid)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    const misas_document items[] = {{"a", "{}", 0}, {"b", "[]", 0}, {"c", "{}", 0}};
    misas_error *error = misas_documents_insert(documents, "c", items, 3);

    assert_error_data(error, "value", "\"b\"");
    assert_invalid(error, "content", "document 2 of 3");
    assert_invalid(misas_documents_insert(documents, "c", NULL, 3), "items", "missing");
    assert_has(documents, "");
    fixture_close(opened);
}
