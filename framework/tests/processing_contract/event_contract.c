/* What event processors do with the events of the log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "processing_contract/fixture.h"
#include "storage/transaction.h"
#include "support/recorder.h"

/* A subsystem with one event processor, and it running. */
typedef struct test_processing {
    misas_subsystem *subsystem;
    misas_event_processing *processing;
} test_processing;

static misas_event_processing_options quiet_options(misas_subsystem *subsystem,
                                                    misas_storage *storage)
{
    static misas_log *log;

    if (log == NULL) {
        assert_no_error(misas_log_new(&log, &(misas_log_options){.level = MISAS_LOG_ERROR}));
    }
    return (misas_event_processing_options){
        .subsystem = subsystem, .storage = storage, .logger = {.log = log}};
}

static test_processing start(misas_storage *storage, test_recorder *recorder,
                             const misas_event_processor_options *options)
{
    test_processing started = {.subsystem = ledger_subsystem(NULL)};

    recorder_register(recorder, started.subsystem,
                      misas_subsystem_add_event_processor(started.subsystem, options));
    misas_event_processing_options processing = quiet_options(started.subsystem, storage);

    assert_no_error(misas_event_processing_start(&started.processing, &processing));
    return started;
}

static void stop(test_processing *started)
{
    misas_event_processing_stop(started->processing);
    misas_subsystem_free(started->subsystem);
}

static void deposit(misas_storage *storage, const char *stream, int64_t cents)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;

    event.account = (char[]){"a"};
    event.cents = cents;
    assert_no_error(bank_ledger_v1_deposited_append(NULL, misas_storage_event_store(storage),
                                                    stream, MISAS_ANY_VERSION, &event, NULL));
}

static void withdraw(misas_storage *storage, const char *stream, int64_t cents)
{
    Bank__Ledger__V1__Withdrawn event = BANK__LEDGER__V1__WITHDRAWN__INIT;

    event.account = (char[]){"a"};
    event.cents = cents;
    assert_no_error(bank_ledger_v1_withdrawn_append(NULL, misas_storage_event_store(storage),
                                                    stream, MISAS_ANY_VERSION, &event, NULL));
}

static const misas_event_processor_options plain = {.name = "notes"};

TEST(an_event_processor_handles_each_event_once_and_in_order)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();

    deposit(storage, "account-a", 1);
    withdraw(storage, "account-b", 2);
    test_processing running = start(storage, &recorder, &plain);

    recorder_await(&recorder, "+1 -2 ");
    deposit(storage, "account-a", 3);
    recorder_await(&recorder, "+1 -2 +3 ");
    stop(&running);
    fixture_close(storage);
}

TEST(an_event_processor_goes_on_where_it_was)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();
    test_processing running = start(storage, &recorder, &plain);

    deposit(storage, "account-a", 1);
    recorder_await(&recorder, "+1 ");
    stop(&running);
    deposit(storage, "account-a", 2);
    running = start(storage, &recorder, &plain);
    recorder_await(&recorder, "+1 +2 ");
    stop(&running);
    fixture_close(storage);
}

static bool has_begun(void *argument)
{
    misas_storage *storage = argument;
    misas__arena arena = {0};
    const misas__checkpoint_info *list = NULL;
    size_t count = 0;

    assert_no_error(storage->backend->checkpoints.list(&list, &count, storage, &arena));
    bool has = count == 1 && list[0].checkpoint.position > 0;

    misas__arena_free(&arena);
    return has;
}

TEST(an_event_processor_may_begin_at_the_end)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();
    const misas_event_processor_options options = {.name = "notes", .begins_at_end = true};

    deposit(storage, "account-a", 1);
    test_processing running = start(storage, &recorder, &options);

    assert_true(test_wait_until(has_begun, storage, 20000));
    deposit(storage, "account-a", 2);
    recorder_await(&recorder, "+2 ");
    stop(&running);
    deposit(storage, "account-a", 3);
    running = start(storage, &recorder, &options);
    recorder_await(&recorder, "+2 +3 ");
    stop(&running);
    fixture_close(storage);
}

