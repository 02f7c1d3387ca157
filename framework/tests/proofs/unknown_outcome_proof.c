/* Connections are cut at their commit, so that nobody knows whether it was done: it was, it was
 * not, or it still will be while the worker already tries again. Each command takes effect exactly
 * once all the same.
 *
 * A wave of commands is sent while the proxy before PostgreSQL waits for a commit to cut: to
 * several workers, some commands twice, some that were answered long ago. Whatever gets no answer
 * is sent again with the same id. Every third wave is so small that a batch is one command. After
 * every fourth the service is stopped in the middle of it all, and another goes on.
 *
 * MISAS_PROOF_CUTS: how many. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/database.h"
#include "support/orders.h"
#include "support/proxy.h"
#include "support/service.h"
#include "support/session.h"

enum {
    account_count = 12,
    wave_max = 150,
    small_wave_max = 3,
    cuts_max = 3, /* in one wave */
    waves_of_service = 4,
    recovery_max_ms = 30000
};

static const char schema[] = "unknown_outcome";

typedef struct proof {
    test_proxy *proxy;
    test_service service;
    test_orders orders;
    PGconn *observer;
    unsigned random;
    int wanted;  /* cuts */
    int awaited; /* held commits that the next try was seen to wait for */
    int64_t slowest_ms;
} proof;

static int draw(proof *of, int from, int to)
{
    return from + rand_r(&of->random) % (to - from + 1);
}

static int count_cuts(proof *of)
{
    int count = 0;

    for (int how = 0; how < proxy_cut_count; how++) {
        count += proxy_cuts(of->proxy, (proxy_cut)how);
    }
    return count;
}

static test_order *add_order(proof *of)
{
    static const order_kind kinds[] = {ORDER_DEPOSIT, ORDER_DEPOSIT, ORDER_WITHDRAW,
                                       ORDER_TRANSFER};
    order_kind kind = kinds[draw(of, 0, 3)];

    /* An account holds about as much as is asked of it: some get too little. */
    return orders_add(&of->orders, kind, draw(of, 0, account_count - 1), draw(of, 1, 1000));
}

static void send_wave(proof *of, int size)
{
    test_ledger *to = &of->service.ledger;

    for (int i = 0; i < size; i++) {
        test_order *order = add_order(of);
        int before = draw(of, 0, (int)of->orders.count - 1);

        order_send(order, to);
        if (draw(of, 0, 9) == 0) {
            order_send(order, to);
        }
        if (draw(of, 0, 9) == 0) {
            order_send(of->orders.items[before], to);
        }
    }
}

/* Waiting for a cut that may not come, since all are answered before. */
typedef struct expected_cut {
    proof *of;
    int count; /* of cuts, with this one */
    bool is_all_answered;
} expected_cut;

static bool is_cut_or_answered(void *argument)
{
    expected_cut *expected = argument;

    expected->is_all_answered =
        orders_send_again(&expected->of->orders, &expected->of->service.ledger);
    return count_cuts(expected->of) == expected->count || expected->is_all_answered;
}

/* The worker's next try waits for the transaction that is held. */
static bool is_waiting(void *argument)
{
    proof *of = argument;

    orders_send_again(&of->orders, &of->service.ledger);
    return session_number(of->observer, "select count(*) from pg_stat_activity where datname = "
                                        "current_database() and wait_event_type = 'Lock'") > 0;
}

static bool is_all_answered(void *argument)
{
    proof *of = argument;

    return orders_send_again(&of->orders, &of->service.ledger);
}

/* Cuts the next commit of what was sent, or of what is now: a wave of `size`, if not 0. False when
 * there was none. */
static bool cut_once(proof *of, int size)
{
    proxy_cut how = (proxy_cut)(count_cuts(of) % proxy_cut_count);
    expected_cut expected = {.of = of, .count = count_cuts(of) + 1};

    proxy_arm(of->proxy, how);
    send_wave(of, size);
    assert_true(test_wait_until(is_cut_or_answered, &expected, recovery_max_ms));
    proxy_disarm(of->proxy);
    if (count_cuts(of) < expected.count) {
        return false;
    }
    if (how == PROXY_HOLDS_COMMIT) {
        of->awaited += test_wait_until(is_waiting, of, recovery_max_ms) ? 1 : 0;
        proxy_let_go(of->proxy);
    }
    return true;
}

