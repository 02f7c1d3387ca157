#include "flights/operations/operations.misas.h"
#include "flights/schedule/schedule.misas.h"
#include "flights/statistics/projections.h"
#include "flights/statistics/statistics.misas.h"

typedef Flights__Statistics__V1__Carrier carrier;

/* Of the flight at hand. What is changed in it is written when the events are handled. */
static misas_error *load(carrier **out, misas_context *context, const Flights__V1__Route *route)
{
    return flights_statistics_v1_carrier_load_or_add(out, context, route->carrier);
}

static misas_error *scheduled(misas_context *context,
                              const Flights__Schedule__V1__FlightScheduled *event)
{
    carrier *of = NULL;
    misas_error *error = load(&of, context, event->route);

    if (error == NULL) {
        of->scheduled++;
    }
    return error;
}

static misas_error *departed(misas_context *context,
                             const Flights__Operations__V1__FlightDeparted *event)
{
    carrier *of = NULL;
    misas_error *error = load(&of, context, event->route);

    if (error == NULL) {
        of->departed++;
    }
    return error;
}

static misas_error *landed(misas_context *context,
                           const Flights__Operations__V1__FlightLanded *event)
{
    carrier *of = NULL;
    misas_error *error = load(&of, context, event->route);

    if (error == NULL) {
        of->landed++;
        of->missing -= event->was_overdue ? 1 : 0;
        of->arrival_delay_minutes += event->delay_minutes;
    }
    return error;
}

static misas_error *cancelled(misas_context *context,
                              const Flights__Operations__V1__FlightCancelled *event)
{
    carrier *of = NULL;
    misas_error *error = load(&of, context, event->route);

    if (error == NULL) {
        of->cancelled++;
    }
    return error;
}

static misas_error *overdue(misas_context *context,
                            const Flights__Operations__V1__FlightOverdue *event)
{
    carrier *of = NULL;
    misas_error *error = load(&of, context, event->route);

    if (error == NULL) {
        of->overdue++;
        of->missing += event->has_landed ? 0 : 1;
    }
    return error;
}

static misas_error *withdrawn(misas_context *context,
                              const Flights__Operations__V1__OverdueWithdrawn *event)
{
    carrier *of = NULL;
    misas_error *error = load(&of, context, event->route);

    if (error == NULL) {
        of->overdue--;
    }
    return error;
}

static misas_error *clear(misas_context *context, void *argument)
{
    (void)argument;
    return flights_statistics_v1_carrier_clear(context);
}

void carrier_punctuality_register(misas_subsystem *statistics)
{
    misas_event_processor *projection = misas_subsystem_add_event_processor(
        statistics, &(misas_event_processor_options){.name = "carrier-punctuality"});

    flights_statistics_v1_carrier_keep(statistics);
    flights_schedule_v1_flight_scheduled_on(projection, scheduled);
    flights_operations_v1_flight_departed_on(projection, departed);
    flights_operations_v1_flight_landed_on(projection, landed);
    flights_operations_v1_flight_cancelled_on(projection, cancelled);
    flights_operations_v1_flight_overdue_on(projection, overdue);
    flights_operations_v1_overdue_withdrawn_on(projection, withdrawn);
    misas_event_processor_on_reset(projection, clear, NULL);
}
