/* misas-migrate: brings the schema of a database to the version that this MISAS works with. Run it
 * before the services of a new version start, with a role that may create what they only use. */
#include <stdio.h>
#include <string.h>

#include <misas/misas.h>

#include "system/settings.h"

/* Of a system's settings, those that a database has. */
static const misas_setting *setting_table(void)
{
    static misas_setting table[misas__database_setting_count + 1];

    memcpy(table, misas__system_setting_table, misas__database_setting_count * sizeof *table);
    return table;
}

static void print_help(void)
{
    printf("usage: misas-migrate [--help | --version]\n"
           "\n"
           "Creates the schema of MISAS in a PostgreSQL database, or brings it to version\n"
           "%d. What is up to date stays untouched. Exits with 0 when the schema has that\n"
           "version now, with 2 when a setting is wrong or the schema is newer, with 1 for\n"
           "anything else. The settings are in the environment:\n"
           "\n",
           misas_postgresql_schema_version());
    misas_settings_write_help(stdout, setting_table());
}

/* As misas_error_exit_status does, in the log that was asked for. */
static int end_with(misas_error *error, const misas_logger *logger)
{
    int status = misas_error_has_tag(error, MISAS_TAG_VALIDATION) ? 2 : 1;

    if (error == NULL) {
        return 0;
    }
    misas_log_write_error(logger, MISAS_LOG_ERROR, "the schema was not migrated", error, NULL);
    misas_error_free(error);
    return status;
}

static int migrate_as_set(void)
{
    misas__system_settings chosen = {.max_connections = 1};
    misas_logger logger = {0};
    misas_error *error = misas_settings_read(&chosen, setting_table());

    if (error == NULL) {
        misas_log_options options = misas__log_options(&chosen);

        error = misas_log_new(&logger.log, &options);
    }
    if (error == NULL) {
        error = misas__migrate_database(&chosen, logger);
    }
    int status = end_with(error, &logger);

    misas_log_free(logger.log);
    misas_settings_clear(&chosen, setting_table());
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 1) {
        return migrate_as_set();
    }
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        print_help();
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("misas-migrate %s, schema version %d\n", MISAS_VERSION,
               misas_postgresql_schema_version());
        return 0;
    }
    fprintf(stderr, "misas-migrate: it takes --help, --version or nothing, not %s%s\n", argv[1],
            argc > 2 ? " and more" : "");
    return 2;
}
