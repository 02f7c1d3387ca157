/** What the contract asks of each implementation of misas_storage: a fresh one, and a look behind
 * it. */
#ifndef MISAS_TESTS_STORAGE_CONTRACT_FIXTURE_H
#define MISAS_TESTS_STORAGE_CONTRACT_FIXTURE_H

#include "misas/storage.h"

/** Opens a storage in which nothing ever was; the test fails when that can't be done. `options` may
 * be NULL. */
misas_storage *storage_fixture_open(const misas_event_store_options *options);

/** Frees the storage, and what the fixture made for it. */
void storage_fixture_close(misas_storage *storage);

/** Writes the predictions, in the order of their ids and with a space between:
 * id:type:key:due:version:payload:correlation:causation:name=value. */
void storage_fixture_write_predictions(char *buffer, size_t size, misas_storage *storage);

#endif
