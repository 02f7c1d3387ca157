/** What the contract of checkpoints asks of each kind of storage: a fresh one. */
#ifndef MISAS_TESTS_CHECKPOINT_CONTRACT_FIXTURE_H
#define MISAS_TESTS_CHECKPOINT_CONTRACT_FIXTURE_H

#include "misas/storage.h"

/** Opens a storage in which nothing ever was; the test fails when that can't be done. */
misas_storage *checkpoint_fixture_open(void);
void checkpoint_fixture_close(misas_storage *storage);

#endif
