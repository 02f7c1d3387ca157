#include <stdlib.h>

#include "documents_contract/fixture.h"
#include "documentstore/memory_documents.h"
#include "support/test.h"

const bool fixture_readers_wait = true;

struct fixture {
    misas__memory_documents *memory;
};

struct transaction {
    misas__memory_documents *memory;
};

fixture *fixture_open(void)
{
    fixture *opened = calloc(1, sizeof *opened);

    assert_non_null(opened);
    assert_no_error(misas__memory_documents_new(&opened->memory));
    return opened;
}

void fixture_close(fixture *opened)
{
    misas__memory_documents_free(opened->memory);
    free(opened);
}

misas_documents *fixture_documents(fixture *opened)
{
    return misas__memory_documents_shared(opened->memory);
}

void fixture_await_waiting(fixture *opened, int count)
{
    (void)opened;
    (void)count;
}

transaction *transaction_begin(fixture *opened)
{
    transaction *begun = calloc(1, sizeof *begun);

    assert_non_null(begun);
    begun->memory = opened->memory;
    misas__memory_documents_begin(begun->memory);
    return begun;
}

misas_documents *transaction_documents(transaction *begun)
{
    return misas__memory_documents_in_transaction(begun->memory);
}

void transaction_savepoint(transaction *begun)
{
    misas__memory_documents_savepoint(begun->memory);
}

void transaction_roll_back_to_savepoint(transaction *begun)
{
    misas__memory_documents_roll_back_to_savepoint(begun->memory);
}

void transaction_commit(transaction *begun)
{
    misas__memory_documents_commit(begun->memory);
    free(begun);
}

void transaction_roll_back(transaction *begun)
{
    misas__memory_documents_roll_back(begun->memory);
    free(begun);
}
