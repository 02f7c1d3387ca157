/* What holds while many threads use the same documents. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "documents_contract/words.h"

enum { threads = 8, rounds = 20 };

/* A thread; they make no assertions, which belong to the test's own. */
typedef struct worker {
    size_t index;
    fixture *opened;
    misas_documents *documents;
    misas_error *error; /* what it ended with */
    size_t won;
    pthread_t thread;
} worker;

static void run_workers(worker workers[threads], fixture *opened, void *(*work)(void *))
{
    for (size_t i = 0; i < threads; i++) {
        workers[i] = (worker){.index = i, .opened = opened, .documents = fixture_documents(opened)};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    for (size_t i = 0; i < threads; i++) {
        assert_no_error(workers[i].error);
    }
}

static size_t count_won(const worker workers[threads])
{
    size_t won = 0;

    for (size_t i = 0; i < threads; i++) {
        won += workers[i].won;
    }
    return won;
}

/* NULL for an error of this type, which is what a loser gets. */
static misas_error *expect(misas_error *error, const char *type_name, size_t *won)
{
    *won += error == NULL ? 1 : 0;
    if (misas_error_is(error, type_name)) {
        misas_error_free(error);
        return NULL;
    }
    return error;
}

static void *insert_the_same(void *argument)
{
    worker *self = argument;
    char text[100];

    for (int i = 0; i < rounds && self->error == NULL; i++) {
        snprintf(text, sizeof text, "z%d:%zu b%d:%zu m%d:%zu own-%zu-%d:1", i, self->index, i,
                 self->index, i, self->index, self->index, i);
        self->error = expect(words_write(misas_documents_insert, self->documents, "c", text),
                             MISAS_ERROR_DOCUMENT_EXISTS, &self->won);
    }
    return NULL;
}

TEST(of_many_who_insert_the_same_documents_one_wins)
{
    fixture *opened = fixture_open_with_collection();
    worker workers[threads];
    uint64_t count = 0;

    run_workers(workers, opened, insert_the_same);
    assert_int_equal(count_won(workers), rounds);
    assert_no_error(misas_documents_count(&count, fixture_documents(opened), "c", NULL));
    assert_int_equal(count, 4 * rounds);
    fixture_close(opened);
}

/* Reads the document "a", and updates it to one more, if it has the same version still. */
static misas_error *add_one(misas_documents *documents)
{
    misas_document_list *list = NULL;
    char content[50];
    misas_error *error = misas_documents_find_by_id(&list, documents, "c", "a");

    if (error != NULL) {
        return error;
    }
    const misas_document *read = misas_document_list_get(list, 0);
    long number = strtol(strchr(read->content, ':') + 1, NULL, 10);

    snprintf(content, sizeof content, "{\"n\":%ld}", number + 1);
    error = misas_documents_update(
        documents, "c", &(misas_document){.id = "a", .content = content, .version = read->version},
        1);
    misas_document_list_free(list);
    return error;
}

static void *count_up(void *argument)
{
    worker *self = argument;

    while (self->won < rounds && self->error == NULL) {
        self->error = expect(add_one(self->documents), MISAS_ERROR_DOCUMENT_CONFLICT, &self->won);
    }
    return NULL;
}

TEST(no_update_of_an_expected_version_is_lost)
{
    fixture *opened = fixture_open_with_collection();
    worker workers[threads];
    char expected[50];

    assert_no_error(words_write(misas_documents_insert, fixture_documents(opened), "c", "a:0"));
    run_workers(workers, opened, count_up);
    snprintf(expected, sizeof expected, "a:%d@%d", threads * rounds, threads * rounds + 1);
    assert_has(fixture_documents(opened), expected);
    fixture_close(opened);
}

static void *write_in_any_order(void *argument)
{
    static const char *const texts[] = {"a:1 b:1 c:1 d:1", "d:2 c:2 b:2 a:2", "b:3 d:3 a:3 c:3",
                                        "c:4 a:4 d:4 b:4"};
    worker *self = argument;

    for (int i = 0; i < rounds && self->error == NULL; i++) {
        writing write =
            (self->index + (size_t)i) % 2 == 0 ? misas_documents_upsert : misas_documents_update;

        self->error =
            words_write(write, self->documents, "c", texts[(self->index + (size_t)i) % 4]);
        if (self->error == NULL && i % 5 == 0) {
            self->error = misas_documents_delete_where(NULL, self->documents, "c",
                                                       QUERY({"n", MISAS_EQUAL, .value = "7"}));
        }
    }
    return NULL;
}

TEST(many_who_write_the_same_documents_in_any_order_do_not_stand_in_each_others_way)
{
    fixture *opened = fixture_open_with_collection();
    worker workers[threads];
    misas_document_list *list = NULL;

    assert_no_error(
        words_write(misas_documents_insert, fixture_documents(opened), "c", "a:0 b:0 c:0 d:0"));
    run_workers(workers, opened, write_in_any_order);
    assert_no_error(misas_documents_find(&list, fixture_documents(opened), "c", NULL));
    assert_int_equal(misas_document_list_count(list), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(misas_document_list_get(list, i)->version, threads * rounds + 1);
        assert_string_equal(misas_document_list_get(list, i)->content,
                            misas_document_list_get(list, 0)->content);
    }
    misas_document_list_free(list);
    fixture_close(opened);
}

static void *insert_and_delete(void *argument)
{
    worker *self = argument;
    size_t ignored = 0;

    for (int i = 0; i < rounds && self->error == NULL; i++) {
        self->error = expect(words_write(misas_documents_insert, self->documents, "c", "a:1 b:1"),
                             MISAS_ERROR_DOCUMENT_EXISTS, &ignored);
        if (self->error == NULL) {
            self->error = expect(words_write(misas_documents_delete, self->documents, "c", "b a"),
                                 MISAS_ERROR_DOCUMENT_NOT_FOUND, &self->won);
        }
    }
    return NULL;
}

TEST(what_many_insert_and_delete_is_there_as_a_whole_or_not_at_all)
{
    fixture *opened = fixture_open_with_collection();
    worker workers[threads];

    run_workers(workers, opened, insert_and_delete);
    assert_true(count_won(workers) > 0);
    assert_has(fixture_documents(opened), "");
    fixture_close(opened);
}

static void *use_the_collection(void *argument)
{
    worker *self = argument;
    char text[50];
    size_t ignored = 0;

    for (int i = 0; i < rounds && self->error == NULL; i++) {
        snprintf(text, sizeof text, "a%zu:1 b%zu:1", self->index, self->index);
        if (self->index == 0) {
            self->error = misas_documents_delete_collection(self->documents, "c");
            if (self->error == NULL) {
                self->error = misas_documents_create_collection(self->documents, "c");
            }
        } else {
            self->error = expect(words_write(misas_documents_upsert, self->documents, "c", text),
                                 MISAS_ERROR_COLLECTION_NOT_FOUND, &ignored);
        }
    }
    return NULL;
}

TEST(no_document_stays_without_its_collection)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    worker workers[threads];

    run_workers(workers, opened, use_the_collection);
    assert_no_error(misas_documents_delete_collection(documents, "c"));
    assert_no_error(misas_documents_create_collection(documents, "c"));
    assert_has(documents, "");
    fixture_close(opened);
}
