/** The figures at the end, for people and as JSON. */
#ifndef FLIGHTS_FIGURES_H
#define FLIGHTS_FIGURES_H

#include <stdio.h>

#include "flights/feeder/feeder.h"

typedef struct flights_totals {
    int64_t scheduled;
    int64_t departed;
    int64_t landed;
    int64_t cancelled;
    int64_t overdue;
    int64_t missing; /* overdue, and not landed */
} flights_totals;

flights_totals flights_totals_of(const flights_figures *figures);

/** As figures.py prints them. Errors: FLIGHTS_ERROR_NOT_WRITTEN. */
misas_error *flights_write_json(const char *path, const flights_figures *figures);

/** The file can't be written; data: "path". */
#define FLIGHTS_ERROR_NOT_WRITTEN "flights.figures.not_written"

/** A few lines, also of how long the process took, and how much memory. */
void flights_write_summary(FILE *file, const flights_figures *figures,
                           const flights_progress *progress);

#endif
