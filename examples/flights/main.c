/* flights: a system that is told of flights on standard input, line by line. */
#include <unistd.h>

#include "flights/board/board.h"
#include "flights/feeder/feeder.h"
#include "flights/figures.h"
#include "flights/operations/operations.h"
#include "flights/operations/operations.misas.h"
#include "flights/schedule/schedule.h"
#include "flights/schedule/schedule.misas.h"
#include "flights/settings.h"
#include "flights/statistics/statistics.h"

/* What the program is made of. */
typedef struct parts {
    misas_system *system;
    flights_settings settings;
    misas_clock *clock; /* shows the data's time, unless the system's settings say another */
    flights_feeder *feeder;
    flights_board board;
} parts;

static misas_error *make_parts(parts *out)
{
    static const misas_schema *const commands[] = {&flights_schedule_schedule_schema,
                                                   &flights_operations_operations_schema, NULL};
    misas_error *error = misas_clock_new_fixed(&out->clock, 0);

    if (error == NULL) {
        error = flights_feeder_new(&out->feeder, &(flights_feeder_options){.file = STDIN_FILENO,
                                                                           .commands = commands,
                                                                           .clock = out->clock});
    }
    out->board = (flights_board){.feeder = out->feeder, .settings = &out->settings};
    return error != NULL
               ? error
               : misas_system_new(&out->system, &(misas_system_options){.name = "flights",
                                                                        .version = "1",
                                                                        .clock = out->clock});
}

static void free_parts(parts *self)
{
    misas_system_free(self->system);
    flights_feeder_free(self->feeder);
    misas_clock_free(self->clock);
}

static misas_error *run(parts *self, int argc, char **argv)
{
    flights_settings_register(self->system, &self->settings);
    flights_schedule_register(self->system);
    flights_operations_register(self->system);
    flights_statistics_register(self->system);
    flights_feeder_register(self->system, self->feeder);
    flights_board_register(self->system, &self->board);
    return misas_system_run(self->system, argc, argv);
}

/* At the end of what was published; not when the system was stopped before. */
static misas_error *report(const parts *self)
{
    const flights_figures *figures = flights_feeder_result(self->feeder);
    flights_progress progress;

    if (figures == NULL) {
        return NULL;
    }
    flights_feeder_progress(&progress, self->feeder);
    flights_write_summary(stdout, figures, &progress);
    return self->settings.json != NULL ? flights_write_json(self->settings.json, figures) : NULL;
}

int main(int argc, char **argv)
{
    parts all = {.system = NULL};
    misas_error *error = make_parts(&all);

    if (error == NULL) {
        error = run(&all, argc, argv);
    }
    if (error == NULL) {
        error = report(&all);
    }
    free_parts(&all);
    return misas_error_exit_status(error);
}
