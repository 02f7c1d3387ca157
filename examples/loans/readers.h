/** What each reader has: documents, kept up to date by following the events, and a query that
 * looks into them. */
#ifndef LOANS_READERS_H
#define LOANS_READERS_H

#include <misas/misas.h>

/** Adds the event processor "readers" and the handler of LoansOf to the subsystem. */
void readers_register(misas_subsystem *loans);

#endif
