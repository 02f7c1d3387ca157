#include "postgresql/errors.h"

#include <stdio.h>
#include <string.h>

#include "text/text.h"

enum { sqlstate_size = 6 };

/* libpq's messages end with a newline and may have several lines: an error has one. */
static void one_line(char *out, size_t size, const char *message)
{
    snprintf(out, size, "%s", message != NULL ? message : "");
    size_t length = misas__utf8_valid_prefix(out, strlen(out));

    while (length > 0 && out[length - 1] == '\n') {
        length--;
    }
    out[length] = '\0';
    for (char *at = out; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20) {
            *at = ' ';
        }
    }
}

static const char *text_or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static misas_error *connection_error(const char *type_name, const char *tags,
                                     const PGconn *connection, const char *sqlstate,
                                     const char *message)
{
    const char *host = connection != NULL ? text_or_empty(PQhost(connection)) : "";
    const char *port = connection != NULL ? text_or_empty(PQport(connection)) : "";
    const char *database = connection != NULL ? text_or_empty(PQdb(connection)) : "";
    char line[400];

    one_line(line, sizeof line, message);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = type_name,
            .data = (misas_field[]){{"host", host},
                                    {"port", port},
                                    {"database", database},
                                    {"sqlstate", sqlstate},
                                    {NULL, NULL}},
            .tags = tags,
        },
        "PostgreSQL at %s:%s, database %s: %s", host, port, database, line);
}

misas_error *misas__pg_unavailable(const PGconn *connection, const char *reason)
{
    return connection_error(MISAS_ERROR_POSTGRESQL_UNAVAILABLE, MISAS_TAG_RETRIABLE, connection, "",
                            reason);
}

/* Waiting does not help: the role, its password, the database, a protocol, an option. */
static bool is_refusal(const char *sqlstate)
{
    return strncmp(sqlstate, "28", 2) == 0 || strcmp(sqlstate, "3D000") == 0 ||
           strcmp(sqlstate, "42501") == 0 || strncmp(sqlstate, "22", 2) == 0 ||
           strcmp(sqlstate, "42704") == 0;
}

/* The server is there, but going, coming, or without a free slot; or the connection is gone. */
static bool is_unavailability(const char *sqlstate)
{
    return strncmp(sqlstate, "08", 2) == 0 || strncmp(sqlstate, "57P0", 4) == 0 ||
           strcmp(sqlstate, "53300") == 0 || strcmp(sqlstate, "25P03") == 0 ||
           strcmp(sqlstate, "25006") == 0;
}

static bool is_sqlstate(const char *text)
{
    return strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5;
}

/* While it connects, libpq tells the SQLSTATE in its text only: "FATAL:  28P01: password ...". */
static void find_sqlstate(char out[sqlstate_size], const char *message)
{
    out[0] = '\0';
    for (const char *at = strstr(message, ":  "); at != NULL; at = strstr(at + 1, ":  ")) {
        if (is_sqlstate(at + 3) && at[8] == ':') {
            memcpy(out, at + 3, 5);
            out[5] = '\0';
            return;
        }
    }
}

/* libpq itself refuses to go on without TLS, or with a certificate that is wrong or not to be
 * found; but a connection that breaks during the handshake may be had later. */
static bool is_tls_refusal(const char *message)
{
    bool is_about_tls = strstr(message, "SSL") != NULL || strstr(message, "certificate") != NULL;

    return is_about_tls && strstr(message, "SYSCALL") == NULL &&
           strstr(message, "closed unexpectedly") == NULL;
}

misas_error *misas__pg_connect_error(const PGconn *connection)
{
    const char *message = PQerrorMessage(connection);
    char sqlstate[sqlstate_size];
    char shown[400];

    find_sqlstate(sqlstate, message);
    if (sqlstate[0] == '\0' && PQconnectionNeedsPassword(connection)) {
        strcpy(sqlstate, "28P01"); /* as the server says of a wrong one */
    }
    snprintf(shown, sizeof shown, "%s", message);
    char *location = strstr(shown, "\nLOCATION:");
    if (location != NULL) {
        *location = '\0';
    }
    if (sqlstate[0] != '\0' ? is_refusal(sqlstate) : is_tls_refusal(message)) {
        return connection_error(MISAS_ERROR_POSTGRESQL_REFUSED, MISAS_TAG_VALIDATION, connection,
                                sqlstate, shown);
    }
    return connection_error(MISAS_ERROR_POSTGRESQL_UNAVAILABLE, MISAS_TAG_RETRIABLE, connection,
                            sqlstate, shown);
}

misas_error *misas__pg_result_error(const PGconn *connection, const PGresult *result)
{
    const char *sqlstate = text_or_empty(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    const char *primary = text_or_empty(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    const char *detail = text_or_empty(PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
    const char *constraint = text_or_empty(PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME));
    bool may_try_again = strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0 ||
                         strcmp(sqlstate, "55P03") == 0;
    char line[400];
    char detail_line[400];

    if (PQstatus(connection) == CONNECTION_BAD || is_unavailability(sqlstate)) {
        const char *reason = primary[0] != '\0' ? primary : PQerrorMessage(connection);

        return connection_error(MISAS_ERROR_POSTGRESQL_UNAVAILABLE, MISAS_TAG_RETRIABLE, connection,
                                sqlstate, reason);
    }
    one_line(line, sizeof line, primary[0] != '\0' ? primary : PQerrorMessage(connection));
    one_line(detail_line, sizeof detail_line, detail);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_POSTGRESQL,
            .data = (misas_field[]){{"sqlstate", sqlstate},
                                    {"detail", detail_line},
                                    {"constraint", constraint},
                                    {NULL, NULL}},
            .tags = may_try_again ? MISAS_TAG_RETRIABLE : NULL,
        },
        "PostgreSQL answered %s: %s", sqlstate, line);
}

misas_error *misas__pg_options_error(const char *option, const char *reason)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_POSTGRESQL_OPTIONS,
            .data = (misas_field[]){{"option", option}, {"reason", reason}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the PostgreSQL option %s is not valid: %s", option, reason);
}
