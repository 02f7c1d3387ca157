/** The board: shows how things stand while the system runs. */
#ifndef FLIGHTS_BOARD_H
#define FLIGHTS_BOARD_H

#include "flights/feeder/feeder.h"
#include "flights/settings.h"

/** What it looks at. A plain record, which must outlive the system. */
typedef struct flights_board {
    flights_feeder *feeder;
    const flights_settings *settings;
} flights_board;

/** Adds the entry point "board". */
void flights_board_register(misas_system *system, flights_board *board);

#endif
