#include "prediction_contract/fixture.h"
#include "support/test.h"

static misas_storage *last;

misas_storage *prediction_fixture_open(void)
{
    assert_no_error(misas_storage_new_memory(&last, NULL));
    return last;
}

misas_storage *prediction_fixture_open_again(void)
{
    return last;
}

void prediction_fixture_close(misas_storage *storage)
{
    misas_storage_free(storage);
}
