#include "misas/system.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "misas/postgresql.h"
#include "service/notes.h"
#include "storage/transaction.h"
#include "support/database.h"
#include "support/gate.h"
#include "support/ledger.h"

enum { timeout_ms = 20000 };

/* One test for each kind of storage. */
#define TEST_OF_BOTH(name)                   \
    static void name(bool is_on_postgresql); \
    TEST(name##_in_memory)                   \
    {                                        \
        name(false);                         \
    }                                        \
    TEST(name##_on_postgresql)               \
    {                                        \
        name(true);                          \
    }                                        \
    static void name(bool is_on_postgresql)

static void forget_settings(void)
{
    static const char *const variables[] = {
        "MISAS_SCHEMA",       "MISAS_STORAGE",      "MISAS_MIGRATE",   "MISAS_LOG_LEVEL",
        "MISAS_CLOCK_ORIGIN", "MISAS_CLOCK_ANCHOR", "MISAS_CLOCK_RATE"};

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        unsetenv(variables[i]);
    }
}

/* On PostgreSQL with a schema of its own, that is not there yet. */
static misas_system *new_system(bool is_on_postgresql)
{
    static char *server;
    static int count;
    misas_system *system = NULL;
    char schema[32];

    if (server == NULL) {
        server = strdup(getenv("MISAS_POSTGRESQL"));
    }
    forget_settings();
    setenv("MISAS_LOG_LEVEL", "error", 1);
    setenv("MISAS_STORAGE", is_on_postgresql ? "postgresql" : "memory", 1);
    if (is_on_postgresql) {
        snprintf(schema, sizeof schema, "system_%d", ++count);
        setenv("MISAS_POSTGRESQL", server, 1); /* which the database is made on */
        const misas_secret *connection = test_database_connection(test_database_of_process());

        setenv("MISAS_POSTGRESQL", misas_secret_reveal(connection), 1);
        setenv("MISAS_SCHEMA", schema, 1);
        setenv("MISAS_MIGRATE", "yes", 1);
    }
    assert_no_error(misas_system_new(&system, &(misas_system_options){.name = "bank"}));
    return system;
}

static misas_system *new_bank(bool is_on_postgresql, const ledger_options *options)
{
    misas_system *system = new_system(is_on_postgresql);
    misas_subsystem *subsystem = misas_system_add_subsystem(system, "ledger");

    ledger_register(subsystem, options);
    notes_register(subsystem);
    return system;
}

static test_ledger ledger_of(misas_system *system)
{
    return (test_ledger){.bus = misas_system_bus(system)};
}

static void end(misas_system *system)
{
    misas_system_stop(system);
    misas_system_free(system);
}

static uint64_t count_notes(misas_system *system)
{
    uint64_t count = 0;
    misas_error *error = misas_documents_count(
        &count, misas_storage_documents(misas_system_storage(system)), NOTES_COLLECTION, NULL);

    if (misas_error_is(error, MISAS_ERROR_COLLECTION_NOT_FOUND)) {
        misas_error_free(error);
        return 0;
    }
    assert_no_error(error);
    return count;
}

typedef struct wanted_notes {
    misas_system *system;
    uint64_t count;
} wanted_notes;

static bool has_notes(void *argument)
{
    const wanted_notes *wanted = argument;

    return count_notes(wanted->system) == wanted->count;
}

static void await_notes(misas_system *system, uint64_t count)
{
    wanted_notes wanted = {system, count};

    assert_true(test_wait_until(has_notes, &wanted, timeout_ms));
}

/* What an operation writes; freed with free(). */
static char *listed(misas_system *system, misas_error *(*list)(misas_system *system, FILE *file))
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    assert_no_error(list(system, file));
    fclose(file);
    return text;
}

static misas_error *list_processors(misas_system *system, FILE *file)
{
    return misas_system_list_processors(system, file, true);
}

static misas_error *list_letters(misas_system *system, FILE *file)
{
    return misas_system_list_dead_letters(system, file, NULL, true);
}

typedef struct wanted_text {
    misas_system *system;
    misas_error *(*list)(misas_system *system, FILE *file);
    const char *text;
} wanted_text;