/* Every other service gives up a command that failed alone; those between try again. */
static void start_service(proof *of, int number)
{
    of->service = service_start(&(service_options){
        .connection = proxy_connection(of->proxy),
        .schema = schema,
        .ledger = {.processor = {.workers = 3, .max_batch = 40, .max_attempts = number % 2}},
    });
}

static void run_wave(proof *of, int number)
{
    int cuts = draw(of, 1, cuts_max);
    bool was_cut = cut_once(of, draw(of, 1, number % 3 == 0 ? small_wave_max : wave_max));

    for (int i = 1; i < cuts && was_cut && count_cuts(of) < of->wanted; i++) {
        was_cut = cut_once(of, 0);
    }
    int64_t cut_ms = test_now_ms();

    if (number % waves_of_service == 0) {
        service_stop(&of->service);
        start_service(of, number / waves_of_service);
    }
    assert_true(test_wait_until(is_all_answered, of, recovery_max_ms));
    int64_t took_ms = test_now_ms() - cut_ms;

    of->slowest_ms = took_ms > of->slowest_ms ? took_ms : of->slowest_ms;
}

static void run(proof *of)
{
    for (int wave = 1; count_cuts(of) < of->wanted; wave++) {
        run_wave(of, wave);
    }
}

static bool is_confirmed(void *argument)
{
    proof *of = argument;

    return proxy_commits(of->proxy) ==
           proxy_cuts(of->proxy, PROXY_LOSES_ANSWER) + proxy_cuts(of->proxy, PROXY_HOLDS_COMMIT);
}

static void judge(proof *of, int64_t began_ms)
{
    test_service direct = service_start(&(service_options){.schema = schema});
    orders_verdict verdict = orders_judge(&of->orders, direct.storage, &direct.ledger);
    int recorded = (int)session_number(
        of->observer, "select count(*) from %s.handled_messages where id like 'order-%%'", schema);

    printf("figures: cuts=%d forwarded=%d dropped=%d delayed=%d awaited=%d commands=%zu "
           "refused=%d answers=%d sent_again=%d double=%d lost=%d gaps=%d wrong_balances=%d "
           "differing=%d "
           "slowest_recovery=%lldms seconds=%.1f\n",
           count_cuts(of), proxy_cuts(of->proxy, PROXY_LOSES_ANSWER),
           proxy_cuts(of->proxy, PROXY_DROPS_COMMIT), proxy_cuts(of->proxy, PROXY_HOLDS_COMMIT),
           of->awaited, of->orders.count, of->orders.refused, of->orders.answers,
           of->orders.put_off, verdict.doubled, verdict.lost, verdict.gaps, verdict.wrong_balances,
           verdict.differing, (long long)of->slowest_ms, (double)(test_now_ms() - began_ms) / 1000);
    assert_int_equal(verdict.doubled + verdict.lost + verdict.gaps + verdict.wrong_balances, 0);
    assert_int_equal(verdict.differing + verdict.unexpected + verdict.unanswered, 0);
    assert_int_equal(recorded, of->orders.count);
    service_stop(&direct);
}

TEST(commands_whose_commit_has_an_unknown_outcome_take_effect_once)
{
    proof of = {.wanted = test_amount("MISAS_PROOF_CUTS", 9), .random = (unsigned)getpid()};
    test_database *database = test_database_of_process();

    of.proxy = proxy_start(test_database_connection(database));
    of.observer = test_database_connect(database);
    start_service(&of, 0);
    orders_begin(&of.orders, account_count, &of.service.ledger);
    int64_t began_ms = test_now_ms();

    run(&of);
    service_stop(&of.service);
    assert_true(test_wait_until(is_confirmed, &of, recovery_max_ms));
    assert_int_equal(of.awaited, proxy_cuts(of.proxy, PROXY_HOLDS_COMMIT));
    judge(&of, began_ms);
    PQfinish(of.observer);
    proxy_stop(of.proxy);
    orders_end(&of.orders);
}
