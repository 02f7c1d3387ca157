/* What is told of a flight, in whatever order, and what is made of it. */
#include <misas/testing.h>

#include "flights/operations/flight.h"
#include "flights/operations/operations.h"
#include "flights/schedule/schedule.h"
#include "flights/schedule/schedule.misas.h"
#include "flights/statistics/statistics.h"
#include "support/test.h"

#define ID "2013-04-17-UA-1545-EWR"
#define STREAM "flight-" ID
#define DEPARTURE "2013-04-17T09:15:00Z"
#define DUE "2013-04-17T12:34:00Z"

enum { minute_ms = 60 * 1000, day_ms = 24 * 60 * minute_ms };

static Google__Protobuf__Timestamp departure = {.seconds = 1366190100};
static Google__Protobuf__Timestamp arrival = {.seconds = 1366201140}; /* 12:19 */
static Flights__V1__Route route = {.carrier = "UA", .origin = "EWR", .destination = "IAH"};

#define SCHEDULE                                                                                \
    FLIGHTS_SCHEDULE_V1_SCHEDULE_FLIGHT(.flight = ID, .route = &route, .departure = &departure, \
                                        .arrival = &arrival)
#define SCHEDULED                                                                                \
    FLIGHTS_SCHEDULE_V1_FLIGHT_SCHEDULED(.flight = ID, .route = &route, .departure = &departure, \
                                         .arrival = &arrival)
#define ARRIVAL_DUE FLIGHTS_OPERATIONS_V1_ARRIVAL_DUE(.flight = ID, .route = &route)
#define DEPART(minutes)                                                   \
    FLIGHTS_OPERATIONS_V1_REPORT_DEPARTURE(.flight = ID, .route = &route, \
                                           .delay_minutes = (minutes))
#define LAND(minutes) \
    FLIGHTS_OPERATIONS_V1_REPORT_ARRIVAL(.flight = ID, .route = &route, .delay_minutes = (minutes))
#define CANCEL FLIGHTS_OPERATIONS_V1_CANCEL_FLIGHT(.flight = ID, .route = &route)
#define DEPARTED(minutes) \
    FLIGHTS_OPERATIONS_V1_FLIGHT_DEPARTED(.flight = ID, .route = &route, .delay_minutes = (minutes))
#define LANDED(minutes, overdue)                                                                   \
    FLIGHTS_OPERATIONS_V1_FLIGHT_LANDED(.flight = ID, .route = &route, .delay_minutes = (minutes), \
                                        .was_overdue = (overdue))
#define CANCELLED FLIGHTS_OPERATIONS_V1_FLIGHT_CANCELLED(.flight = ID, .route = &route)
#define MISSED FLIGHTS_OPERATIONS_V1_ARRIVAL_MISSED(.flight = ID, .route = &route)
#define OVERDUE(landed) \
    FLIGHTS_OPERATIONS_V1_FLIGHT_OVERDUE(.flight = ID, .route = &route, .has_landed = (landed))
#define WITHDRAWN FLIGHTS_OPERATIONS_V1_OVERDUE_WITHDRAWN(.flight = ID, .route = &route)

static void register_all(misas_system *system)
{
    flights_schedule_register(system);
    flights_operations_register(system);
    flights_statistics_register(system);
}

static misas_scenario *begin(void)
{
    misas_scenario *scenario = misas_scenario_begin(register_all);

    misas_scenario_given_time(scenario, DEPARTURE);
    return scenario;
}

/* On the schedule, and has left five minutes late. */
static misas_scenario *begin_under_way(void)
{
    misas_scenario *scenario = begin();

    misas_scenario_given_events(scenario, "scheduled_flight-" ID, MISAS_EXAMPLES(SCHEDULED));
    misas_scenario_given_events(scenario, STREAM, MISAS_EXAMPLES(DEPARTED(5)));
    return scenario;
}

static void end(misas_scenario *scenario)
{
    assert_no_error(misas_scenario_end(scenario));
}

TEST(a_flight_on_the_schedule_is_due_a_quarter_of_an_hour_after_its_arrival)
{
    misas_scenario *scenario = begin();

    misas_scenario_when_command(scenario, SCHEDULE);
    misas_scenario_then_has_exactly(scenario, MISAS_ALL_STREAMS, MISAS_EXAMPLES(SCHEDULED));
    misas_scenario_then_prediction_added(scenario, ARRIVAL_DUE, DUE);
    end(scenario);
}

