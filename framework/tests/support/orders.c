#include "support/orders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/growth.h"
#include "text/text.h"

enum { name_size = 16 };

static char *write_name(char out[name_size], int account)
{
    snprintf(out, name_size, "a%d", account);
    return out;
}

void orders_begin(test_orders *out, int accounts, test_ledger *by)
{
    char name[name_size];

    *out = (test_orders){.accounts = accounts, .mutex = PTHREAD_MUTEX_INITIALIZER};
    for (int i = 0; i < accounts; i++) {
        assert_no_error(ledger_open(by, write_name(name, i), NULL));
    }
}

void orders_end(test_orders *orders)
{
    for (size_t i = 0; i < orders->count; i++) {
        free(orders->items[i]->answer);
        free(orders->items[i]);
    }
    free(orders->items);
    pthread_mutex_destroy(&orders->mutex);
}

test_order *orders_add(test_orders *to, order_kind kind, int account, int64_t cents)
{
    test_order *order = calloc(1, sizeof *order);

    to->items = misas__grow(to->items, to->count, &to->capacity, sizeof(test_order *));
    assert_true(order != NULL && to->items != NULL);
    *order = (test_order){.of = to, .kind = kind, .account = account, .cents = cents};
    snprintf(order->id, sizeof order->id, "order-%zu", to->count);
    to->items[to->count++] = order;
    return order;
}

/* Either it was not handled, or nobody knows. */
static bool is_put_off(const misas_error *error)
{
    return misas_error_has_tag(error, MISAS_TAG_RETRIABLE) ||
           misas_error_is(error, MISAS_ERROR_CONCURRENCY);
}

static void report_unexpected(const test_order *order, const misas_error *error)
{
    char said[1000];

    misas_error_write(said, sizeof said, error);
    print_error("%s: %s: %s\n", order->id, misas_error_type(error), said);
}

/* All that it says, but whether it is a refusal. */
static char *answer_bytes(size_t *out_size, const misas_reply *reply, const misas_error *error)
{
    misas__text text = {0};
    void *encoded = NULL;
    char *bytes = NULL;

    if (error != NULL) {
        misas_error_free(misas_error_encode(&encoded, out_size, error));
        return encoded;
    }
    misas__text_append_string(&text, reply->type != NULL ? reply->type : "");
    misas__text_append(&text, reply->payload != NULL ? reply->payload : "", reply->payload_size);
    misas_error_free(misas__text_finish(&bytes, out_size, &text));
    return bytes;
}

/* The balance that it tells; -1: none. */
static int64_t told_cents(const misas_reply *reply, const misas_error *error)
{
    Bank__Ledger__V1__Balance *balance = NULL;
    const char *told = misas_error_data(error, "balance");
    int64_t cents = told != NULL ? strtoll(told, NULL, 10) : -1;

    if (error == NULL && reply->type != NULL) {
        misas_error_free(bank_ledger_v1_balance_read_reply(&balance, reply));
        cents = balance != NULL ? balance->cents : -1;
        misas_message_free(balance != NULL ? &balance->base : NULL);
    }
    return cents;
}

static void take_answer(test_order *order, const misas_reply *reply, const misas_error *error)
{
    size_t size = 0;
    char *bytes = answer_bytes(&size, reply, error);

    if (order->answers++ == 0) {
        order->answer = bytes;
        order->answer_size = size;
        order->is_refused = error != NULL;
        order->of->refused += error != NULL ? 1 : 0;
        order->told_cents = told_cents(reply, error);
        return;
    }
    if (bytes == NULL || order->is_refused != (error != NULL) || order->answer_size != size ||
        memcmp(order->answer, bytes, size) != 0) {
        order->of->differing++;
    }
    free(bytes);
}

