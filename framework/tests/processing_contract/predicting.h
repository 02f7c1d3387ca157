/** A ledger on which interest becomes due, and its predictors. */
#ifndef MISAS_TESTS_PROCESSING_CONTRACT_PREDICTING_H
#define MISAS_TESTS_PROCESSING_CONTRACT_PREDICTING_H

#include <stdatomic.h>

#include "storage/transaction.h"
#include "support/ledger.h"

typedef struct predicting {
    misas_storage *storage;
    ledger_options options;
    test_ledger ledger;
    misas_clock *clock; /* stands still, until the test moves it */
    misas_predictor *predictors[2];
    atomic_int calls; /* of the handler */
    atomic_int times_to_fail;
    const char *tags; /* of the failures; set before anything is predicted */
} predicting;

/** Opens a storage, starts so many predictors, and opens the account "a". */
void predicting_start(predicting *out, int predictors);
void predicting_stop(predicting *self);

void predicting_start_predictor(predicting *self, int index);

/** "+<id> <milliseconds>" predicts interest of a cent so long after 0, "=<id> <milliseconds>" in
 * place of what there is, "-<id>" and "~" cancel one and all of the account. */
void predicting_tell(predicting *self, const char *text);

/** Waits until the account has so many cents; the test fails when that takes too long. */
void predicting_await_balance(predicting *self, int64_t cents);

/** So many predictions are left. */
void predicting_assert_left(predicting *self, uint64_t expected);
void predicting_await_left(predicting *self, uint64_t expected);

/** Waits until there is a dead letter, the only one. In `arena`. */
const misas__dead_letter *predicting_await_letter(predicting *self, misas__arena *arena);

size_t predicting_count_letters(predicting *self);

/** Adds a prediction that no handler has made. */
void predicting_add(predicting *self, const misas_new_prediction *prediction);

#endif
