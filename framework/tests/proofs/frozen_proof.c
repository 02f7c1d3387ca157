/* Of two processes that run the same ledger, the one that leads is stopped with SIGSTOP, in and
 * outside a transaction: the other takes over within the time, and whatever the first then goes on
 * with is not accepted.
 *
 * MISAS_PROOF_STOPS: how many. */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/ledger_service.h"
#include "support/test.h"

enum {
    take_over_max_ms = 5000,
    handled_max_ms = 30000, /* when nobody is stopped: a failure of another kind */
    burst = 30,
    process_count = 2
};

/* How a leader is stopped. */
typedef enum moment {
    moment_in_transaction, /* of the processor of notes, with a document locked */
    moment_in_handler,     /* of the processor of notes, before its transaction */
    moment_idle,           /* the leader of the commands */
    moment_busy            /* the processor of copies, with events in hand */
} moment;

/* Shared by all processes. */
typedef struct board {
    atomic_int held;   /* the process that is to wait in its handler ... */
    atomic_int where;  /* ... at this moment */
    atomic_int inside; /* the one that does */
    atomic_int passed; /* how many went on from there */
} board;

typedef struct proof {
    test_store *at;
    PGconn *session;
    board *board;
    pid_t processes[process_count];
    int64_t appended;
    int64_t slowest_ms;
    int held; /* in their handlers, so often */
    int in_transaction;
    unsigned random;
} proof;

static board *shared; /* in the processes, where handlers find it */

/* Where a process can be stopped within its handler. */
static void wait_while_held(moment where)
{
    if (atomic_load(&shared->held) != getpid() || atomic_load(&shared->where) != (int)where) {
        return;
    }
    atomic_store(&shared->inside, getpid());
    while (atomic_load(&shared->held) == getpid()) {
        poll(NULL, 0, 1);
    }
    atomic_fetch_add(&shared->passed, 1);
}

static int64_t member(const misas_document_list *found, const char *name)
{
    const char *content =
        misas_document_list_count(found) > 0 ? misas_document_list_get(found, 0)->content : "";
    const char *place = strstr(content, name);

    return place != NULL ? strtoll(place + strlen(name), NULL, 10) : 0;
}

/* Notes how often the event was handled, and by whom: nothing but the lease keeps that right. */
static misas_error *note(misas_context *context, const char *id)
{
    misas_documents *documents = NULL;
    misas_document_list *found = NULL;
    char content[64];
    misas_error *error = misas_context_documents(&documents, context);

    if (error == NULL) {
        error = misas_documents_find_by_ids(&found, documents, "notes", &id, 1);
    }
    if (error == NULL) {
        snprintf(content, sizeof content, "{\"by\": %ld, \"times\": %" PRId64 "}", (long)getpid(),
                 member(found, "\"times\":") + 1);
        error = misas_documents_upsert(documents, "notes",
                                       &(misas_document){.id = id, .content = content}, 1);
    }
    misas_document_list_free(found);
    return error;
}

static misas_error *note_deposit(misas_context *context, const Bank__Ledger__V1__Deposited *event)
{
    char id[24];

    if (strcmp(event->account, "in") != 0) {
        return NULL;
    }
    snprintf(id, sizeof id, "%" PRId64, event->cents);
    wait_while_held(moment_in_handler);
    misas_error *error = note(context, id);

    wait_while_held(moment_in_transaction);
    return error;
}

/* Withdraws the same on another account, and has it deposited on a third by a command. */
static misas_error *copy(misas_context *context, const Bank__Ledger__V1__Deposited *event)
{
    Bank__Ledger__V1__Withdrawn withdrawn = BANK__LEDGER__V1__WITHDRAWN__INIT;
    Bank__Ledger__V1__Deposit sent = BANK__LEDGER__V1__DEPOSIT__INIT;
    misas_aggregate *account = NULL;

    if (strcmp(event->account, "in") != 0) {
        return NULL;
    }
    misas_error *error = misas_context_load(&account, context, "account", "out");

    withdrawn.account = (char[]){"out"};
    sent.account = (char[]){"sink"};
    withdrawn.cents = sent.cents = event->cents;
    if (error == NULL) {
        error = bank_ledger_v1_withdrawn_record(account, &withdrawn);
    }
    return error == NULL ? bank_ledger_v1_deposit_send_from(context, &sent) : error;
}

static void prepare_processors(misas_subsystem *subsystem, void *argument)
{
    (void)argument;
    bank_ledger_v1_deposited_on(misas_subsystem_add_event_processor(
                                    subsystem, &(misas_event_processor_options){.name = "notes"}),
                                note_deposit);
    bank_ledger_v1_deposited_on(misas_subsystem_add_event_processor(
                                    subsystem, &(misas_event_processor_options){.name = "copies"}),
                                copy);
}

