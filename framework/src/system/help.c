#include "system/usage.h"

#include <stdlib.h>
#include <string.h>

static const char commands[] =
    "  run [NAME...]                  start all entry points, or those named, until SIGTERM\n"
    "                                 or SIGINT; what is done without a subcommand\n"
    "  migrate                        bring the schema of the database to this version\n"
    "  processors list [--json]       how far each processor is, and who leads it\n"
    "  processors reset NAME          clear a projection, and make it anew\n"
    "  processors pause NAME          let a processor rest\n"
    "  processors resume NAME         and let it go on\n"
    "  dead-letters list [NAME] [--json]\n"
    "                                 what was set aside, by all processors or one\n"
    "  dead-letters show ID           all about one\n"
    "  dead-letters retry ID...       have them handled once more\n"
    "  dead-letters drop ID...        remove them\n";

void misas__write_help(FILE *file, const misas_system *system)
{
    misas__text names = {0};
    char *entry_points = NULL;

    misas__append_entry_points(&names, system);
    misas_error_free(misas__text_finish(&entry_points, NULL, &names));
    fprintf(file,
            "usage: %s [OPTION...] [SUBCOMMAND]\n"
            "       %s --help | --version\n"
            "\n"
            "Subcommands:\n\n%s\n"
            "Entry points: %s\n\n"
            "Exits with 0 after success, with 2 when a setting or the command line is wrong,\n"
            "with 1 for anything else.\n\n"
            "Settings are in the environment, or options, which count more:\n\n",
            system->name, system->name, commands, entry_points != NULL ? entry_points : "");
    free(entry_points);
    misas_settings_write_options_help(file, misas__system_setting_table, MISAS__SETTING_PREFIX);
    for (size_t i = 0; i < system->added_settings_count; i++) {
        misas_settings_write_options_help(file, system->added_settings[i].table, NULL);
    }
}
