#include "postgresql/connection_string.h"

#include <stdbool.h>
#include <string.h>

#include "postgresql/errors.h"

static bool is_uri(const char *conninfo)
{
    return strncmp(conninfo, "postgresql://", strlen("postgresql://")) == 0 ||
           strncmp(conninfo, "postgres://", strlen("postgres://")) == 0;
}

/* A password's @, / or : that was not percent-encoded moves the rest of it to where errors and logs
 * show it: the host, the port or the database's name. An abstract socket's name begins with @. */
static bool is_misplaced(const PQconninfoOption *option, bool of_uri)
{
    const char *value = option->val;

    if (value == NULL || value[0] == '\0') {
        return false;
    }
    if (strcmp(option->keyword, "host") == 0) {
        return strchr(value + 1, '@') != NULL || strstr(value, "://") != NULL;
    }
    if (strcmp(option->keyword, "port") == 0) {
        return value[strspn(value, "0123456789, ")] != '\0';
    }
    if (strcmp(option->keyword, "dbname") == 0) {
        return (of_uri && strchr(value, '@') != NULL) || strstr(value, "://") != NULL;
    }
    return false;
}

misas_error *misas__check_connection_string(const char *conninfo)
{
    PQconninfoOption *parsed = PQconninfoParse(conninfo, NULL);
    bool is_wrong = false;

    if (parsed == NULL) {
        return misas__pg_options_error(
            "connection", "it must be a libpq connection string or a postgresql:// URI");
    }
    for (PQconninfoOption *option = parsed; option->keyword != NULL; option++) {
        is_wrong = is_wrong || is_misplaced(option, is_uri(conninfo));
    }
    PQconninfoFree(parsed);
    return is_wrong ? misas__pg_options_error(
                          "connection", "it has no valid host, port or database; in a URI, special "
                                        "characters of a password must be percent-encoded")
                    : NULL;
}