static bool is_listed(void *argument)
{
    const wanted_text *wanted = argument;
    char *text = listed(wanted->system, wanted->list);
    bool is_there = strstr(text, wanted->text) != NULL;

    free(text);
    return is_there;
}

static void await_listed(misas_system *system,
                         misas_error *(*list)(misas_system *system, FILE *file), const char *text)
{
    wanted_text wanted = {system, list, text};

    assert_true(test_wait_until(is_listed, &wanted, timeout_ms));
}

TEST_OF_BOTH(a_system_handles_commands_events_and_what_handlers_send)
{
    misas_system *system = new_bank(is_on_postgresql, NULL);

    assert_no_error(misas_system_start(system));
    test_ledger ledger = ledger_of(system);
    Bank__Ledger__V1__Transfer transfer = BANK__LEDGER__V1__TRANSFER__INIT;

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_open(&ledger, "b", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 10, NULL));
    transfer.from = (char[]){"a"};
    transfer.to = (char[]){"b"};
    transfer.cents = 4;
    assert_no_error(
        bank_ledger_v1_transfer_send_and_wait(NULL, misas_system_bus(system), &transfer, NULL));
    await_notes(system, 2);
    assert_int_equal(ledger_balance(&ledger, "a"), 6);
    assert_int_equal(ledger_balance(&ledger, "b"), 4);
    end(system);
}

TEST_OF_BOTH(a_system_can_stop_and_start_again)
{
    misas_system *system = new_bank(is_on_postgresql, NULL);

    assert_no_error(misas_system_start(system));
    test_ledger ledger = ledger_of(system);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    misas_system_stop(system);
    assert_null(misas_system_storage(system));
    assert_no_error(misas_system_start(system));
    ledger = ledger_of(system);
    assert_int_equal(ledger_balance(&ledger, "a"), is_on_postgresql ? 0 : -1);
    end(system);
}

TEST_OF_BOTH(a_projection_is_reset_while_it_runs)
{
    misas_system *system = new_bank(is_on_postgresql, NULL);

    assert_no_error(misas_system_start(system));
    test_ledger ledger = ledger_of(system);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 1, NULL));
    assert_no_error(ledger_deposit(&ledger, "a", notes_failing_cents, NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 2, NULL));
    await_notes(system, 2);
    await_listed(system, list_letters, "\"id\":1,");
    assert_no_error(misas_system_reset_processor(system, "ledger.notes"));
    await_listed(system, list_letters, "\"id\":2,"); /* it was made anew, and the first is gone */
    await_notes(system, 2);
    char *letters = listed(system, list_letters);

    assert_null(strstr(letters, "\"id\":1,"));
    free(letters);
    end(system);
}

static bool has_caught_up(void *argument)
{
    bool caught_up = false;

    assert_no_error(misas_system_has_caught_up(&caught_up, argument));
    return caught_up;
}

TEST_OF_BOTH(a_system_that_makes_a_projection_anew_has_not_caught_up_before_it_is_made)
{
    misas_system *system = new_bank(is_on_postgresql, NULL);

    assert_no_error(misas_system_start(system));
    test_ledger ledger = ledger_of(system);

    assert_no_error(ledger_open(&ledger, "anna", NULL));
    assert_no_error(ledger_deposit(&ledger, "anna", 5, NULL));
    for (int i = 0; i < 2; i++) {
        assert_true(test_wait_until(has_caught_up, system, timeout_ms));
        assert_int_equal(count_notes(system), 1);
        assert_no_error(misas_system_reset_processor(system, "ledger.notes"));
    }
    end(system);
}

TEST_OF_BOTH(a_system_has_caught_up_when_all_that_is_in_the_log_is_handled)
{
    misas_system *system = new_bank(is_on_postgresql, NULL);

    assert_no_error(misas_system_start(system));
    test_ledger ledger = ledger_of(system);

    assert_no_error(ledger_open(&ledger, "anna", NULL));
    assert_no_error(ledger_deposit(&ledger, "anna", 5, NULL));
    assert_true(test_wait_until(has_caught_up, system, timeout_ms));
    assert_int_equal(count_notes(system), 1);
    end(system);
}

