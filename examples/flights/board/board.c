#include "flights/board/board.h"

#include <stdlib.h>
#include <unistd.h>

#include "flights/board/view.h"

enum { screen_interval_ms = 200, lines_interval_ms = 2000 };

struct flights_board {
    flights_feeder *feeder;
    bool is_screen;
    bool is_off;
    board_view last;
};

static void measure_rates(board_view *view, const board_view *last)
{
    const double passed = view->progress.seconds - last->progress.seconds;

    if (passed <= 0) {
        return;
    }
    const uint64_t before = last->progress.accepted + last->progress.refused;
    const uint64_t now = view->progress.accepted + view->progress.refused;
    const int64_t from_us =
        last->progress.now_us != 0 ? last->progress.now_us : view->progress.from_us;

    view->commands_per_second = (double)(now - before) / passed;
    view->data_seconds_per_second = (double)(view->progress.now_us - from_us) / 1e6 / passed;
}

/* While the storage is away there is nothing new to show. */
static void show(flights_board *board, misas_system *system)
{
    flights_figures *figures = NULL;
    misas_error *error = flights_ask_figures(&figures, system);

    if (error != NULL) {
        misas_error_free(error);
        return;
    }
    board_view view = {.figures = figures};

    flights_feeder_progress(&view.progress, board->feeder);
    measure_rates(&view, &board->last);
    if (board->is_screen) {
        board_draw_screen(stdout, &view);
    } else {
        board_write_line(stdout, &view);
    }
    fflush(stdout);
    view.figures = NULL;
    board->last = view;
    misas_message_free(&figures->base);
}

static misas_error *run(misas_system *system, const misas_stop *stop, void *argument)
{
    flights_board *board = argument;

    if (board->is_off) {
        return NULL;
    }
    if (board->is_screen) {
        board_begin_screen(stdout);
    }
    while (!misas_stop_wait(stop, board->is_screen ? screen_interval_ms : lines_interval_ms)) {
        show(board, system);
    }
    show(board, system);
    if (board->is_screen) {
        board_end_screen(stdout);
    }
    return NULL;
}

void flights_board_register(misas_system *system, flights_board *board)
{
    misas_system_add_entry_point(
        system, &(misas_entry_point){.name = "board", .run = run, .argument = board});
}

misas_error *flights_board_new(flights_board **out, flights_feeder *feeder, flights_board_kind kind)
{
    flights_board *made = calloc(1, sizeof *made);

    if (made == NULL) {
        return misas_error_out_of_memory();
    }
    made->feeder = feeder;
    made->is_off = kind == FLIGHTS_BOARD_OFF;
    made->is_screen =
        kind == FLIGHTS_BOARD_SCREEN || (kind == FLIGHTS_BOARD_AUTO && isatty(STDOUT_FILENO) == 1);
    *out = made;
    return NULL;
}

void flights_board_free(flights_board *board)
{
    free(board);
}
