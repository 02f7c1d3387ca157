#include "flights/board/view.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { bar_width = 40, most_carriers = 16, shown_movements = 8, cell_width = 25 };

#define CLEAR "\033[2J"
#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define HOME "\033[H"
#define REST_OF_LINE "\033[K\n"
#define REST_OF_SCREEN "\033[J"
#define BOLD "\033[1m"
#define DIM "\033[2m"
#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define PLAIN "\033[0m"

typedef Flights__Statistics__V1__Airport airport;
typedef Flights__Statistics__V1__Carrier carrier;
typedef Flights__Statistics__V1__Movement movement;

static void write_time(char *out, size_t size, int64_t time_us)
{
    const time_t seconds = (time_t)(time_us / 1000000);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    if (strftime(out, size, "%a %d %b %Y  %H:%M UTC", &parts) == 0) {
        *out = '\0';
    }
}

/* From 0 to 1, by the data's time; 0 when its end is not known. */
static double done(const flights_progress *progress)
{
    const int64_t whole_us = progress->until_us - progress->from_us;

    return whole_us > 0 ? (double)(progress->now_us - progress->from_us) / (double)whole_us : 0;
}

static double percent(int64_t part, int64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static void draw_head(FILE *file, const board_view *view)
{
    const int filled = (int)(done(&view->progress) * bar_width);
    char now[40];

    write_time(now, sizeof now, view->progress.now_us);
    fprintf(file, BOLD " New York departures" PLAIN "    " BOLD YELLOW "%s" PLAIN REST_OF_LINE,
            now);
    fputs(" ", file);
    for (int i = 0; i < bar_width; i++) {
        fputs(i < filled ? "█" : DIM "░" PLAIN, file);
    }
    fprintf(file, " %3.0f %%   %.0f s" REST_OF_LINE, 100 * done(&view->progress),
            view->progress.seconds);
    fprintf(file,
            DIM " %" PRIu64
                " commands, %.0f a second; %.0f minutes of the data a second" PLAIN REST_OF_LINE
                    REST_OF_LINE,
            view->progress.commands.accepted, view->commands_per_second,
            view->data_seconds_per_second / 60);
}

static void draw_totals(FILE *file, const flights_totals *totals)
{
    fprintf(file,
            " scheduled " BOLD "%-8" PRId64 PLAIN "departed " BOLD "%-8" PRId64 PLAIN
            "in the air " BOLD "%-6" PRId64 PLAIN "landed " BOLD GREEN
            "%" PRId64 PLAIN REST_OF_LINE,
            totals->scheduled, totals->departed, totals->departed - totals->landed, totals->landed);
    fprintf(file,
            " cancelled " BOLD RED "%-8" PRId64 PLAIN "overdue  " BOLD RED "%-8" PRId64 PLAIN
            "of these not landed " BOLD RED "%" PRId64 PLAIN REST_OF_LINE REST_OF_LINE,
            totals->cancelled, totals->overdue, totals->missing);
}

static const char *color_of(const movement *it)
{
    if (strcmp(it->what, "cancelled") == 0 || strcmp(it->what, "overdue") == 0) {
        return RED;
    }
    if (it->delay_minutes > 15) {
        return YELLOW;
    }
    return strcmp(it->what, "landed") == 0 ? GREEN : PLAIN;
}

static void draw_movement(FILE *file, const movement *it)
{
    char text[cell_width * 4];
    char delay[16] = "";

    if (it->delay_minutes != 0) {
        snprintf(delay, sizeof delay, " %+" PRId32, it->delay_minutes);
    }
    snprintf(text, sizeof text, "%s %s %.9s%s", it->carrier, it->destination, it->what, delay);
    fprintf(file, " %s%-*s" PLAIN, color_of(it), cell_width, text);
}

static void draw_boards(FILE *file, const flights_figures *figures)
{
    for (size_t i = 0; i < figures->n_airports; i++) {
        const airport *each = figures->airports[i];
        char text[cell_width * 4];

        snprintf(text, sizeof text, "%s  %" PRId32 " of %" PRId32, each->code, each->departed,
                 each->scheduled);
        fprintf(file, " " BOLD "%-*s" PLAIN, cell_width, text);
    }
    fputs(REST_OF_LINE, file);
    for (size_t line = 0; line < shown_movements; line++) {
        for (size_t i = 0; i < figures->n_airports; i++) {
            const airport *each = figures->airports[i];

            if (line < each->n_board) {
                draw_movement(file, each->board[line]);
            } else {
                fprintf(file, " %-*s", cell_width, "");
            }
        }
        fputs(REST_OF_LINE, file);
    }
}

static void draw_carrier(FILE *file, const carrier *it)
{
    const int64_t ended = it->landed + it->missing;
    const double in_time = percent(ended - it->overdue, ended);
    const char *color = in_time >= 80 ? GREEN : in_time >= 60 ? YELLOW : RED;

    if (ended == 0) {
        fprintf(file, "  " BOLD "%s" PLAIN DIM "  -- %% in time" PLAIN "   ", it->code);
    } else {
        fprintf(file, "  " BOLD "%s" PLAIN " %s%3.0f %%" PLAIN " in time   ", it->code, color,
                in_time);
    }
}

static void draw_carriers(FILE *file, const flights_figures *figures)
{
    fputs(REST_OF_LINE, file);
    for (size_t i = 0; i < figures->n_carriers && i < most_carriers; i++) {
        draw_carrier(file, figures->carriers[i]);
        fputs(i % 4 == 3 ? REST_OF_LINE : "", file);
    }
    fputs(REST_OF_LINE, file);
}

void board_begin_screen(FILE *file)
{
    fputs(CLEAR HIDE_CURSOR, file);
}

void board_end_screen(FILE *file)
{
    fputs(SHOW_CURSOR "\n", file);
    fflush(file);
}

void board_draw_screen(FILE *file, const board_view *view)
{
    const flights_totals totals = flights_totals_of(view->figures);

    fputs(HOME, file);
    draw_head(file, view);
    draw_totals(file, &totals);
    draw_boards(file, view->figures);
    draw_carriers(file, view->figures);
    fputs(REST_OF_SCREEN, file);
}

void board_write_line(FILE *file, const board_view *view)
{
    const flights_totals totals = flights_totals_of(view->figures);
    char now[40];

    write_time(now, sizeof now, view->progress.now_us);
    fprintf(file, "%s  %3.0f %%  departed %" PRId64 "  landed %" PRId64, now,
            100 * done(&view->progress), totals.departed, totals.landed);
    fprintf(file, "  cancelled %" PRId64 "  overdue %" PRId64 "  %.0f commands/s\n",
            totals.cancelled, totals.overdue, view->commands_per_second);
}
