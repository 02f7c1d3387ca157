/** Leaders of processors, step by step. Each has a transaction of its own, as an instance has. */
#ifndef MISAS_TESTS_CHECKPOINT_CONTRACT_LEADERS_H
#define MISAS_TESTS_CHECKPOINT_CONTRACT_LEADERS_H

#include "checkpoint_contract/fixture.h"
#include "contract/words.h"
#include "storage/transaction.h"

/** Whoever wants to lead; `checkpoint` is as it was taken last. */
typedef struct test_leader {
    misas_storage *storage;
    const misas__checkpoint_functions *functions;
    misas__transaction *transaction;
    misas__checkpoint_key key;
    const char *owner;
    misas__checkpoint checkpoint;
} test_leader;

/** One that does not lead yet, of the log's checkpoint. */
test_leader leader_new(misas_storage *storage, const char *processor, const char *owner);
void leader_free(test_leader *leader);

/** Whether it leads now. */
bool leader_try(test_leader *leader);

/** The test fails if it can't lead at once. */
void leader_take(test_leader *leader);

/** Polls until the lease of the one before has expired. */
void leader_take_over(test_leader *leader);

misas_error *leader_renew(const test_leader *leader); /* the pause is not looked at */
misas_error *leader_attempt(const test_leader *leader, uint64_t position);
void leader_release(const test_leader *leader);

/** Writes a batch that moves the checkpoint to `position` and appends `word` to the stream "done",
 * with all that `more` has. `more` may be NULL. */
misas_error *leader_write(test_leader *leader, uint64_t position, const char *word,
                          const misas__batch *more);

/** Sets the checkpoint back; the test fails if there is none. */
void leader_reset(const test_leader *by, uint64_t position);

/** The checkpoint as it is listed, the key and the owner in `arena`; the test fails unless there is
 * one of this key. */
misas__checkpoint_info leader_info(const test_leader *leader, misas__arena *arena);

/** Fails unless this is listed; a NULL owner: nobody leads. */
void leader_assert(const test_leader *leader, uint64_t position, const char *owner);

/** A message that was read at `position`, and the error with which it failed. */
misas__dead_letter dead_letter(const char *processor, uint64_t position, const char *error);

/** The test fails if they can't be read. */
size_t leader_list_letters(const misas__dead_letter **out, const test_leader *leader,
                           const misas__dead_letter_query *query, misas__arena *arena);

/** Fails unless just these are listed: "processor@position=error*attempts", with a "!" after it if
 * it is to be retried, and spaces between. */
#define assert_letters(leader, query, text) \
    leader_assert_letters((leader), (query), (text), __FILE__, __LINE__)

void leader_assert_letters(const test_leader *leader, const misas__dead_letter_query *query,
                           const char *text, const char *file, int line);

/** The id of the only dead letter that the query finds. */
int64_t leader_letter_id(const test_leader *leader, const misas__dead_letter_query *query);

#endif