static test_gate gate;

static misas_error *pass_gate(misas_context *context, const Bank__Ledger__V1__Opened *event)
{
    (void)context;
    (void)event;
    gate_pass(&gate);
    return NULL;
}

TEST_OF_BOTH(a_system_has_not_caught_up_while_an_event_is_in_hand)
{
    misas_system *system = new_system(is_on_postgresql);
    misas_subsystem *subsystem = misas_system_add_subsystem(system, "ledger");

    gate = (test_gate)GATE_CLOSED;
    ledger_register(subsystem, NULL);
    bank_ledger_v1_opened_on(misas_subsystem_add_event_processor(
                                 subsystem, &(misas_event_processor_options){.name = "gate"}),
                             pass_gate);
    assert_no_error(misas_system_start(system));
    test_ledger ledger = ledger_of(system);

    assert_no_error(ledger_open(&ledger, "anna", NULL));
    assert_false(has_caught_up(system));
    gate_open(&gate);
    assert_true(test_wait_until(has_caught_up, system, timeout_ms));
    end(system);
}

static misas_error *fail_to_clear(misas_context *context, void *argument)
{
    misas_documents *documents = NULL;
    misas_error *error = misas_context_documents(&documents, context);

    (void)argument;
    misas_error_free(error);
    misas_error_free(misas_documents_delete_where(NULL, documents, NOTES_COLLECTION, NULL));
    return misas_error_new(
        &(misas_error_options){.type_name = "test.unclear", .message = "it was not cleared"});
}

TEST_OF_BOTH(a_reset_that_fails_changes_nothing)
{
    misas_system *system = new_system(is_on_postgresql);
    misas_subsystem *subsystem = misas_system_add_subsystem(system, "ledger");

    ledger_register(subsystem, NULL);
    misas_event_processor_on_reset(notes_register(subsystem), fail_to_clear, NULL);
    assert_no_error(misas_system_start(system));
    test_ledger ledger = ledger_of(system);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 1, NULL));
    await_notes(system, 1);
    await_listed(system, list_processors, "\"lag\":0");
    assert_error_is(misas_system_reset_processor(system, "ledger.notes"), "test.unclear");
    assert_int_equal(count_notes(system), 1);
    assert_no_error(ledger_deposit(&ledger, "a", 2, NULL));
    await_notes(system, 2); /* it leads again */
    end(system);
}

TEST_OF_BOTH(a_paused_processor_rests_until_it_is_resumed)
{
    misas_system *system = new_bank(is_on_postgresql, NULL);

    assert_no_error(misas_system_start(system));
    test_ledger ledger = ledger_of(system);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(misas_system_pause_processor(system, "ledger.notes", true));
    await_listed(system, list_processors, "\"paused\":true");
    assert_no_error(misas_system_pause_processor(system, "ledger.notes", false));
    assert_no_error(ledger_deposit(&ledger, "a", 1, NULL));
    await_notes(system, 1);
    assert_error_says(misas_system_pause_processor(system, "ledger.nobody", true),
                      MISAS_ERROR_USAGE, "ledger.commands, ledger.notes, ledger.other");
    end(system);
}

TEST_OF_BOTH(a_dead_letter_is_shown_and_dropped)
{
    misas_system *system = new_bank(is_on_postgresql, NULL);
    char *text = NULL;
    size_t size = 0;

    assert_no_error(misas_system_start(system));
    test_ledger ledger = ledger_of(system);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", notes_failing_cents, NULL));
    await_listed(system, list_letters, "\"error\":\"bank.unlucky\"");
    FILE *file = open_memstream(&text, &size);

    assert_no_error(misas_system_show_dead_letter(system, file, 1));
    fclose(file);
    assert_non_null(strstr(text, "bank.superstition"));
    assert_non_null(strstr(text, "\"cents\": \"13\""));
    free(text);
    assert_no_error(misas_system_drop_dead_letter(system, 1));
    assert_error_is(misas_system_drop_dead_letter(system, 1), MISAS_ERROR_USAGE);
    assert_error_is(misas_system_retry_dead_letter(system, 1), MISAS_ERROR_USAGE);
    end(system);
}

