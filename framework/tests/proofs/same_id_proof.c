/* The same command, sent a hundred times at once to two services on one storage, takes effect once
 * and is answered a hundred times alike; also when both were stopped and started again.
 *
 * A round has six commands to two accounts, which all senders send, each in an order of its own:
 * what a withdrawal answers, and with which balance a refusal refuses, depends on what came first.
 *
 * MISAS_PROOF_ROUNDS: how often they race. */
#include <stdio.h>
#include <stdlib.h>

#include "support/database.h"
#include "support/orders.h"
#include "support/service.h"
#include "support/session.h"

enum {
    sender_count = 100,
    service_count = 2,
    account_count = 8,
    round_size = 6,
    too_many_cents = 1000000000
};

static const char schema[] = "same_id";

typedef struct race {
    test_service services[service_count];
    test_orders orders;
    int rounds;
    pthread_barrier_t barrier;
} race;

typedef struct sender {
    race *in;
    int number;
    pthread_t thread;
} sender;

static void start_services(race *in)
{
    for (int i = 0; i < service_count; i++) {
        in->services[i] = service_start(
            &(service_options){.schema = schema, .ledger = {.processor = {.workers = 4}}});
    }
}

static void stop_services(race *in)
{
    for (int i = 0; i < service_count; i++) {
        service_stop(&in->services[i]);
    }
}

static void add_round(test_orders *to, int round)
{
    int one = 2 * round % account_count;
    int other = one + 1;

    orders_add(to, ORDER_DEPOSIT, one, 500 + round);
    orders_add(to, ORDER_WITHDRAW, one, 1 + round % 7);
    orders_add(to, ORDER_WITHDRAW, one, too_many_cents);
    orders_add(to, ORDER_DEPOSIT, other, 300 + round);
    orders_add(to, ORDER_TRANSFER, other, 1 + round % 5);
    orders_add(to, ORDER_WITHDRAW, other, too_many_cents);
}

static void *send_along(void *argument)
{
    const sender *self = argument;
    race *in = self->in;
    test_ledger *to = &in->services[self->number % service_count].ledger;
    size_t begins_with = (size_t)self->number / service_count;

    for (int round = 0; round < in->rounds; round++) {
        test_order **orders = in->orders.items + (size_t)round * round_size;

        pthread_barrier_wait(&in->barrier);
        for (size_t i = 0; i < round_size; i++) {
            order_ask(orders[(begins_with + i) % round_size], to);
        }
    }
    return NULL;
}

static void send_all(race *in)
{
    sender senders[sender_count];

    pthread_barrier_init(&in->barrier, NULL, sender_count);
    for (int i = 0; i < sender_count; i++) {
        senders[i] = (sender){.in = in, .number = i};
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_along, &senders[i]), 0);
    }
    for (int i = 0; i < sender_count; i++) {
        pthread_join(senders[i].thread, NULL);
    }
    pthread_barrier_destroy(&in->barrier);
}

/* Each command, and each opening of an account, once. */
static int count_wrongly_recorded(const race *in)
{
    PGconn *session = test_database_connect(test_database_of_process());
    int64_t found = session_number(session, "select count(*) from %s.handled_messages", schema);

    PQfinish(session);
    return (int)llabs(found - (int64_t)in->orders.count - account_count);
}

static void judge(race *in, int64_t began_ms)
{
    orders_verdict verdict =
        orders_judge(&in->orders, in->services[0].storage, &in->services[0].ledger);
    int wrong = verdict.lost + verdict.doubled + verdict.gaps + verdict.wrong_balances +
                count_wrongly_recorded(in);

    printf("figures: rounds=%d commands=%zu answers=%d effects_wrong=%d answers_differing=%d "
           "asked_again=%d seconds=%.1f\n",
           in->rounds, in->orders.count, in->orders.answers, wrong, verdict.differing,
           in->orders.put_off, (double)(test_now_ms() - began_ms) / 1000);
    assert_int_equal(wrong, 0);
    assert_int_equal(verdict.differing + verdict.unexpected + verdict.unanswered, 0);
    assert_int_equal(in->orders.answers, 2 * sender_count * (int)in->orders.count);
}

TEST(the_same_command_sent_at_once_and_again_takes_effect_once_and_is_answered_alike)
{
    race in = {.rounds = test_amount("MISAS_PROOF_ROUNDS", 5)};

    start_services(&in);
    orders_begin(&in.orders, account_count, &in.services[0].ledger);
    for (int i = 0; i < in.rounds; i++) {
        add_round(&in.orders, i);
    }
    int64_t began_ms = test_now_ms();

    send_all(&in);
    stop_services(&in);
    start_services(&in);
    send_all(&in);
    judge(&in, began_ms);
    stop_services(&in);
    orders_end(&in.orders);
}
