/* What a transaction over documents promises. */
#include <pthread.h>
#include <stdlib.h>

#include "documents_contract/words.h"

TEST(a_transaction_sees_what_it_has_changed)
{
    fixture *opened = fixture_open_with_collection();
    transaction *begun = transaction_begin(opened);
    misas_documents *inside = transaction_documents(begun);
    uint64_t count = 0;

    assert_no_error(words_write(misas_documents_insert, inside, "c", "a:1 b:2"));
    assert_no_error(words_write(misas_documents_update, inside, "c", "a:3@1"));
    assert_no_error(words_write(misas_documents_upsert, inside, "c", "a:4 c:5"));
    assert_no_error(words_write(misas_documents_delete, inside, "c", "b@1"));
    assert_has(inside, "a:4@3 c:5@1");
    assert_no_error(
        misas_documents_delete_where(&count, inside, "c", QUERY({"n", MISAS_EQUAL, .value = "5"})));
    assert_int_equal(count, 1);
    assert_no_error(
        misas_documents_count(&count, inside, "c", QUERY({"n", MISAS_EQUAL, .value = "4"})));
    assert_int_equal(count, 1);
    assert_no_error(misas_documents_create_collection(inside, "d"));
    words_assert_has(inside, "d", "", __FILE__, __LINE__);
    transaction_commit(begun);
    assert_has(fixture_documents(opened), "a:4@3");
    fixture_close(opened);
}

/* One of everything that changes something; "c" has a:1@2 b:2@1 c:3@1 before, and d exists. */
static void change_everything(misas_documents *documents)
{
    assert_no_error(words_write(misas_documents_insert, documents, "c", "x:1 y:2"));
    assert_no_error(words_write(misas_documents_update, documents, "c", "a:7@2 x:3"));
    assert_no_error(words_write(misas_documents_upsert, documents, "c", "a:8 z:9"));
    assert_no_error(words_write(misas_documents_delete, documents, "c", "b y"));
    assert_no_error(words_write(misas_documents_insert, documents, "c", "b:6"));
    assert_no_error(misas_documents_delete_where(NULL, documents, "c",
                                                 QUERY({"n", MISAS_EQUAL, .value = "3"})));
    assert_no_error(misas_documents_create_collection(documents, "e"));
    assert_no_error(words_write(misas_documents_insert, documents, "e", "a:1"));
    assert_no_error(misas_documents_delete_collection(documents, "d"));
    assert_no_error(misas_documents_create_collection(documents, "d"));
    assert_no_error(words_write(misas_documents_insert, documents, "d", "a:2"));
    assert_no_error(misas_documents_delete_collection(documents, "e"));
}

static void insert_everything(misas_documents *documents)
{
    assert_no_error(misas_documents_create_collection(documents, "d"));
    assert_no_error(words_write(misas_documents_insert, documents, "d", "a:1 b:2"));
    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:0 b:2 c:3"));
    assert_no_error(words_write(misas_documents_update, documents, "c", "a:1"));
}

static void assert_unchanged(misas_documents *documents)
{
    const char **names = NULL;

    assert_has(documents, "a:1@2 b:2@1 c:3@1");
    words_assert_has(documents, "d", "a:1@1 b:2@1", __FILE__, __LINE__);
    assert_no_error(misas_documents_list_collections(&names, documents));
    assert_string_equal(names[1], "d");
    assert_null(names[2]);
    free(names);
}

static void assert_changed(misas_documents *documents)
{
    const char **names = NULL;

    assert_has(documents, "a:8@4 b:6@1 z:9@1");
    words_assert_has(documents, "d", "a:2@1", __FILE__, __LINE__);
    assert_no_error(misas_documents_list_collections(&names, documents));
    assert_string_equal(names[1], "d");
    assert_null(names[2]);
    free(names);
}

TEST(a_transaction_that_commits_has_changed_everything)
{
    fixture *opened = fixture_open_with_collection();

    insert_everything(fixture_documents(opened));
    transaction *begun = transaction_begin(opened);

    change_everything(transaction_documents(begun));
    assert_changed(transaction_documents(begun));
    transaction_commit(begun);
    assert_changed(fixture_documents(opened));
    fixture_close(opened);
}

TEST(a_transaction_that_rolls_back_has_changed_nothing)
{
    fixture *opened = fixture_open_with_collection();

    insert_everything(fixture_documents(opened));
    for (int round = 0; round < 2; round++) {
        transaction *begun = transaction_begin(opened);

        change_everything(transaction_documents(begun));
        transaction_roll_back(begun);
        assert_unchanged(fixture_documents(opened));
    }
    fixture_close(opened);
}

