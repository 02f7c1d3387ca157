/** One flight: what is known of it, and what follows from that.
 *
 * Whatever is told of a flight is recorded, in whatever order it comes, and then it is asked anew
 * whether the flight is overdue. So the verdict is right in the end, and on the way it is what was
 * known by then. */
#ifndef FLIGHTS_OPERATIONS_FLIGHT_H
#define FLIGHTS_OPERATIONS_FLIGHT_H

#include <misas/misas.h>

#include "flights/operations/operations.misas.h"

/** It has departed or landed, so that it can't be cancelled; data: "flight". Tagged conflict. */
#define FLIGHTS_ERROR_UNDER_WAY "flights.operations.under_way"
/** It was cancelled, so that it can't depart or land; data: "flight". Tagged conflict. */
#define FLIGHTS_ERROR_CANCELLED "flights.operations.cancelled"
/** What is told of it has no route; data: "flight". Tagged validation. */
#define FLIGHTS_ERROR_NO_ROUTE "flights.operations.no_route"
/** Something else was told of it before; data: "flight". Tagged conflict. */
#define FLIGHTS_ERROR_TOLD_OTHERWISE "flights.operations.told_otherwise"

/** A delay of so many minutes is still in time. */
enum { flight_in_time_minutes = 15 };

/** The name of the type of aggregate. */
#define FLIGHT "flight"

typedef struct flight {
    bool has_departed;
    bool has_landed;
    bool is_cancelled;
    bool has_missed_arrival; /* the time when it should have landed has passed */
    bool is_overdue;         /* as was said last */
    int32_t departure_delay_minutes;
    int32_t arrival_delay_minutes;
} flight;

void flight_register(misas_subsystem *subsystem);

/* Decisions. To tell the same again changes nothing. */

misas_error *flight_depart(misas_aggregate *aggregate,
                           const Flights__Operations__V1__ReportDeparture *command);
misas_error *flight_land(misas_aggregate *aggregate,
                         const Flights__Operations__V1__ReportArrival *command);
misas_error *flight_cancel(misas_aggregate *aggregate,
                           const Flights__Operations__V1__CancelFlight *command);

/** The time has come when it should have landed. */
misas_error *flight_miss_arrival(misas_aggregate *aggregate,
                                 const Flights__Operations__V1__ArrivalDue *due);

#endif
