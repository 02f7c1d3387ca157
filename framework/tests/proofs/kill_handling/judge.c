#include "proofs/kill_handling/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "support/ledger.h"

static const char tables[] =
    "create temporary table orders (number int, id text primary key, kind text, account text, "
    "other text, value bigint, outcome text, answered_us bigint); "
    "create temporary table effects (position bigint, type text, account text, cents bigint, "
    "cause text, recorded_us bigint)";

/* What each command that was not refused, or that one of them sent, should have recorded. */
static const char wanted[] =
    "create temporary table sent as select id::text, causation_id as cause from events "
    "where stream like '$command-%'; "
    "create temporary table wanted as "
    "select id as cause, 'Opened' as type, account, 0 as cents from orders "
    "where kind = 'o' and outcome = 'y' union all "
    "select id, 'Deposited', account, value from orders where kind = 'd' and outcome = 'y' "
    "union all "
    "select id, 'Withdrawn', account, value from orders where kind in ('w', 't') and "
    "outcome = 'y' union all "
    "select s.id, 'Deposited', o.other, o.value from sent s join orders o on o.id = s.cause "
    "where o.kind = 't' and o.other <> 'a999'; "
    "create temporary table fired as "
    "select o.number, o.value as due_us, o.account, o.outcome, e.recorded_us, e.cents, "
    "e.account = o.account and e.cents = 3 and e.type = 'Deposited' as is_right, "
    "(select min(c.answered_us) from orders c where c.kind = 'c' and c.other = "
    "'a' || o.number) as cancelled_us "
    "from orders o left join effects e on e.cause = 'p' || o.number "
    "where o.kind = 'p' and o.outcome = 'y'";

bool judge_is_settled(PGconn *session)
{
    return session_number(session, "select count(*) from predictions") == 0 &&
           session_number(session,
                          "select count(*) from events e where stream like '$command-%%' and not "
                          "exists (select from handled_messages h where h.source = '/bank/ledger' "
                          "and h.id = e.id::text)") == 0 &&
           session_number(
               session,
               "select count(*) from checkpoints where processor = 'ledger.balances' and position "
               ">= (select max(position) from events where stream like 'account-%%')") == 1;
}

static void put(PGconn *session, const char *line)
{
    assert_int_equal(PQputCopyData(session, line, (int)strlen(line)), 1);
}

static void end_copy(PGconn *session)
{
    assert_int_equal(PQputCopyEnd(session, NULL), 1);
    session_finish(session);
}

static void load_orders(PGconn *session, const feeder *of)
{
    char line[200];

    PQclear(PQexec(session, "copy orders from stdin"));
    for (int i = 0; i < of->count; i++) {
        const feeder_entry *entry = &of->entries[i];
        const teller_order *order = &entry->order;

        snprintf(line, sizeof line, "%d\tc%d\t%c\ta%d\ta%d\t%" PRId64 "\t%c\t%" PRId64 "\n",
                 order->number, order->number, order->kind, order->account, order->other,
                 order->value, entry->outcome, entry->answered_us);
        put(session, line);
    }
    end_copy(session);
}

/* False for events that concern no account. */
static bool read_effect(const misas_event *event, char account[20], int64_t *out_cents)
{
    Bank__Ledger__V1__Opened *opened = NULL;
    Bank__Ledger__V1__Deposited *deposited = NULL;
    Bank__Ledger__V1__Withdrawn *withdrawn = NULL;

    *out_cents = 0;
    if (strcmp(event->type, "bank.ledger.v1.Opened") == 0) {
        assert_no_error(bank_ledger_v1_opened_decode(&opened, event));
        snprintf(account, 20, "%s", opened->account);
        misas_message_free(&opened->base);
    } else if (strcmp(event->type, "bank.ledger.v1.Deposited") == 0) {
        assert_no_error(bank_ledger_v1_deposited_decode(&deposited, event));
        snprintf(account, 20, "%s", deposited->account);
        *out_cents = deposited->cents;
        misas_message_free(&deposited->base);
    } else if (strcmp(event->type, "bank.ledger.v1.Withdrawn") == 0) {
        assert_no_error(bank_ledger_v1_withdrawn_decode(&withdrawn, event));
        snprintf(account, 20, "%s", withdrawn->account);
        *out_cents = withdrawn->cents;
        misas_message_free(&withdrawn->base);
    } else {
        return false;
    }
    return true;
}

