/** The subsystem "operations": what becomes of each flight. Its messages are in operations.proto.
 */
#ifndef FLIGHTS_OPERATIONS_H
#define FLIGHTS_OPERATIONS_H

#include <misas/misas.h>

void flights_operations_register(misas_system *system);

#endif
