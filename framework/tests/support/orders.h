/** Commands to ledgers that are sent many times, by many threads, until they are answered; and
 * whether answers and events agree in the end that each took effect exactly once.
 *
 * Accounts are numbered from 0 on: account 3 is "a3". Money transferred is sent to an account in a
 * command that nobody handles yet.
 */
#ifndef MISAS_TESTS_ORDERS_H
#define MISAS_TESTS_ORDERS_H

#include <pthread.h>

#include "support/ledger.h"

enum { orders_max_accounts = 32 };

typedef enum order_kind { ORDER_DEPOSIT, ORDER_WITHDRAW, ORDER_TRANSFER } order_kind;

typedef struct test_orders test_orders;

/** A command. */
typedef struct test_order {
    test_orders *of;
    char id[24];
    order_kind kind;
    int account;
    int64_t cents;

    /* Guarded by the mutex of the orders. */
    int on_their_way; /* sent, without an answer yet */
    int answers;
    bool has_failed; /* with an error that no order may have */
    void *answer;    /* the first one, as bytes */
    size_t answer_size;
    bool is_refused;
    int64_t told_cents; /* the balance that the answer tells */

    int events; /* that it has caused, as orders_judge finds them */
    int commands;
} test_order;

/** Starts with orders_begin. */
struct test_orders {
    int accounts;
    test_order **items; /* added by one thread */
    size_t count;
    size_t capacity;
    size_t settled; /* so many of the first have their answer */

    pthread_mutex_t mutex; /* guards what follows */
    int on_their_way;
    int answers;
    int refused;    /* orders */
    int differing;  /* that were not like the first one to the same order */
    int unexpected; /* errors that no order may have */
    int put_off;    /* sent, with no answer but that it is to be sent again */
};

/** Opens the accounts by this ledger. */
void orders_begin(test_orders *out, int accounts, test_ledger *by);
void orders_end(test_orders *orders);

test_order *orders_add(test_orders *to, order_kind kind, int account, int64_t cents);

/** Sends it without waiting. */
void order_send(test_order *order, test_ledger *to);

/** Sends all again that are not on their way and have neither answer nor failure. True when all
 * have either. */
bool orders_send_again(test_orders *orders, test_ledger *to);

/** Sends it and waits, again and again, until it is answered. Any thread. */
void order_ask(test_order *order, test_ledger *to);

/** What is wrong; all 0 when each took effect exactly once. */
typedef struct orders_verdict {
    int unanswered;
    int differing;
    int unexpected;
    int lost;    /* events and commands that are not there */
    int doubled; /* that are there too often */
    int gaps;    /* events whose version is not the next one of their stream */
    int wrong_balances;
} orders_verdict;

/** Reads all events; `by` answers from the same storage. */
orders_verdict orders_judge(test_orders *orders, misas_storage *storage, test_ledger *by);

#endif
