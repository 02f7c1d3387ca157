/* A system whose PostgreSQL is gone can still stop. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "misas/sender.h"
#include "misas/system.h"
#include "service/notes.h"
#include "service/predictions.h"
#include "support/answers.h"
#include "support/ledger.h"
#include "support/server.h"

enum {
    longest_stop_ms = 4000,
    longest_end_ms = 5000,
    senders = 20,
    predictions = 20,
    timeout_ms = 60000,
    outage_ms = 3000,
    parts = 5,                    /* a worker, a dispatcher, a predictor, two event processors */
    components = parts + 3,       /* and their subscriptions */
    most_records = 2 * components /* a component may meet two errors, one after the other */
};

static misas_system *new_bank(void)
{
    misas_system *system = NULL;

    test_server_start();
    setenv("MISAS_POSTGRESQL", misas_secret_reveal(test_server_connection()), 1);
    setenv("MISAS_MIGRATE", "yes", 1);
    setenv("MISAS_LOG_LEVEL", "off", 1);
    assert_no_error(misas_system_new(&system, &(misas_system_options){.name = "bank"}));
    misas_subsystem *subsystem = misas_system_add_subsystem(system, "ledger");

    ledger_register(subsystem, NULL);
    notes_register(subsystem);
    predictions_register(subsystem);
    return system;
}

static misas_system *start_bank(void)
{
    misas_system *system = new_bank();

    assert_no_error(misas_system_start(system));
    return system;
}

static void send_deposit(misas_system *system, test_answers *answers)
{
    Bank__Ledger__V1__Deposit command = BANK__LEDGER__V1__DEPOSIT__INIT;

    command.account = (char[]){"a"};
    command.cents = 1;
    assert_no_error(bank_ledger_v1_deposit_send(
        misas_system_bus(system), &command,
        &(misas_send_options){.completion = answers_take, .argument = answers}));
}

TEST(a_system_stops_soon_when_postgresql_is_gone_and_answers_what_waits)
{
    test_answers answers = ANSWERS_NONE(MISAS_ERROR_BUS_STOPPED);
    misas_system *system = start_bank();
    test_ledger ledger = {.bus = misas_system_bus(system)};

    assert_no_error(ledger_open(&ledger, "a", NULL));
    test_server_kill();
    for (int i = 0; i < senders; i++) {
        send_deposit(system, &answers);
    }
    int64_t began_ms = test_now_ms();

    misas_system_stop(system);
    assert_true(test_now_ms() - began_ms < longest_stop_ms);
    answers_await(&answers, senders);
    assert_int_equal(answers.of_type, senders);
    misas_system_free(system);
}

TEST(a_sender_goes_on_when_postgresql_is_back)
{
    misas_system *system = start_bank();
    test_ledger ledger = {.bus = misas_system_bus(system)};
    char account[] = "sent a";
    Bank__Ledger__V1__Open command = BANK__LEDGER__V1__OPEN__INIT;
    misas_sender *sender = NULL;
    misas_sender_counts counts;

    command.account = account;
    assert_no_error(
        misas_sender_new(&sender, &(misas_sender_options){.bus = ledger.bus,
                                                          .logger = *misas_system_logger(system)}));
    test_server_kill();
    for (int i = 0; i < senders; i++) {
        account[sizeof account - 2] = (char)('a' + i);
        assert_no_error(misas_sender_send(sender, &bank_ledger_v1_open_type, &command.base, NULL));
    }
    test_server_start();
    assert_no_error(misas_sender_flush(sender));
    misas_sender_count(&counts, sender);
    assert_int_equal(counts.accepted, senders);
    assert_int_equal(ledger_balance(&ledger, account), 0);
    misas_sender_free(sender);
    misas_system_stop(system);
    misas_system_free(system);
}

TEST(a_system_does_not_start_when_postgresql_is_gone_and_can_when_it_is_back)
{
    misas_system *system = start_bank();

    misas_system_stop(system);
    test_server_kill();
    assert_error_is(misas_system_start(system), MISAS_ERROR_POSTGRESQL_UNAVAILABLE);
    assert_null(misas_system_storage(system));
    test_server_start();
    assert_no_error(misas_system_start(system));
    misas_system_stop(system);
    misas_system_free(system);
}

/* Tells that all that comes before entry points has started, with commands on their way. */
static misas_error *tell_started(misas_system *system, void *argument)
{
    Bank__Ledger__V1__Open command = BANK__LEDGER__V1__OPEN__INIT;
    const int *told = argument;

    command.account = (char[]){"a"};
    misas_error *error = bank_ledger_v1_open_send(misas_system_bus(system), &command, NULL);

    return error == NULL && write(told[1], "!", 1) != 1 ? misas_error_out_of_memory() : error;
}

static void do_nothing(misas_system *system, void *argument)
{
    (void)system;
    (void)argument;
}

static pid_t fork_bank(int *told)
{
    static char *arguments[] = {"bank", NULL};
    misas_system *system = new_bank();

    misas_system_add_entry_point(
        system, &(misas_entry_point){
                    .name = "teller", .start = tell_started, .stop = do_nothing, .argument = told});
    pid_t process = fork();

    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(misas_error_exit_status(misas_system_run(system, 1, arguments)));
    }
    misas_system_free(system);
    return process;
}

static bool has_ended(void *argument)
{
    int *process_and_status = argument;

    return waitpid(process_and_status[0], &process_and_status[1], WNOHANG) != 0;
}

