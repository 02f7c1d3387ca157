/* When dead letters of events are handled once more. */
#include "processing_contract/fixture.h"
#include "storage/transaction.h"
#include "support/recorder.h"

typedef struct retrying {
    test_recorder recorder; /* first: what it does finds the rest */
    misas_storage *storage;
    misas_subsystem *subsystem;
    misas_event_processing *processing;
} retrying;

static void start(retrying *self, misas_failure_strategy on_failure)
{
    static misas_log *log;

    if (log == NULL) {
        assert_no_error(misas_log_new(&log, &(misas_log_options){.level = MISAS_LOG_OFF}));
    }
    self->subsystem = ledger_subsystem(NULL);
    recorder_register(&self->recorder, self->subsystem,
                      misas_subsystem_add_event_processor(
                          self->subsystem, &(misas_event_processor_options){
                                               .name = "notes", .on_failure = on_failure}));
    assert_no_error(misas_event_processing_start(
        &self->processing, &(misas_event_processing_options){.subsystem = self->subsystem,
                                                             .storage = self->storage,
                                                             .logger = {.log = log}}));
}

static void stop(retrying *self)
{
    misas_event_processing_stop(self->processing);
    misas_subsystem_free(self->subsystem);
}

static void deposit(retrying *self, int64_t cents)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;

    event.account = (char[]){"a"};
    event.cents = cents;
    assert_no_error(bank_ledger_v1_deposited_append(NULL, misas_storage_event_store(self->storage),
                                                    "account-a", MISAS_ANY_VERSION, &event, NULL));
}

static const misas__dead_letter *find_letter(misas_storage *storage, misas__arena *arena)
{
    const misas__dead_letter *letters = NULL;
    size_t count = 0;

    assert_no_error(storage->backend->checkpoints.list_dead_letters(
        &letters, &count, storage,
        &(misas__dead_letter_query){.processor = "ledger.notes", .max = 100}, arena));
    return count > 0 ? letters : NULL;
}

static bool has_letter(void *storage)
{
    misas__arena arena = {0};
    bool has_letter = find_letter(storage, &arena) != NULL;

    misas__arena_free(&arena);
    return has_letter;
}

static bool has_no_letter(void *storage)
{
    return !has_letter(storage);
}

/* A deposit of 1 that was set aside, and one of 2 that was handled. */
static void set_one_aside(retrying *self)
{
    self->recorder = (test_recorder)RECORDER_EMPTY;
    self->recorder.failing_cents = 1;
    self->recorder.times_to_fail = 1;
    self->storage = fixture_open();
    deposit(self, 1);
    deposit(self, 2);
    start(self, MISAS_FAILURE_SETS_ASIDE);
    recorder_await(&self->recorder, "+2 ");
    assert_true(test_wait_until(has_letter, self->storage, 20000));
    stop(self);
}

static void mark_letter(retrying *self)
{
    misas__arena arena = {0};
    bool is_found = false;

    assert_no_error(self->storage->backend->checkpoints.retry_dead_letter(
        &is_found, self->storage, find_letter(self->storage, &arena)->id));
    assert_true(is_found);
    misas__arena_free(&arena);
}

TEST(a_dead_letter_is_retried_while_its_processor_is_stuck_at_an_event)
{
    enum { calls_until_pauses_are_long = 8 };
    retrying self;

    set_one_aside(&self);
    self.recorder.failing_cents = 3;
    self.recorder.times_to_fail = -1;
    deposit(&self, 3);
    start(&self, MISAS_FAILURE_DELAYS);
    recorder_await_calls(&self.recorder, calls_until_pauses_are_long);
    mark_letter(&self);
    recorder_await(&self.recorder, "+2 +1 ");
    assert_true(test_wait_until(has_no_letter, self.storage, 20000));
    stop(&self);
    fixture_close(self.storage);
}

static int marked_while_handled;

static void look_at_letter(misas_context *context, const Bank__Ledger__V1__Deposited *event,
                           test_recorder *recorder)
{
    const retrying *self = (const retrying *)recorder;
    misas__arena arena = {0};

    (void)context;
    (void)event;
    marked_while_handled = find_letter(self->storage, &arena)->is_to_be_retried ? 1 : 0;
    misas__arena_free(&arena);
}

TEST(a_dead_letter_that_may_have_ended_the_process_is_not_retried_for_ever)
{
    static const misas__checkpoint_key key = {"ledger.notes", MISAS__SOURCE_LOG, 0};
    retrying self;
    misas__checkpoint taken;

    set_one_aside(&self);
    mark_letter(&self);
    marked_while_handled = -1;
    self.recorder.act = look_at_letter;
    /* a leader that does not leave in order */
    assert_no_error(
        self.storage->backend->checkpoints.seize(&taken, self.storage, &key, "crashing"));
    start(&self, MISAS_FAILURE_DELAYS);
    recorder_await(&self.recorder, "+2 +1 ");
    assert_true(test_wait_until(has_no_letter, self.storage, 20000));
    stop(&self);
    assert_int_equal(marked_while_handled, 0);
    fixture_close(self.storage);
}
