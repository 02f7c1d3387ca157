#include <stdio.h>
#include <string.h>

#include "system/settings.h"

misas_log_options misas__log_options(const misas__system_settings *settings)
{
    return (misas_log_options){
        .level = MISAS_LOG_DEBUG + (misas_log_level)settings->log_level,
        .format = (misas_log_format)settings->log_format,
    };
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

misas_error *misas__open_database(misas_postgresql **out, const misas__system_settings *settings,
                                  misas_logger logger)
{
    return name_variable(
        misas_postgresql_new(out, &(misas_postgresql_options){
                                      .connection = settings->connection,
                                      .schema = settings->schema,
                                      .max_connections = (size_t)settings->max_connections,
                                      .logger = logger,
                                  }));
}

misas_error *misas__migrate_database(const misas__system_settings *settings, misas_logger logger)
{
    misas_postgresql *database = NULL;
    misas_error *error = misas__open_database(&database, settings, logger);

    if (error == NULL) {
        error = misas_postgresql_migrate(database);
    }
    if (error == NULL) {
        printf("schema %s has version %d\n", settings->schema, misas_postgresql_schema_version());
    }
    misas_postgresql_free(database);
    return error;
}
