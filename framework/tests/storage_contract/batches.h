/** Batches, step by step. Events and commands are words, as in contract/words.h; a message is known
 * by its id alone. */
#ifndef MISAS_TESTS_STORAGE_CONTRACT_BATCHES_H
#define MISAS_TESTS_STORAGE_CONTRACT_BATCHES_H

#include "contract/words.h"
#include "storage/transaction.h"
#include "storage_contract/fixture.h"

#define BATCH_SOURCE "/test/batches"

enum { max_of_batch = 40 };

/** Starts zeroed. Texts are borrowed. */
typedef struct test_batch {
    misas__batch batch;
    uint64_t versions[max_of_batch];
    misas__handled handled[max_of_batch];
    misas__confirmation confirmations[max_of_batch];
    misas__batch_stream streams[max_of_batch];
    misas__batch_event events[max_of_batch];
    misas_envelope commands[max_of_batch];
    misas__prediction_change predictions[max_of_batch];
    words words[max_of_batch];
    size_t words_count;
    char command_ids[max_of_batch][MISAS_UUID_TEXT_SIZE];
    char texts[max_of_batch][3][24]; /* of predictions: id, type, key */
} test_batch;

/** A storage, and one transaction over it. */
typedef struct test_side {
    misas_storage *storage;
    misas_event_store *store;
    misas__transaction *transaction;
} test_side;

test_side side_open(const misas_event_store_options *options);
void side_close(test_side *side);

/** A message without an answer; its digest is made of its id. */
misas__handled *batch_handle(test_batch *batch, const char *id);

/** Appends to a stream, which can be named again: its version counts the first time. */
void batch_append(test_batch *batch, const char *stream, misas_expected_version expected,
                  const char *text);

void batch_confirm(test_batch *batch, const char *stream, uint64_t version);

/** Sends test.v1.Do, with the id that words_id gives and the word as its payload. */
misas_envelope *batch_send(test_batch *batch, const char *word);

/** Changes predictions as a text says: "+a:T/k" adds a, of the type T and with the key k; "=a:T"
 * replaces a, or adds it, without key; "-a" and "~T/k" cancel. */
void batch_predict(test_batch *batch, const char *text);

misas_error *batch_write(test_batch *batch, misas__transaction *transaction);

/** Writes a batch that handles one message and appends one event; the test fails if it fails. */
void side_append(test_side *side, const char *stream, misas_expected_version expected,
                 const char *word);

/** Whether the message was handled. */
bool side_was_handled(const test_side *side, const char *id);

/** Fails unless there are just these predictions, as in "a:T/k b:T". */
#define assert_predictions(side, text) side_assert_predictions((side), (text), __FILE__, __LINE__)

void side_assert_predictions(const test_side *side, const char *text, const char *file, int line);

#endif
