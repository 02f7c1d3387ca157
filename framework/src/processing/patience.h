/** Private: how long to wait before something is tried again. */
#ifndef MISAS_SRC_PROCESSING_PATIENCE_H
#define MISAS_SRC_PROCESSING_PATIENCE_H

#include <stdbool.h>

#include "misas/storage.h"

/** The pause after so many failures in a row, in milliseconds: longer and longer. */
int misas__pause_ms(int failures);

/** As misas__pause_ms, for one who must be back within a second of the end of an outage. */
int misas__outage_pause_ms(int failures);

/** Whether a retriable error came because the storage can't be reached at all: then it is waited
 * for, however long that takes. */
bool misas__is_storage_away(misas_storage *storage, const misas_error *error);

#endif