TEST(a_roll_back_to_the_savepoint_undoes_what_came_after_it)
{
    fixture *opened = fixture_open_with_collection();

    transaction *begun = transaction_begin(opened);
    misas_documents *inside = transaction_documents(begun);

    insert_everything(inside);
    for (int round = 0; round < 2; round++) {
        transaction_savepoint(begun);
        change_everything(inside);
        transaction_roll_back_to_savepoint(begun);
        assert_unchanged(inside);
    }
    change_everything(inside);
    transaction_roll_back_to_savepoint(begun);
    assert_unchanged(inside);
    transaction_savepoint(begun);
    change_everything(inside);
    transaction_savepoint(begun);
    assert_no_error(words_write(misas_documents_insert, inside, "c", "m:1"));
    transaction_roll_back_to_savepoint(begun);
    assert_changed(inside);
    transaction_commit(begun);
    assert_changed(fixture_documents(opened));
    fixture_close(opened);
}

TEST(a_roll_back_undoes_what_came_before_the_savepoint_too)
{
    fixture *opened = fixture_open_with_collection();

    insert_everything(fixture_documents(opened));
    transaction *begun = transaction_begin(opened);

    change_everything(transaction_documents(begun));
    transaction_savepoint(begun);
    assert_no_error(words_write(misas_documents_insert, transaction_documents(begun), "c", "m:1"));
    transaction_roll_back_to_savepoint(begun);
    transaction_roll_back(begun);
    assert_unchanged(fixture_documents(opened));
    fixture_close(opened);
}

TEST(a_call_that_fails_leaves_the_transaction_fit_to_go_on)
{
    fixture *opened = fixture_open_with_collection();
    transaction *begun = transaction_begin(opened);
    misas_documents *inside = transaction_documents(begun);
    misas_document_list *list = NULL;

    assert_no_error(words_write(misas_documents_insert, inside, "c", "m:1"));
    assert_error_names(words_write(misas_documents_insert, inside, "c", "a:1 m:1 z:1"),
                       MISAS_ERROR_DOCUMENT_EXISTS, "m");
    assert_error_names(words_write(misas_documents_update, inside, "c", "m:2 n:1"),
                       MISAS_ERROR_DOCUMENT_NOT_FOUND, "n");
    assert_error_names(words_write(misas_documents_update, inside, "c", "m:2@7"),
                       MISAS_ERROR_DOCUMENT_CONFLICT, "m");
    assert_error_names(words_write(misas_documents_delete, inside, "c", "m n"),
                       MISAS_ERROR_DOCUMENT_NOT_FOUND, "n");
    assert_error_is(misas_documents_create_collection(inside, "c"), MISAS_ERROR_COLLECTION_EXISTS);
    assert_error_is(misas_documents_delete_collection(inside, "d"),
                    MISAS_ERROR_COLLECTION_NOT_FOUND);
    assert_error_is(words_write(misas_documents_insert, inside, "d", "a:1"),
                    MISAS_ERROR_COLLECTION_NOT_FOUND);
    assert_error_is(words_write(misas_documents_upsert, inside, "d", "a:1"),
                    MISAS_ERROR_COLLECTION_NOT_FOUND);
    assert_error_is(misas_documents_find_by_id(&list, inside, "c", "n"),
                    MISAS_ERROR_DOCUMENT_NOT_FOUND);
    assert_invalid(write_content(misas_documents_insert, inside, "a", "{"), "content", "JSON");
    assert_no_error(words_write(misas_documents_insert, inside, "c", "a:2 z:3"));
    assert_has(inside, "a:2@1 m:1@1 z:3@1");
    transaction_commit(begun);
    assert_has(fixture_documents(opened), "a:2@1 m:1@1 z:3@1");
    fixture_close(opened);
}

/* What another thread does meanwhile. */
typedef struct other {
    misas_documents *documents;
    uint64_t count;
    misas_error *error;
    pthread_t thread;
} other;

static void other_start(other *started, fixture *opened, void *(*work)(void *))
{
    *started = (other){.documents = fixture_documents(opened), .count = 17};
    assert_int_equal(pthread_create(&started->thread, NULL, work, started), 0);
}

static void *count_all(void *argument)
{
    other *self = argument;

    self->error = misas_documents_count(&self->count, self->documents, "c", NULL);
    return NULL;
}

