/* Documents within what a handler does. */
#include <string.h>

#include "processing_contract/fixture.h"
#include "support/answers.h"
#include "support/ledger.h"

/* Inserts a document named by the text, looks for it, and ends as the text says: "a" is well, "b!"
 * is refused, "c?" is tried again until it has been called twice. */
static misas_error *insert_note(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                void *argument)
{
    int *calls = argument;
    misas_documents *documents = NULL;
    misas_document_list *found = NULL;
    const misas_document note = {.id = command->text, .content = "{\"kind\":\"note\"}"};
    misas_error *error = misas_context_documents(&documents, context);

    if (error == NULL) {
        error = misas_documents_insert(documents, "notes", &note, 1);
    }
    if (error == NULL) {
        error = misas_documents_find_by_id(&found, documents, "notes", command->text);
    }
    misas_document_list_free(found);
    if (error != NULL) {
        return error;
    }
    ++*calls;
    if (strchr(command->text, '!') != NULL) {
        return misas_error_new(
            &(misas_error_options){.type_name = "test.refused", .message = "not this one"});
    }
    if (strchr(command->text, '?') != NULL && *calls < 2) {
        return misas_error_new(&(misas_error_options){
            .type_name = "test.later", .message = "not yet", .tags = MISAS_TAG_RETRIABLE});
    }
    return NULL;
}

/* The ids of the notes, as "a b ". */
static void assert_notes(misas_storage *storage, const char *expected)
{
    misas_document_list *list = NULL;
    char ids[200] = "";

    assert_no_error(misas_documents_find(&list, misas_storage_documents(storage), "notes", NULL));
    for (size_t i = 0; i < misas_document_list_count(list); i++) {
        strcat(strcat(ids, misas_document_list_get(list, i)->id), " ");
    }
    misas_document_list_free(list);
    assert_string_equal(ids, expected);
}

typedef struct noting {
    misas_storage *storage;
    int calls;
    ledger_options options;
    test_ledger ledger;
} noting;

static void start(noting *self)
{
    self->calls = 0;
    self->storage = fixture_open();
    assert_no_error(
        misas_documents_create_collection(misas_storage_documents(self->storage), "notes"));
    self->options = (ledger_options){.probe = insert_note, .argument = &self->calls};
    self->ledger = ledger_start(self->storage, &self->options);
}

static void stop(noting *self)
{
    ledger_stop(&self->ledger);
    fixture_close(self->storage);
}

TEST(what_a_handler_does_to_documents_takes_effect_with_it)
{
    noting self;

    start(&self);
    assert_no_error(ledger_run_probe(&self.ledger, "a", "first", NULL));
    assert_notes(self.storage, "first ");
    stop(&self);
}

TEST(what_a_refused_handler_did_to_documents_is_undone)
{
    noting self;

    start(&self);
    assert_error_is(ledger_run_probe(&self.ledger, "a", "no!", NULL), "test.refused");
    assert_notes(self.storage, "");
    assert_no_error(ledger_run_probe(&self.ledger, "a", "yes", NULL));
    assert_notes(self.storage, "yes ");
    stop(&self);
}

TEST(an_error_of_documents_is_an_answer_like_any_other)
{
    noting self;

    start(&self);
    assert_no_error(ledger_run_probe(&self.ledger, "a", "same", NULL));
    assert_error_is(ledger_run_probe(&self.ledger, "a", "same", "again"),
                    MISAS_ERROR_DOCUMENT_EXISTS);
    assert_error_is(ledger_run_probe(&self.ledger, "a", "same", "again"),
                    MISAS_ERROR_DOCUMENT_EXISTS);
    assert_no_error(ledger_run_probe(&self.ledger, "a", "other", NULL));
    assert_notes(self.storage, "other same ");
    stop(&self);
}