/* The order in which entry points start (capitals) and stop. */
typedef struct test_order {
    char text[16];
} test_order;

typedef struct test_entry {
    test_order *order;
    char letter;
    bool fails;
} test_entry;

static void note(test_order *order, char letter)
{
    order->text[strlen(order->text)] = letter;
}

static misas_error *start_entry(misas_system *system, void *argument)
{
    const test_entry *entry = argument;
    test_ledger ledger = ledger_of(system);

    if (entry->fails) {
        return misas_error_new(
            &(misas_error_options){.type_name = "test.no", .message = "it does not start"});
    }
    assert_int_equal(ledger_balance(&ledger, "nobody"), -1); /* the subsystems run */
    note(entry->order, (char)(entry->letter - 'a' + 'A'));
    return NULL;
}

static void stop_entry(misas_system *system, void *argument)
{
    const test_entry *entry = argument;
    test_ledger ledger = ledger_of(system);

    assert_int_equal(ledger_balance(&ledger, "nobody"), -1); /* still */
    note(entry->order, entry->letter);
}

static void add_entry(misas_system *system, const char *name, test_entry *entry)
{
    misas_system_add_entry_point(
        system, &(misas_entry_point){
                    .name = name, .start = start_entry, .stop = stop_entry, .argument = entry});
}

TEST(entry_points_start_after_the_subsystems_and_stop_before_them_the_last_first)
{
    test_order order = {.text = ""};
    test_entry a = {&order, 'a', false};
    test_entry b = {&order, 'b', false};
    misas_system *system = new_bank(false, NULL);

    add_entry(system, "a", &a);
    add_entry(system, "b", &b);
    assert_no_error(misas_system_start(system));
    end(system);
    assert_string_equal(order.text, "ABba");
}

TEST(an_entry_point_that_does_not_start_stops_those_before_it)
{
    test_order order = {.text = ""};
    test_entry a = {&order, 'a', false};
    test_entry b = {&order, 'b', true};
    misas_system *system = new_bank(false, NULL);

    add_entry(system, "a", &a);
    add_entry(system, "b", &b);
    assert_error_says(misas_system_start(system), "test.no", "the entry point b");
    assert_string_equal(order.text, "Aa");
    assert_null(misas_system_storage(system));
    misas_system_free(system);
}

static misas_error *stop_soon(misas_system *system, void *argument)
{
    misas_system_request_stop(system, argument);
    return NULL;
}

static void stop_nothing(misas_system *system, void *argument)
{
    (void)system;
    (void)argument;
}

static misas_error *run_words(misas_system *system, const char *const *words)
{
    char *argv[8] = {NULL};
    int argc = 0;

    for (; words[argc] != NULL; argc++) {
        argv[argc] = (char *)(uintptr_t)words[argc];
    }
    return misas_system_run(system, argc, argv);
}

TEST(a_program_can_ask_its_system_to_stop)
{
    misas_system *system = new_bank(false, NULL);

    misas_system_add_entry_point(
        system, &(misas_entry_point){.name = "stopper", .start = stop_soon, .stop = stop_nothing});
    assert_no_error(run_words(system, (const char *const[]){"bank", NULL}));
    misas_system_free(system);
}

TEST(a_system_asked_to_stop_with_an_error_returns_it)
{
    misas_system *system = new_bank(false, NULL);
    misas_error *error = misas_error_new(
        &(misas_error_options){.type_name = "test.enough", .message = "enough of it"});

    misas_system_add_entry_point(system, &(misas_entry_point){.name = "stopper",
                                                              .start = stop_soon,
                                                              .stop = stop_nothing,
                                                              .argument = error});
    assert_error_is(run_words(system, (const char *const[]){"bank", "run", NULL}), "test.enough");
    misas_system_free(system);
}

/* What an entry point on a thread of its own does. */
typedef struct test_runner {
    bool asks; /* the system to stop, at once */
    const char *error_type;
    bool was_told_early;
    bool was_stopped;
} test_runner;