TEST(a_processor_stops_at_an_event_that_fails_and_tries_it_until_it_succeeds)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();

    recorder.failing_cents = 2;
    recorder.times_to_fail = 3;
    for (int i = 1; i <= 4; i++) {
        deposit(storage, "account-a", i);
    }
    test_processing running = start(storage, &recorder, &plain);

    recorder_await(&recorder, "+1 +2 +3 +4 ");
    stop(&running);
    fixture_close(storage);
}

/* The dead letters of the processor. */
static size_t list_dead_letters(const misas__dead_letter **out, misas_storage *storage,
                                misas__arena *arena)
{
    size_t count = 0;

    assert_no_error(storage->backend->checkpoints.list_dead_letters(
        out, &count, storage, &(misas__dead_letter_query){.processor = "ledger.notes", .max = 100},
        arena));
    return count;
}

typedef struct wanted_letters {
    misas_storage *storage;
    size_t count;
} wanted_letters;

static bool has_letters(void *argument)
{
    const wanted_letters *wanted = argument;
    misas__arena arena = {0};
    const misas__dead_letter *letters = NULL;
    bool has = list_dead_letters(&letters, wanted->storage, &arena) == wanted->count;

    misas__arena_free(&arena);
    return has;
}

/* Waits until there are so many: a handler is heard of before its batch is written. */
static void await_dead_letters(misas_storage *storage, size_t expected)
{
    wanted_letters wanted = {storage, expected};

    assert_true(test_wait_until(has_letters, &wanted, 20000));
}

static const misas_event_processor_options setting_aside = {
    .name = "notes", .on_failure = MISAS_FAILURE_SETS_ASIDE, .max_attempts = 2};

TEST(a_processor_may_set_an_event_that_fails_aside_and_go_on)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();
    const misas__dead_letter *letters = NULL;
    misas__arena arena = {0};
    misas_error *why = NULL;

    recorder.failing_cents = 2;
    recorder.times_to_fail = -1;
    for (int i = 1; i <= 3; i++) {
        deposit(storage, "account-a", i);
    }
    test_processing running = start(storage, &recorder, &setting_aside);

    recorder_await(&recorder, "+1 +3 ");
    stop(&running);
    assert_int_equal(list_dead_letters(&letters, storage, &arena), 1);
    assert_string_equal(letters[0].event.stream, "account-a");
    assert_int_equal(letters[0].event.version, 2);
    assert_string_equal(letters[0].event.type, "bank.ledger.v1.Deposited");
    assert_no_error(misas_error_decode(&why, letters[0].error, letters[0].error_size));
    assert_error_is(why, "test.failed");
    misas__arena_free(&arena);
    fixture_close(storage);
}

TEST(a_retriable_error_is_tried_again_before_its_event_is_set_aside)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();

    recorder.failing_cents = 2;
    recorder.times_to_fail = 1;
    recorder.tags = MISAS_TAG_RETRIABLE;
    deposit(storage, "account-a", 2);
    test_processing running = start(storage, &recorder, &setting_aside);

    recorder_await(&recorder, "+2 ");
    await_dead_letters(storage, 0);
    recorder.failing_cents = 3;
    recorder.times_to_fail = -1;
    deposit(storage, "account-a", 3);
    deposit(storage, "account-a", 4);
    recorder_await(&recorder, "+2 +4 ");
    await_dead_letters(storage, 1);
    stop(&running);
    fixture_close(storage);
}

typedef struct wanted_letter {
    misas_storage *storage;
    int32_t attempts;
    int64_t id;
} wanted_letter;

static bool has_failed_again(void *argument)
{
    wanted_letter *wanted = argument;
    misas__arena arena = {0};
    const misas__dead_letter *letters = NULL;
    bool has = list_dead_letters(&letters, wanted->storage, &arena) == 1 &&
               letters[0].attempts == wanted->attempts && !letters[0].is_to_be_retried;

    wanted->id = has ? letters[0].id : 0;
    misas__arena_free(&arena);
    return has;
}

