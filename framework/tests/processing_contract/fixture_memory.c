#include "processing_contract/fixture.h"
#include "support/test.h"

misas_storage *fixture_open(void)
{
    misas_storage *storage = NULL;

    assert_no_error(misas_storage_new_memory(&storage, NULL));
    return storage;
}

void fixture_close(misas_storage *storage)
{
    misas_storage_free(storage);
}
