/* misas-migrate: brings the schema of a database to the version that this MISAS works with. Run it
 * before the services of a new version start, with a role that may create what they only use. */
#include <stdio.h>
#include <string.h>

#include <misas/misas.h>

typedef struct settings {
    misas_secret *connection; /* NULL: libpq's PG... variables */
    char *schema;
    int log_level; /* the index of the choice */
    int log_format;
} settings;

static const char *const log_levels[] = {"debug", "info", "warning", "error", "off", NULL};
static const char *const log_formats[] = {"text", "json", NULL};

static const misas_setting setting_table[] = {
    {.variable = "MISAS_POSTGRESQL",
     .type = MISAS_SETTING_SECRET,
     .offset = offsetof(settings, connection),
     .sentence =
         "The database, as a libpq connection string or a postgresql:// URI. When it is "
         "not set, libpq's own variables count: PGHOST, PGUSER, PGPASSFILE and the others."},
    {.variable = "MISAS_SCHEMA",
     .type = MISAS_SETTING_TEXT,
     .offset = offsetof(settings, schema),
     .default_value = "misas",
     .sentence = "The schema of the database that MISAS keeps everything in."},
    {.variable = "MISAS_LOG_LEVEL",
     .type = MISAS_SETTING_CHOICE,
     .offset = offsetof(settings, log_level),
     .default_value = "info",
     .choices = log_levels,
     .sentence = "From which level on records are written to standard error."},
    {.variable = "MISAS_LOG_FORMAT",
     .type = MISAS_SETTING_CHOICE,
     .offset = offsetof(settings, log_format),
     .default_value = "text",
     .choices = log_formats,
     .sentence = "How they are written: for people, or a JSON object a line."},
    {.variable = NULL},
};

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
    misas_settings_write_help(stdout, setting_table);
}

/* An option that PostgreSQL can't use came from a variable: says which. */
static misas_error *name_variable(misas_error *error)
{
    const char *option = misas_error_data(error, "option");

    if (!misas_error_is(error, MISAS_ERROR_POSTGRESQL_OPTIONS)) {
        return error;
    }
    return misas_error_wrap(error, "%s",
                            strcmp(option, "schema") == 0 ? "MISAS_SCHEMA" : "MISAS_POSTGRESQL");
}

static misas_error *migrate(const settings *chosen, misas_logger logger)
{
    misas_postgresql *database = NULL;
    misas_error *error = misas_postgresql_new(&database, &(misas_postgresql_options){
                                                             .connection = chosen->connection,
                                                             .schema = chosen->schema,
                                                             .max_connections = 1,
                                                             .logger = logger,
                                                         });

    if (error == NULL) {
        error = misas_postgresql_migrate(database);
    }
    if (error == NULL) {
        printf("schema %s has version %d\n", chosen->schema, misas_postgresql_schema_version());
    }
    misas_postgresql_free(database);
    return name_variable(error);
}

static misas_error *open_log(misas_log **out, const settings *chosen)
{
    return misas_log_new(out, &(misas_log_options){
                                  .level = MISAS_LOG_DEBUG + (misas_log_level)chosen->log_level,
                                  .format = (misas_log_format)chosen->log_format,
                              });
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
    settings chosen;
    misas_logger logger = {0};
    misas_error *error = misas_settings_read(&chosen, setting_table);

    if (error == NULL) {
        error = open_log(&logger.log, &chosen);
    }
    if (error == NULL) {
        error = migrate(&chosen, logger);
    }
    int status = end_with(error, &logger);

    misas_log_free(logger.log);
    misas_settings_clear(&chosen, setting_table);
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
