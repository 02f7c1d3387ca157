/** Predictions that are added, claimed and fired, step by step. */
#ifndef MISAS_TESTS_PREDICTION_CONTRACT_DUE_H
#define MISAS_TESTS_PREDICTION_CONTRACT_DUE_H

#include "prediction_contract/fixture.h"
#include "storage/transaction.h"
#include "support/test.h"

enum { a_minute_ms = 60000 };

/** A storage, one transaction over it, and what was claimed last. */
typedef struct test_due {
    misas_storage *storage;
    misas__transaction *transaction;
    misas__arena arena;
    misas__claim_progress progress;
    const char *const *types; /* to be claimed; NULL: all */
    const misas__prediction *claimed;
    size_t count;
} test_due;

test_due due_open(void);
/** Over what another one was opened for: as another process has it. */
test_due due_open_again(void);
/** Of those that were opened again first. */
void due_close_again(test_due *due);
void due_close(test_due *due);

/** Writes one change, of a prediction of the type "test.v1.Due". */
misas_error *due_change(test_due *due, misas__prediction_change_kind kind, const char *id,
                        int64_t due_at_us);
void due_add(test_due *due, const char *id, int64_t due_at_us);

/** Claims; the test fails if that fails. How many. */
size_t due_claim(test_due *due, int64_t now_us, size_t max, int claim_ms);

/** Fails unless a claim for a minute gives just these, in this order, as in "a b". */
#define assert_claims(due, now_us, ids) \
    due_assert_claims((due), (now_us), (ids), __FILE__, __LINE__)
void due_assert_claims(test_due *due, int64_t now_us, const char *ids, const char *file, int line);

/** Claims for a moment again and again, until there is one; fails when that takes too long. */
void due_await(test_due *due, int64_t now_us);

/** Refers to one that was claimed last; lives as long as the claim's result. */
misas__prediction_reference due_reference(const test_due *due, size_t index);

/** Writes a batch that fires these. */
misas_error *due_fire(test_due *due, const misas__prediction_reference *fired, size_t count);
misas_error *due_fire_id(test_due *due, const char *id);

bool due_is_there(test_due *due, misas__prediction_reference reference);
uint64_t due_count(const test_due *due);

#endif
