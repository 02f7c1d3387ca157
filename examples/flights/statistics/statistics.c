#include "flights/statistics/statistics.h"

#include <stdlib.h>
#include <string.h>

#include "flights/operations/operations.misas.h"
#include "flights/schedule/schedule.misas.h"
#include "flights/statistics/board.h"

/* An event at hand, and the records that it is about. */
typedef struct occurrence {
    char *flight;
    const Flights__V1__Route *route;
    airport_record *airport;
    carrier_record *carrier;
} occurrence;

static misas_error *begin(occurrence *out, records *all, char *flight,
                          const Flights__V1__Route *route)
{
    *out = (occurrence){.flight = flight, .route = route};
    misas_error *error = records_airport(&out->airport, all, route->origin);

    return error == NULL ? records_carrier(&out->carrier, all, route->carrier) : error;
}

/* On the board. `what` is only read. */
static misas_error *show(const occurrence *it, const char *what, int32_t delay_minutes)
{
    movement_record movement = FLIGHTS__STATISTICS__V1__MOVEMENT__INIT;

    movement.flight = it->flight;
    movement.carrier = it->route->carrier;
    movement.destination = it->route->destination;
    movement.what = (char *)(uintptr_t)what;
    movement.delay_minutes = delay_minutes;
    return board_show(it->airport, &movement);
}

/* What each event means for the figures. */

static misas_error *scheduled(records *all, const ProtobufCMessage *message)
{
    const Flights__Schedule__V1__FlightScheduled *event = (const void *)message;
    occurrence it;
    misas_error *error = begin(&it, all, event->flight, event->route);

    if (error != NULL) {
        return error;
    }
    it.airport->scheduled++;
    it.carrier->scheduled++;
    return NULL;
}

static misas_error *departed(records *all, const ProtobufCMessage *message)
{
    const Flights__Operations__V1__FlightDeparted *event = (const void *)message;
    occurrence it;
    misas_error *error = begin(&it, all, event->flight, event->route);

    if (error != NULL) {
        return error;
    }
    it.airport->departed++;
    it.airport->departure_delay_minutes += event->delay_minutes;
    it.carrier->departed++;
    return show(&it, "departed", event->delay_minutes);
}

static misas_error *landed(records *all, const ProtobufCMessage *message)
{
    const Flights__Operations__V1__FlightLanded *event = (const void *)message;
    occurrence it;
    misas_error *error = begin(&it, all, event->flight, event->route);

    if (error != NULL) {
        return error;
    }
    it.carrier->landed++;
    it.carrier->missing -= event->was_overdue ? 1 : 0;
    it.carrier->arrival_delay_minutes += event->delay_minutes;
    return show(&it, "landed", event->delay_minutes);
}

static misas_error *cancelled(records *all, const ProtobufCMessage *message)
{
    const Flights__Operations__V1__FlightCancelled *event = (const void *)message;
    occurrence it;
    misas_error *error = begin(&it, all, event->flight, event->route);

    if (error != NULL) {
        return error;
    }
    it.airport->cancelled++;
    it.carrier->cancelled++;
    return show(&it, "cancelled", 0);
}

static misas_error *overdue(records *all, const ProtobufCMessage *message)
{
    const Flights__Operations__V1__FlightOverdue *event = (const void *)message;
    occurrence it;
    misas_error *error = begin(&it, all, event->flight, event->route);

    if (error != NULL) {
        return error;
    }
    it.carrier->overdue++;
    if (event->has_landed) {
        return NULL;
    }
    it.carrier->missing++;
    return show(&it, "overdue", 0);
}

static misas_error *withdrawn(records *all, const ProtobufCMessage *message)
{
    const Flights__Operations__V1__OverdueWithdrawn *event = (const void *)message;
    occurrence it;
    misas_error *error = begin(&it, all, event->flight, event->route);

    if (error != NULL) {
        return error;
    }
    it.carrier->overdue--;
    return NULL;
}