/* Takes what became of one sending. True when it is an answer. */
static bool take(test_order *order, const misas_reply *reply, misas_error *error)
{
    static const misas_reply without_content;
    test_orders *orders = order->of;
    bool is_answer = !is_put_off(error);

    pthread_mutex_lock(&orders->mutex);
    order->on_their_way--;
    orders->on_their_way--;
    if (!is_answer) {
        orders->put_off++;
    } else if (error != NULL && !misas_error_is(error, LEDGER_ERROR_TOO_LITTLE)) {
        report_unexpected(order, error);
        orders->unexpected++;
        order->has_failed = true;
    } else {
        orders->answers++;
        take_answer(order, reply != NULL ? reply : &without_content, error);
    }
    pthread_mutex_unlock(&orders->mutex);
    misas_error_free(error);
    return is_answer;
}

static void complete(void *argument, const misas_reply *reply, misas_error *error)
{
    take(argument, reply, error);
}

/* A command, with the texts that it points to. */
typedef struct order_message {
    char account[name_size];
    char other[name_size];
    const misas_type *type;
    union {
        ProtobufCMessage base;
        Bank__Ledger__V1__Deposit deposit;
        Bank__Ledger__V1__Withdraw withdraw;
        Bank__Ledger__V1__Transfer transfer;
    };
} order_message;

static void write_message(order_message *out, const test_order *order)
{
    write_name(out->account, order->account);
    write_name(out->other, (order->account + 1) % order->of->accounts);
    switch (order->kind) {
    case ORDER_DEPOSIT:
        out->type = &bank_ledger_v1_deposit_type;
        out->deposit = (Bank__Ledger__V1__Deposit)BANK__LEDGER__V1__DEPOSIT__INIT;
        out->deposit.account = out->account;
        out->deposit.cents = order->cents;
        break;
    case ORDER_WITHDRAW:
        out->type = &bank_ledger_v1_withdraw_type;
        out->withdraw = (Bank__Ledger__V1__Withdraw)BANK__LEDGER__V1__WITHDRAW__INIT;
        out->withdraw.account = out->account;
        out->withdraw.cents = order->cents;
        break;
    case ORDER_TRANSFER:
        out->type = &bank_ledger_v1_transfer_type;
        out->transfer = (Bank__Ledger__V1__Transfer)BANK__LEDGER__V1__TRANSFER__INIT;
        out->transfer.from = out->account;
        out->transfer.to = out->other;
        out->transfer.cents = order->cents;
        break;
    }
}

static void count_sending(test_order *order)
{
    pthread_mutex_lock(&order->of->mutex);
    order->on_their_way++;
    order->of->on_their_way++;
    pthread_mutex_unlock(&order->of->mutex);
}

void order_send(test_order *order, test_ledger *to)
{
    order_message message;

    write_message(&message, order);
    count_sending(order);
    misas_error *error = misas_bus_send(
        to->bus, message.type, &message.base,
        &(misas_send_options){.id = order->id, .completion = complete, .argument = order});

    if (error != NULL) {
        take(order, NULL, error);
    }
}

void order_ask(test_order *order, test_ledger *to)
{
    order_message message;
    bool is_answered = false;

    write_message(&message, order);
    while (!is_answered) {
        misas_reply *reply = NULL;

        count_sending(order);
        misas_error *error = misas_bus_send_and_wait(&reply, to->bus, message.type, &message.base,
                                                     &(misas_send_options){.id = order->id});

        is_answered = take(order, reply, error);
        free(reply);
    }
}

bool orders_send_again(test_orders *orders, test_ledger *to)
{
    bool are_all_before = true;

    for (size_t i = orders->settled; i < orders->count; i++) {
        test_order *order = orders->items[i];

        pthread_mutex_lock(&orders->mutex);
        bool is_on_its_way = order->on_their_way > 0;
        bool is_answered = order->answers > 0 || order->has_failed;

        pthread_mutex_unlock(&orders->mutex);
        if (!is_on_its_way && !is_answered) {
            order_send(order, to);
        }
        are_all_before = are_all_before && !is_on_its_way && is_answered;
        orders->settled = are_all_before ? i + 1 : orders->settled;
    }
    return orders->settled == orders->count;
}

/* What is known of the streams while all events are read. */
typedef struct judgement {
    test_orders *orders;
    orders_verdict *verdict;
    uint64_t versions[orders_max_accounts];
    int64_t balances[orders_max_accounts];
} judgement;

