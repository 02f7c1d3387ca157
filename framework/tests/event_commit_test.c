/* An event processor that does not learn whether its transaction was committed. */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/recorder.h"
#include "support/session.h"

enum { handled_timeout_ms = 20000 };

/* Set by a handler: the answer to its thread's commit will be lost. */
static _Thread_local bool loses_commit;
static PGconn *witness; /* the session of who loses it */
static atomic_int lost_commits;

/* Of how many events there are to be copies, as a session sees it. */
typedef struct wanted_copies {
    PGconn *session;
    int count;
} wanted_copies;

static bool has_copies(void *argument)
{
    const wanted_copies *wanted = argument;

    return session_number(wanted->session, "select count(distinct causation_id) from events where "
                                           "stream = 'account-copy' and type "
                                           "like '%%.Withdrawn'") >= wanted->count;
}

static void await_copies(PGconn *session, int count)
{
    assert_true(test_wait_until(has_copies, &(wanted_copies){session, count}, handled_timeout_ms));
}

/* The peer is gone, as far as libpq can see. */
static void cut_connection(PGconn *connection)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    close(ends[1]);
    dup2(ends[0], PQsocket(connection));
    close(ends[0]);
}

/* Stands in for libpq's. */
PGresult *PQexec(PGconn *connection, const char *sql)
{
    PGresult *(*execute)(PGconn *, const char *) = NULL;
    void *found = dlsym(RTLD_NEXT, "PQexec");

    memcpy(&execute, &found, sizeof execute);
    if (!loses_commit || strcmp(sql, "commit") != 0) {
        return execute(connection, sql);
    }
    loses_commit = false;
    PQsendQuery(connection, sql);
    PQflush(connection);
    if (test_wait_until(has_copies, &(wanted_copies){witness, 1}, handled_timeout_ms)) {
        atomic_fetch_add(&lost_commits, 1);
    }
    cut_connection(connection);
    return PQgetResult(connection);
}

/* Withdraws the same from another account. */
static misas_error *copy(misas_context *context, const Bank__Ledger__V1__Deposited *event)
{
    Bank__Ledger__V1__Withdrawn withdrawn = BANK__LEDGER__V1__WITHDRAWN__INIT;
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_load(&account, context, "account", "copy");

    withdrawn.account = (char[]){"copy"};
    withdrawn.cents = event->cents;
    if (error == NULL) {
        error = bank_ledger_v1_withdrawn_record(account, &withdrawn);
    }
    loses_commit = error == NULL && atomic_load(&lost_commits) == 0;
    return error;
}

static void deposit(misas_storage *storage, int64_t cents)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;

    event.account = (char[]){"a"};
    event.cents = cents;
    assert_no_error(bank_ledger_v1_deposited_append(NULL, misas_storage_event_store(storage),
                                                    "account-a", MISAS_ANY_VERSION, &event, NULL));
}

static void open_account(misas_storage *storage)
{
    Bank__Ledger__V1__Opened opened = BANK__LEDGER__V1__OPENED__INIT;

    opened.account = (char[]){"copy"};
    assert_no_error(bank_ledger_v1_opened_append(NULL, misas_storage_event_store(storage),
                                                 "account-copy", MISAS_NO_STREAM, &opened, NULL));
}

TEST(events_whose_commit_was_not_answered_are_not_handled_again)
{
    test_store *at = test_store_open(NULL);
    misas_storage *storage = NULL;
    misas_subsystem *subsystem = ledger_subsystem(NULL);
    misas_event_processing *processing = NULL;
    PGconn *session = session_open(at);

    witness = session_open(at);
    assert_no_error(misas_storage_new_postgresql(&storage, at->postgresql, NULL));
    bank_ledger_v1_deposited_on(misas_subsystem_add_event_processor(
                                    subsystem, &(misas_event_processor_options){.name = "copies"}),
                                copy);
    open_account(storage);
    deposit(storage, 1);
    assert_no_error(misas_event_processing_start(
        &processing, &(misas_event_processing_options){
                         .subsystem = subsystem, .storage = storage, .logger = {.log = at->log}}));
    await_copies(session, 1);
    deposit(storage, 2);
    await_copies(session, 2);
    misas_event_processing_stop(processing);
    assert_int_equal(atomic_load(&lost_commits), 1);
    assert_int_equal(ledger_count_events(storage, "account-copy"), 3);
    PQfinish(session);
    PQfinish(witness);
    misas_storage_free(storage);
    misas_subsystem_free(subsystem);
    test_store_close(at);
}
