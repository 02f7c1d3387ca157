/** The projections of the statistics: each keeps documents of its own, from what happened to
 * flights. */
#ifndef FLIGHTS_STATISTICS_PROJECTIONS_H
#define FLIGHTS_STATISTICS_PROJECTIONS_H

#include <misas/misas.h>

/** What departs from each airport, and what has happened there last. */
void airport_board_register(misas_subsystem *statistics);

/** How the flights of each carrier do. */
void carrier_punctuality_register(misas_subsystem *statistics);

#endif
