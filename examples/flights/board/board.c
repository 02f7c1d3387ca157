#include "flights/board/board.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "flights/board/view.h"

enum { screen_interval_ms = 200, lines_interval_ms = 2000 };

struct flights_board {
    flights_feeder *feeder;
    misas_system *system;
    bool is_screen;
    bool is_off;
    board_view last;
    pthread_mutex_t mutex; /* guards is_stopped */
    pthread_cond_t stopped;
    bool is_stopped;
    pthread_t thread;
};

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
static void show(flights_board *board)
{
    flights_figures *figures = NULL;
    misas_error *error = flights_ask_figures(&figures, board->system);

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

/* False: it is to stop. */
static bool wait_for_next(flights_board *board)
{
    const long interval_ms = board->is_screen ? screen_interval_ms : lines_interval_ms;
    struct timespec until;
    int outcome = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += interval_ms % 1000 * 1000000L;
    until.tv_sec += interval_ms / 1000 + until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&board->mutex);
    while (!board->is_stopped && outcome == 0) {
        outcome = pthread_cond_timedwait(&board->stopped, &board->mutex, &until);
    }
    const bool goes_on = !board->is_stopped;

    pthread_mutex_unlock(&board->mutex);
    return goes_on;
}

static void *run(void *argument)
{
    flights_board *board = argument;

    if (board->is_screen) {
        board_begin_screen(stdout);
    }
    while (wait_for_next(board)) {
        show(board);
    }
    show(board);
    if (board->is_screen) {
        board_end_screen(stdout);
    }
    return NULL;
}

static misas_error *start(misas_system *system, void *argument)
{
    flights_board *board = argument;

    board->system = system;
    if (board->is_off) {
        return NULL;
    }
    return pthread_create(&board->thread, NULL, run, board) == 0 ? NULL
                                                                 : misas_error_out_of_memory();
}

static void stop(misas_system *system, void *argument)
{
    flights_board *board = argument;

    (void)system;
    if (board->is_off) {
        return;
    }
    pthread_mutex_lock(&board->mutex);
    board->is_stopped = true;
    pthread_cond_broadcast(&board->stopped);
    pthread_mutex_unlock(&board->mutex);
    pthread_join(board->thread, NULL);
}

void flights_board_register(misas_system *system, flights_board *board)
{
    misas_system_add_entry_point(
        system,
        &(misas_entry_point){.name = "board", .start = start, .stop = stop, .argument = board});
}

/* Its timed waits go by the monotonic clock: nobody sets that. */
static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
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
    pthread_mutex_init(&made->mutex, NULL);
    init_condition(&made->stopped);
    *out = made;
    return NULL;
}

void flights_board_free(flights_board *board)
{
    if (board != NULL) {
        pthread_cond_destroy(&board->stopped);
        pthread_mutex_destroy(&board->mutex);
        free(board);
    }
}
