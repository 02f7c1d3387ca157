#include <jansson.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "documentstore/memory_documents.h"
#include "envelope/digest.h"
#include "misas/envelope.h"
#include "misas/json.h"
#include "storage/memory_storage.h"
#include "storage/transaction.h"
#include "support/test.h"
#include "test/v1/everything.misas.h"
#include "test/v1/legacy.misas.h"

/* The linker leads the library's calls here. */
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);

static size_t calls_until_failure; /* 0: none fails */

static bool fails(void)
{
    if (calls_until_failure == 0) {
        return false;
    }
    calls_until_failure--;
    return calls_until_failure == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

/* A step of which every allocation fails in turn; true when none was left to fail. */
typedef misas_error *(*step_function)(void);

static void fail_each_allocation_of(step_function step, const char *error_type)
{
    for (size_t i = 1;; i++) {
        calls_until_failure = i;
        misas_error *error = step();
        bool was_reached = calls_until_failure == 0;

        calls_until_failure = 0;
        if (!was_reached) {
            assert_no_error(error);
            return;
        }
        assert_non_null(error);
        assert_true(error_type == NULL || misas_error_is(error, error_type));
        misas_error_free(error);
    }
}

static const char json[] =
    "{\"aString\":\"a\",\"aBytes\":\"AAEC\",\"lines\":[{\"article\":\"b\"},{}],\"strings\":[\"c\"],"
    "\"doubles\":[1,\"2.5\"],\"byString\":{\"d\":\"e\"},\"byInt32\":{\"1\":2},\"byFixed64\":{\"1\":"
    "{}},"
    "\"choiceString\":\"f\",\"aMask\":\"g,hI\",\"aStruct\":{\"j\":[null,{\"k\":1}]},"
    "\"aStringValue\":\"l\",\"aTimestamp\":\"2024-02-29T12:30:00Z\"}";

static misas_error *read_and_write_json(void)
{
    ProtobufCMessage *message = NULL;
    char *written = NULL;
    misas_error *error =
        misas_json_decode(&message, &test_v1_everything_type, json, sizeof json - 1, NULL);

    if (error == NULL) {
        error = misas_json_encode(&written, NULL, &test_v1_everything_type, message, NULL);
    }
    misas_message_free(message);
    free(written);
    return error;
}

static misas_error *pack_and_unpack(void)
{
    Test__V1__Everything message = TEST__V1__EVERYTHING__INIT;
    Test__V1__Everything__Line line = TEST__V1__EVERYTHING__LINE__INIT;
    Test__V1__Everything__Line *lines[] = {&line, &line};
    ProtobufCMessage *unpacked = NULL;
    char text[] = "text";
    char *strings[] = {text, text};
    void *bytes = NULL;
    size_t size = 0;

    message.n_lines = 2;
    message.lines = lines;
    message.n_strings = 2;
    message.strings = strings;
    misas_error *error =
        misas_message_encode(&bytes, &size, &test_v1_everything_type, &message.base);

    if (error == NULL) {
        error = misas_message_decode(&unpacked, &test_v1_everything_type, bytes, size, NULL);
    }
    misas_message_free(unpacked);
    free(bytes);
    return error;
}

static misas_error *fill_a_registry(void)
{
    misas_type_registry *registry = NULL;
    misas_error *error = misas_type_registry_new(&registry);

    if (error == NULL) {
        error = misas_type_registry_add(registry, &test_v1_everything_schema);
    }
    misas_type_registry_free(registry);
    return error;
}

/* What is in the collection "c": "a:1" stands for a document "a" with the content {"n":1}. */
static void assert_documents(misas_documents *documents, const char *expected)
{
    misas_document_list *list = NULL;
    char found[100] = "";

    assert_no_error(misas_documents_find(&list, documents, "c", NULL));
    for (size_t i = 0; i < misas_document_list_count(list); i++) {
        const misas_document *document = misas_document_list_get(list, i);

        strcat(strcat(strcat(found, document->id), document->content), " ");
    }
    misas_document_list_free(list);
    assert_string_equal(found, expected);
}

static misas_error *write_documents(misas_documents *documents)
{
    misas_error *error = misas_documents_insert(
        documents, "c", (misas_document[]){{"c", "{\"n\":[1.0,{}]}", 0}, {"d", "{}", 0}}, 2);

    if (error == NULL) {
        error = misas_documents_upsert(
            documents, "c", (misas_document[]){{"a", "{\"n\":2}", 0}, {"e", "{}", 0}}, 2);
    }
    if (error == NULL) {
        error = misas_documents_delete(documents, "c", (misas_document[]){{.id = "b"}}, 1);
    }
    if (error == NULL) {
        error = misas_documents_create_collection(documents, "d");
    }
    if (error == NULL) {
        error = misas_documents_delete_collection(documents, "c");
    }
    return error;
}

static misas_error *read_documents(misas_documents *documents)
{
    const misas_condition conditions[] = {{"n", MISAS_ONE_OF, .value = "[1.0,2]"}, {.path = NULL}};
    const misas_document_query query = {.conditions = conditions, .order_by = "n"};
    misas_document_list *list = NULL;
    const char **names = NULL;
    misas_error *error = misas_documents_find(&list, documents, "c", &query);

    misas_document_list_free(list);
    if (error == NULL) {
        error = misas_documents_list_collections(&names, documents);
    }
    free(names);
    return error;
}

static misas__memory_documents *kept_documents;

/* In a transaction, which rolls back in the end. */
static misas_error *change_documents(void)
{
    misas__memory_documents_begin(kept_documents);
    misas_error *error = read_documents(misas__memory_documents_in_transaction(kept_documents));

    if (error == NULL) {
        error = write_documents(misas__memory_documents_in_transaction(kept_documents));
    }
    misas__memory_documents_roll_back(kept_documents);
    if (error != NULL) {
        assert_documents(misas__memory_documents_shared(kept_documents), "a{\"n\":1} b{\"n\":1} ");
    }
    return error;
}

static void open_documents(void)
{
    assert_no_error(misas__memory_documents_new(&kept_documents));
    misas_documents *documents = misas__memory_documents_shared(kept_documents);

    assert_no_error(misas_documents_create_collection(documents, "c"));
    assert_no_error(misas_documents_insert(
        documents, "c", (misas_document[]){{"a", "{\"n\":1}", 0}, {"b", "{\"n\":1}", 0}}, 2));
}

static misas_error *copy_an_envelope(void)
{
    misas_envelope *copy = NULL;
    misas_envelope envelope = {
        .id = "id", .source = "/a", .type = "a.b", .payload = "c", .payload_size = 1};
    misas_error *error = misas_envelope_copy(&copy, &envelope);

    free(copy);
    return error;
}

static misas_error *copy_a_reply(void)
{
    misas_reply *copy = NULL;
    misas_error *error = misas_reply_copy(&copy, &(misas_reply){.type = "a.b"});

    free(copy);
    return error;
}

static misas_error *sent_error;

static misas_error *encode_and_decode_an_error(void)
{
    void *bytes = NULL;
    size_t size = 0;
    misas_error *received = NULL;
    misas_error *error = misas_error_encode(&bytes, &size, sent_error);

    if (error == NULL) {
        error = misas_error_decode(&received, bytes, size);
    }
    misas_error_free(received);
    free(bytes);
    return error;
}

static misas_error *derive_an_id(void)
{
    misas_uuid uuid;

    return misas__derived_uuid(&uuid, "/a", "id", 1);
}

static void *allocate_for_libcrypto(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return __wrap_malloc(size);
}

static void *reallocate_for_libcrypto(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return __wrap_realloc(memory, size);
}

static void free_for_libcrypto(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

/* What memory kept from being written is not there at all; then it can be written. */
static misas_error *write_batch(void)
{
    static misas_storage *storage;
    static misas__transaction *transaction;
    const misas__handled handled[] = {{.source = "s", .id = "1"}, {.source = "s", .id = "2"}};
    const misas__batch_stream streams[] = {{"a", MISAS_NO_STREAM}, {"b", MISAS_NO_STREAM}};
    const misas__batch_event events[] = {
        {0, {.type = "test.v1.T"}}, {1, {.type = "test.v1.T"}}, {0, {.type = "test.v1.T"}}};
    const misas__prediction_change changes[] = {
        {MISAS__PREDICTION_ADD, {.id = "p", .type = "T", .key = "k"}},
        {MISAS__PREDICTION_REPLACE, {.id = "q", .type = "T", .key = "k"}},
        {MISAS__PREDICTION_ADD, {.id = "r", .type = "T", .key = "l"}},
        {MISAS__PREDICTION_CANCEL_KEY, {.type = "T", .key = "k"}}};
    const misas_envelope command = {.id = "01890a5d-ac96-774b-bcce-b302099a8057", .type = "t"};
    const misas__batch batch = {.handled = handled,
                                .handled_count = 2,
                                .streams = streams,
                                .stream_count = 2,
                                .events = events,
                                .event_count = 3,
                                .commands = &command,
                                .command_count = 1,
                                .predictions = changes,
                                .prediction_count = 4};
    uint64_t versions[2];
    misas_error *error = storage == NULL ? misas_storage_new_memory(&storage, NULL) : NULL;

    if (error == NULL && transaction == NULL) {
        error = misas__transaction_new(&transaction, storage);
    }
    if (error == NULL) {
        error = transaction->functions->write(versions, transaction, &batch);
    }
    if (error == NULL) {
        assert_int_equal(versions[0], 2);
        assert_null(((misas__memory_storage *)storage)->predictions.changed);
        transaction->functions->free(transaction);
        misas_storage_free(storage);
    }
    return error;
}

TEST(a_batch_that_memory_runs_out_for_leaves_nothing_behind)
{
    fail_each_allocation_of(write_batch, MISAS_ERROR_OUT_OF_MEMORY);
}

TEST(documents_in_memory_survive_the_failure_of_each_allocation)
{
    open_documents();
    fail_each_allocation_of(change_documents, MISAS_ERROR_OUT_OF_MEMORY);
    misas__memory_documents_free(kept_documents);
}

TEST(documents_in_memory_survive_the_failure_of_the_parsers_allocations)
{
    json_set_alloc_funcs(__wrap_malloc, free);
    open_documents();
    fail_each_allocation_of(change_documents, NULL);
    misas__memory_documents_free(kept_documents);
    json_set_alloc_funcs(__real_malloc, free);
}

TEST(reading_and_writing_json_survives_the_failure_of_each_allocation)
{
    fail_each_allocation_of(read_and_write_json, MISAS_ERROR_OUT_OF_MEMORY);
}

/* jansson does not tell them from syntax errors. */
TEST(reading_json_survives_the_failure_of_the_parsers_allocations)
{
    json_set_alloc_funcs(__wrap_malloc, free);
    fail_each_allocation_of(read_and_write_json, NULL);
    json_set_alloc_funcs(__real_malloc, free);
}

TEST(packing_and_unpacking_survive_the_failure_of_each_allocation)
{
    fail_each_allocation_of(pack_and_unpack, MISAS_ERROR_OUT_OF_MEMORY);
}

TEST(a_registry_survives_the_failure_of_each_allocation)
{
    fail_each_allocation_of(fill_a_registry, MISAS_ERROR_OUT_OF_MEMORY);
}

TEST(copies_of_envelopes_and_replies_survive_the_failure_of_each_allocation)
{
    fail_each_allocation_of(copy_an_envelope, MISAS_ERROR_OUT_OF_MEMORY);
    fail_each_allocation_of(copy_a_reply, MISAS_ERROR_OUT_OF_MEMORY);
}

static misas_storage *storage; /* in memory, anew for each failure */

static misas_error *list_what_is_kept(void)
{
    const misas__checkpoint_functions *functions = &storage->backend->checkpoints;
    const misas__checkpoint_info *infos = NULL;
    const misas__dead_letter *letters = NULL;
    misas__arena arena = {0};
    size_t count = 0;
    misas_error *error = functions->list(&infos, &count, storage, &arena);

    if (error == NULL) {
        error = functions->list_dead_letters(&letters, &count, storage,
                                             &(misas__dead_letter_query){.max = 10}, &arena);
    }
    misas__arena_free(&arena);
    return error;
}

/* Sets one message more aside, and settles the one before. */
static misas_error *set_aside(misas__transaction *transaction, int64_t id)
{
    const misas__checkpoint_key key = {"a.b", MISAS__SOURCE_LOG, 0};
    const misas__dead_letter letter = {
        .processor = "a.b",
        .event = {.position = (uint64_t)id, .stream = "s", .type = "t", .part_count = 1}};
    const misas__checkpoint_move move = {.key = key, .epoch = 1, .position = (uint64_t)id};
    const int64_t settled = id - 1;

    return transaction->functions->write(
        NULL, transaction,
        &(misas__batch){.checkpoint = &move,
                        .dead_letters = &letter,
                        .dead_letter_count = 1,
                        .settled_dead_letters = &settled,
                        .settled_dead_letter_count = id > 1 ? 1 : 0});
}

static misas_error *lead_and_set_aside(void)
{
    const misas__checkpoint_key key = {"a.b", MISAS__SOURCE_LOG, 0};
    misas__transaction *transaction = NULL;
    misas__checkpoint checkpoint;
    bool is_taken = false;
    misas_error *error =
        storage->backend->checkpoints.take(&checkpoint, &is_taken, storage, &key, "owner");

    if (error == NULL) {
        error = storage->backend->checkpoints.pause(storage, "a.c", true);
    }
    if (error == NULL) {
        error = misas__transaction_new(&transaction, storage);
    }
    for (int64_t id = 1; id <= 2 && error == NULL; id++) {
        error = set_aside(transaction, id);
    }
    if (transaction != NULL) {
        transaction->functions->free(transaction);
    }
    return error != NULL ? error : list_what_is_kept();
}

static misas_error *lead_and_set_aside_anew(void)
{
    misas_error *error = misas_storage_new_memory(&storage, NULL);

    if (error == NULL) {
        error = lead_and_set_aside();
        misas_storage_free(storage);
    }
    return error;
}

TEST(checkpoints_and_dead_letters_in_memory_survive_the_failure_of_each_allocation)
{
    fail_each_allocation_of(lead_and_set_aside_anew, MISAS_ERROR_OUT_OF_MEMORY);
}

/* No level of it may get lost instead. */
TEST(an_error_crosses_whole_or_not_at_all_when_each_allocation_fails)
{
    enum { text_size = 5000 }; /* the arena needs more than one chunk */
    char text[text_size];

    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    misas_error *cause =
        misas_error_new(&(misas_error_options){.type_name = "a.b", .message = text});

    sent_error = misas_error_new(&(misas_error_options){
        .type_name = "a.c",
        .message = text,
        .cause = misas_error_wrap(cause, "wrap of the cause"),
        .data = (misas_field[]){{"name", text}, {"other", text}, {NULL, NULL}},
        .tags = "one two"});
    sent_error = misas_error_wrap(sent_error, "outermost");
    fail_each_allocation_of(encode_and_decode_an_error, MISAS_ERROR_OUT_OF_MEMORY);
    misas_error_free(sent_error);
}

/* The only test here that uses libcrypto: after its first allocation there is no other choice. */
TEST(a_derived_id_survives_the_failure_of_each_of_libcryptos_allocations)
{
    assert_int_equal(CRYPTO_set_mem_functions(allocate_for_libcrypto, reallocate_for_libcrypto,
                                              free_for_libcrypto),
                     1);
    assert_no_error(derive_an_id());
    fail_each_allocation_of(derive_an_id, MISAS__ERROR_DIGEST_FAILED);
}
