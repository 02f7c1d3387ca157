/* What becomes of the commands that handlers send. */
#include <string.h>

#include "processing_contract/fixture.h"
#include "storage/transaction.h"
#include "support/ledger.h"

/* A ledger with its dispatcher. */
typedef struct dispatching {
    test_ledger ledger;
    misas_command_dispatcher *dispatcher;
} dispatching;

static misas_logger quiet(void)
{
    static misas_log *log;

    if (log == NULL) {
        assert_no_error(misas_log_new(&log, &(misas_log_options){.level = MISAS_LOG_ERROR}));
    }
    return (misas_logger){.log = log};
}

static dispatching start(misas_storage *storage, const ledger_options *options)
{
    dispatching started = {.ledger = ledger_start(storage, options)};

    assert_no_error(misas_command_dispatcher_start(
        &started.dispatcher,
        &(misas_command_dispatcher_options){.subsystem = started.ledger.subsystem,
                                            .storage = storage,
                                            .bus = started.ledger.bus,
                                            .logger = quiet()}));
    return started;
}

static void stop(dispatching *started)
{
    misas_command_dispatcher_stop(started->dispatcher);
    ledger_stop(&started->ledger);
}

static misas_error *transfer(test_ledger *ledger, const char *from, const char *to, int64_t cents,
                             const char *id)
{
    Bank__Ledger__V1__Transfer command = BANK__LEDGER__V1__TRANSFER__INIT;

    command.from = (char *)(uintptr_t)from;
    command.to = (char *)(uintptr_t)to;
    command.cents = cents;
    return bank_ledger_v1_transfer_send_and_wait(NULL, ledger->bus, &command,
                                                 &(misas_send_options){.id = id});
}

typedef struct wanted_balance {
    test_ledger *ledger;
    const char *account;
    int64_t cents;
} wanted_balance;

static bool has_balance(void *argument)
{
    const wanted_balance *wanted = argument;

    return ledger_balance(wanted->ledger, wanted->account) == wanted->cents;
}

static void await_balance(test_ledger *ledger, const char *account, int64_t cents)
{
    wanted_balance wanted = {ledger, account, cents};

    test_wait_until(has_balance, &wanted, 20000);
    assert_int_equal(ledger_balance(ledger, account), cents);
}

TEST(a_command_that_a_handler_sends_is_handled)
{
    misas_storage *storage = fixture_open();
    dispatching running = start(storage, NULL);

    assert_no_error(ledger_open(&running.ledger, "a", NULL));
    assert_no_error(ledger_open(&running.ledger, "b", NULL));
    assert_no_error(ledger_deposit(&running.ledger, "a", 100, NULL));
    assert_no_error(transfer(&running.ledger, "a", "b", 60, NULL));
    await_balance(&running.ledger, "b", 60);
    assert_int_equal(ledger_balance(&running.ledger, "a"), 40);
    stop(&running);
    fixture_close(storage);
}

TEST(a_command_is_sent_once_however_often_its_sender_is_handled)
{
    misas_storage *storage = fixture_open();
    dispatching running = start(storage, NULL);

    assert_no_error(ledger_open(&running.ledger, "a", NULL));
    assert_no_error(ledger_open(&running.ledger, "b", NULL));
    assert_no_error(ledger_deposit(&running.ledger, "a", 100, NULL));
    for (int i = 0; i < 3; i++) {
        assert_no_error(transfer(&running.ledger, "a", "b", 60, "transfer"));
    }
    assert_no_error(transfer(&running.ledger, "a", "b", 40, NULL));
    await_balance(&running.ledger, "b", 100);
    stop(&running);
    fixture_close(storage);
}

TEST(a_refused_command_sends_nothing)
{
    misas_storage *storage = fixture_open();
    dispatching running = start(storage, NULL);

    assert_no_error(ledger_open(&running.ledger, "a", NULL));
    assert_no_error(ledger_open(&running.ledger, "b", NULL));
    assert_error_is(transfer(&running.ledger, "a", "b", 60, NULL), LEDGER_ERROR_TOO_LITTLE);
    assert_no_error(ledger_deposit(&running.ledger, "a", 1, NULL));
    assert_no_error(transfer(&running.ledger, "a", "b", 1, NULL));
    await_balance(&running.ledger, "b", 1);
    stop(&running);
    fixture_close(storage);
}

