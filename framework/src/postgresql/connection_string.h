/** Private: what is checked of a connection string before it is used. */
#ifndef MISAS_SRC_POSTGRESQL_CONNECTION_STRING_H
#define MISAS_SRC_POSTGRESQL_CONNECTION_STRING_H

#include "misas/error.h"

/** Errors: MISAS_ERROR_POSTGRESQL_OPTIONS, which says nothing of what is in the string: parts of a
 * password may be anywhere in a broken one. */
misas_error *misas__check_connection_string(const char *conninfo);

#endif
