/** What the contract asks of each implementation of misas_event_store: a fresh store. */
#ifndef MISAS_TESTS_CONTRACT_FIXTURE_H
#define MISAS_TESTS_CONTRACT_FIXTURE_H

#include "misas/event_store.h"

/** As in "memory". */
extern const char fixture_name[];

/** Opens a store in which nothing ever was; the test fails when that can't be done. `options` may
 * be NULL. */
misas_event_store *fixture_open(const misas_event_store_options *options);

/** Frees the store, and what the fixture made for it. */
void fixture_close(misas_event_store *store);

#endif