/* Has the only dead letter tried again, once it is written that it failed so often. */
static void retry_after(misas_storage *storage, int32_t attempts)
{
    wanted_letter wanted = {.storage = storage, .attempts = attempts};
    bool found = false;

    assert_true(test_wait_until(has_failed_again, &wanted, 20000));
    assert_no_error(storage->backend->checkpoints.retry_dead_letter(&found, storage, wanted.id));
    assert_true(found);
}

TEST(a_dead_letter_can_be_handled_after_all)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();

    recorder.failing_cents = 2;
    recorder.times_to_fail = 2;
    deposit(storage, "account-a", 2);
    deposit(storage, "account-a", 3);
    test_processing running = start(storage, &recorder, &setting_aside);

    recorder_await(&recorder, "+3 ");
    retry_after(storage, 1); /* it fails again */
    recorder_await_calls(&recorder, 3);
    retry_after(storage, 2);
    recorder_await(&recorder, "+3 +2 ");
    await_dead_letters(storage, 0);
    stop(&running);
    fixture_close(storage);
}

TEST(what_can_not_be_decoded_is_set_aside_at_once_and_holds_nobody_up)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();
    const misas_new_event garbage = {
        .type = "bank.ledger.v1.Deposited", .payload = "\xff\xff\xff", .payload_size = 3};

    deposit(storage, "account-a", 1);
    assert_no_error(misas_event_store_append(NULL, misas_storage_event_store(storage), "account-a",
                                             MISAS_ANY_VERSION, &garbage, 1));
    deposit(storage, "account-a", 2);
    test_processing running = start(storage, &recorder, &plain);

    recorder_await(&recorder, "+1 +2 ");
    stop(&running);
    await_dead_letters(storage, 1);
    fixture_close(storage);
}

static misas_error *record_fee(misas_context *context)
{
    Bank__Ledger__V1__Withdrawn fee = BANK__LEDGER__V1__WITHDRAWN__INIT;
    misas_aggregate *account = NULL;
    misas_error *error = misas_context_load(&account, context, "account", "fees");

    fee.account = (char[]){"fees"};
    fee.cents = 1;
    return error == NULL ? bank_ledger_v1_withdrawn_record(account, &fee) : error;
}

static void charge_fee(misas_context *context, const Bank__Ledger__V1__Deposited *event,
                       test_recorder *self)
{
    Bank__Ledger__V1__Withdraw command = BANK__LEDGER__V1__WITHDRAW__INIT;

    (void)self;
    command.account = event->account;
    command.cents = 1;
    if (record_fee(context) != NULL ||
        bank_ledger_v1_withdraw_send_from(context, &command) != NULL) {
        abort();
    }
}

/* How many commands are in the log. */
static int count_commands(misas_storage *storage)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;
    int count = 0;

    assert_no_error(misas_event_store_read_all(&reader, misas_storage_event_store(storage), NULL));
    do {
        assert_no_error(misas_event_reader_next(&event, reader));
        count += event != NULL && strncmp(event->stream, MISAS__COMMAND_STREAM_PREFIX,
                                          strlen(MISAS__COMMAND_STREAM_PREFIX)) == 0
                     ? 1
                     : 0;
    } while (event != NULL);
    misas_event_reader_free(reader);
    return count;
}

TEST(what_an_event_handler_records_and_sends_takes_effect_once)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();
    Bank__Ledger__V1__Opened opened = BANK__LEDGER__V1__OPENED__INIT;

    opened.account = (char[]){"fees"};
    assert_no_error(bank_ledger_v1_opened_append(NULL, misas_storage_event_store(storage),
                                                 "account-fees", MISAS_NO_STREAM, &opened, NULL));
    recorder.act = charge_fee;
    recorder.failing_cents = 3; /* in the middle of the batch */
    recorder.times_to_fail = 2;
    for (int i = 1; i <= 5; i++) {
        deposit(storage, "account-a", i);
    }
    test_processing running = start(storage, &recorder, &plain);

    recorder_await_calls(&recorder, 7 + 5); /* also the fees are handled */
    stop(&running);
    assert_int_equal(ledger_count_events(storage, "account-fees"), 6);
    assert_int_equal(count_commands(storage), 5);
    fixture_close(storage);
}