static misas_error *run_runner(misas_system *system, const misas_stop *stop, void *argument)
{
    test_runner *runner = argument;
    test_ledger ledger = ledger_of(system);
    struct pollfd polled = {.fd = misas_stop_file(stop), .events = POLLIN};

    if (runner->error_type != NULL) {
        return misas_error_new(
            &(misas_error_options){.type_name = runner->error_type, .message = "it broke down"});
    }
    if (runner->asks) { /* before that nothing is to stop */
        runner->was_told_early = misas_stop_is_given(stop) || misas_stop_wait(stop, 1);
        misas_system_request_stop(system, NULL);
    }
    runner->was_stopped = misas_stop_wait(stop, -1) && misas_stop_is_given(stop) &&
                          poll(&polled, 1, timeout_ms) == 1 &&
                          ledger_balance(&ledger, "nobody") == -1; /* the subsystems still run */
    return NULL;
}

TEST(an_entry_point_may_run_on_a_thread_of_its_own_until_it_is_to_stop)
{
    test_runner asking = {.asks = true};
    test_runner waiting = {.asks = false};
    misas_system *system = new_bank(false, NULL);

    misas_system_add_entry_point(
        system, &(misas_entry_point){.name = "waiting", .run = run_runner, .argument = &waiting});
    misas_system_add_entry_point(
        system, &(misas_entry_point){.name = "asking", .run = run_runner, .argument = &asking});
    assert_no_error(run_words(system, (const char *const[]){"bank", NULL}));
    misas_system_free(system);
    assert_false(asking.was_told_early);
    assert_true(asking.was_stopped);
    assert_true(waiting.was_stopped);
}

TEST(the_error_of_an_entry_point_on_a_thread_of_its_own_stops_the_system)
{
    test_runner failing = {.error_type = "test.broken"};
    misas_system *system = new_bank(false, NULL);

    setenv("MISAS_LOG_LEVEL", "off", 1);
    misas_system_add_entry_point(
        system, &(misas_entry_point){.name = "failing", .run = run_runner, .argument = &failing});
    assert_error_says(run_words(system, (const char *const[]){"bank", NULL}), "test.broken",
                      "the entry point failing");
    misas_system_free(system);
}

TEST(an_entry_point_either_runs_or_starts_and_stops)
{
    const misas_entry_point entries[] = {
        {.name = "none"},
        {.name = "half", .start = stop_soon},
        {.name = "both", .run = run_runner, .start = stop_soon, .stop = stop_nothing},
        {.name = "other_half", .stop = stop_nothing},
    };

    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        misas_system *system = new_bank(false, NULL);

        misas_system_add_entry_point(system, &entries[i]);
        assert_error_says(misas_system_start(system), MISAS_ERROR_SYSTEM_INVALID,
                          "either `run`, or `start` and `stop`");
        misas_system_free(system);
    }
}

static misas_error *signal_self(misas_system *system, void *argument)
{
    (void)system;
    (void)argument;
    return kill(getpid(), SIGTERM) == 0 ? NULL : misas_error_out_of_memory();
}

TEST(signals_are_as_they_were_after_a_run)
{
    misas_system *system = new_bank(false, NULL);
    struct sigaction pipe;
    sigset_t mask;

    misas_system_add_entry_point(
        system,
        &(misas_entry_point){.name = "stopper", .start = signal_self, .stop = stop_nothing});
    assert_no_error(run_words(system, (const char *const[]){"bank", "run", "stopper", NULL}));
    misas_system_free(system);
    sigaction(SIGPIPE, NULL, &pipe);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_true(pipe.sa_handler == SIG_DFL);
    assert_false(sigismember(&mask, SIGTERM));
    assert_false(sigismember(&mask, SIGINT));
}

TEST(only_what_is_named_starts)
{
    test_order order = {.text = ""};
    test_entry a = {&order, 'a', false};
    misas_system *system = new_bank(false, NULL);

    add_entry(system, "a", &a);
    misas_system_add_entry_point(
        system, &(misas_entry_point){.name = "stopper", .start = stop_soon, .stop = stop_nothing});
    assert_no_error(run_words(
        system, (const char *const[]){"bank", "run", "ledger", "stopper", "predictor", NULL}));
    assert_string_equal(order.text, "");
    misas_system_free(system);
}

