/** The subsystem "statistics": how carriers and airports do. Its messages are in statistics.proto.
 */
#ifndef FLIGHTS_STATISTICS_H
#define FLIGHTS_STATISTICS_H

#include <misas/misas.h>

/** The collections of its documents: an Airport and a Carrier each, by their codes. */
#define FLIGHTS_AIRPORTS "airport_board"
#define FLIGHTS_CARRIERS "carrier_punctuality"

void flights_statistics_register(misas_system *system);

#endif
