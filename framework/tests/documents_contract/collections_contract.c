/* What collections promise. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "documents_contract/words.h"

/* The names of all collections, with a newline after each. */
static void assert_collections(misas_documents *documents, const char *expected)
{
    const char **names = NULL;
    char found[2000] = "";

    assert_no_error(misas_documents_list_collections(&names, documents));
    for (size_t i = 0; names[i] != NULL; i++) {
        size_t length = strlen(found);

        snprintf(found + length, sizeof found - length, "%s\n", names[i]);
    }
    free(names);
    assert_string_equal(found, expected);
}

TEST(there_are_no_collections_until_they_are_created)
{
    fixture *opened = fixture_open();
    misas_documents *documents = fixture_documents(opened);

    assert_collections(documents, "");
    assert_no_error(misas_documents_create_collection(documents, "boats"));
    assert_collections(documents, "boats\n");
    words_assert_has(documents, "boats", "", __FILE__, __LINE__);
    fixture_close(opened);
}

TEST(collections_are_listed_by_the_bytes_of_their_names)
{
    static const char *const names[] = {"b", "a", "B", "a.b", "\303\251", "z", "10", "9", "a b"};
    fixture *opened = fixture_open();
    misas_documents *documents = fixture_documents(opened);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_no_error(misas_documents_create_collection(documents, names[i]));
    }
    assert_collections(documents, "10\n9\nB\na\na b\na.b\nb\nz\n\303\251\n");
    fixture_close(opened);
}

TEST(a_collection_is_created_once_but_ensured_again_and_again)
{
    fixture *opened = fixture_open();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(misas_documents_ensure_collection(documents, "boats"));
    assert_no_error(misas_documents_insert(
        documents, "boats", &(misas_document){.id = "a", .content = "{\"n\":1}"}, 1));
    misas_error *error = misas_documents_create_collection(documents, "boats");

    assert_error_data(error, "collection", "boats");
    assert_true(misas_error_has_tag(error, MISAS_TAG_ALREADY_EXISTS));
    assert_error_is(error, MISAS_ERROR_COLLECTION_EXISTS);
    assert_no_error(misas_documents_ensure_collection(documents, "boats"));
    words_assert_has(documents, "boats", "a:1@1", __FILE__, __LINE__);
    fixture_close(opened);
}

TEST(a_collection_is_deleted_with_its_documents_and_no_others)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(misas_documents_create_collection(documents, "boats"));
    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1 b:2"));
    assert_no_error(words_write(misas_documents_insert, documents, "boats", "a:3 b:4"));
    assert_no_error(misas_documents_delete_collection(documents, "boats"));
    assert_collections(documents, "c\n");
    assert_has(documents, "a:1@1 b:2@1");
    assert_no_error(misas_documents_create_collection(documents, "boats"));
    words_assert_has(documents, "boats", "", __FILE__, __LINE__);
    fixture_close(opened);
}

TEST(collections_have_documents_of_the_same_id_apart)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    assert_no_error(misas_documents_create_collection(documents, "d"));
    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1"));
    assert_no_error(words_write(misas_documents_insert, documents, "d", "a:2"));
    assert_no_error(words_write(misas_documents_update, documents, "d", "a:3"));
    assert_has(documents, "a:1@1");
    words_assert_has(documents, "d", "a:3@2", __FILE__, __LINE__);
    fixture_close(opened);
}

static void assert_collection_is_missing(misas_error *error)
{
    if (misas_error_is(error, MISAS_ERROR_COLLECTION_NOT_FOUND)) {
        assert_error_data(error, "collection", "c");
        assert_true(misas_error_has_tag(error, MISAS_TAG_NOT_FOUND));
    }
    assert_error_is(error, MISAS_ERROR_COLLECTION_NOT_FOUND);
}