TEST(what_was_sent_before_a_stop_is_handled_after_the_start)
{
    enum { transfers = 100 };
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_open(&ledger, "b", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", transfers, NULL));
    for (int i = 0; i < transfers; i++) {
        assert_no_error(transfer(&ledger, "a", "b", 1, NULL));
    }
    ledger_stop(&ledger);
    dispatching running = start(storage, NULL);

    await_balance(&running.ledger, "b", transfers);
    stop(&running);
    running = start(storage, NULL); /* which has nothing left to do */
    assert_no_error(transfer(&running.ledger, "b", "a", 1, NULL));
    await_balance(&running.ledger, "a", 1);
    assert_int_equal(ledger_balance(&running.ledger, "b"), transfers - 1);
    stop(&running);
    fixture_close(storage);
}

TEST(a_sent_command_that_is_refused_is_answered_and_holds_nobody_up)
{
    misas_storage *storage = fixture_open();
    dispatching running = start(storage, NULL);

    assert_no_error(ledger_open(&running.ledger, "a", NULL));
    assert_no_error(ledger_open(&running.ledger, "b", NULL));
    assert_no_error(ledger_deposit(&running.ledger, "a", 100, NULL));
    assert_no_error(transfer(&running.ledger, "a", "nobody", 10, NULL));
    assert_no_error(transfer(&running.ledger, "a", "b", 20, NULL));
    await_balance(&running.ledger, "b", 20);
    stop(&running);
    fixture_close(storage);
}

static misas_command_dispatcher *start_dispatcher(misas_storage *storage, test_ledger *ledger)
{
    misas_command_dispatcher *dispatcher = NULL;

    assert_no_error(misas_command_dispatcher_start(
        &dispatcher, &(misas_command_dispatcher_options){.subsystem = ledger->subsystem,
                                                         .storage = storage,
                                                         .bus = ledger->bus,
                                                         .logger = quiet()}));
    return dispatcher;
}

static uint64_t position_of_command(misas_storage *storage)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;
    uint64_t position = 0;

    assert_no_error(misas_event_store_read_all(&reader, misas_storage_event_store(storage), NULL));
    while (misas_event_reader_next(&event, reader) == NULL && event != NULL) {
        if (strncmp(event->stream, "$command-", 9) == 0) {
            position = event->position;
        }
    }
    misas_event_reader_free(reader);
    return position;
}

/* The dispatcher takes it for answered. */
static bool is_past_the_command(void *argument)
{
    misas_storage *storage = argument;
    const misas__checkpoint_info *infos = NULL;
    misas__arena arena = {0};
    size_t count = 0;
    bool is_past = false;

    assert_no_error(storage->backend->checkpoints.list(&infos, &count, storage, &arena));
    is_past = count == 1 && infos[0].checkpoint.position >= position_of_command(storage);
    misas__arena_free(&arena);
    return is_past;
}

TEST(a_command_that_is_sent_while_nobody_handles_it_is_handled_later)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_open(&ledger, "b", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 100, NULL));
    assert_no_error(transfer(&ledger, "a", "b", 60, NULL));
    ledger_stop(&ledger);
    test_ledger other = {.subsystem = ledger_subsystem(NULL)};

    assert_no_error(misas_bus_new_memory(&other.bus, NULL)); /* with no processor on it */
    misas_command_dispatcher *dispatcher = start_dispatcher(storage, &other);

    assert_false(test_wait_until(is_past_the_command, storage, 500));
    misas_command_dispatcher_stop(dispatcher);
    ledger_stop(&other);
    dispatching running = start(storage, NULL);

    await_balance(&running.ledger, "b", 60);
    stop(&running);
    fixture_close(storage);
}

static const misas__checkpoint_key commands_key = {"ledger.commands", MISAS__SOURCE_LOG, 0};