TEST(a_flight_is_on_the_schedule_once)
{
    misas_scenario *scenario = begin();

    misas_scenario_given_events(scenario, "scheduled_flight-" ID, MISAS_EXAMPLES(SCHEDULED));
    misas_scenario_when_command(scenario, SCHEDULE);
    misas_scenario_then_error_is(scenario, MISAS_ERROR_AGGREGATE_EXISTS);
    end(scenario);
}

TEST(a_flight_without_a_route_is_refused)
{
    misas_scenario *scenario = begin();

    misas_scenario_when_command(
        scenario, FLIGHTS_SCHEDULE_V1_SCHEDULE_FLIGHT(.flight = ID, .departure = &departure,
                                                      .arrival = &arrival));
    misas_scenario_then_error_is(scenario, FLIGHTS_ERROR_NO_FLIGHT);
    misas_scenario_when_command(
        scenario, FLIGHTS_OPERATIONS_V1_REPORT_DEPARTURE(.flight = ID, .delay_minutes = 1));
    misas_scenario_then_error_is(scenario, FLIGHTS_ERROR_NO_ROUTE);
    end(scenario);
}

TEST(a_flight_that_landed_in_time_is_not_looked_after_any_more)
{
    misas_scenario *scenario = begin_under_way();

    misas_scenario_when_command(scenario, LAND(-3));
    misas_scenario_then_has_exactly(scenario, STREAM, MISAS_EXAMPLES(LANDED(-3, false)));
    misas_scenario_then_prediction_cancelled(scenario, ARRIVAL_DUE);
    end(scenario);
}

TEST(a_delay_of_exactly_15_minutes_is_in_time)
{
    misas_scenario *scenario = begin_under_way();

    misas_scenario_when_command(scenario, LAND(15));
    misas_scenario_then_has_exactly(scenario, STREAM, MISAS_EXAMPLES(LANDED(15, false)));
    end(scenario);
}

TEST(a_delay_of_16_minutes_is_overdue)
{
    misas_scenario *scenario = begin_under_way();

    misas_scenario_when_command(scenario, LAND(16));
    misas_scenario_then_has_exactly(scenario, STREAM,
                                    MISAS_EXAMPLES(LANDED(16, false), OVERDUE(true)));
    end(scenario);
}

TEST(a_flight_that_departed_and_is_not_heard_of_is_overdue)
{
    misas_scenario *scenario = begin_under_way();

    misas_scenario_when_time_passes(scenario, day_ms);
    misas_scenario_then_has_exactly(scenario, STREAM, MISAS_EXAMPLES(MISSED, OVERDUE(false)));
    end(scenario);
}

TEST(a_flight_that_lands_late_is_overdue_once)
{
    misas_scenario *scenario = begin_under_way();

    misas_scenario_when_time_passes(scenario, day_ms);
    misas_scenario_when_command(scenario, LAND(90));
    misas_scenario_then_has_exactly(scenario, STREAM,
                                    MISAS_EXAMPLES(MISSED, OVERDUE(false), LANDED(90, true)));
    end(scenario);
}

TEST(that_a_flight_is_overdue_is_withdrawn_when_it_is_told_late_that_it_landed_in_time)
{
    misas_scenario *scenario = begin_under_way();

    misas_scenario_when_time_passes(scenario, day_ms);
    misas_scenario_when_command(scenario, LAND(15));
    misas_scenario_then_has_exactly(
        scenario, STREAM, MISAS_EXAMPLES(MISSED, OVERDUE(false), LANDED(15, true), WITHDRAWN));
    end(scenario);
}

TEST(a_flight_that_has_not_departed_when_it_is_due_is_overdue_once_it_has)
{
    misas_scenario *scenario = begin();

    misas_scenario_given_events(scenario, "scheduled_flight-" ID, MISAS_EXAMPLES(SCHEDULED));
    misas_scenario_when_time_passes(scenario, day_ms);
    misas_scenario_then_has_exactly(scenario, STREAM, MISAS_EXAMPLES(MISSED));
    misas_scenario_when_command(scenario, DEPART(300));
    misas_scenario_then_has_exactly(scenario, STREAM,
                                    MISAS_EXAMPLES(DEPARTED(300), OVERDUE(false)));
    end(scenario);
}

TEST(an_arrival_may_be_told_before_the_departure)
{
    misas_scenario *scenario = begin();

    misas_scenario_when_command(scenario, LAND(20));
    misas_scenario_then_has_exactly(scenario, STREAM, MISAS_EXAMPLES(LANDED(20, false)));
    misas_scenario_when_command(scenario, DEPART(5));
    misas_scenario_then_has_exactly(scenario, STREAM, MISAS_EXAMPLES(DEPARTED(5), OVERDUE(true)));
    misas_scenario_when_command(scenario, SCHEDULE);
    misas_scenario_when_time_passes(scenario, day_ms);
    misas_scenario_then_has_none(scenario, STREAM);
    end(scenario);
}

