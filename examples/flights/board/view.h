/** What the board shows at one moment, and how it is drawn. */
#ifndef FLIGHTS_BOARD_VIEW_H
#define FLIGHTS_BOARD_VIEW_H

#include <stdio.h>

#include "flights/figures.h"

typedef struct board_view {
    const flights_figures *figures;
    flights_progress progress;
    double commands_per_second; /* lately */
    double data_seconds_per_second;
} board_view;

/** Clears the screen and hides the cursor; shows it again, below what was drawn. */
void board_begin_screen(FILE *file);
void board_end_screen(FILE *file);

/** Draws over the whole screen, from its upper left corner on. */
void board_draw_screen(FILE *file, const board_view *view);

/** Writes one line. */
void board_write_line(FILE *file, const board_view *view);

#endif
