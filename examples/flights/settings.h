/** The program's own settings, which are in its environment beside those of every system. */
#ifndef FLIGHTS_SETTINGS_H
#define FLIGHTS_SETTINGS_H

#include <misas/misas.h>

/** Whose time it is. */
typedef enum flights_clock { FLIGHTS_CLOCK_DATA, FLIGHTS_CLOCK_SYSTEM } flights_clock;

typedef enum flights_board_kind {
    FLIGHTS_BOARD_AUTO,
    FLIGHTS_BOARD_SCREEN,
    FLIGHTS_BOARD_LINES,
    FLIGHTS_BOARD_OFF
} flights_board_kind;

typedef struct flights_settings {
    char *json; /* NULL: nowhere */
    int clock;  /* a flights_clock */
    int board;  /* a flights_board_kind */
} flights_settings;

misas_error *flights_settings_read(flights_settings *out);
void flights_settings_clear(flights_settings *settings);

#endif