TEST(the_first_mistake_in_registering_is_reported)
{
    misas_system *system = new_system(false);
    const misas_entry_point entry = {.name = "ledger", .start = stop_soon, .stop = stop_nothing};

    misas_system_add_entry_point(system, &entry);
    misas_subsystem *second = misas_system_add_subsystem(system, "ledger");

    assert_non_null(second);
    ledger_register(second, NULL); /* does no harm */
    misas_system_add_subsystem(system, "a b");
    assert_error_says(misas_system_start(system), MISAS_ERROR_SYSTEM_INVALID,
                      "ledger can't be part of the system");
    assert_error_is(run_words(system, (const char *const[]){"bank", NULL}),
                    MISAS_ERROR_SYSTEM_INVALID);
    misas_system_free(system);
}

TEST(names_that_can_not_be_are_refused)
{
    static const char *const names[] = {"", "a b", "a.b", "\xC3\xA9", NULL};
    misas_system *system = NULL;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_error_is(misas_system_new(&system, &(misas_system_options){.name = names[i]}),
                        MISAS_ERROR_SYSTEM_INVALID);
        system = new_system(false);
        misas_system_add_subsystem(system, names[i]);
        assert_error_is(misas_system_start(system), MISAS_ERROR_SYSTEM_INVALID);
        misas_system_free(system);
    }
    system = new_system(false);
    misas_system_add_subsystem(system, "predictor");
    assert_error_is(misas_system_start(system), MISAS_ERROR_SYSTEM_INVALID);
    misas_system_free(system);
}

TEST(a_mistake_of_a_subsystem_is_reported)
{
    misas_system *system = new_bank(false, NULL);
    misas_subsystem *subsystem = misas_system_add_subsystem(system, "other");

    misas_subsystem_add_service(subsystem, NULL, NULL);
    assert_error_is(misas_system_start(system), MISAS_ERROR_SUBSYSTEM_INVALID);
    misas_system_free(system);
}

static misas_error *use_service(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                void *argument)
{
    void *service = NULL;

    (void)command;
    (void)argument;
    return misas_context_service(&service, context, "clerk");
}

TEST(a_service_is_there_for_the_handlers_of_all_subsystems)
{
    const ledger_options options = {.probe = use_service};
    misas_system *system = new_bank(false, &options);
    char clerk = 'c';

    misas_system_add_service(system, "clerk", &clerk);
    misas_system_add_subsystem(system, "later");
    assert_no_error(misas_system_start(system));
    test_ledger ledger = ledger_of(system);

    assert_no_error(ledger_run_probe(&ledger, "a", "", NULL));
    end(system);
}

TEST_OF_BOTH(collections_are_there_when_the_system_has_started)
{
    static const char *const names[] = {"cards", "drafts"};
    misas_system *system = new_system(is_on_postgresql);
    misas_subsystem *subsystem = misas_system_add_subsystem(system, "ledger");
    uint64_t count = 1;

    bank_ledger_v1_card_keep(subsystem);
    misas_subsystem_add_collection(subsystem, "drafts");
    for (int run = 0; run < 2; run++) { /* the second time on PostgreSQL they are there already */
        assert_no_error(misas_system_start(system));
        for (int i = 0; i < 2; i++) {
            assert_no_error(misas_documents_count(
                &count, misas_storage_documents(misas_system_storage(system)), names[i], NULL));
            assert_int_equal(count, 0);
        }
        misas_system_stop(system);
    }
    misas_system_free(system);
}

TEST(a_service_registered_twice_is_a_mistake)
{
    misas_system *system = new_bank(false, NULL);
    char clerk = 'c';

    misas_system_add_service(system, "clerk", &clerk);
    misas_system_add_service(system, "clerk", &clerk);
    assert_error_is(misas_system_start(system), MISAS_ERROR_SUBSYSTEM_INVALID);
    misas_system_free(system);
}

