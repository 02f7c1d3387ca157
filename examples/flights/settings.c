#include "flights/settings.h"

static const char *const boards[] = {"auto", "screen", "lines", "off", NULL};

static const misas_setting table[] = {
    {.variable = "FLIGHTS_JSON",
     .type = MISAS_SETTING_TEXT,
     .offset = offsetof(flights_settings, json),
     .sentence = "The file that the figures are written to at the end, as JSON."},
    {.variable = "FLIGHTS_BOARD",
     .type = MISAS_SETTING_CHOICE,
     .offset = offsetof(flights_settings, board),
     .default_value = "auto",
     .choices = boards,
     .sentence = "How the state of things is shown while it runs: on a whole screen, or line by "
                 "line; auto: the former where standard output is a terminal."},
    {.variable = NULL},
};

void flights_settings_register(misas_system *system, flights_settings *settings)
{
    misas_system_add_settings(system, settings, table);
}