static void serve(void *argument)
{
    const proof *of = argument;
    ledger_service running;

    shared = of->board;
    ledger_service_start(&running, of->at, &(ledger_options){.prepare = prepare_processors});
    for (;;) {
        pause();
    }
}

static void open_account(const proof *of, const char *account)
{
    Bank__Ledger__V1__Opened opened = BANK__LEDGER__V1__OPENED__INIT;
    char stream[32];

    snprintf(stream, sizeof stream, "account-%s", account);
    opened.account = (char *)(uintptr_t)account;
    assert_no_error(
        bank_ledger_v1_opened_append(NULL, of->at->store, stream, MISAS_NO_STREAM, &opened, NULL));
}

/* The next event: its cents are its number. */
static void append(proof *of)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;

    event.account = (char[]){"in"};
    event.cents = ++of->appended;
    assert_no_error(bank_ledger_v1_deposited_append(NULL, of->at->store, "account-in",
                                                    MISAS_ANY_VERSION, &event, NULL));
}

/* Noted, and the command of the copy handled. */
static bool is_all_handled(void *argument)
{
    const proof *of = argument;

    return session_number(of->session, "select count(*) from documents where collection = "
                                       "'notes'") == of->appended &&
           session_number(of->session, "select count(*) from events where stream = "
                                       "'account-sink'") == of->appended + 1;
}

static int64_t epoch(const proof *of, const char *processor)
{
    return session_number(of->session, "select epoch from checkpoints where processor = '%s'",
                          processor);
}

/* The owner is "<host>:<process>"; 0: nobody. */
static pid_t leader(const proof *of, const char *processor)
{
    return (pid_t)session_number(of->session,
                                 "select regexp_replace(owner, '.*:', '') from checkpoints where "
                                 "processor = '%s' and expires_at >= clock_timestamp()",
                                 processor);
}

static bool is_led(void *argument)
{
    const proof *of = argument;

    return leader(of, "ledger.notes") != 0 && leader(of, "ledger.copies") != 0 &&
           leader(of, "ledger.commands") != 0;
}

static bool is_inside(void *argument)
{
    const proof *of = argument;

    return atomic_load(&of->board->inside) == atomic_load(&of->board->held);
}

static bool has_passed(void *argument)
{
    const proof *of = argument;

    return atomic_load(&of->board->passed) == of->held;
}

static bool is_stopped(void *argument)
{
    int status = 0;

    return waitpid(*(pid_t *)argument, &status, WNOHANG | WUNTRACED) > 0 && WIFSTOPPED(status);
}

static bool is_in_handler(moment when)
{
    return when == moment_in_transaction || when == moment_in_handler;
}

/* The leader waits in its handler when it is stopped. */
static void enter_handler(proof *of, moment when, pid_t stopped)
{
    atomic_store(&of->board->where, (int)when);
    atomic_store(&of->board->held, stopped);
    append(of);
    assert_true(test_wait_until(is_inside, of, handled_max_ms));
    of->held++;
    of->in_transaction += when == moment_in_transaction ? 1 : 0;
}

static void stop(proof *of, moment when, pid_t stopped)
{
    if (is_in_handler(when)) {
        enter_handler(of, when, stopped);
    } else if (when == moment_busy) {
        for (int i = 0; i < burst; i++) {
            append(of);
        }
        poll(NULL, 0, rand_r(&of->random) % 20); /* a random moment: not a wait for something */
    }
    kill(stopped, SIGSTOP);
    assert_true(test_wait_until(is_stopped, &stopped, handled_max_ms));
}

/* Another has taken over, and nobody has since then. */
static void assert_led_by_another(proof *of, const char *processor, pid_t stopped, int64_t expected)
{
    assert_int_not_equal(leader(of, processor), stopped);
    assert_int_not_equal(leader(of, processor), 0);
    assert_int_equal(epoch(of, processor), expected);
}

/* What the one that was stopped goes on with is refused; then it stands by. */
static void go_on(proof *of, moment when, pid_t stopped)
{
    atomic_store(&of->board->held, 0);
    atomic_store(&of->board->inside, 0);
    kill(stopped, SIGCONT);
    if (is_in_handler(when)) {
        assert_true(test_wait_until(has_passed, of, handled_max_ms));
    }
    append(of);
    assert_true(test_wait_until(is_all_handled, of, handled_max_ms));
}

static void stop_a_leader(proof *of, moment when)
{
    static const char *const processors[] = {"ledger.notes", "ledger.notes", "ledger.commands",
                                             "ledger.copies"};
    const char *processor = processors[when];
    pid_t stopped = leader(of, processor);
    int64_t before = epoch(of, processor);

    stop(of, when, stopped);
    int64_t stopped_ms = test_now_ms();

    append(of);
    assert_true(test_wait_until(is_all_handled, of, handled_max_ms));
    int64_t took_ms = test_now_ms() - stopped_ms;

    of->slowest_ms = took_ms > of->slowest_ms ? took_ms : of->slowest_ms;
    assert_led_by_another(of, processor, stopped, before + 1);
    assert_int_equal(session_number(of->session,
                                    "select (content->>'by')::int from documents where collection "
                                    "= 'notes' and id = '%lld'",
                                    (long long)of->appended) == stopped,
                     0);
    go_on(of, when, stopped);
    assert_led_by_another(of, processor, stopped, before + 1);
}

