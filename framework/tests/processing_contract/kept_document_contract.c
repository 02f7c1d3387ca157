/* Documents that handlers have at hand as messages. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "processing_contract/fixture.h"
#include "storage/transaction.h"
#include "support/answers.h"
#include "support/ledger.h"

typedef Bank__Ledger__V1__Card card_record;

/* What the test's handler does with the card of the command's account. */
typedef misas_error *(*card_handler)(misas_context *context, const char *account, int calls);

typedef struct keeping {
    misas_storage *storage;
    atomic_int calls;
    card_handler handler;
    ledger_options options;
    test_ledger ledger;
} keeping;

static misas_error *run_handler(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                void *argument)
{
    keeping *self = argument;

    return self->handler(context, command->account, atomic_fetch_add(&self->calls, 1) + 1);
}

static misas_error *(*peeking)(misas_context *context);

static misas_error *peek(misas_context *context, const Bank__Ledger__V1__Peek *query)
{
    (void)query;
    return peeking(context);
}

static void prepare(misas_subsystem *subsystem, void *argument)
{
    (void)argument;
    bank_ledger_v1_card_keep(subsystem);
    bank_ledger_v1_peek_handle(subsystem, peek);
}

static misas_documents *cards(const keeping *self)
{
    return misas_storage_documents(self->storage);
}

static void start(keeping *self, card_handler handler)
{
    *self = (keeping){.storage = fixture_open(), .handler = handler};
    assert_no_error(misas_documents_create_collection(cards(self), "cards"));
    self->options = (ledger_options){.probe = run_handler, .argument = self, .prepare = prepare};
    self->ledger = ledger_start(self->storage, &self->options);
}

static void stop(keeping *self)
{
    ledger_stop(&self->ledger);
    fixture_close(self->storage);
}

static misas_error *handle(keeping *self, const char *account)
{
    return ledger_run_probe(&self->ledger, account, "", NULL);
}

/* The card's content must have these; `version` 0: any. */
static void assert_card(misas_storage *storage, const char *account, const char *part,
                        uint64_t version)
{
    misas_document_list *list = NULL;

    assert_no_error(
        misas_documents_find_by_id(&list, misas_storage_documents(storage), "cards", account));
    const misas_document *found = misas_document_list_get(list, 0);

    if (strstr(found->content, part) == NULL) {
        print_error("%s is not in %s\n", part, found->content);
    }
    assert_non_null(strstr(found->content, part));
    assert_true(version == 0 || found->version == version);
    misas_document_list_free(list);
}

static uint64_t count_cards(const keeping *self)
{
    uint64_t count = 0;

    assert_no_error(misas_documents_count(&count, cards(self), "cards", NULL));
    return count;
}

/* One cent more. */
static misas_error *count_up(misas_context *context, const char *account, int calls)
{
    card_record *card = NULL;
    misas_error *error = bank_ledger_v1_card_load_or_add(&card, context, account);

    (void)calls;
    if (error == NULL) {
        card->cents++;
        error = misas_message_set_text(&card->note, "counted");
    }
    return error;
}

TEST(what_is_changed_in_a_loaded_document_is_written_with_the_rest)
{
    keeping self;

    start(&self, count_up);
    assert_no_error(handle(&self, "a"));
    assert_card(self.storage, "a", "\"account\":\"a\"", 1);
    assert_no_error(handle(&self, "a"));
    assert_card(self.storage, "a", "\"cents\":2", 2);
    assert_card(self.storage, "a", "\"note\":\"counted\"", 2);
    stop(&self);
}

static misas_error *only_look(misas_context *context, const char *account, int calls)
{
    card_record *card = NULL;

    (void)calls;
    return bank_ledger_v1_card_load(&card, context, account);
}

TEST(what_is_only_looked_at_is_not_written)
{
    keeping self;

    start(&self, only_look);
    assert_error_is(handle(&self, "a"), MISAS_ERROR_DOCUMENT_NOT_FOUND);
    assert_no_error(misas_documents_insert(
        cards(&self), "cards",
        &(misas_document){.id = "a", .content = "{\"account\":\"a\",\"cents\":7}"}, 1));
    assert_no_error(handle(&self, "a"));
    assert_card(self.storage, "a", "\"cents\":7", 1);
    stop(&self);
}

static misas_error *count_up_and_refuse(misas_context *context, const char *account, int calls)
{
    misas_error *error = count_up(context, account, calls);

    return error != NULL ? error
                         : misas_error_new(&(misas_error_options){.type_name = "test.refused",
                                                                  .message = "not this one"});
}