/* As if the process had ended three times while the command was handled alone. */
static void crash_three_times(misas_storage *storage)
{
    const misas__checkpoint_functions *functions = &storage->backend->checkpoints;
    misas__checkpoint taken;
    int32_t attempts = 0;

    assert_no_error(functions->seize(&taken, storage, &commands_key, "test"));
    for (int i = 0; i < 3; i++) {
        assert_no_error(functions->attempt(&attempts, storage, &commands_key, taken.epoch,
                                           position_of_command(storage)));
    }
}

static const misas__dead_letter *list_letters(size_t *out_count, misas_storage *storage,
                                              misas__arena *arena)
{
    const misas__dead_letter *letters = NULL;

    assert_no_error(storage->backend->checkpoints.list_dead_letters(
        &letters, out_count, storage,
        &(misas__dead_letter_query){.processor = "ledger.commands", .max = 100}, arena));
    return letters;
}

static size_t count_letters(misas_storage *storage)
{
    misas__arena arena = {0};
    size_t count = 0;

    list_letters(&count, storage, &arena);
    misas__arena_free(&arena);
    return count;
}

static bool has_letter(void *storage)
{
    return count_letters(storage) == 1;
}

static bool has_no_letter(void *storage)
{
    return count_letters(storage) == 0;
}

/* A ledger whose only sent command has crashed its process three times. */
static test_ledger start_with_a_crashing_transfer(misas_storage *storage)
{
    test_ledger ledger = ledger_start(storage, NULL);

    assert_no_error(ledger_open(&ledger, "a", NULL));
    assert_no_error(ledger_open(&ledger, "b", NULL));
    assert_no_error(ledger_deposit(&ledger, "a", 100, NULL));
    assert_no_error(transfer(&ledger, "a", "b", 60, NULL));
    crash_three_times(storage);
    return ledger;
}

static void mark_letter(misas_storage *storage)
{
    misas__arena arena = {0};
    size_t count = 0;
    bool is_found = false;
    const misas__dead_letter *letter = list_letters(&count, storage, &arena);

    assert_int_equal(count, 1);
    assert_no_error(
        storage->backend->checkpoints.retry_dead_letter(&is_found, storage, letter->id));
    assert_true(is_found);
    misas__arena_free(&arena);
}

TEST(a_sent_command_that_has_crashed_its_process_is_set_aside_and_handled_when_it_is_retried)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = start_with_a_crashing_transfer(storage);
    misas_command_dispatcher *dispatcher = start_dispatcher(storage, &ledger);

    test_wait_until(has_letter, storage, 20000);
    assert_int_equal(ledger_balance(&ledger, "b"), 0);
    mark_letter(storage);
    await_balance(&ledger, "b", 60);
    assert_true(test_wait_until(has_no_letter, storage, 20000));
    misas_command_dispatcher_stop(dispatcher);
    ledger_stop(&ledger);
    fixture_close(storage);
}

static bool is_tried(void *storage)
{
    misas__arena arena = {0};
    size_t count = 0;
    const misas__dead_letter *letter = list_letters(&count, storage, &arena);
    bool is_tried = count == 1 && !letter->is_to_be_retried && letter->attempts == 4;

    misas__arena_free(&arena);
    return is_tried;
}

TEST(a_retried_command_that_has_no_answer_when_its_dispatcher_stops_is_retried_by_the_next)
{
    misas_storage *storage = fixture_open();
    test_ledger ledger = start_with_a_crashing_transfer(storage);
    misas_command_dispatcher *dispatcher = start_dispatcher(storage, &ledger);

    test_wait_until(has_letter, storage, 20000);
    misas_command_processor_stop(ledger.processor); /* nobody answers */
    ledger.processor = NULL;
    mark_letter(storage);
    assert_true(test_wait_until(is_tried, storage, 20000));
    misas_command_dispatcher_stop(dispatcher);
    assert_true(has_letter(storage));
    ledger_stop(&ledger);
    ledger = ledger_start(storage, NULL);
    dispatcher = start_dispatcher(storage, &ledger);
    await_balance(&ledger, "b", 60);
    assert_true(test_wait_until(has_no_letter, storage, 20000));
    misas_command_dispatcher_stop(dispatcher);
    ledger_stop(&ledger);
    fixture_close(storage);
}
