#include "flights/settings.h"

static const char *const clocks[] = {"data", "system", NULL};
static const char *const boards[] = {"auto", "screen", "lines", "off", NULL};

static const misas_setting table[] = {
    {.variable = "FLIGHTS_JSON",
     .type = MISAS_SETTING_TEXT,
     .offset = offsetof(flights_settings, json),
     .sentence = "The file that the figures are written to at the end, as JSON."},
    {.variable = "FLIGHTS_CLOCK",
     .type = MISAS_SETTING_CHOICE,
     .offset = offsetof(flights_settings, clock),
     .default_value = "data",
     .choices = clocks,
     .sentence = "What the system's clock follows: the times that come with the data, or the "
                 "settings MISAS_CLOCK_*."},
    {.variable = "FLIGHTS_BOARD",
     .type = MISAS_SETTING_CHOICE,
     .offset = offsetof(flights_settings, board),
     .default_value = "auto",
     .choices = boards,
     .sentence = "How the state of things is shown while it runs: on a whole screen, or line by "
                 "line; auto: the former where standard output is a terminal."},
    {.variable = NULL},
};

misas_error *flights_settings_read(flights_settings *out)
{
    return misas_settings_read(out, table);
}

void flights_settings_clear(flights_settings *settings)
{
    misas_settings_clear(settings, table);
}