TEST(what_a_refused_handler_changed_in_a_loaded_document_is_forgotten)
{
    keeping self;

    start(&self, count_up);
    assert_no_error(handle(&self, "a"));
    self.handler = count_up_and_refuse;
    assert_error_is(handle(&self, "a"), "test.refused");
    self.handler = count_up;
    assert_no_error(handle(&self, "a"));
    assert_card(self.storage, "a", "\"cents\":2", 2);
    stop(&self);
}

/* Refuses those whose id has a "!", once they are counted. */
static misas_error *count_up_but_some(misas_context *context, const char *account, int calls)
{
    return strchr(misas_context_envelope(context)->id, '!') != NULL
               ? count_up_and_refuse(context, account, calls)
               : count_up(context, account, calls);
}

/* Of each three the last is refused. */
static void send_sixty(keeping *self, test_answers *answers)
{
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;
    char id[16];

    for (int i = 0; i < 60; i++) {
        command.account = i % 5 == 0 ? (char[]){"a"} : (char[]){"b"};
        snprintf(id, sizeof id, "%d%s", i, i % 3 == 2 ? "!" : "");
        assert_no_error(bank_ledger_v1_probe_send(
            self->ledger.bus, &command,
            &(misas_send_options){.id = id, .completion = answers_take, .argument = answers}));
    }
}

TEST(many_commands_change_documents_together_but_for_those_refused)
{
    test_answers answers = ANSWERS_NONE("test.refused");
    keeping self;

    start(&self, count_up_but_some);
    send_sixty(&self, &answers);
    answers_await(&answers, 60);
    assert_int_equal(answers.successes, 40);
    assert_int_equal(answers.of_type, 20);
    assert_card(self.storage, "a", "\"cents\":8", 0);
    assert_card(self.storage, "b", "\"cents\":32", 0);
    stop(&self);
}

/* Whichever account the command is for. */
static misas_error *count_up_shared(misas_context *context, const char *account, int calls)
{
    (void)account;
    return count_up(context, "shared", calls);
}

TEST(what_several_change_at_once_in_one_document_is_all_there)
{
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;
    misas_sender *sender = NULL;
    keeping self;
    char account[16];

    start(&self, count_up_shared);
    ledger_stop(&self.ledger);
    self.options.processor.workers = 4;
    self.ledger = ledger_start(self.storage, &self.options);
    assert_no_error(misas_sender_new(&sender, &(misas_sender_options){.bus = self.ledger.bus}));
    for (int i = 0; i < 400; i++) {
        snprintf(account, sizeof account, "%d", i % 20);
        command.account = account;
        assert_no_error(bank_ledger_v1_probe_send_by(sender, &command, NULL));
    }
    assert_no_error(misas_sender_flush(sender));
    misas_sender_free(sender);
    assert_card(self.storage, "shared", "\"cents\":400", 0);
    stop(&self);
}

/* The first time another comes in between: it is seen from here as one that did so before. */
static misas_error *count_up_and_be_overtaken(misas_context *context, const char *account,
                                              int calls)
{
    card_record *card = NULL;
    misas_documents *documents = NULL;
    const misas_document other = {.id = account, .content = "{\"account\":\"a\",\"cents\":10}"};
    misas_error *error = bank_ledger_v1_card_load_or_add(&card, context, account);

    if (error == NULL && calls == 1) {
        error = misas_context_documents(&documents, context);
    }
    if (error == NULL && calls == 1) {
        error = misas_documents_upsert(documents, "cards", &other, 1);
    }
    if (error == NULL) {
        card->cents++;
    }
    return error;
}

TEST(a_change_that_was_overtaken_is_made_again)
{
    keeping self;

    start(&self, count_up);
    assert_no_error(handle(&self, "a"));
    atomic_store(&self.calls, 0);
    self.handler = count_up_and_be_overtaken;
    assert_no_error(handle(&self, "a"));
    assert_int_equal(atomic_load(&self.calls), 2);
    assert_card(self.storage, "a", "\"cents\":2", 2);
    stop(&self);
}

