/* What becomes of the commands that handlers send. */
#include <string.h>

#include "processing_contract/fixture.h"
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
