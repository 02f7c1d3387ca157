/** The program's own settings, beside those of every system. */
#ifndef FLIGHTS_SETTINGS_H
#define FLIGHTS_SETTINGS_H

#include <misas/misas.h>

typedef enum flights_board_kind {
    FLIGHTS_BOARD_AUTO,
    FLIGHTS_BOARD_SCREEN,
    FLIGHTS_BOARD_LINES,
    FLIGHTS_BOARD_OFF
} flights_board_kind;

/** Filled when the system runs. */
typedef struct flights_settings {
    char *json; /* NULL: nowhere */
    int board;  /* a flights_board_kind */
} flights_settings;

void flights_settings_register(misas_system *system, flights_settings *settings);

#endif