TEST(of_several_instances_one_leads_and_another_takes_over)
{
    test_recorder first_recorder = RECORDER_EMPTY;
    test_recorder second_recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();
    test_processing first = start(storage, &first_recorder, &plain);

    deposit(storage, "account-a", 1);
    recorder_await(&first_recorder, "+1 ");
    test_processing second = start(storage, &second_recorder, &plain);

    deposit(storage, "account-a", 2);
    recorder_await(&first_recorder, "+1 +2 ");
    stop(&first);
    deposit(storage, "account-a", 3);
    recorder_await(&second_recorder, "+3 ");
    stop(&second);
    fixture_close(storage);
}

TEST(a_processor_can_be_paused_and_resumed)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();

    assert_no_error(storage->backend->checkpoints.pause(storage, "ledger.notes", true));
    deposit(storage, "account-a", 1);
    test_processing running = start(storage, &recorder, &plain);
    test_recorder other_recorder = RECORDER_EMPTY;
    const misas_event_processor_options other_options = {.name = "others"};
    test_processing other = start(storage, &other_recorder, &other_options);

    recorder_await(&other_recorder,
                   "+1 "); /* by now the paused one would have handled it as well */
    assert_int_equal(recorder.calls, 0);
    assert_no_error(storage->backend->checkpoints.pause(storage, "ledger.notes", false));
    recorder_await(&recorder, "+1 ");
    stop(&other);
    stop(&running);
    fixture_close(storage);
}

static void test_checkpoint_strategy(misas_checkpoint_strategy strategy)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();
    const misas_event_processor_options options = {.name = "notes", .checkpoint = strategy};

    recorder.failing_cents = 2;
    recorder.times_to_fail = 1;
    for (int i = 1; i <= 3; i++) {
        deposit(storage, "account-a", i);
    }
    test_processing running = start(storage, &recorder, &options);

    recorder_await(&recorder, "+1 +2 +3 ");
    stop(&running);
    deposit(storage, "account-a", 4);
    running = start(storage, &recorder, &options);
    recorder_await(&recorder, "+1 +2 +3 +4 ");
    stop(&running);
    fixture_close(storage);
}

TEST(a_checkpoint_may_move_after_the_effects)
{
    test_checkpoint_strategy(MISAS_CHECKPOINT_AFTER_EFFECTS);
}

TEST(a_checkpoint_may_move_before_the_effects)
{
    test_checkpoint_strategy(MISAS_CHECKPOINT_BEFORE_EFFECTS);
}

static void keep_error(void *argument, misas_error *error)
{
    *(misas_error **)argument = error;
}

TEST(a_fatal_error_stops_the_processing_and_the_event_stays)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();
    misas_error *fatal = NULL;
    test_processing running = {.subsystem = ledger_subsystem(NULL)};

    recorder_register(&recorder, running.subsystem,
                      misas_subsystem_add_event_processor(running.subsystem, &plain));
    recorder.failing_cents = 2;
    recorder.times_to_fail = 1;
    recorder.tags = MISAS_TAG_FATAL;
    deposit(storage, "account-a", 1);
    deposit(storage, "account-a", 2);
    misas_event_processing_options options = quiet_options(running.subsystem, storage);

    options.on_fatal = keep_error;
    options.on_fatal_argument = &fatal;
    assert_no_error(misas_event_processing_start(&running.processing, &options));
    recorder_await_calls(&recorder, 2);
    stop(&running);
    assert_error_is(fatal, "test.failed");
    running = start(storage, &recorder, &plain);
    recorder_await(&recorder, "+1 +2 ");
    stop(&running);
    fixture_close(storage);
}

/* Sums up batches. */
typedef struct sums {
    pthread_mutex_t mutex;
    int64_t cents;
    int batches;
} sums;

