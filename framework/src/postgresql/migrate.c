#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "postgresql/errors.h"
#include "postgresql/pool.h"
#include "postgresql/sql.h"
#include "postgresql/wire_numbers.h"

int misas_postgresql_schema_version(void)
{
    int version = 0;

    for (const misas__migration_file *file = misas__migration_files; file->version != 0; file++) {
        version = file->version;
    }
    return version;
}

static misas_error *version_error(const char *schema, int found, const char *advice)
{
    char found_text[12] = "none";
    char expected_text[12];

    if (found > 0) {
        snprintf(found_text, sizeof found_text, "%d", found);
    }
    snprintf(expected_text, sizeof expected_text, "%d", misas_postgresql_schema_version());
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_SCHEMA_VERSION,
            .data = (misas_field[]){{"schema", schema},
                                    {"found", found_text},
                                    {"expected", expected_text},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the database schema %s has version %s, but this program needs %s: %s", schema, found_text,
        expected_text, advice);
}

static misas_error *newer_error(const char *schema, int found)
{
    return version_error(schema, found, "a newer version of the program is in use already");
}

/* 0 when there are no migrations. */
static misas_error *read_version(int *out, misas__connection *connection)
{
    PGresult *result = NULL;
    misas_error *error =
        misas__connection_run(&result, connection, misas__sql_schema_version, NULL);

    *out = error == NULL && PQgetisnull(result, 0, 0) == 0
               ? (int)misas__get_uint32(PQgetvalue(result, 0, 0))
               : 0;
    PQclear(result);
    return error;
}

/* No schema, or no table in it. */
static bool is_missing(const misas_error *error)
{
    const char *sqlstate = misas_error_data(error, "sqlstate");

    return sqlstate != NULL && (strcmp(sqlstate, "42P01") == 0 || strcmp(sqlstate, "3F000") == 0);
}

misas_error *misas__check_schema_version(misas__connection *connection, const char *schema)
{
    int version = 0;
    misas_error *error = read_version(&version, connection);

    if (is_missing(error)) {
        misas_error_free(error);
        error = NULL;
    }
    if (error != NULL || version == misas_postgresql_schema_version()) {
        return error;
    }
    return version > misas_postgresql_schema_version()
               ? newer_error(schema, version)
               : version_error(schema, version, "it has to be migrated first");
}

static misas_error *execute_file(misas__connection *connection, const char *sql, const char *name)
{
    char *text = misas__statement_text(sql, connection->schema);
    misas_error *error = text != NULL ? misas__connection_execute_text(connection, text)
                                      : misas_error_out_of_memory();

    free(text);
    return error != NULL ? misas_error_wrap(error, "migrating, %s", name) : NULL;
}

static misas_error *apply(misas__connection *connection, int version)
{
    misas__parameters parameters = {0};
    misas_error *error = NULL;

    for (const misas__migration_file *file = misas__migration_files;
         file->version != 0 && error == NULL; file++) {
        if (file->version == version) {
            error = execute_file(connection, file->sql, file->name);
        }
    }
    misas__parameters_add_integer(&parameters, version);
    if (error == NULL) {
        error = misas__connection_execute(connection, misas__sql_record_migration, &parameters);
    }
    misas__parameters_free(&parameters);
    return error;
}

/* Within a transaction: takes the next step, if there is one left. */
static misas_error *take_step(bool *out_is_done, misas__connection *connection,
                              misas_postgresql *database)
{
    int version = 0;
    misas_error *error =
        execute_file(connection, misas__sql_create_migrations, "the list of migrations");

    if (error == NULL) {
        error = read_version(&version, connection);
    }
    if (error != NULL) {
        return error;
    }
    *out_is_done = version >= misas_postgresql_schema_version();
    if (version > misas_postgresql_schema_version()) {
        return newer_error(misas__pool_schema(database), version);
    }
    if (*out_is_done) {
        return NULL;
    }
    error = apply(connection, version + 1);
    if (error == NULL) {
        misas_log_write(
            misas__pool_logger(database), MISAS_LOG_INFO, "migrated the database schema",
            (misas_log_field[]){misas_log_text("schema", misas__pool_schema(database)),
                                misas_log_number("version", version + 1), misas_log_end()});
    }
    return error;
}

static misas_error *step_in_transaction(bool *out_is_done, misas__connection *connection,
                                        misas_postgresql *database)
{
    misas_error *error = misas__connection_execute_text(connection, "begin");

    if (error == NULL) {
        error = take_step(out_is_done, connection, database);
    }
    if (error == NULL) {
        return misas__connection_execute_text(connection, "commit");
    }
    misas_error_free(misas__connection_execute_text(connection, "rollback"));
    return error;
}

/* Looks before it takes a lock, or needs a right to create anything. */
static misas_error *find_whether_done(bool *out, misas__connection *connection,
                                      misas_postgresql *database)
{
    misas_error *error = misas__check_schema_version(connection, misas__pool_schema(database));

    *out = error == NULL;
    if (misas_error_is(error, MISAS_ERROR_SCHEMA_VERSION)) {
        misas_error_free(error);
        error = NULL;
    }
    return error;
}

misas_error *misas_postgresql_migrate(misas_postgresql *database)
{
    misas__connection *connection = NULL;
    misas_error *error = misas__pool_acquire(&connection, database);
    bool is_done = false;

    if (error == NULL) {
        error = find_whether_done(&is_done, connection, database);
    }
    while (error == NULL && !is_done) {
        error = step_in_transaction(&is_done, connection, database);
    }
    misas__pool_release(database, connection);
    return error;
}