TEST(a_cancellation_cancels_the_prediction)
{
    misas_scenario *scenario = begin();

    misas_scenario_given_events(scenario, "scheduled_flight-" ID, MISAS_EXAMPLES(SCHEDULED));
    misas_scenario_when_command(scenario, CANCEL);
    misas_scenario_then_has_exactly(scenario, STREAM, MISAS_EXAMPLES(CANCELLED));
    misas_scenario_then_prediction_cancelled(scenario, ARRIVAL_DUE);
    end(scenario);
}

TEST(a_flight_that_was_cancelled_before_it_was_scheduled_is_never_overdue)
{
    misas_scenario *scenario = begin();

    misas_scenario_when_command(scenario, CANCEL);
    misas_scenario_when_command(scenario, SCHEDULE);
    misas_scenario_when_time_passes(scenario, day_ms);
    misas_scenario_then_has_exactly(scenario, STREAM, MISAS_EXAMPLES(CANCELLED));
    end(scenario);
}

TEST(a_cancelled_flight_does_not_depart_and_one_that_departed_is_not_cancelled)
{
    misas_scenario *scenario = begin();

    misas_scenario_given_events(scenario, STREAM, MISAS_EXAMPLES(CANCELLED));
    misas_scenario_when_command(scenario, DEPART(0));
    misas_scenario_then_error_is(scenario, FLIGHTS_ERROR_CANCELLED);
    end(scenario);
    scenario = begin_under_way();
    misas_scenario_when_command(scenario, CANCEL);
    misas_scenario_then_error_is(scenario, FLIGHTS_ERROR_UNDER_WAY);
    end(scenario);
}

TEST(to_tell_the_same_again_changes_nothing_and_to_tell_otherwise_is_refused)
{
    misas_scenario *scenario = begin_under_way();

    misas_scenario_when_command(scenario, DEPART(5));
    misas_scenario_then_has_none(scenario, STREAM);
    misas_scenario_when_command(scenario, DEPART(6));
    misas_scenario_then_error_is(scenario, FLIGHTS_ERROR_TOLD_OTHERWISE);
    end(scenario);
}

TEST(the_figures_of_carriers_can_be_made_anew)
{
    misas_scenario *scenario = begin_under_way();

    misas_scenario_when_command(scenario, LAND(16));
    misas_scenario_when_reset(scenario, "statistics.carrier-punctuality");
    misas_scenario_then_document_is(
        scenario, "carrier_punctuality", "UA",
        "{\"code\": \"UA\", \"scheduled\": 1, \"departed\": 1, \"cancelled\": 0, \"landed\": 1,"
        " \"overdue\": 1, \"missing\": 0, \"arrivalDelayMinutes\": 16}");
    end(scenario);
}

TEST(the_figures_of_carrier_and_airport_follow)
{
    misas_scenario *scenario = begin_under_way();

    misas_scenario_when_time_passes(scenario, day_ms);
    misas_scenario_then_document_is(
        scenario, "carrier_punctuality", "UA",
        "{\"code\": \"UA\", \"scheduled\": 1, \"departed\": 1, \"cancelled\": 0, \"landed\": 0,"
        " \"overdue\": 1, \"missing\": 1, \"arrivalDelayMinutes\": 0}");
    misas_scenario_when_command(scenario, LAND(15));
    misas_scenario_then_document_is(
        scenario, "carrier_punctuality", "UA",
        "{\"code\": \"UA\", \"scheduled\": 1, \"departed\": 1, \"cancelled\": 0, \"landed\": 1,"
        " \"overdue\": 0, \"missing\": 0, \"arrivalDelayMinutes\": 15}");
    misas_scenario_then_document_is(
        scenario, "airport_board", "EWR",
        "{\"code\": \"EWR\", \"scheduled\": 1, \"departed\": 1, \"cancelled\": 0,"
        " \"departureDelayMinutes\": 5, \"board\": ["
        "{\"flight\": \"" ID "\", \"carrier\": \"UA\", \"destination\": \"IAH\","
        " \"what\": \"landed\", \"delayMinutes\": 15},"
        "{\"flight\": \"" ID "\", \"carrier\": \"UA\", \"destination\": \"IAH\","
        " \"what\": \"overdue\", \"delayMinutes\": 0},"
        "{\"flight\": \"" ID "\", \"carrier\": \"UA\", \"destination\": \"IAH\","
        " \"what\": \"departed\", \"delayMinutes\": 5}]}");
    end(scenario);
}
