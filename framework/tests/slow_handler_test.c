/* Handlers that take longer than PostgreSQL's patience, or than a claim. */
#include <stdatomic.h>

#include "storage/transaction.h"
#include "support/answers.h"
#include "support/gate.h"
#include "support/ledger.h"
#include "support/session.h"

enum { timeout_ms = 20000 };

typedef struct slow_ledger {
    test_store *opened;
    misas_storage *storage;
    PGconn *session;
    ledger_options options;
    test_ledger ledger;
    test_gate gate;
    atomic_int calls;
} slow_ledger;

static const misas_document note = {.id = "note", .content = "{}"};

static misas_error *write_slowly(misas_context *context, const Bank__Ledger__V1__Probe *command,
                                 void *argument)
{
    slow_ledger *self = argument;
    misas_documents *documents = NULL;
    misas_error *error = misas_context_documents(&documents, context);

    (void)command;
    atomic_fetch_add(&self->calls, 1);
    if (error == NULL) {
        error = misas_documents_insert(documents, "notes", &note, 1);
    }
    if (error == NULL) {
        gate_pass(&self->gate);
    }
    return error;
}

static misas_error *pay_slowly(misas_context *context, const Bank__Ledger__V1__InterestDue *due)
{
    void *service = NULL;
    misas_error *error = misas_context_service(&service, context, "slow");

    (void)due;
    if (error == NULL) {
        slow_ledger *self = service;

        atomic_fetch_add(&self->calls, 1);
        gate_pass(&self->gate);
    }
    return error;
}

static void register_interest(misas_subsystem *subsystem, void *argument)
{
    misas_subsystem_add_service(subsystem, "slow", argument);
    bank_ledger_v1_interest_due_handle(subsystem, pay_slowly);
}

static void start(slow_ledger *out)
{
    *out = (slow_ledger){.opened = test_store_open(NULL), .gate = GATE_CLOSED};
    out->session = session_open(out->opened);
    assert_no_error(misas_storage_new_postgresql(&out->storage, out->opened->postgresql, NULL));
    assert_no_error(
        misas_documents_create_collection(misas_storage_documents(out->storage), "notes"));
    out->options =
        (ledger_options){.probe = write_slowly, .argument = out, .prepare = register_interest};
    out->ledger = ledger_start(out->storage, &out->options);
}

static void stop(slow_ledger *self)
{
    ledger_stop(&self->ledger);
    misas_storage_free(self->storage);
    PQfinish(self->session);
    test_store_close(self->opened);
}

static void send_probe(slow_ledger *self, test_answers *answers)
{
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;

    command.account = (char[]){"a"};
    assert_no_error(bank_ledger_v1_probe_send(
        self->ledger.bus, &command,
        &(misas_send_options){.id = "slow", .completion = answers_take, .argument = answers}));
}

/* The server has ended the session whose transaction stood open. */
static bool is_ended(void *argument)
{
    return session_number(((slow_ledger *)argument)->session,
                          "select count(*) from pg_stat_activity where datname = "
                          "current_database() and state like 'idle in transaction%%'") == 0;
}

TEST(a_handler_whose_transaction_stands_open_for_too_long_is_refused_and_that_is_remembered)
{
    slow_ledger self;
    test_answers answers = ANSWERS_NONE(MISAS_ERROR_HANDLER_TOO_SLOW);
    uint64_t count = 0;

    start(&self);
    send_probe(&self, &answers);
    gate_await(&self.gate);
    assert_false(is_ended(&self));
    assert_true(test_wait_until(is_ended, &self, timeout_ms));
    gate_open(&self.gate);
    answers_await(&answers, 1);
    assert_int_equal(answers.of_type, 1);
    assert_int_equal(self.calls, 1);
    assert_no_error(
        misas_documents_count(&count, misas_storage_documents(self.storage), "notes", NULL));
    assert_int_equal(count, 0);
    send_probe(&self, &answers);
    answers_await(&answers, 2);
    assert_int_equal(answers.of_type, 2);
    assert_no_error(ledger_open(&self.ledger, "a", NULL)); /* the worker goes on */
    stop(&self);
}

static int64_t claimed_until_ms(slow_ledger *self)
{
    return session_number(self->session,
                          "select (extract(epoch from claimed_until) * 1000)::bigint "
                          "from predictions");
}

typedef struct old_claim {
    slow_ledger *of;
    int64_t until_ms;
} old_claim;

static bool is_prolonged(void *argument)
{
    const old_claim *old = argument;

    return claimed_until_ms(old->of) > old->until_ms;
}

static bool is_gone(void *argument)
{
    return session_number(((slow_ledger *)argument)->session, "select count(*) from predictions") ==
           0;
}

TEST(a_prediction_that_is_in_hand_for_long_stays_claimed_and_is_not_suspect)
{
    slow_ledger self;
    misas_predictor *predictor = NULL;

    start(&self);
    session_execute(self.session,
                    "insert into predictions (id, due_at, type, type_version, payload) values "
                    "('slow', now(), 'bank.ledger.v1.InterestDue', 1, '')");
    assert_no_error(misas_predictor_start(
        &predictor, &(misas_predictor_options){.storage = self.storage, .bus = self.ledger.bus}));
    gate_await(&self.gate);
    old_claim old = {&self, claimed_until_ms(&self)};

    assert_true(test_wait_until(is_prolonged, &old, timeout_ms));
    assert_int_equal(session_number(self.session, "select attempts from predictions"), 1);
    gate_open(&self.gate);
    assert_true(test_wait_until(is_gone, &self, timeout_ms));
    assert_int_equal(self.calls, 1);
    misas_predictor_stop(predictor);
    stop(&self);
}