/* The order that has caused it; NULL: none. */
static test_order *find_order(const judgement *judging, const misas_event *event)
{
    const char *cause = event->metadata.causation_id;
    size_t index = 0;

    return cause != NULL && sscanf(cause, "order-%zu", &index) == 1 &&
                   index < judging->orders->count
               ? judging->orders->items[index]
               : NULL;
}

/* What an event adds to its account. */
static int64_t cents_of(const misas_event *event)
{
    Bank__Ledger__V1__Deposited *deposited = NULL;
    Bank__Ledger__V1__Withdrawn *withdrawn = NULL;
    int64_t cents = 0;

    if (bank_ledger_v1_deposited_is(event)) {
        assert_no_error(bank_ledger_v1_deposited_decode(&deposited, event));
        cents = deposited->cents;
        misas_message_free(&deposited->base);
    } else if (bank_ledger_v1_withdrawn_is(event)) {
        assert_no_error(bank_ledger_v1_withdrawn_decode(&withdrawn, event));
        cents = -withdrawn->cents;
        misas_message_free(&withdrawn->base);
    }
    return cents;
}

static void judge_account_event(judgement *judging, const misas_event *event, int account)
{
    test_order *order = find_order(judging, event);

    judging->verdict->gaps += event->version == ++judging->versions[account] ? 0 : 1;
    judging->balances[account] += cents_of(event);
    if (order == NULL) {
        return;
    }
    order->events++;
    if (order->kind == ORDER_WITHDRAW && order->told_cents != judging->balances[account]) {
        judging->verdict->wrong_balances++;
    }
}

static void judge_event(judgement *judging, const misas_event *event)
{
    int account = 0;

    if (sscanf(event->stream, "account-a%d", &account) == 1 && account < orders_max_accounts) {
        judge_account_event(judging, event, account);
        return;
    }
    test_order *order = find_order(judging, event);

    judging->verdict->gaps += event->version == 1 ? 0 : 1;
    if (order != NULL) {
        order->commands++;
    }
}

static void read_all(judgement *judging, misas_storage *storage)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    assert_no_error(misas_event_store_read_all(&reader, misas_storage_event_store(storage), NULL));
    assert_no_error(misas_event_reader_next(&event, reader));
    while (event != NULL) {
        judge_event(judging, event);
        assert_no_error(misas_event_reader_next(&event, reader));
    }
    misas_event_reader_free(reader);
}

static void judge_count(orders_verdict *verdict, int found, int expected)
{
    verdict->lost += found < expected ? expected - found : 0;
    verdict->doubled += found > expected ? found - expected : 0;
}

static void judge_order(orders_verdict *verdict, const test_order *order)
{
    bool is_done = order->answers > 0 && !order->is_refused;

    verdict->unanswered += order->answers > 0 ? 0 : 1;
    judge_count(verdict, order->events, is_done ? 1 : 0);
    judge_count(verdict, order->commands, is_done && order->kind == ORDER_TRANSFER ? 1 : 0);
}

/* The balance that all the answers come to. */
static int64_t promised_cents(const test_orders *orders, int account)
{
    int64_t cents = 0;

    for (size_t i = 0; i < orders->count; i++) {
        const test_order *order = orders->items[i];

        if (order->account == account && order->answers > 0 && !order->is_refused) {
            cents += order->kind == ORDER_DEPOSIT ? order->cents : -order->cents;
        }
    }
    return cents;
}

orders_verdict orders_judge(test_orders *orders, misas_storage *storage, test_ledger *by)
{
    orders_verdict verdict = {.differing = orders->differing, .unexpected = orders->unexpected};
    judgement judging = {.orders = orders, .verdict = &verdict};
    char name[name_size];

    read_all(&judging, storage);
    for (size_t i = 0; i < orders->count; i++) {
        judge_order(&verdict, orders->items[i]);
    }
    for (int i = 0; i < orders->accounts; i++) {
        int64_t promised = promised_cents(orders, i);
        bool agrees =
            promised == judging.balances[i] && promised == ledger_balance(by, write_name(name, i));

        verdict.wrong_balances += agrees ? 0 : 1;
    }
    return verdict;
}
