#include "flights/operations/flight.h"

#include "flights/route.h"

/* How its state evolves. */

static misas_error *departed(void *state, const Flights__Operations__V1__FlightDeparted *event)
{
    flight *self = state;

    self->has_departed = true;
    self->departure_delay_minutes = event->delay_minutes;
    return NULL;
}

static misas_error *landed(void *state, const Flights__Operations__V1__FlightLanded *event)
{
    flight *self = state;

    self->has_landed = true;
    self->arrival_delay_minutes = event->delay_minutes;
    return NULL;
}

static misas_error *cancelled(void *state, const Flights__Operations__V1__FlightCancelled *event)
{
    flight *self = state;

    (void)event;
    self->is_cancelled = true;
    return NULL;
}

static misas_error *missed(void *state, const Flights__Operations__V1__ArrivalMissed *event)
{
    flight *self = state;

    (void)event;
    self->has_missed_arrival = true;
    return NULL;
}

static misas_error *overdue(void *state, const Flights__Operations__V1__FlightOverdue *event)
{
    flight *self = state;

    (void)event;
    self->is_overdue = true;
    return NULL;
}

static misas_error *withdrawn(void *state, const Flights__Operations__V1__OverdueWithdrawn *event)
{
    flight *self = state;

    (void)event;
    self->is_overdue = false;
    return NULL;
}

void flight_register(misas_subsystem *subsystem)
{
    misas_aggregate_type *type = misas_subsystem_add_aggregate(
        subsystem, &(misas_aggregate_options){.name = FLIGHT, .state_size = sizeof(flight)});

    flights_operations_v1_flight_departed_evolve(type, departed);
    flights_operations_v1_flight_landed_evolve(type, landed);
    flights_operations_v1_flight_cancelled_evolve(type, cancelled);
    flights_operations_v1_arrival_missed_evolve(type, missed);
    flights_operations_v1_flight_overdue_evolve(type, overdue);
    flights_operations_v1_overdue_withdrawn_evolve(type, withdrawn);
}

/* The verdict. */

static bool should_be_overdue(const flight *self)
{
    return self->has_departed &&
           (self->has_landed ? self->arrival_delay_minutes > flight_in_time_minutes
                             : self->has_missed_arrival);
}

/* Says so, if what is known by now makes for another verdict than was said last. */
static misas_error *judge(misas_aggregate *aggregate, char *id, Flights__V1__Route *route)
{
    Flights__Operations__V1__FlightOverdue now = FLIGHTS__OPERATIONS__V1__FLIGHT_OVERDUE__INIT;
    Flights__Operations__V1__OverdueWithdrawn not_any_more =
        FLIGHTS__OPERATIONS__V1__OVERDUE_WITHDRAWN__INIT;
    const flight *self = misas_aggregate_state(aggregate);

    if (should_be_overdue(self) == self->is_overdue) {
        return NULL;
    }
    if (self->is_overdue) {
        not_any_more.flight = id;
        not_any_more.route = route;
        return flights_operations_v1_overdue_withdrawn_record(aggregate, &not_any_more);
    }
    now.flight = id;
    now.route = route;
    now.has_landed = self->has_landed;
    return flights_operations_v1_flight_overdue_record(aggregate, &now);
}

/* What is told of it. */

static misas_error *refuse(const char *type_name, const char *id, const char *why)
{
    return misas_error_new_format(
        &(misas_error_options){.type_name = type_name,
                               .data = (misas_field[]){{"flight", id}, {NULL, NULL}},
                               .tags = MISAS_TAG_CONFLICT},
        "the flight %s %s", id, why);
}

static misas_error *check_route(const char *id, const Flights__V1__Route *route)
{
    if (flights_route_is_complete(route)) {
        return NULL;
    }
    return misas_error_new(
        &(misas_error_options){.type_name = FLIGHTS_ERROR_NO_ROUTE,
                               .message = "a route is a carrier and two airports",
                               .data = (misas_field[]){{"flight", id}, {NULL, NULL}},
                               .tags = MISAS_TAG_VALIDATION});
}

