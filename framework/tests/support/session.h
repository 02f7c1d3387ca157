/** A store on PostgreSQL, and raw sessions beside it: what other writers do, step by step. */
#ifndef MISAS_TESTS_SESSION_H
#define MISAS_TESTS_SESSION_H

#include <libpq-fe.h>
#include <stdint.h>

#include "misas/postgresql.h"

typedef struct test_store {
    misas_postgresql *postgresql;
    misas_event_store *store;
    const misas_secret *connection;
    char schema[32];
    misas_log *log; /* writes to a file of its own */
    FILE *log_file;
} test_store;

/** Zero members: the process's database, the defaults. The schema and the loggers are set. */
typedef struct test_store_options {
    const misas_secret *connection;
    misas_postgresql_options postgresql;
    misas_event_store_options store;
} test_store_options;

/** Opens a store in a new schema; the test fails when that can't be done. `options` may be NULL. */
test_store *test_store_open(const test_store_options *options);
void test_store_close(test_store *opened);

/** A subscription to all its events. */
misas_subscription *test_store_follow(const test_store *opened);

/** Whether the log says `text` by now. */
bool test_store_log_says(const test_store *opened, const char *text);

/** A session whose search path is the store's schema; ended with PQfinish. */
PGconn *session_open(const test_store *opened);

/** Runs statements; the test fails when one fails. */
void session_execute(PGconn *session, const char *format, ...) MISAS_PRINTF_LIKE(2, 3);

/** As session_execute; gives the first column of the first row as a number, 0 for null or no row.
 */
int64_t session_number(PGconn *session, const char *format, ...) MISAS_PRINTF_LIKE(2, 3);

/** Fails unless the first column of the first row is `expected`. */
void session_assert_text(PGconn *session, const char *expected, const char *query);

/** Runs statements of which one must fail with this SQLSTATE. */
void session_assert_fails(PGconn *session, const char *sqlstate, const char *format, ...)
    MISAS_PRINTF_LIKE(3, 4);

/** Appends one event, whose payload is `word`, by append_first or append_next. The position; 0 if
 * it gave none. */
int64_t session_append(PGconn *session, const char *stream, int64_t expected, const char *word);

/** The text of a query that appends `count` events by append_events, and gives the last position.
 * The first payload is `word`, the others' `word` with their number, from 2 on. */
const char *session_batch_text(const char *stream, int64_t expected, const char *word, int count);

/** Runs session_batch_text. */
int64_t session_append_batch(PGconn *session, const char *stream, int64_t expected,
                             const char *word, int count);

/** Sends statements without waiting for their answer, which session_finish takes. */
void session_send(PGconn *session, const char *format, ...) MISAS_PRINTF_LIKE(2, 3);

/** Waits for the answer to session_send: the first column as a number. */
int64_t session_finish(PGconn *session);

/** Ends all sessions of stores, but not the raw ones. */
void session_terminate_stores(PGconn *session);

/** Waits until `count` sessions of the database wait for a lock; `observer` is another one. */
void session_await_waiting(PGconn *observer, int count);

/** Fails unless these words come next, in this order, and nothing after them yet. Separated by
 * spaces; "": nothing comes. */
#define assert_delivers(subscription, words) \
    session_assert_delivers((subscription), (words), __FILE__, __LINE__)

void session_assert_delivers(misas_subscription *subscription, const char *words, const char *file,
                             int line);

#endif
