/** The board of an airport: what has happened there last. */
#ifndef FLIGHTS_STATISTICS_BOARD_H
#define FLIGHTS_STATISTICS_BOARD_H

#include "flights/statistics/records.h"

/** Puts a movement at the top; copies it. What is too old leaves the board. */
misas_error *board_show(airport_record *airport, const movement_record *movement);

#endif
