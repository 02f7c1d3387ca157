/** Private: which processors of a system have not handled all that is in the log for them. */
#ifndef MISAS_SRC_SYSTEM_LAGGING_H
#define MISAS_SRC_SYSTEM_LAGGING_H

#include "processing/progress.h"
#include "system/system.h"

/** Called for one that lags. It may take the failure, and set it to NULL. */
typedef void (*misas__lagging_visitor)(void *argument, misas__progress *progress);

/** Visits all event processors and dispatchers of commands in this process that lag. `out_grows`:
 * the log grew meanwhile, so that those which were not visited may lag by now. */
misas_error *misas__system_find_lagging(bool *out_grows, misas_system *system,
                                        misas__lagging_visitor visitor, void *argument);

#endif
