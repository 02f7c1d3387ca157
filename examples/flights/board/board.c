#include "flights/board/board.h"

#include <unistd.h>

#include "flights/board/view.h"

enum { screen_interval_ms = 200, lines_interval_ms = 2000 };

static void measure_rates(board_view *view, const board_view *last)
{
    const double passed = view->progress.seconds - last->progress.seconds;

    if (passed <= 0) {
        return;
    }
    const uint64_t before = last->progress.commands.accepted + last->progress.commands.refused;
    const uint64_t now = view->progress.commands.accepted + view->progress.commands.refused;
    const int64_t from_us =
        last->progress.now_us != 0 ? last->progress.now_us : view->progress.from_us;

    view->commands_per_second = (double)(now - before) / passed;
    view->data_seconds_per_second = (double)(view->progress.now_us - from_us) / 1e6 / passed;
}

/* While the storage is away there is nothing new to show. */
static void show(const flights_board *board, misas_system *system, bool is_screen, board_view *last)
{
    flights_figures *figures = NULL;
    misas_error *error = flights_ask_figures(&figures, system);

    if (error != NULL) {
        misas_error_free(error);
        return;
    }
    board_view view = {.figures = figures};

    flights_feeder_progress(&view.progress, board->feeder);
    measure_rates(&view, last);
    if (is_screen) {
        board_draw_screen(stdout, &view);
    } else {
        board_write_line(stdout, &view);
    }
    fflush(stdout);
    view.figures = NULL;
    *last = view;
    misas_message_free(&figures->base);
}

static void show_until_stopped(const flights_board *board, misas_system *system,
                               const misas_stop *stop, bool is_screen)
{
    const int interval_ms = is_screen ? screen_interval_ms : lines_interval_ms;
    board_view last = {.figures = NULL};

    while (!misas_stop_wait(stop, interval_ms)) {
        show(board, system, is_screen, &last);
    }
    show(board, system, is_screen, &last);
}

static misas_error *run(misas_system *system, const misas_stop *stop, void *argument)
{
    const flights_board *board = argument;
    const int kind = board->settings->board;

    if (kind == FLIGHTS_BOARD_OFF) {
        return NULL;
    }
    if (kind == FLIGHTS_BOARD_SCREEN || (kind == FLIGHTS_BOARD_AUTO && isatty(STDOUT_FILENO))) {
        board_begin_screen(stdout);
        show_until_stopped(board, system, stop, true);
        board_end_screen(stdout);
    } else {
        show_until_stopped(board, system, stop, false);
    }
    return NULL;
}

void flights_board_register(misas_system *system, flights_board *board)
{
    misas_system_add_entry_point(
        system, &(misas_entry_point){.name = "board", .run = run, .argument = board});
}
