/* What is left of a projector that fails half way. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "processing_contract/fixture.h"
#include "storage/transaction.h"
#include "support/ledger.h"

typedef struct projecting {
    misas_storage *storage;
    misas_subsystem *subsystem;
    misas_event_processing *processing;
    atomic_int failures;
    atomic_bool is_mended;
} projecting;

static misas_error *write_document(misas_documents *documents, int64_t cents, const char *which)
{
    char id[32];

    snprintf(id, sizeof id, "%d%s", (int)cents, which);
    return misas_documents_upsert(documents, "deposits",
                                  &(misas_document){.id = id, .content = "{}"}, 1);
}

/* Two documents for each deposit; with a deposit of 2 it fails between them. */
static misas_error *project(misas_context *context, const Bank__Ledger__V1__Deposited *event)
{
    misas_documents *documents = NULL;
    void *service = NULL;
    misas_error *error = misas_context_service(&service, context, "projecting");

    if (error == NULL) {
        error = misas_context_documents(&documents, context);
    }
    if (error == NULL) {
        error = write_document(documents, event->cents, "a");
    }
    if (error != NULL) {
        return error;
    }
    projecting *self = service;

    if (event->cents == 2 && !atomic_load(&self->is_mended)) {
        atomic_fetch_add(&self->failures, 1);
        return misas_error_new(
            &(misas_error_options){.type_name = "test.half_way", .message = "it broke down"});
    }
    return write_document(documents, event->cents, "b");
}

static void deposit(projecting *self, int64_t cents)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;

    event.account = (char[]){"a"};
    event.cents = cents;
    assert_no_error(bank_ledger_v1_deposited_append(NULL, misas_storage_event_store(self->storage),
                                                    "account-a", MISAS_ANY_VERSION, &event, NULL));
}

static void start(projecting *self)
{
    static misas_log *log;

    if (log == NULL) {
        assert_no_error(misas_log_new(&log, &(misas_log_options){.level = MISAS_LOG_OFF}));
    }
    self->storage = fixture_open();
    self->subsystem = ledger_subsystem(NULL);
    atomic_init(&self->failures, 0);
    atomic_init(&self->is_mended, false);
    misas_subsystem_add_service(self->subsystem, "projecting", self);
    bank_ledger_v1_deposited_on(
        misas_subsystem_add_event_processor(self->subsystem,
                                            &(misas_event_processor_options){.name = "deposits"}),
        project);
    assert_no_error(
        misas_documents_create_collection(misas_storage_documents(self->storage), "deposits"));
    for (int cents = 1; cents <= 3; cents++) {
        deposit(self, cents);
    }
    assert_no_error(misas_event_processing_start(
        &self->processing, &(misas_event_processing_options){.subsystem = self->subsystem,
                                                             .storage = self->storage,
                                                             .logger = {.log = log}}));
}

static void stop(projecting *self)
{
    misas_event_processing_stop(self->processing);
    misas_subsystem_free(self->subsystem);
    fixture_close(self->storage);
}

static void read_ids(char ids[64], projecting *self)
{
    misas_document_list *list = NULL;

    ids[0] = '\0';
    assert_no_error(
        misas_documents_find(&list, misas_storage_documents(self->storage), "deposits", NULL));
    for (size_t i = 0; i < misas_document_list_count(list); i++) {
        strcat(strcat(ids, misas_document_list_get(list, i)->id), " ");
    }
    misas_document_list_free(list);
}

static uint64_t find_position(projecting *self)
{
    misas__arena arena = {0};
    const misas__checkpoint_info *list = NULL;
    size_t count = 0;

    assert_no_error(self->storage->backend->checkpoints.list(&list, &count, self->storage, &arena));
    uint64_t position = count == 1 ? list[0].checkpoint.position : 0;

    misas__arena_free(&arena);
    return position;
}

static bool has_failed_often(void *argument)
{
    return atomic_load(&((projecting *)argument)->failures) >= 3;
}

static bool is_complete(void *argument)
{
    char ids[64];

    read_ids(ids, argument);
    return strcmp(ids, "1a 1b 2a 2b 3a 3b ") == 0;
}

TEST(a_projector_that_fails_half_way_leaves_no_half_and_no_later_checkpoint)
{
    projecting self;
    char ids[64];

    start(&self);
    assert_true(test_wait_until(has_failed_often, &self, 20000));
    read_ids(ids, &self);
    assert_string_equal(ids, "1a 1b ");
    assert_int_equal(find_position(&self), 1);
    atomic_store(&self.is_mended, true);
    assert_true(test_wait_until(is_complete, &self, 20000));
    stop(&self);
}