/* The types of events, and what each means. */
static const misas_type *const event_types[] = {
    &flights_schedule_v1_flight_scheduled_type,
    &flights_operations_v1_flight_departed_type,
    &flights_operations_v1_flight_landed_type,
    &flights_operations_v1_flight_cancelled_type,
    &flights_operations_v1_flight_overdue_type,
    &flights_operations_v1_overdue_withdrawn_type,
    NULL,
};
static misas_error *(*const folds[])(records *all, const ProtobufCMessage *message) = {
    scheduled, departed, landed, cancelled, overdue, withdrawn,
};

static misas_error *fold(records *all, const misas_event *event)
{
    ProtobufCMessage *message = NULL;
    size_t i = 0;

    while (strcmp(event->type, event_types[i]->descriptor->name) != 0) {
        i++;
    }
    misas_error *error =
        misas_message_decode(&message, event_types[i], event->payload, event->payload_size, NULL);

    if (error == NULL) {
        error = folds[i](all, message);
        misas_message_free(message);
    }
    return error;
}

/* A record is read and written once for each batch, however many of its events are about it. */
static misas_error *fold_batch(misas_context *context, const misas_event *const *events,
                               size_t count, void *argument)
{
    records all = {0};
    misas_documents *documents = NULL;
    misas_error *error = misas_context_documents(&documents, context);

    (void)argument;
    records_begin(&all, documents);
    for (size_t i = 0; i < count && error == NULL; i++) {
        error = fold(&all, events[i]);
    }
    if (error == NULL) {
        error = records_write(&all);
    }
    records_end(&all);
    return error;
}

static misas_error *empty(misas_documents *documents, const char *collection)
{
    misas_error *error = misas_documents_ensure_collection(documents, collection);

    return error != NULL ? error : misas_documents_delete_where(NULL, documents, collection, NULL);
}

static misas_error *clear(misas_context *context, void *argument)
{
    misas_documents *documents = NULL;
    misas_error *error = misas_context_documents(&documents, context);

    (void)argument;
    if (error == NULL) {
        error = empty(documents, FLIGHTS_AIRPORTS);
    }
    return error == NULL ? empty(documents, FLIGHTS_CARRIERS) : error;
}

/* The records as the members of an answer, which borrows them. */
static misas_error *reply(misas_context *context, const records *all)
{
    Flights__Statistics__V1__Figures figures = FLIGHTS__STATISTICS__V1__FIGURES__INIT;
    misas_error *error = misas_error_out_of_memory();

    figures.carriers = calloc(all->carriers.count + 1, sizeof *figures.carriers);
    figures.airports = calloc(all->airports.count + 1, sizeof *figures.airports);
    if (figures.carriers != NULL && figures.airports != NULL) {
        while (figures.n_carriers < all->carriers.count) {
            figures.carriers[figures.n_carriers] = (void *)all->carriers.items[figures.n_carriers];
            figures.n_carriers++;
        }
        while (figures.n_airports < all->airports.count) {
            figures.airports[figures.n_airports] = (void *)all->airports.items[figures.n_airports];
            figures.n_airports++;
        }
        error = flights_statistics_v1_figures_reply(context, &figures);
    }
    free(figures.carriers);
    free(figures.airports);
    return error;
}

static misas_error *tell(misas_context *context, const Flights__Statistics__V1__GetFigures *query)
{
    records all = {0};
    misas_documents *documents = NULL;
    misas_error *error = misas_context_documents(&documents, context);

    (void)query;
    records_begin(&all, documents);
    if (error == NULL) {
        error = records_read_all(&all);
    }
    if (error == NULL) {
        error = reply(context, &all);
    }
    records_end(&all);
    return error;
}

void flights_statistics_register(misas_system *system)
{
    misas_subsystem *subsystem = misas_system_add_subsystem(system, "statistics");
    misas_event_processor *projections = misas_subsystem_add_event_processor(
        subsystem, &(misas_event_processor_options){.name = "projections"});

    misas_event_processor_handle_batches(projections, event_types, fold_batch, NULL);
    misas_event_processor_on_reset(projections, clear, NULL);
    flights_statistics_v1_get_figures_handle(subsystem, tell);
}
