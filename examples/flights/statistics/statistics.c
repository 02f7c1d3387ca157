#include "flights/statistics/statistics.h"

#include "flights/statistics/projections.h"
#include "flights/statistics/statistics.misas.h"

static misas_error *tell(misas_context *context, const Flights__Statistics__V1__GetFigures *query)
{
    Flights__Statistics__V1__Figures figures = FLIGHTS__STATISTICS__V1__FIGURES__INIT;
    misas_error *error =
        flights_statistics_v1_carrier_find(&figures.carriers, &figures.n_carriers, context, NULL);

    (void)query;
    if (error == NULL) {
        error = flights_statistics_v1_airport_find(&figures.airports, &figures.n_airports, context,
                                                   NULL);
    }
    return error != NULL ? error : flights_statistics_v1_figures_reply(context, &figures);
}

void flights_statistics_register(misas_system *system)
{
    misas_subsystem *statistics = misas_system_add_subsystem(system, "statistics");

    airport_board_register(statistics);
    carrier_punctuality_register(statistics);
    flights_statistics_v1_get_figures_handle(statistics, tell);
}
