#include "contract/fixture.h"
#include "support/test.h"

const char fixture_name[] = "memory";

misas_event_store *fixture_open(const misas_event_store_options *options)
{
    misas_event_store *store = NULL;

    assert_no_error(misas_event_store_new_memory(&store, options));
    return store;
}

void fixture_close(misas_event_store *store)
{
    misas_event_store_free(store);
}
