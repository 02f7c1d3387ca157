/** Private: the storage on PostgreSQL, in its parts. */
#ifndef MISAS_SRC_POSTGRESQL_STORAGE_H
#define MISAS_SRC_POSTGRESQL_STORAGE_H

#include "postgresql/connection.h"
#include "storage/transaction.h"

typedef struct misas__postgresql_storage {
    misas_storage base;
    misas_postgresql *database;
    const misas_clock *clock; /* NULL: the database's */
} misas__postgresql_storage;

misas_error *misas__postgresql_transaction_new(misas__transaction **out, void *self);

/** See misas__prediction_functions. */
misas_error *misas__postgresql_claim_predictions(const misas__prediction **out, size_t *out_count,
                                                 misas_storage *storage, const misas__claim *claim,
                                                 misas__arena *arena);
misas_error *misas__postgresql_note_claims(int32_t *out_attempts, misas_storage *storage,
                                           const misas__claim_note *note);
misas_error *misas__postgresql_count_predictions(uint64_t *out, misas_storage *storage);
misas_error *misas__postgresql_now(int64_t *out_us, misas_storage *storage);

/* What follows runs in whichever transaction the connection is in, or in none. */

/** Messages that may have been handled, and what is known of them. */
typedef struct misas__handled_query {
    bool *out_found;          /* all false before */
    misas__handled *messages; /* source and id are given */
    size_t count;
    misas__arena *arena; /* for what is found */
} misas__handled_query;

misas_error *misas__find_handled(misas__connection *connection, const misas__handled_query *query);

/** The messages come in the order of source and id. Errors: MISAS__ERROR_HANDLED_MEANWHILE. */
misas_error *misas__insert_handled(misas__connection *connection,
                                   const misas__handled *const *messages, size_t count);

/** Of each of `count` predictions: is it still there? */
misas_error *misas__find_predictions(bool *out_found, misas__connection *connection,
                                     const misas__prediction_reference *predictions, size_t count);

/** Takes away those that were handled, one or more, in the order of their ids. Errors:
 * MISAS__ERROR_PREDICTION_GONE. */
misas_error *misas__fire_predictions(misas__connection *connection,
                                     const misas__prediction_reference *fired, size_t count);

/** Takes away those that were handled, then makes the changes of the batch. Errors:
 * MISAS__ERROR_PREDICTION_GONE, MISAS_ERROR_PREDICTION_EXISTS. */
misas_error *misas__change_predictions(misas__connection *connection, const misas__batch *batch);

/** Errors: MISAS_ERROR_CONCURRENCY. */
misas_error *misas__check_confirmations(misas__connection *connection,
                                        const misas__confirmation *confirmations, size_t count);

/** Whether a statement failed because of this constraint. */
bool misas__is_violation(const misas_error *error, const char *constraint);

misas_error *misas__postgresql_forget_handled(uint64_t *out_count, misas_storage *storage,
                                              int64_t age_s, uint64_t max);

#endif