static void assert_all_miss_the_collection(misas_documents *documents)
{
    misas_document_list *list = NULL;
    const misas_document_query *indexed = QUERY({"n", MISAS_EQUAL, .value = "1"});
    uint64_t count = 17;

    assert_collection_is_missing(misas_documents_delete_collection(documents, "c"));
    assert_collection_is_missing(words_write(misas_documents_insert, documents, "c", "a:1 b:2"));
    assert_collection_is_missing(words_write(misas_documents_upsert, documents, "c", "a:1 b:2"));
    assert_collection_is_missing(words_write(misas_documents_update, documents, "c", "a:1 b:2"));
    assert_collection_is_missing(words_write(misas_documents_delete, documents, "c", "a@1"));
    assert_collection_is_missing(misas_documents_find(&list, documents, "c", NULL));
    assert_collection_is_missing(misas_documents_find(&list, documents, "c", indexed));
    assert_collection_is_missing(misas_documents_find_by_id(&list, documents, "c", "a"));
    assert_collection_is_missing(misas_documents_count(&count, documents, "c", NULL));
    assert_collection_is_missing(misas_documents_count(&count, documents, "c", indexed));
    assert_collection_is_missing(misas_documents_delete_where(&count, documents, "c", NULL));
    assert_null(list);
    assert_int_equal(count, 17);
}

TEST(nothing_can_be_done_with_a_collection_that_is_not_there)
{
    fixture *opened = fixture_open();
    misas_documents *documents = fixture_documents(opened);

    assert_all_miss_the_collection(documents);
    assert_no_error(misas_documents_create_collection(documents, "c"));
    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1"));
    assert_no_error(misas_documents_delete_collection(documents, "c"));
    assert_all_miss_the_collection(documents);
    assert_collections(documents, "");
    fixture_close(opened);
}

TEST(a_collection_may_have_an_unusual_name)
{
    char longest[MISAS_COLLECTION_MAX_BYTES + 1];
    const char *const names[] = {
        "); drop table documents; --",          "$1",  "@schema@", "back\\slash", "%s%n",
        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "{c}", " ",        longest,
    };
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);

    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        uint64_t count = 0;

        assert_no_error(misas_documents_create_collection(documents, names[i]));
        assert_no_error(words_write(misas_documents_insert, documents, names[i], "a:1 b:2"));
        words_assert_has(documents, names[i], "a:1@1 b:2@1", __FILE__, __LINE__);
        assert_no_error(misas_documents_count(&count, documents, names[i],
                                              QUERY({"n", MISAS_EQUAL, .value = "2"})));
        assert_int_equal(count, 1);
        assert_no_error(misas_documents_delete_collection(documents, names[i]));
    }
    assert_collections(documents, "c\n");
    fixture_close(opened);
}

TEST(a_name_that_no_collection_can_have_is_refused_everywhere)
{
    char too_long[MISAS_COLLECTION_MAX_BYTES + 2];
    const char *const names[] = {NULL,   "",      "a\nb",     "a\tb",         "\177",
                                 "it's", "\"a\"", "\xff\xfe", "\xed\xa0\x80", too_long};
    fixture *opened = fixture_open();
    misas_documents *documents = fixture_documents(opened);

    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        misas_document_list *list = NULL;
        const char *name = names[i];

        assert_invalid(misas_documents_create_collection(documents, name), "collection", "bytes");
        assert_invalid(misas_documents_ensure_collection(documents, name), "collection", "128");
        assert_invalid(misas_documents_delete_collection(documents, name), "collection", "");
        assert_invalid(words_write(misas_documents_insert, documents, name, "a:1"), "collection",
                       "");
        assert_invalid(words_write(misas_documents_upsert, documents, name, ""), "collection", "");
        assert_invalid(words_write(misas_documents_update, documents, name, "a:1"), "collection",
                       "");
        assert_invalid(words_write(misas_documents_delete, documents, name, "a"), "collection", "");
        assert_invalid(misas_documents_find(&list, documents, name, NULL), "collection", "");
        assert_invalid(misas_documents_find_by_id(&list, documents, name, "a"), "collection", "");
        assert_invalid(misas_documents_count(NULL, documents, name, NULL), "collection", "");
        assert_invalid(misas_documents_delete_where(NULL, documents, name, NULL), "collection", "");
    }
    assert_collections(documents, "");
    fixture_close(opened);
}
