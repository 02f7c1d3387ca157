#include <stdlib.h>
#include <string.h>

#include "flights/operations/operations.misas.h"
#include "flights/schedule/schedule.misas.h"
#include "flights/statistics/projections.h"
#include "flights/statistics/statistics.misas.h"

enum { most_movements = 8 };

typedef Flights__Statistics__V1__Airport airport;
typedef Flights__Statistics__V1__Movement movement;

/* That the flight at hand leaves from. What is changed in it is written when the events are
 * handled. */
static misas_error *load(airport **out, misas_context *context, const Flights__V1__Route *route)
{
    return flights_statistics_v1_airport_load_or_add(out, context, route->origin);
}

/* At the top; takes the movement. What is too old leaves the board. */
static misas_error *put(airport *at, ProtobufCMessage *added)
{
    movement **board = realloc(at->board, (at->n_board + 1) * sizeof(movement *));

    if (board == NULL) {
        misas_message_free(added);
        return misas_error_out_of_memory();
    }
    memmove(board + 1, board, at->n_board * sizeof(movement *));
    at->board = board;
    board[0] = (movement *)(void *)added;
    at->n_board++;
    if (at->n_board > most_movements) {
        at->n_board--;
        misas_message_free(&board[at->n_board]->base);
    }
    return NULL;
}

/* What has happened to a flight. */
typedef struct news {
    const char *what; /* only read */
    int32_t delay_minutes;
} news;

static misas_error *show(airport *at, const char *flight, const Flights__V1__Route *route,
                         news of_it)
{
    movement shown = FLIGHTS__STATISTICS__V1__MOVEMENT__INIT;
    ProtobufCMessage *copy = NULL;

    shown.flight = (char *)(uintptr_t)flight;
    shown.carrier = route->carrier;
    shown.destination = route->destination;
    shown.what = (char *)(uintptr_t)of_it.what;
    shown.delay_minutes = of_it.delay_minutes;
    misas_error *error =
        misas_message_copy(&copy, &flights_statistics_v1_movement_type, &shown.base);

    return error != NULL ? error : put(at, copy);
}

static misas_error *scheduled(misas_context *context,
                              const Flights__Schedule__V1__FlightScheduled *event)
{
    airport *at = NULL;
    misas_error *error = load(&at, context, event->route);

    if (error == NULL) {
        at->scheduled++;
    }
    return error;
}

static misas_error *departed(misas_context *context,
                             const Flights__Operations__V1__FlightDeparted *event)
{
    airport *at = NULL;
    misas_error *error = load(&at, context, event->route);

    if (error != NULL) {
        return error;
    }
    at->departed++;
    at->departure_delay_minutes += event->delay_minutes;
    return show(at, event->flight, event->route, (news){"departed", event->delay_minutes});
}

static misas_error *landed(misas_context *context,
                           const Flights__Operations__V1__FlightLanded *event)
{
    airport *at = NULL;
    misas_error *error = load(&at, context, event->route);

    return error != NULL
               ? error
               : show(at, event->flight, event->route, (news){"landed", event->delay_minutes});
}

static misas_error *cancelled(misas_context *context,
                              const Flights__Operations__V1__FlightCancelled *event)
{
    airport *at = NULL;
    misas_error *error = load(&at, context, event->route);

    if (error != NULL) {
        return error;
    }
    at->cancelled++;
    return show(at, event->flight, event->route, (news){"cancelled", 0});
}

static misas_error *overdue(misas_context *context,
                            const Flights__Operations__V1__FlightOverdue *event)
{
    airport *at = NULL;
    misas_error *error = load(&at, context, event->route);

    return error != NULL || event->has_landed
               ? error
               : show(at, event->flight, event->route, (news){"overdue", 0});
}

static misas_error *clear(misas_context *context, void *argument)
{
    (void)argument;
    return flights_statistics_v1_airport_clear(context);
}

void airport_board_register(misas_subsystem *statistics)
{
    misas_event_processor *projection = misas_subsystem_add_event_processor(
        statistics, &(misas_event_processor_options){.name = "airport-board"});

    flights_statistics_v1_airport_keep(statistics);
    flights_schedule_v1_flight_scheduled_on(projection, scheduled);
    flights_operations_v1_flight_departed_on(projection, departed);
    flights_operations_v1_flight_landed_on(projection, landed);
    flights_operations_v1_flight_cancelled_on(projection, cancelled);
    flights_operations_v1_flight_overdue_on(projection, overdue);
    misas_event_processor_on_reset(projection, clear, NULL);
}