/* Can it have departed, or landed, with the delay that is told? */
static misas_error *check_told(const flight *self, const char *id, bool is_told_same)
{
    if (self->is_cancelled) {
        return refuse(FLIGHTS_ERROR_CANCELLED, id, "was cancelled");
    }
    return is_told_same ? NULL
                        : refuse(FLIGHTS_ERROR_TOLD_OTHERWISE, id,
                                 "has had another delay, according to what was told before");
}

misas_error *flight_depart(misas_aggregate *aggregate,
                           const Flights__Operations__V1__ReportDeparture *command)
{
    Flights__Operations__V1__FlightDeparted event = FLIGHTS__OPERATIONS__V1__FLIGHT_DEPARTED__INIT;
    const flight *self = misas_aggregate_state(aggregate);
    const bool is_same =
        !self->has_departed || self->departure_delay_minutes == command->delay_minutes;
    misas_error *error = check_route(command->flight, command->route);

    if (error == NULL) {
        error = check_told(self, command->flight, is_same);
    }
    if (error != NULL || self->has_departed) {
        return error;
    }
    event.flight = command->flight;
    event.route = command->route;
    event.delay_minutes = command->delay_minutes;
    error = flights_operations_v1_flight_departed_record(aggregate, &event);
    return error == NULL ? judge(aggregate, command->flight, command->route) : error;
}

misas_error *flight_land(misas_aggregate *aggregate,
                         const Flights__Operations__V1__ReportArrival *command)
{
    Flights__Operations__V1__FlightLanded event = FLIGHTS__OPERATIONS__V1__FLIGHT_LANDED__INIT;
    const flight *self = misas_aggregate_state(aggregate);
    const bool is_same = !self->has_landed || self->arrival_delay_minutes == command->delay_minutes;
    misas_error *error = check_route(command->flight, command->route);

    if (error == NULL) {
        error = check_told(self, command->flight, is_same);
    }
    if (error != NULL || self->has_landed) {
        return error;
    }
    event.flight = command->flight;
    event.route = command->route;
    event.delay_minutes = command->delay_minutes;
    event.was_overdue = self->is_overdue;
    error = flights_operations_v1_flight_landed_record(aggregate, &event);
    return error == NULL ? judge(aggregate, command->flight, command->route) : error;
}

misas_error *flight_cancel(misas_aggregate *aggregate,
                           const Flights__Operations__V1__CancelFlight *command)
{
    Flights__Operations__V1__FlightCancelled event =
        FLIGHTS__OPERATIONS__V1__FLIGHT_CANCELLED__INIT;
    const flight *self = misas_aggregate_state(aggregate);

    if (self->has_departed || self->has_landed) {
        return refuse(FLIGHTS_ERROR_UNDER_WAY, command->flight, "has left already");
    }
    misas_error *error = check_route(command->flight, command->route);

    if (error != NULL || self->is_cancelled) {
        return error;
    }
    event.flight = command->flight;
    event.route = command->route;
    return flights_operations_v1_flight_cancelled_record(aggregate, &event);
}

misas_error *flight_miss_arrival(misas_aggregate *aggregate,
                                 const Flights__Operations__V1__ArrivalDue *due)
{
    Flights__Operations__V1__ArrivalMissed event = FLIGHTS__OPERATIONS__V1__ARRIVAL_MISSED__INIT;
    const flight *self = misas_aggregate_state(aggregate);

    if (self->has_landed || self->is_cancelled || self->has_missed_arrival) {
        return NULL;
    }
    event.flight = due->flight;
    event.route = due->route;
    misas_error *error = flights_operations_v1_arrival_missed_record(aggregate, &event);

    return error == NULL ? judge(aggregate, due->flight, due->route) : error;
}