TEST(others_do_not_see_a_transaction_that_has_not_ended)
{
    for (int is_kept = 0; is_kept < 2; is_kept++) {
        fixture *opened = fixture_open_with_collection();
        other reader;

        assert_no_error(words_write(misas_documents_insert, fixture_documents(opened), "c", "a:1"));
        transaction *begun = transaction_begin(opened);

        assert_no_error(
            words_write(misas_documents_insert, transaction_documents(begun), "c", "b:1 c:1"));
        other_start(&reader, opened, count_all);
        if (!fixture_readers_wait) {
            pthread_join(reader.thread, NULL);
        }
        if (is_kept != 0) {
            transaction_commit(begun);
        } else {
            transaction_roll_back(begun);
        }
        if (fixture_readers_wait) {
            pthread_join(reader.thread, NULL);
        }
        assert_no_error(reader.error);
        assert_int_equal(reader.count, fixture_readers_wait && is_kept != 0 ? 3 : 1);
        fixture_close(opened);
    }
}

static void *insert_several(void *argument)
{
    other *self = argument;

    self->error = words_write(misas_documents_insert, self->documents, "c", "a:5 m:5 z:5");
    return NULL;
}

static void *upsert_several(void *argument)
{
    other *self = argument;

    self->error = words_write(misas_documents_upsert, self->documents, "c", "a:5 m:5 z:5");
    return NULL;
}

static void *update_first_version(void *argument)
{
    other *self = argument;

    self->error = words_write(misas_documents_update, self->documents, "c", "b:5 m:5@1");
    return NULL;
}

static void *delete_first_version(void *argument)
{
    other *self = argument;

    self->error = words_write(misas_documents_delete, self->documents, "c", "b m@1");
    return NULL;
}

static void *delete_where_n_is_one(void *argument)
{
    other *self = argument;

    self->error = misas_documents_delete_where(&self->count, self->documents, "c",
                                               QUERY({"n", MISAS_EQUAL, .value = "1"}));
    return NULL;
}

static void *create_d(void *argument)
{
    other *self = argument;

    self->error = misas_documents_create_collection(self->documents, "d");
    return NULL;
}

/* A transaction makes a change, another thread wants to make one that goes against it, and waits;
 * then the transaction ends. */
typedef struct race {
    const char *before; /* what there is in "c" */
    writing first;
    const char *first_text;
    void *(*second)(void *);
    const char *error_type; /* of the second; NULL: none */
    const char *after;
    const char *after_roll_back; /* where the second never fails */
} race;

static void run_race(const race *run, bool is_kept)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    other second;

    assert_no_error(words_write(misas_documents_insert, documents, "c", run->before));
    transaction *begun = transaction_begin(opened);

    assert_no_error(words_write(run->first, transaction_documents(begun), "c", run->first_text));
    other_start(&second, opened, run->second);
    fixture_await_waiting(opened, 1);
    if (is_kept) {
        transaction_commit(begun);
    } else {
        transaction_roll_back(begun);
    }
    pthread_join(second.thread, NULL);
    if (is_kept && run->error_type != NULL) {
        assert_error_is(second.error, run->error_type);
    } else {
        assert_no_error(second.error);
    }
    assert_has(documents, is_kept ? run->after : run->after_roll_back);
    fixture_close(opened);
}

