#include "flights/operations/operations.h"

#include "flights/operations/flight.h"
#include "flights/schedule/schedule.misas.h"

/* The flight is on the schedule: it should have landed by then. */
static misas_error *expect(misas_context *context,
                           const Flights__Schedule__V1__FlightScheduled *event)
{
    Flights__Operations__V1__ArrivalDue due = FLIGHTS__OPERATIONS__V1__ARRIVAL_DUE__INIT;
    const int64_t due_s = event->arrival->seconds + INT64_C(60) * flight_in_time_minutes;

    due.flight = event->flight;
    due.route = event->route;
    return flights_operations_v1_arrival_due_predict(
        context, &due,
        &(misas_prediction_options){
            .due_at_us = due_s * 1000000, .id = event->flight, .replaces = true});
}

/* Once it has landed or was cancelled it need not be looked after any more. */

static misas_error *land(misas_context *context,
                         const Flights__Operations__V1__ReportArrival *command)
{
    misas_aggregate *aggregate = NULL;
    misas_error *error = misas_context_load_or_add(&aggregate, context, FLIGHT, command->flight);

    if (error == NULL) {
        error = flight_land(aggregate, command);
    }
    return error != NULL ? error
                         : flights_operations_v1_arrival_due_cancel(context, command->flight);
}

static misas_error *cancel(misas_context *context,
                           const Flights__Operations__V1__CancelFlight *command)
{
    misas_aggregate *aggregate = NULL;
    misas_error *error = misas_context_load_or_add(&aggregate, context, FLIGHT, command->flight);

    if (error == NULL) {
        error = flight_cancel(aggregate, command);
    }
    return error != NULL ? error
                         : flights_operations_v1_arrival_due_cancel(context, command->flight);
}

static misas_error *look_after(misas_context *context,
                               const Flights__Operations__V1__ArrivalDue *due)
{
    misas_aggregate *aggregate = NULL;
    misas_error *error = misas_context_load_or_add(&aggregate, context, FLIGHT, due->flight);

    return error != NULL ? error : flight_miss_arrival(aggregate, due);
}

void flights_operations_register(misas_system *system)
{
    misas_subsystem *subsystem = misas_system_add_subsystem(system, "operations");
    misas_event_processor *expectations = misas_subsystem_add_event_processor(
        subsystem, &(misas_event_processor_options){.name = "expectations"});

    flight_register(subsystem);
    flights_operations_v1_report_departure_decide(subsystem, FLIGHT, MISAS_DECIDES_ON_ANY,
                                                  flight_depart);
    flights_operations_v1_report_arrival_handle(subsystem, land);
    flights_operations_v1_cancel_flight_handle(subsystem, cancel);
    flights_operations_v1_arrival_due_handle(subsystem, look_after);
    flights_schedule_v1_flight_scheduled_on(expectations, expect);
}
