/** The subsystem "schedule": which flights there will be. Its messages are in schedule.proto. */
#ifndef FLIGHTS_SCHEDULE_H
#define FLIGHTS_SCHEDULE_H

#include <misas/misas.h>

/** It has no route, or does not depart before it arrives; data: "flight". Tagged validation. */
#define FLIGHTS_ERROR_NO_FLIGHT "flights.schedule.no_flight"

void flights_schedule_register(misas_system *system);

#endif
