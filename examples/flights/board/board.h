/** The board: shows how things stand while the system runs. */
#ifndef FLIGHTS_BOARD_H
#define FLIGHTS_BOARD_H

#include "flights/feeder/feeder.h"
#include "flights/settings.h"

typedef struct flights_board flights_board;

/** `feeder` must outlive it. */
misas_error *flights_board_new(flights_board **out, flights_feeder *feeder,
                               flights_board_kind kind);
void flights_board_free(flights_board *board);

/** Adds the entry point "board". */
void flights_board_register(misas_system *system, flights_board *board);

#endif