TEST(a_process_whose_postgresql_says_nothing_ends_within_5_seconds_of_sigterm)
{
    char byte = 0;
    int told[2];

    assert_int_equal(pipe(told), 0);
    int process_and_status[2] = {fork_bank(told), -1};

    assert_int_equal(read(told[0], &byte, 1), 1);
    test_server_freeze();
    int64_t began_ms = test_now_ms();

    kill(process_and_status[0], SIGTERM);
    assert_true(test_wait_until(has_ended, process_and_status, longest_end_ms));
    assert_true(test_now_ms() - began_ms <= longest_end_ms);
    assert_int_equal(process_and_status[1], 0);
    test_server_kill();
    close(told[0]);
    close(told[1]);
}

/* Predictions of a cent each, that are due in a moment. */
static void predict(void)
{
    PGconn *session = test_server_connect();
    PGresult *result = PQexec(
        session, "insert into misas.predictions (id, key, due_at, type, type_version, payload) "
                 "select 'p' || i, 'a', clock_timestamp() + interval '0.5 s', "
                 "'bank.ledger.v1.InterestDue', 1, '\\x0a01611001' from generate_series(1, 20) i");

    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    PQfinish(session);
}

static uint64_t count_notes(misas_system *system)
{
    uint64_t count = 0;

    misas_error_free(misas_documents_count(/* away, or with the first note still to come */
                                           &count,
                                           misas_storage_documents(misas_system_storage(system)),
                                           NOTES_COLLECTION, NULL));
    return count;
}

static bool has_all_notes(void *system)
{
    return count_notes(system) >= senders + predictions + 1;
}

TEST(commands_events_and_predictions_go_on_by_themselves_when_postgresql_comes_back)
{
    test_answers answers = ANSWERS_NONE("");
    misas_system *system = start_bank();
    test_ledger ledger = {.bus = misas_system_bus(system)};

    assert_no_error(ledger_open(&ledger, "b", NULL));
    assert_no_error(ledger_deposit(&ledger, "b", 1, NULL));
    misas_error_free(ledger_open(&ledger, "a", NULL)); /* or it was by a test before */
    predict();
    int64_t before = ledger_balance(&ledger, "a");

    for (int i = 0; i < senders / 2; i++) { /* some of which are in hand when it goes */
        send_deposit(system, &answers);
    }
    test_server_kill();
    for (int i = 0; i < senders / 2; i++) {
        send_deposit(system, &answers);
    }
    test_server_start();
    answers_await(&answers, senders);
    assert_int_equal(answers.errors, 0);
    assert_true(test_wait_until(has_all_notes, system, timeout_ms));
    assert_int_equal(count_notes(system), senders + predictions + 1);
    assert_int_equal(ledger_balance(&ledger, "a"), before + senders + predictions);
    misas_system_stop(system);
    misas_system_free(system);
}

/* The log of a system, which is standard error, in a file. */
typedef struct log_file {
    char path[40];
    int standard_error;
} log_file;

static void begin_log(log_file *out)
{
    *out = (log_file){.path = "/tmp/system_loss_test.XXXXXX"};
    int file = mkstemp(out->path);

    assert_true(file >= 0);
    out->standard_error = dup(STDERR_FILENO);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    close(file);
    setenv("MISAS_LOG_LEVEL", "info", 1);
}

static void end_log(log_file *log)
{
    assert_true(dup2(log->standard_error, STDERR_FILENO) >= 0);
    close(log->standard_error);
    remove(log->path);
}

typedef struct log_counts {
    int warnings;
    int backs;        /* "the storage is back" */
    int failed_tries; /* as these say */
} log_counts;

static log_counts count_records(const log_file *log)
{
    static const char tries[] = "failed_tries=";
    log_counts counts = {0};
    char line[2000];
    FILE *file = fopen(log->path, "r");

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        const char *said = strstr(line, tries);

        counts.warnings += strstr(line, " warning ") != NULL;
        counts.backs += strstr(line, "the storage is back") != NULL;
        counts.failed_tries += said != NULL ? (int)strtol(said + sizeof tries - 1, NULL, 10) : 0;
    }
    fclose(file);
    return counts;
}

static bool has_lasted(void *began_ms)
{
    return test_now_ms() - *(int64_t *)began_ms >= outage_ms;
}

/* The worker, the dispatcher, the predictor and the processors. */
static bool are_back(void *log)
{
    return count_records(log).backs >= parts;
}

TEST(an_outage_is_logged_when_it_begins_and_when_it_ends_and_not_with_each_try)
{
    test_answers answers = ANSWERS_NONE("");
    misas_system *system = new_bank();
    test_ledger ledger = {.bus = NULL};
    log_file log;

    begin_log(&log);
    assert_no_error(misas_system_start(system));
    ledger.bus = misas_system_bus(system);
    misas_error_free(ledger_open(&ledger, "a", NULL)); /* or it was by a test before */
    assert_int_equal(count_records(&log).warnings, 0);
    test_server_kill();
    send_deposit(system, &answers);
    int64_t began_ms = test_now_ms();

    assert_true(test_wait_until(has_lasted, &began_ms, timeout_ms));
    assert_in_range(count_records(&log).warnings, parts, most_records);
    test_server_start();
    answers_await(&answers, 1);
    assert_true(test_wait_until(are_back, &log, timeout_ms));
    log_counts counts = count_records(&log);

    misas_system_stop(system);
    misas_system_free(system);
    end_log(&log);
    assert_in_range(counts.warnings + counts.backs, 2 * parts, most_records + components);
    assert_true(counts.failed_tries > counts.warnings + parts);
}