/* Reads the documents as others do. */
static misas_error *count_up_and_find(misas_context *context, const char *account, int calls)
{
    misas_documents *documents = NULL;
    misas_document_list *found = NULL;
    card_record **messages = NULL;
    size_t count = 0;
    misas_error *error = count_up(context, account, calls);

    if (error == NULL) {
        error = misas_context_documents(&documents, context);
    }
    if (error == NULL) {
        error = misas_documents_find_by_id(&found, documents, "cards", account);
    }
    misas_document_list_free(found);
    if (error == NULL) {
        error = count_up(context, account, calls);
    }
    if (error == NULL) {
        error = bank_ledger_v1_card_find(&messages, &count, context, NULL);
    }
    if (error == NULL) {
        assert_int_equal(count, 1);
        assert_int_equal(messages[0]->cents, 2);
    }
    return error;
}

TEST(what_was_changed_in_loaded_documents_is_seen_by_those_who_look)
{
    keeping self;

    start(&self, count_up_and_find);
    assert_no_error(handle(&self, "a"));
    assert_card(self.storage, "a", "\"cents\":2", 2);
    stop(&self);
}

static misas_error *remove_and_add(misas_context *context, const char *account, int calls)
{
    card_record *card = NULL;
    misas_error *error = bank_ledger_v1_card_load_or_add(&card, context, account);

    if (error == NULL) {
        card->cents = 100;
        error = bank_ledger_v1_card_remove(context, account);
    }
    if (error == NULL) { /* it is not there, and that is well */
        error = bank_ledger_v1_card_remove(context, account);
    }
    return error == NULL ? count_up(context, account, calls) : error;
}

static misas_error *clear(misas_context *context, const char *account, int calls)
{
    misas_error *error = count_up(context, account, calls);

    return error != NULL ? error : bank_ledger_v1_card_clear(context);
}

TEST(a_document_that_was_removed_begins_anew)
{
    keeping self;

    start(&self, remove_and_add);
    assert_no_error(handle(&self, "a"));
    assert_card(self.storage, "a", "\"cents\":1", 1);
    assert_no_error(handle(&self, "b"));
    self.handler = clear;
    assert_no_error(handle(&self, "a"));
    assert_int_equal(count_cards(&self), 0);
    stop(&self);
}

static misas_error *change_key(misas_context *context, const char *account, int calls)
{
    card_record *card = NULL;
    misas_error *error = bank_ledger_v1_card_load_or_add(&card, context, account);

    (void)calls;
    return error != NULL ? error : misas_message_set_text(&card->account, "other");
}

TEST(the_key_of_a_loaded_document_does_not_change)
{
    keeping self;

    start(&self, change_key);
    assert_error_says(handle(&self, "a"), MISAS_ERROR_CONTEXT,
                      "the document a of the collection cards: its key field, account, was changed "
                      "to other");
    assert_int_equal(count_cards(&self), 0);
    stop(&self);
}

TEST(documents_that_are_not_of_their_type_are_an_error_that_names_them)
{
    keeping self;

    start(&self, count_up);
    assert_no_error(misas_documents_insert(
        cards(&self), "cards", &(misas_document){.id = "a", .content = "{\"centimes\":1}"}, 1));
    assert_error_says(handle(&self, "a"), MISAS_ERROR_JSON_INVALID,
                      "the document a of the collection cards");
    assert_card(self.storage, "a", "centimes", 1);
    stop(&self);
}

TEST(documents_of_a_type_that_is_not_kept_are_refused)
{
    keeping self = {.storage = fixture_open(), .handler = count_up};

    self.options = (ledger_options){.probe = run_handler, .argument = &self};
    self.ledger = ledger_start(self.storage, &self.options);
    assert_error_says(handle(&self, "a"), MISAS_ERROR_CONTEXT,
                      "the subsystem ledger keeps no documents of the type bank.ledger.v1.Card");
    stop(&self);
}

static misas_error *peek_in_order(misas_context *context)
{
    card_record **found = NULL;
    size_t count = 0;
    misas_error *error = bank_ledger_v1_card_find(
        &found, &count, context,
        &(misas_document_query){
            .conditions =
                (const misas_condition[]){{"cents", MISAS_GREATER, .value = "1"}, {.path = NULL}},
            .order_by = "cents",
            .is_descending = true});

    if (error == NULL) {
        assert_int_equal(count, 2);
        assert_string_equal(found[0]->account, "c");
        assert_int_equal(found[0]->cents, 12);
        assert_string_equal(found[1]->account, "b");
    }
    return error;
}

static misas_error *peek_and_change(misas_context *context)
{
    card_record *card = NULL;
    misas_error *error = bank_ledger_v1_card_load(&card, context, "a");

    if (error == NULL) {
        card->cents = 1000;
    }
    return error;
}