TEST_OF_BOTH(the_systems_clock_runs_as_the_settings_say)
{
    int64_t origin_us = 0;
    misas_system *system = new_bank(is_on_postgresql, NULL);

    setenv("MISAS_CLOCK_ANCHOR", "2020-01-01T00:00:00Z", 1);
    setenv("MISAS_CLOCK_ORIGIN", "2100-01-01T00:00:00Z", 1);
    setenv("MISAS_CLOCK_RATE", "0.000001", 1);
    assert_no_error(misas_time_parse(&origin_us, "2100-01-01T00:00:00Z"));
    assert_no_error(misas_system_start(system));
    int64_t passed_us = misas_clock_now_us(misas_system_clock(system)) - origin_us;
    test_ledger ledger = ledger_of(system);
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    assert_true(passed_us > 0 && passed_us < INT64_C(2000000000)); /* of years a few minutes */
    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(misas_event_store_read_stream(
        &reader, misas_storage_event_store(misas_system_storage(system)), "account-a", NULL));
    assert_no_error(misas_event_reader_next(&event, reader));
    assert_true(event->recorded_at_us >= origin_us + passed_us);
    assert_true(event->recorded_at_us < origin_us + INT64_C(2000000000));
    misas_event_reader_free(reader);
    end(system);
}

TEST_OF_BOTH(without_settings_the_clock_is_that_of_the_storage)
{
    int64_t now_us = 0;
    misas_system *system = new_bank(is_on_postgresql, NULL);

    assert_no_error(misas_system_start(system));
    misas_storage *storage = misas_system_storage(system);

    assert_no_error(storage->backend->predictions.now(&now_us, storage));
    int64_t difference_us = misas_clock_now_us(misas_system_clock(system)) - now_us;

    assert_true(difference_us > -5000000 && difference_us < 5000000);
    end(system);
}

TEST(a_given_clock_is_the_systems)
{
    misas_clock *clock = NULL;
    misas_system *system = NULL;

    assert_no_error(misas_clock_new_fixed(&clock, 17));
    assert_no_error(misas_system_new(
        &system, &(misas_system_options){.name = "bank", .clock = clock, .is_in_memory = true}));
    assert_no_error(misas_system_start(system));
    assert_ptr_equal(misas_system_clock(system), clock);
    end(system);
    misas_clock_free(clock);
}

TEST(settings_of_the_clock_count_more_than_a_given_clock)
{
    misas_clock *clock = NULL;
    misas_system *system = NULL;

    assert_no_error(misas_clock_new_fixed(&clock, 17));
    forget_settings();
    setenv("MISAS_STORAGE", "memory", 1);
    setenv("MISAS_LOG_LEVEL", "error", 1);
    setenv("MISAS_CLOCK_ORIGIN", "2030-01-01T00:00:00Z", 1);
    setenv("MISAS_CLOCK_ANCHOR", "2020-01-01T00:00:00Z", 1);
    assert_no_error(
        misas_system_new(&system, &(misas_system_options){.name = "bank", .clock = clock}));
    assert_no_error(misas_system_start(system));
    assert_true(misas_clock_now_us(misas_system_clock(system)) > INT64_C(1893456000000000));
    end(system);
    misas_clock_free(clock);
    forget_settings();
}

/* Settings of a program's own. */
typedef struct garden {
    char *gardener;
    int64_t beds;
} garden;

static const misas_setting garden_settings[] = {
    {.variable = "GARDEN_GARDENER",
     .type = MISAS_SETTING_TEXT,
     .offset = offsetof(garden, gardener),
     .sentence = "Who looks after it."},
    {.variable = "GARDEN_BEDS",
     .type = MISAS_SETTING_NUMBER,
     .offset = offsetof(garden, beds),
     .default_value = "3",
     .minimum = 1,
     .maximum = 9,
     .sentence = "How many beds it has."},
    {.variable = NULL},
};