static misas_error *sum_up(misas_context *context, const misas_event *const *events, size_t count,
                           void *argument)
{
    sums *self = argument;

    (void)context;
    pthread_mutex_lock(&self->mutex);
    self->batches++;
    for (size_t i = 0; i < count; i++) {
        Bank__Ledger__V1__Deposited *deposited = NULL;

        if (bank_ledger_v1_deposited_decode(&deposited, events[i]) != NULL) {
            abort();
        }
        self->cents += deposited->cents;
        misas_message_free(&deposited->base);
    }
    pthread_mutex_unlock(&self->mutex);
    return NULL;
}

static bool has_summed_up(void *argument)
{
    sums *self = argument;

    pthread_mutex_lock(&self->mutex);
    bool has = self->cents == 5050;

    pthread_mutex_unlock(&self->mutex);
    return has;
}

TEST(events_may_be_handled_batch_by_batch)
{
    sums all = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    misas_storage *storage = fixture_open();
    test_processing running = {.subsystem = ledger_subsystem(NULL)};
    misas_event_processor *processor = misas_subsystem_add_event_processor(
        running.subsystem, &(misas_event_processor_options){.name = "sums", .max_batch = 30});

    misas_event_processor_handle_batches(
        processor, (const misas_type *[]){&bank_ledger_v1_deposited_type, NULL}, sum_up, &all);
    for (int i = 1; i <= 100; i++) {
        deposit(storage, "account-a", i);
    }
    misas_event_processing_options options = quiet_options(running.subsystem, storage);

    assert_no_error(misas_event_processing_start(&running.processing, &options));
    assert_true(test_wait_until(has_summed_up, &all, 20000));
    assert_true(all.batches >= 4);
    stop(&running);
    fixture_close(storage);
}

static void send_one(misas_context *context, const Bank__Ledger__V1__Deposited *event,
                     test_recorder *self)
{
    Bank__Ledger__V1__Withdraw command = BANK__LEDGER__V1__WITHDRAW__INIT;

    (void)self;
    command.account = event->account;
    command.cents = event->cents;
    if (bank_ledger_v1_withdraw_send_from(context, &command) != NULL) {
        abort();
    }
}

TEST(an_event_that_is_handled_again_sends_the_same_commands_which_count_once)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();
    bool found = false;

    recorder.act = send_one;
    deposit(storage, "account-a", 1);
    deposit(storage, "account-a", 2);
    test_processing running = start(storage, &recorder, &plain);

    recorder_await(&recorder, "+1 +2 ");
    stop(&running);
    assert_no_error(storage->backend->checkpoints.reset(&found, storage, "ledger.notes", 0));
    assert_true(found);
    deposit(storage, "account-a", 3);
    running = start(storage, &recorder, &plain);
    assert_true(test_wait_until(has_begun, storage, 20000));
    recorder_await_calls(&recorder, 5);
    stop(&running);
    assert_int_equal(count_commands(storage), 3);
    fixture_close(storage);
}

static misas_error *waited_with;

static void wait_within(misas_context *context, const Bank__Ledger__V1__Deposited *event,
                        test_recorder *self)
{
    Bank__Ledger__V1__Withdraw command = BANK__LEDGER__V1__WITHDRAW__INIT;
    misas_bus *bus = NULL;

    (void)context;
    (void)self;
    command.account = event->account;
    if (misas_bus_new_memory(&bus, NULL) != NULL) {
        abort();
    }
    waited_with = bank_ledger_v1_withdraw_send_and_wait(NULL, bus, &command, NULL);
    misas_bus_free(bus);
}

TEST(a_handler_of_events_can_not_wait_for_an_answer)
{
    test_recorder recorder = RECORDER_EMPTY;
    misas_storage *storage = fixture_open();

    recorder.act = wait_within;
    deposit(storage, "account-a", 1);
    test_processing running = start(storage, &recorder, &plain);

    recorder_await(&recorder, "+1 ");
    stop(&running);
    assert_error_is(waited_with, MISAS_ERROR_BUS_WOULD_BLOCK);
    fixture_close(storage);
}
