/** The subsystem: books are lent, come back, and become overdue. */
#ifndef LOANS_LOANS_H
#define LOANS_LOANS_H

#include <misas/misas.h>

/** Adds the subsystem "loans" to the system. */
void loans_register(misas_system *system);

#endif