static misas_error *ask(keeping *self, misas_error *(*how)(misas_context *context))
{
    Bank__Ledger__V1__Peek query = BANK__LEDGER__V1__PEEK__INIT;
    misas_reply *reply = NULL;

    peeking = how;
    misas_error *error = bank_ledger_v1_peek_ask(&reply, self->ledger.bus, &query, NULL);

    free(reply);
    return error;
}

TEST(a_query_finds_messages_by_their_numbers_and_changes_none)
{
    keeping self;

    start(&self, count_up);
    for (int i = 0; i < 12; i++) {
        assert_no_error(handle(&self, "c"));
    }
    assert_no_error(handle(&self, "a"));
    assert_no_error(handle(&self, "b"));
    assert_no_error(handle(&self, "b"));
    assert_no_error(ask(&self, peek_in_order));
    assert_error_is(ask(&self, peek_and_change), MISAS_ERROR_DOCUMENT_INVALID);
    assert_card(self.storage, "a", "\"cents\":1", 1);
    stop(&self);
}

/* Projects deposits; those of 13 cents fail when they were counted. */
static misas_error *project(misas_context *context, const Bank__Ledger__V1__Deposited *event)
{
    card_record *card = NULL;
    misas_error *error = bank_ledger_v1_card_load_or_add(&card, context, event->account);

    if (error == NULL) {
        card->cents += event->cents;
    }
    if (error == NULL && event->cents == 13) {
        return misas_error_new(
            &(misas_error_options){.type_name = "test.unlucky", .message = "not this one"});
    }
    return error;
}

typedef struct projecting {
    misas_storage *storage;
    misas_subsystem *subsystem;
    misas_event_processing *processing;
} projecting;

static void deposit(projecting *self, int64_t cents)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;

    event.account = (char[]){"a"};
    event.cents = cents;
    assert_no_error(bank_ledger_v1_deposited_append(NULL, misas_storage_event_store(self->storage),
                                                    "account-a", MISAS_ANY_VERSION, &event, NULL));
}

static void start_projecting(projecting *self)
{
    static misas_log *log;

    if (log == NULL) {
        assert_no_error(misas_log_new(&log, &(misas_log_options){.level = MISAS_LOG_OFF}));
    }
    self->subsystem = ledger_subsystem(NULL);
    bank_ledger_v1_card_keep(self->subsystem);
    bank_ledger_v1_deposited_on(misas_subsystem_add_event_processor(
                                    self->subsystem,
                                    &(misas_event_processor_options){
                                        .name = "cards", .on_failure = MISAS_FAILURE_SETS_ASIDE}),
                                project);
    assert_no_error(
        misas_documents_create_collection(misas_storage_documents(self->storage), "cards"));
    assert_no_error(misas_event_processing_start(
        &self->processing, &(misas_event_processing_options){.subsystem = self->subsystem,
                                                             .storage = self->storage,
                                                             .logger = {.log = log}}));
}

static bool has_caught_up(void *argument)
{
    projecting *self = argument;
    misas__arena arena = {0};
    const misas__checkpoint_info *list = NULL;
    size_t count = 0;

    assert_no_error(self->storage->backend->checkpoints.list(&list, &count, self->storage, &arena));
    const bool is_done = count == 1 && list[0].checkpoint.position == 100;

    misas__arena_free(&arena);
    return is_done;
}

static void stop_projecting(projecting *self)
{
    misas_event_processing_stop(self->processing);
    misas_subsystem_free(self->subsystem);
    fixture_close(self->storage);
}

TEST(a_projected_document_is_written_once_for_a_batch_of_events)
{
    projecting self = {.storage = fixture_open()};

    for (int i = 0; i < 100; i++) {
        deposit(&self, 2);
    }
    start_projecting(&self);
    assert_true(test_wait_until(has_caught_up, &self, 20000));
    assert_card(self.storage, "a", "\"cents\":200", 1);
    stop_projecting(&self);
}

TEST(an_event_that_is_set_aside_leaves_nothing_in_projected_documents)
{
    projecting self = {.storage = fixture_open()};

    for (int i = 0; i < 100; i++) {
        deposit(&self, i == 50 ? 13 : 2);
    }
    start_projecting(&self);
    assert_true(test_wait_until(has_caught_up, &self, 20000));
    assert_card(self.storage, "a", "\"cents\":198", 0);
    stop_projecting(&self);
}
