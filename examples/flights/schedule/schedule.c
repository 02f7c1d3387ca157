#include "flights/schedule/schedule.h"

#include "flights/route.h"
#include "flights/schedule/schedule.misas.h"

/* A flight that is there: more is not needed to decide. */
typedef struct scheduled_flight {
    bool is_scheduled;
} scheduled_flight;

static misas_error *scheduled(void *state, const Flights__Schedule__V1__FlightScheduled *event)
{
    scheduled_flight *flight = state;

    (void)event;
    flight->is_scheduled = true;
    return NULL;
}

static misas_error *no_flight(const char *flight)
{
    return misas_error_new(&(misas_error_options){
        .type_name = FLIGHTS_ERROR_NO_FLIGHT,
        .message = "a flight has a route, and is to depart before it arrives",
        .data = (misas_field[]){{"flight", flight}, {NULL, NULL}},
        .tags = MISAS_TAG_VALIDATION});
}

static misas_error *schedule(misas_aggregate *flight,
                             const Flights__Schedule__V1__ScheduleFlight *command)
{
    Flights__Schedule__V1__FlightScheduled event = FLIGHTS__SCHEDULE__V1__FLIGHT_SCHEDULED__INIT;

    if (!flights_route_is_complete(command->route) || command->departure == NULL ||
        command->arrival == NULL || command->departure->seconds >= command->arrival->seconds) {
        return no_flight(command->flight);
    }
    event.flight = command->flight;
    event.route = command->route;
    event.departure = command->departure;
    event.arrival = command->arrival;
    return flights_schedule_v1_flight_scheduled_record(flight, &event);
}

void flights_schedule_register(misas_system *system)
{
    misas_subsystem *subsystem = misas_system_add_subsystem(system, "schedule");
    misas_aggregate_type *flight = misas_subsystem_add_aggregate(
        subsystem, &(misas_aggregate_options){.name = "scheduled_flight",
                                              .state_size = sizeof(scheduled_flight)});

    flights_schedule_v1_flight_scheduled_evolve(flight, scheduled);
    flights_schedule_v1_schedule_flight_decide(subsystem, "scheduled_flight", MISAS_DECIDES_ON_NEW,
                                               schedule);
}
