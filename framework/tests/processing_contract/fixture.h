/** What the contract of processing asks of each kind of storage: a fresh one. */
#ifndef MISAS_TESTS_PROCESSING_FIXTURE_H
#define MISAS_TESTS_PROCESSING_FIXTURE_H

#include "misas/storage.h"

/** Opens a storage in which nothing ever was; the test fails when that can't be done. */
misas_storage *fixture_open(void);
void fixture_close(misas_storage *storage);

#endif