static void load_effects(PGconn *session, const test_store *at)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;
    char account[20];
    char line[300];
    int64_t cents = 0;

    PQclear(PQexec(session, "copy effects from stdin"));
    assert_no_error(misas_event_store_read_all(&reader, at->store, NULL));
    do {
        assert_no_error(misas_event_reader_next(&event, reader));
        if (event != NULL && read_effect(event, account, &cents)) {
            snprintf(line, sizeof line, "%" PRIu64 "\t%s\t%s\t%" PRId64 "\t%s\t%" PRId64 "\n",
                     event->position, event->type + strlen("bank.ledger.v1."), account, cents,
                     event->metadata.causation_id, event->recorded_at_us);
            put(session, line);
        }
    } while (event != NULL);
    misas_event_reader_free(reader);
    end_copy(session);
}

static int64_t count_lost(PGconn *session)
{
    return session_number(session,
                          "select count(*) from orders o where not exists (select from "
                          "handled_messages h where h.source = '/misas' and h.id = o.id)") +
           session_number(session, "select count(*) from (select cause, type, account, cents from "
                                   "wanted except select cause, type, account, cents from effects) "
                                   "missing") +
           session_number(session, "select count(*) from orders o where kind = 't' and outcome = "
                                   "'y' and not exists (select from sent where cause = o.id)") +
           session_number(session, "select count(*) from fired where recorded_us is null and "
                                   "cancelled_us is null");
}

static int64_t count_twice(PGconn *session)
{
    return session_number(session, "select count(*) - count(distinct cause) from effects") +
           session_number(session, "select count(*) - count(distinct cause) from sent") +
           session_number(session,
                          "select count(*) from effects e where not exists (select from wanted w "
                          "where (w.cause, w.type, w.account, w.cents) = (e.cause, e.type, "
                          "e.account, e.cents)) and not exists (select from fired f where "
                          "f.is_right and e.cause = 'p' || f.number)") +
           session_number(session, "select count(*) from sent s where not exists (select from "
                                   "orders o where o.id = s.cause and o.kind = 't' and o.outcome "
                                   "= 'y')");
}

static int64_t count_changed(PGconn *session)
{
    return session_number(session,
                          "select count(*) from orders o join handled_messages h on h.source = "
                          "'/misas' and h.id = o.id where (o.outcome = 'y') <> (h.error is null)");
}

static int64_t count_wrong_balances(PGconn *session)
{
    return session_number(
        session,
        "select count(*) from (select account as id, sum(case when type = 'Withdrawn' then -cents "
        "else cents end) as cents, count(*) as events from effects group by account) e full join "
        "(select id, (content->>'cents')::bigint as cents, (content->>'events')::bigint as events "
        "from documents where collection = 'balances') d using (id, cents, events) "
        "where e.id is null or d.id is null");
}

static void judge_predictions(judgement *out, PGconn *session)
{
    out->predictions = session_number(session, "select count(*) from fired");
    out->fired = session_number(session, "select count(*) from fired where recorded_us is not "
                                         "null");
    out->cancelled = session_number(session, "select count(*) from fired where recorded_us is "
                                             "null and cancelled_us is not null");
    out->fired_wrongly = session_number(session, "select count(*) from fired where recorded_us < "
                                                 "due_us or (recorded_us is not null and "
                                                 "cancelled_us < due_us)");
    out->left = session_number(session, "select count(*) from predictions");
}

void judge(judgement *out, PGconn *session, const test_store *at, const feeder *of)
{
    session_execute(session, "%s", tables);
    load_orders(session, of);
    load_effects(session, at);
    session_execute(session, "%s", wanted);
    session_execute(session, "analyze");
    out->accepted = session_number(session, "select count(*) from orders where outcome = 'y'");
    out->refused = session_number(session, "select count(*) from orders where outcome = 'n'");
    out->lost = count_lost(session);
    out->twice = count_twice(session);
    out->changed = of->changed + count_changed(session);
    out->gaps = session_number(session, "select count(*) from (select version, row_number() over "
                                        "(partition by stream order by position) as place from "
                                        "events) e where version <> place");
    out->sent = session_number(session, "select count(*) from sent");
    out->sent_handled =
        session_number(session, "select count(*) from sent s join handled_messages h on h.source = "
                                "'/bank/ledger' and h.id = s.id");
    judge_predictions(out, session);
    out->projection_wrong = count_wrong_balances(session);
    out->set_aside = session_number(session, "select count(*) from dead_letters");
}
