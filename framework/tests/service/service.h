/** What the service of the tests has besides its subsystem. */
#ifndef MISAS_TESTS_SERVICE_SERVICE_H
#define MISAS_TESTS_SERVICE_SERVICE_H

#include "misas/system.h"

/** Adds the ledger with its notes. */
void service_add_ledger(misas_system *system);

/** Adds entry points: "feeder" sends some commands, the same each time; "breaker" sends one whose
 * handler fails with a fatal error; "sleeper" does not stop. */
void service_add_entry_points(misas_system *system);

#endif
