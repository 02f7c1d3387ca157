#include "documents_contract/words.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Documents as words, parsed. */
typedef struct words {
    misas_document items[max_words];
    size_t count;
    char text[1000];
    char contents[1000];
} words;

static void parse_word(words *out, char *word, size_t *used)
{
    misas_document *item = &out->items[out->count++];
    char *version = strchr(word, '@');
    char *number = strchr(word, ':');

    item->id = word;
    if (version != NULL) {
        *version = '\0';
        item->version = strtoull(version + 1, NULL, 10);
    }
    if (number != NULL) {
        *number = '\0';
        item->content = out->contents + *used;
        *used += 1 + (size_t)snprintf(out->contents + *used, sizeof out->contents - *used,
                                      "{\"n\":%s}", number + 1);
    }
}

static void parse(words *out, const char *text)
{
    char *rest = NULL;
    size_t used = 0;

    *out = (words){0};
    snprintf(out->text, sizeof out->text, "%s", text);
    for (char *word = strtok_r(out->text, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        assert_true(out->count < max_words);
        parse_word(out, word, &used);
    }
}

misas_error *words_write(writing write, misas_documents *documents, const char *collection,
                         const char *text)
{
    words written;

    parse(&written, text);
    return write(documents, collection, written.items, written.count);
}

misas_error *write_content(writing write, misas_documents *documents, const char *id,
                           const char *content)
{
    return write(documents, "c", &(misas_document){.id = id, .content = content}, 1);
}

fixture *fixture_open_with_collection(void)
{
    fixture *opened = fixture_open();

    assert_no_error(misas_documents_create_collection(fixture_documents(opened), "c"));
    return opened;
}

static void append_number(char *text, size_t size, const char *content)
{
    json_t *object = json_loads(content, 0, NULL);
    size_t length = strlen(text);

    snprintf(text + length, size - length, ":%" JSON_INTEGER_FORMAT,
             json_integer_value(json_object_get(object, "n")));
    json_decref(object);
}

void words_assert_has(misas_documents *documents, const char *collection, const char *text,
                      const char *file, int line)
{
    misas_document_list *list = NULL;
    char found[2000] = "";

    test_assert_no_error(misas_documents_find(&list, documents, collection, NULL), file, line);
    for (size_t i = 0; i < misas_document_list_count(list); i++) {
        const misas_document *document = misas_document_list_get(list, i);
        size_t length = strlen(found);

        snprintf(found + length, sizeof found - length, "%s%s", i > 0 ? " " : "", document->id);
        append_number(found, sizeof found, document->content);
        length = strlen(found);
        snprintf(found + length, sizeof found - length, "@%llu",
                 (unsigned long long)document->version);
    }
    misas_document_list_free(list);
    _assert_string_equal(found, text, file, line);
}

void words_assert_finds(misas_documents *documents, const misas_document_query *query,
                        const char *text, const char *file, int line)
{
    misas_document_list *list = NULL;
    char found[4000] = "";

    test_assert_no_error(misas_documents_find(&list, documents, "c", query), file, line);
    for (size_t i = 0; i < misas_document_list_count(list); i++) {
        size_t length = strlen(found);

        snprintf(found + length, sizeof found - length, "%s%s", i > 0 ? " " : "",
                 misas_document_list_get(list, i)->id);
    }
    misas_document_list_free(list);
    _assert_string_equal(found, text, file, line);
}

void words_assert_content(misas_documents *documents, const char *id, const char *content,
                          const char *file, int line)
{
    misas_document_list *list = NULL;

    test_assert_no_error(misas_documents_find_by_id(&list, documents, "c", id), file, line);
    const char *found = misas_document_list_get(list, 0)->content;
    json_t *expected_value = json_loads(content, 0, NULL);
    json_t *found_value = json_loads(found, 0, NULL);
    bool is_equal = json_equal(expected_value, found_value) != 0;

    if (!is_equal) {
        print_error("expected %.1000s, found %.1000s\n", content, found);
    }
    json_decref(expected_value);
    json_decref(found_value);
    misas_document_list_free(list);
    _assert_true(is_equal, "content", file, line);
}

void words_assert_error_data(const misas_error *error, const char *name, const char *value,
                             const char *file, int line)
{
    const char *found = misas_error_data(error, name);

    _assert_string_equal(found != NULL ? found : "(none)", value, file, line);
}

void words_assert_error_names(misas_error *error, const char *type_name, const char *id,
                              const char *file, int line)
{
    if (misas_error_is(error, type_name)) {
        words_assert_error_data(error, "collection", "c", file, line);
        words_assert_error_data(error, "id", id, file, line);
    }
    test_assert_error_is(error, type_name, file, line);
}

void words_assert_invalid(misas_error *error, const char *field, const char *reason,
                          const char *file, int line)
{
    if (misas_error_is(error, MISAS_ERROR_DOCUMENT_INVALID)) {
        words_assert_error_data(error, "field", field, file, line);
        _assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION), "tag", file, line);
    }
    test_assert_error_says(error, MISAS_ERROR_DOCUMENT_INVALID, reason, file, line);
}