TEST(documents_of_a_handler_that_is_tried_again_are_written_once)
{
    noting self;

    start(&self);
    assert_no_error(ledger_run_probe(&self.ledger, "a", "maybe?", NULL));
    assert_int_equal(self.calls, 2);
    assert_notes(self.storage, "maybe? ");
    stop(&self);
}

TEST(the_same_command_writes_its_documents_once)
{
    noting self;

    start(&self);
    assert_no_error(ledger_run_probe(&self.ledger, "a", "once", "id"));
    assert_no_error(ledger_run_probe(&self.ledger, "a", "once", "id"));
    assert_notes(self.storage, "once ");
    stop(&self);
}

static void send_note(test_ledger *to, const char *text, test_answers *answers)
{
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;

    command.account = (char[]){"a"};
    command.text = (char *)(uintptr_t)text;
    assert_no_error(bank_ledger_v1_probe_send(
        to->bus, &command, &(misas_send_options){.completion = answers_take, .argument = answers}));
}

TEST(documents_of_many_handlers_are_written_together_but_for_those_refused)
{
    test_answers answers = ANSWERS_NONE("test.refused");
    noting self;

    start(&self);
    assert_no_error(ledger_open(&self.ledger, "b", NULL));
    for (int i = 0; i < 20; i++) {
        static const char *const texts[] = {"a", "b!", "c", "d!", "e"};

        send_note(&self.ledger, texts[i % 5],
                  &answers); /* from the second turn on, there already */
        assert_no_error(ledger_deposit(&self.ledger, "b", 1, NULL));
    }
    answers_await(&answers, 20);
    assert_int_equal(answers.successes, 3);
    assert_int_equal(answers.of_type, 8);
    assert_notes(self.storage, "a c e ");
    assert_int_equal(ledger_balance(&self.ledger, "b"), 20);
    stop(&self);
}

/* What a query tried, and what it was told. */
static misas_error *refused_with[3];

static misas_error *peek(misas_context *context, const Bank__Ledger__V1__Peek *query)
{
    const misas_document note = {.id = "peeked", .content = "{}"};
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;
    misas_documents *documents = NULL;
    misas_aggregate *account = NULL;
    uint64_t count = 0;
    misas_error *error = misas_context_documents(&documents, context);

    (void)query;
    if (error == NULL) {
        error = misas_documents_count(&count, documents, "notes", NULL);
    }
    refused_with[0] = misas_documents_insert(documents, "notes", &note, 1);
    refused_with[1] = misas_documents_delete_where(NULL, documents, "notes", NULL);
    refused_with[2] = misas_documents_create_collection(documents, "others");
    if (error == NULL) {
        error = misas_context_load(&account, context, "account", "a");
    }
    event.account = (char[]){"a"};
    return error == NULL ? bank_ledger_v1_deposited_record(account, &event) : error;
}

static void add_peek(misas_subsystem *subsystem, void *argument)
{
    (void)argument;
    bank_ledger_v1_peek_handle(subsystem, peek);
}

TEST(a_query_changes_nothing)
{
    noting self = {.storage = fixture_open()};
    Bank__Ledger__V1__Peek query = BANK__LEDGER__V1__PEEK__INIT;

    assert_no_error(
        misas_documents_create_collection(misas_storage_documents(self.storage), "notes"));
    self.options = (ledger_options){.prepare = add_peek};
    self.ledger = ledger_start(self.storage, &self.options);
    assert_no_error(ledger_open(&self.ledger, "a", NULL));
    assert_error_says(bank_ledger_v1_peek_ask(NULL, self.ledger.bus, &query, NULL),
                      MISAS_ERROR_CONTEXT, "a query changes nothing");
    for (int i = 0; i < 3; i++) {
        assert_error_is(refused_with[i], MISAS_ERROR_DOCUMENT_INVALID);
    }
    assert_notes(self.storage, "");
    assert_int_equal(ledger_count_events(self.storage, "account-a"), 1);
    stop(&self);
}
