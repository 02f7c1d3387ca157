/** What the contract of predictions asks of each kind of storage: a fresh one, and another on the
 * same, as another process has it. */
#ifndef MISAS_TESTS_PREDICTION_CONTRACT_FIXTURE_H
#define MISAS_TESTS_PREDICTION_CONTRACT_FIXTURE_H

#include "misas/storage.h"

/** Opens a storage in which nothing ever was; the test fails when that can't be done. */
misas_storage *prediction_fixture_open(void);

/** The one that was opened last, once more; in memory there is no other than itself. */
misas_storage *prediction_fixture_open_again(void);

/** Frees the storage, and whatever was opened again. */
void prediction_fixture_close(misas_storage *storage);

#endif