static void begin(proof *of)
{
    of->random = (unsigned)getpid();
    of->at = test_store_open(NULL);
    of->session = session_open(of->at);
    session_execute(of->session, "insert into collections (name) values ('notes')");
    of->board =
        mmap(NULL, sizeof *of->board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(of->board != MAP_FAILED);
    open_account(of, "in");
    open_account(of, "out");
    open_account(of, "sink");
    for (int i = 0; i < process_count; i++) {
        of->processes[i] = ledger_service_fork(serve, of);
    }
    append(of);
    assert_true(test_wait_until(is_all_handled, of, handled_max_ms));
    assert_true(test_wait_until(is_led, of, handled_max_ms));
}

static void end(proof *of)
{
    for (int i = 0; i < process_count; i++) {
        kill(of->processes[i], SIGKILL);
        waitpid(of->processes[i], NULL, 0);
    }
    munmap(of->board, sizeof *of->board);
    PQfinish(of->session);
    test_store_close(of->at);
}

/* How often each number came, in a stream of Withdrawn or Deposited. */
typedef struct tally {
    int *times;
    int64_t doubled;
    int64_t lost;
    int64_t disordered;
} tally;

static int64_t read_number(const misas_event *event)
{
    Bank__Ledger__V1__Deposited *deposited = NULL;
    Bank__Ledger__V1__Withdrawn *withdrawn = NULL;
    int64_t number = 0;

    if (strcmp(event->type, "bank.ledger.v1.Deposited") == 0) {
        assert_no_error(bank_ledger_v1_deposited_decode(&deposited, event));
        number = deposited->cents;
        misas_message_free(&deposited->base);
    } else if (strcmp(event->type, "bank.ledger.v1.Withdrawn") == 0) {
        assert_no_error(bank_ledger_v1_withdrawn_decode(&withdrawn, event));
        number = withdrawn->cents;
        misas_message_free(&withdrawn->base);
    }
    return number;
}

static void take_number(tally *into, int64_t number, int64_t *last, int64_t most)
{
    if (number == 0) { /* Opened */
        return;
    }
    assert_in_range(number, 1, most);
    into->doubled += into->times[number]++ > 0 ? 1 : 0;
    into->disordered += number < *last ? 1 : 0;
    *last = number;
}

static tally count_numbers(const proof *of, const char *stream)
{
    tally found = {.times = calloc((size_t)of->appended + 1, sizeof(int))};
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;
    int64_t last = 0;

    assert_non_null(found.times);
    assert_no_error(misas_event_store_read_stream(&reader, of->at->store, stream, NULL));
    do {
        assert_no_error(misas_event_reader_next(&event, reader));
        if (event != NULL) {
            take_number(&found, read_number(event), &last, of->appended);
        }
    } while (event != NULL);
    misas_event_reader_free(reader);
    for (int64_t i = 1; i <= of->appended; i++) {
        found.lost += found.times[i] == 0 ? 1 : 0;
    }
    free(found.times);
    found.times = NULL;
    return found;
}

static void judge(const proof *of, int stops)
{
    tally copied = count_numbers(of, "account-out");
    tally sunk = count_numbers(of, "account-sink");
    int64_t doubled =
        copied.doubled + sunk.doubled +
        session_number(of->session, "select coalesce(sum((content->>'times')::int - 1), 0) from "
                                    "documents where collection = 'notes'");
    int64_t set_aside = session_number(of->session, "select count(*) from dead_letters");

    printf("figures: stops=%d in_transaction=%d slowest_take_over_ms=%" PRId64 " handled=%" PRId64
           " double=%" PRId64 " lost=%" PRId64 " disordered=%" PRId64 " set_aside=%" PRId64 "\n",
           stops, of->in_transaction, of->slowest_ms, of->appended, doubled,
           copied.lost + sunk.lost, copied.disordered, set_aside);
    assert_int_equal(doubled + copied.lost + sunk.lost, 0);
    assert_int_equal(copied.disordered + set_aside, 0);
    assert_true(of->slowest_ms <= take_over_max_ms);
}

TEST(another_takes_over_from_a_leader_that_was_stopped_whose_writes_are_refused_from_then_on)
{
    static const moment others[] = {moment_in_handler, moment_idle, moment_busy};
    proof of = {0};
    int stops = test_amount("MISAS_PROOF_STOPS", 2);

    begin(&of);
    for (int i = 0; i < stops; i++) {
        stop_a_leader(&of, i % 2 == 0 ? moment_in_transaction : others[i / 2 % 3]);
    }
    judge(&of, stops);
    end(&of);
}