/* They are filled before anything starts. */
static misas_error *look_at_garden(misas_system *system, const misas_stop *stop, void *argument)
{
    const garden *own = argument;

    (void)stop;
    misas_system_request_stop(
        system, own->beds == 5 && own->gardener != NULL
                    ? NULL
                    : misas_error_new(&(misas_error_options){.type_name = "test.no_garden",
                                                             .message = "it is not filled"}));
    return NULL;
}

TEST(a_program_adds_settings_of_its_own)
{
    garden own = {.beds = 0};
    misas_system *system = new_bank(false, NULL);

    misas_system_add_settings(system, &own, garden_settings);
    misas_system_add_entry_point(
        system, &(misas_entry_point){.name = "gardener", .run = look_at_garden, .argument = &own});
    setenv("GARDEN_GARDENER", "Rose", 1);
    setenv("GARDEN_BEDS", "4", 1);
    assert_no_error(run_words(
        system, (const char *const[]){"bank", "run", "--garden-beds", "5", "--workers=2", NULL}));
    assert_string_equal(own.gardener, "Rose"); /* as long as the system lives */
    misas_system_free(system);
    unsetenv("GARDEN_GARDENER");
    unsetenv("GARDEN_BEDS");
}

TEST(a_wrong_setting_of_a_programs_own_is_named)
{
    garden own = {.beds = 0};
    misas_system *system = new_bank(false, NULL);

    misas_system_add_settings(system, &own, garden_settings);
    setenv("GARDEN_GARDENER", "Rose", 1);
    setenv("GARDEN_BEDS", "10", 1);
    assert_error_says(misas_system_start(system), MISAS_ERROR_SETTING_INVALID, "GARDEN_BEDS");
    misas_system_free(system);
    unsetenv("GARDEN_GARDENER");
    unsetenv("GARDEN_BEDS");
}

TEST(settings_have_names_of_their_own)
{
    static const misas_setting misas_own[] = {
        {.variable = "MISAS_BEDS", .type = MISAS_SETTING_NUMBER, .offset = offsetof(garden, beds)},
        {.variable = NULL}};
    garden own = {.beds = 0};
    misas_system *system = new_bank(false, NULL);

    misas_system_add_settings(system, &own, misas_own);
    assert_error_says(misas_system_start(system), MISAS_ERROR_SYSTEM_INVALID,
                      "MISAS_BEDS can't be part of the system");
    misas_system_free(system);
    system = new_bank(false, NULL);
    misas_system_add_settings(system, &own, garden_settings);
    misas_system_add_settings(system, &own, garden_settings);
    assert_error_says(misas_system_start(system), MISAS_ERROR_SYSTEM_INVALID,
                      "there is a setting of this name already");
    misas_system_free(system);
}

TEST(a_system_in_memory_looks_at_no_variable)
{
    misas_system *system = NULL;

    setenv("MISAS_STORAGE", "disk", 1);
    setenv("MISAS_LOG_LEVEL", "loud", 1);
    assert_no_error(
        misas_system_new(&system, &(misas_system_options){.name = "bank", .is_in_memory = true}));
    assert_no_error(misas_system_start(system));
    assert_non_null(misas_system_logger(system)->log);
    end(system);
    forget_settings();
}

static misas_error *fail_fatally(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                 void *argument)
{
    (void)context;
    (void)command;
    (void)argument;
    return misas_error_new(&(misas_error_options){
        .type_name = "test.fatal", .message = "all is lost", .tags = MISAS_TAG_FATAL});
}

static misas_error *send_probe(misas_system *system, void *argument)
{
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;

    (void)argument;
    command.account = (char[]){"a"};
    return bank_ledger_v1_probe_send(misas_system_bus(system), &command, NULL);
}

TEST_OF_BOTH(a_fatal_error_of_a_handler_is_what_the_run_returns)
{
    const ledger_options options = {.probe = fail_fatally};
    misas_system *system = new_bank(is_on_postgresql, &options);

    setenv("MISAS_LOG_LEVEL", "off", 1);
    misas_system_add_entry_point(
        system, &(misas_entry_point){.name = "sender", .start = send_probe, .stop = stop_nothing});
    assert_error_is(run_words(system, (const char *const[]){"bank", NULL}), "test.fatal");
    misas_system_free(system);
}
