#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bank.h"

enum { accounts = 1000, turns = 10, batch = 100, max_batch = 20000 };
static const double events = (double)accounts * turns * batch;
static const double wanted_events_per_second = 150000;

/* The sums of a batch, by account: a document for each. */
typedef struct fold {
    int64_t cents[accounts];
    bool is_changed[accounts];
    char ids[accounts][8];
    char contents[accounts][32];
} fold;

static misas_error *add_batch(fold *sums, const misas_event *const *batch_events, size_t count)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < count && error == NULL; i++) {
        Bank__Ledger__V1__Deposited *deposited = NULL;
        long account = strtol(batch_events[i]->stream + strlen("account-"), NULL, 10);

        error = bank_ledger_v1_deposited_decode(&deposited, batch_events[i]);
        if (error == NULL) {
            sums->cents[account] += deposited->cents;
            sums->is_changed[account] = true;
            misas_message_free(&deposited->base);
        }
    }
    return error;
}

static misas_error *add_stored(fold *sums, misas_documents *documents, const char *const *ids,
                               size_t count)
{
    misas_document_list *list = NULL;
    misas_error *error = misas_documents_find_by_ids(&list, documents, "sums", ids, count);

    if (error != NULL) {
        return error;
    }
    for (size_t i = 0; i < misas_document_list_count(list); i++) {
        const misas_document *document = misas_document_list_get(list, i);

        sums->cents[strtol(document->id, NULL, 10)] +=
            strtoll(strchr(document->content, ':') + 1, NULL, 10);
    }
    misas_document_list_free(list);
    return NULL;
}

static misas_error *write_sums(fold *sums, misas_documents *documents)
{
    misas_document changed[accounts];
    const char *ids[accounts];
    size_t count = 0;

    for (int i = 0; i < accounts; i++) {
        if (sums->is_changed[i]) {
            snprintf(sums->ids[i], sizeof sums->ids[i], "%d", i);
            changed[count] = (misas_document){.id = sums->ids[i], .content = sums->contents[i]};
            ids[count++] = sums->ids[i];
        }
    }
    misas_error *error = add_stored(sums, documents, ids, count);

    for (size_t i = 0; i < count && error == NULL; i++) {
        long account = strtol(ids[i], NULL, 10);

        snprintf(sums->contents[account], sizeof sums->contents[account], "{\"cents\":%" PRId64 "}",
                 sums->cents[account]);
    }
    return error == NULL ? misas_documents_upsert(documents, "sums", changed, count) : error;
}

static misas_error *project(misas_context *context, const misas_event *const *batch_events,
                            size_t count, void *argument)
{
    misas_documents *documents = NULL;
    fold *sums = calloc(1, sizeof *sums);
    misas_error *error =
        sums != NULL ? misas_context_documents(&documents, context) : misas_error_out_of_memory();

    (void)argument;
    if (error == NULL) {
        error = add_batch(sums, batch_events, count);
    }
    if (error == NULL) {
        error = write_sums(sums, documents);
    }
    free(sums);
    return error;
}

static void fill(misas_event_store *store)
{
    Bank__Ledger__V1__Deposited deposited = BANK__LEDGER__V1__DEPOSITED__INIT;
    misas_append appends[accounts];
    static char streams[accounts][24];
    misas_new_event one_batch[batch];
    char account[bench_payload_bytes - 4];

    memset(account, 'a', sizeof account);
    account[sizeof account - 1] = '\0';
    deposited.account = account;
    deposited.cents = 1;
    for (int i = 0; i < batch; i++) {
        bench_check(bank_ledger_v1_deposited_new_event(&one_batch[i], &deposited), "an event");
    }
    for (int turn = 0; turn < turns; turn++) {
        for (int i = 0; i < accounts; i++) {
            snprintf(streams[i], sizeof streams[i], "account-%d", i);
            appends[i] =
                (misas_append){streams[i], (misas_expected_version)turn * batch, one_batch, batch};
            bench_check(misas_event_store_append_many(NULL, store, &appends[i], 1), "appending");
        }
    }
    for (int i = 0; i < batch; i++) {
        free((void *)(uintptr_t)one_batch[i].payload);
    }
}

static int64_t sum_up(misas_storage *storage)
{
    misas_document_list *list = NULL;
    int64_t sum = 0;

    bench_check(misas_documents_find(&list, misas_storage_documents(storage), "sums", NULL),
                "finding the sums");
    for (size_t i = 0; i < misas_document_list_count(list); i++) {
        sum += strtoll(strchr(misas_document_list_get(list, i)->content, ':') + 1, NULL, 10);
    }
    misas_document_list_free(list);
    return sum;
}

static void sleep_a_little(void)
{
    struct timespec pause = {.tv_nsec = 20000000};

    nanosleep(&pause, NULL);
}

static misas_subsystem *make_subsystem(void)
{
    static const misas_type *const types[] = {&bank_ledger_v1_deposited_type, NULL};
    misas_subsystem *subsystem = NULL;

    bench_check(misas_subsystem_new(&subsystem, "bank", "reports"), "a subsystem");
    misas_event_processor_handle_batches(
        misas_subsystem_add_event_processor(
            subsystem, &(misas_event_processor_options){.name = "sums", .max_batch = max_batch}),
        types, project, NULL);
    return subsystem;
}

void bench_projection_catch_up(void)
{
    bench_database database = bench_database_new("projection");
    misas_subsystem *subsystem = make_subsystem();
    misas_event_processing *processing = NULL;
    misas_storage *storage = NULL;

    bench_check(misas_storage_new_postgresql(&storage, database.database, NULL), "a storage");
    bench_check(misas_documents_create_collection(misas_storage_documents(storage), "sums"),
                "a collection");
    fill(misas_storage_event_store(storage));
    double started_ms = bench_now_ms();

    bench_check(misas_event_processing_start(
                    &processing,
                    &(misas_event_processing_options){.subsystem = subsystem, .storage = storage}),
                "event processing");
    while (sum_up(storage) < (int64_t)events) {
        sleep_a_little();
    }
    bench_report("projection_catch_up", events / (bench_now_ms() - started_ms) * 1e3, "events/s",
                 wanted_events_per_second);
    misas_event_processing_stop(processing);
    misas_subsystem_free(subsystem);
    misas_storage_free(storage);
    bench_database_free(&database);
}
