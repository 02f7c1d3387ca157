/** What the contract asks of each implementation of misas_documents: fresh documents, and
 * transactions over them. */
#ifndef MISAS_TESTS_DOCUMENTS_CONTRACT_FIXTURE_H
#define MISAS_TESTS_DOCUMENTS_CONTRACT_FIXTURE_H

#include "misas/document_store.h"

typedef struct fixture fixture;

/** Whether who reads waits for the transaction in progress, rather than reads what was before. */
extern const bool fixture_readers_wait;

/** Opens documents in which nothing ever was; the test fails when that can't be done. */
fixture *fixture_open(void);
void fixture_close(fixture *opened);

/** Each call is a transaction of its own. */
misas_documents *fixture_documents(fixture *opened);

/** Waits, as far as that can be seen, until so many others wait for the transaction. */
void fixture_await_waiting(fixture *opened, int count);

/** A transaction in progress; one at a time. */
typedef struct transaction transaction;

transaction *transaction_begin(fixture *opened);
misas_documents *transaction_documents(transaction *begun);
void transaction_savepoint(transaction *begun);
void transaction_roll_back_to_savepoint(transaction *begun);
void transaction_commit(transaction *begun);
void transaction_roll_back(transaction *begun);

#endif