TEST(who_comes_second_waits_and_then_sees_what_the_first_did)
{
    static const race races[] = {
        {"", misas_documents_insert, "m:1", insert_several, MISAS_ERROR_DOCUMENT_EXISTS, "m:1@1",
         "a:5@1 m:5@1 z:5@1"},
        {"", misas_documents_upsert, "m:1", insert_several, MISAS_ERROR_DOCUMENT_EXISTS, "m:1@1",
         "a:5@1 m:5@1 z:5@1"},
        {"m:1", misas_documents_delete, "m", insert_several, NULL, "a:5@1 m:5@1 z:5@1", NULL},
        {"", misas_documents_insert, "m:1", upsert_several, NULL, "a:5@1 m:5@2 z:5@1",
         "a:5@1 m:5@1 z:5@1"},
        {"m:1", misas_documents_delete, "m", upsert_several, NULL, "a:5@1 m:5@1 z:5@1",
         "a:5@1 m:5@2 z:5@1"},
        {"b:1 m:1", misas_documents_update, "m:2", update_first_version,
         MISAS_ERROR_DOCUMENT_CONFLICT, "b:1@1 m:2@2", "b:5@2 m:5@2"},
        {"b:1 m:1", misas_documents_delete, "m", update_first_version,
         MISAS_ERROR_DOCUMENT_NOT_FOUND, "b:1@1", "b:5@2 m:5@2"},
        {"b:1 m:1", misas_documents_update, "m:2", delete_first_version,
         MISAS_ERROR_DOCUMENT_CONFLICT, "b:1@1 m:2@2", ""},
        {"b:1 m:1", misas_documents_delete, "m", delete_first_version,
         MISAS_ERROR_DOCUMENT_NOT_FOUND, "b:1@1", ""},
        {"b:1 m:1", misas_documents_update, "m:2", delete_where_n_is_one, NULL, "m:2@2", ""},
        {"b:1 m:1", misas_documents_delete, "m", delete_where_n_is_one, NULL, "", ""},
    };

    for (size_t i = 0; i < sizeof races / sizeof races[0]; i++) {
        run_race(&races[i], true);
        if (races[i].after_roll_back != NULL) {
            run_race(&races[i], false);
        }
    }
}

TEST(a_document_that_was_deleted_and_inserted_meanwhile_is_updated)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    other second;

    assert_no_error(words_write(misas_documents_insert, documents, "c", "b:1 m:1"));
    transaction *begun = transaction_begin(opened);
    misas_documents *inside = transaction_documents(begun);

    assert_no_error(words_write(misas_documents_delete, inside, "c", "m"));
    assert_no_error(words_write(misas_documents_insert, inside, "c", "m:2"));
    other_start(&second, opened, update_first_version);
    fixture_await_waiting(opened, 1);
    transaction_commit(begun);
    pthread_join(second.thread, NULL);
    assert_no_error(second.error);
    assert_has(documents, "b:5@2 m:5@2");
    fixture_close(opened);
}

TEST(a_collection_is_created_by_the_first)
{
    for (int is_kept = 0; is_kept < 2; is_kept++) {
        fixture *opened = fixture_open();
        transaction *begun = transaction_begin(opened);
        other second;

        assert_no_error(misas_documents_create_collection(transaction_documents(begun), "d"));
        other_start(&second, opened, create_d);
        fixture_await_waiting(opened, 1);
        if (is_kept != 0) {
            transaction_commit(begun);
        } else {
            transaction_roll_back(begun);
        }
        pthread_join(second.thread, NULL);
        if (is_kept != 0) {
            assert_error_is(second.error, MISAS_ERROR_COLLECTION_EXISTS);
        } else {
            assert_no_error(second.error);
        }
        fixture_close(opened);
    }
}

TEST(writing_waits_for_a_deletion_of_the_collection_and_then_misses_it)
{
    static void *(*const works[])(void *) = {insert_several, upsert_several, update_first_version,
                                             delete_first_version};

    for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
        fixture *opened = fixture_open_with_collection();
        other second;

        assert_no_error(words_write(misas_documents_insert, fixture_documents(opened), "c", "b:1"));
        transaction *begun = transaction_begin(opened);

        assert_no_error(misas_documents_delete_collection(transaction_documents(begun), "c"));
        other_start(&second, opened, works[i]);
        fixture_await_waiting(opened, 1);
        transaction_commit(begun);
        pthread_join(second.thread, NULL);
        assert_error_is(second.error, MISAS_ERROR_COLLECTION_NOT_FOUND);
        assert_no_error(misas_documents_create_collection(fixture_documents(opened), "c"));
        assert_has(fixture_documents(opened), "");
        fixture_close(opened);
    }
}

static void *delete_c(void *argument)
{
    other *self = argument;

    self->error = misas_documents_delete_collection(self->documents, "c");
    return NULL;
}

TEST(deleting_a_collection_waits_for_who_writes_and_deletes_that_too)
{
    fixture *opened = fixture_open_with_collection();
    transaction *begun = transaction_begin(opened);
    other second;

    assert_no_error(words_write(misas_documents_insert, transaction_documents(begun), "c", "a:1"));
    other_start(&second, opened, delete_c);
    fixture_await_waiting(opened, 1);
    transaction_commit(begun);
    pthread_join(second.thread, NULL);
    assert_no_error(second.error);
    assert_no_error(misas_documents_create_collection(fixture_documents(opened), "c"));
    assert_has(fixture_documents(opened), "");
    fixture_close(opened);
}
