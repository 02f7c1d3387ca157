/** The subsystem "statistics": how carriers and airports do. Its messages are in statistics.proto.
 */
#ifndef FLIGHTS_STATISTICS_H
#define FLIGHTS_STATISTICS_H

#include <misas/misas.h>

void flights_statistics_register(misas_system *system);

#endif
