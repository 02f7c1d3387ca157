/** The feeder: has the system handle what is published on standard input, and stops it when that
 * has ended and all of it is handled. */
#ifndef FLIGHTS_FEEDER_H
#define FLIGHTS_FEEDER_H

#include <misas/misas.h>

#include "flights/statistics/statistics.misas.h"

/** The input has ended before it said so, or what came of it is not there in time. */
#define FLIGHTS_ERROR_UNFINISHED "flights.feeder.unfinished"

typedef Flights__Statistics__V1__Figures flights_figures;
typedef struct flights_feeder flights_feeder;

/** How far it is. A plain record. */
typedef struct flights_progress {
    int64_t from_us; /* the data's time: of the first line, of the last one that will come (0: not
                        known), and now */
    int64_t until_us;
    int64_t now_us;
    misas_sender_counts commands;
    double seconds; /* since the feeder was started, until all was settled */
} flights_progress;

typedef struct flights_feeder_options {
    int file;                            /* where lines are read */
    const misas_schema *const *commands; /* the schemas of what may come; ends with NULL */
    misas_clock *clock; /* a fixed one, which is moved on to the data's time; NULL: none */
} flights_feeder_options;

misas_error *flights_feeder_new(flights_feeder **out, const flights_feeder_options *options);
void flights_feeder_free(flights_feeder *feeder);

/** Adds the entry point "feeder". */
void flights_feeder_register(misas_system *system, flights_feeder *feeder);

/** Any thread. */
void flights_feeder_progress(flights_progress *out, flights_feeder *feeder);

/** The figures at the end; NULL: the system was stopped before. Belongs to the feeder. */
const flights_figures *flights_feeder_result(const flights_feeder *feeder);

/** Asks the statistics; free with misas_message_free. */
misas_error *flights_ask_figures(flights_figures **out, misas_system *system);

#endif
