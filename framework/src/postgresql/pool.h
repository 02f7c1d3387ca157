/** Private: the connections of a misas_postgresql. */
#ifndef MISAS_SRC_POSTGRESQL_POOL_H
#define MISAS_SRC_POSTGRESQL_POOL_H

#include "postgresql/connection.h"

/** A connection for the caller alone, until it is released; it is alive as far as can be told.
 * Errors: MISAS_ERROR_POSTGRESQL_UNAVAILABLE (also when none got free in time), _REFUSED. */
misas_error *misas__pool_acquire(misas__connection **out, misas_postgresql *database);

/** Gives a connection back; one that is broken, or left in a transaction, is closed. NULL is
 * accepted. */
void misas__pool_release(misas_postgresql *database, misas__connection *connection);

/** A connection of the caller's own besides the pool's; ended with misas__connection_close. */
misas_error *misas__pool_open_own(misas__connection **out, misas_postgresql *database);

/** The schema's name, not quoted. */
const char *misas__pool_schema(const misas_postgresql *database);

const misas_logger *misas__pool_logger(const misas_postgresql *database);

/** Errors: MISAS_ERROR_SCHEMA_VERSION when the schema is not of this library's version. */
misas_error *misas__check_schema_version(misas__connection *connection, const char *schema);

#endif
