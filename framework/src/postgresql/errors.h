/** Private: what libpq reports, as errors. */
#ifndef MISAS_SRC_POSTGRESQL_ERRORS_H
#define MISAS_SRC_POSTGRESQL_ERRORS_H

#include <libpq-fe.h>

#include "misas/postgresql.h"

/** The connection could not be opened; made with PQERRORS_VERBOSE, whose text has the SQLSTATE. */
misas_error *misas__pg_connect_error(const PGconn *connection);

/** The connection was lost, or could not be had: `reason` says how. `connection` may be NULL. */
misas_error *misas__pg_unavailable(const PGconn *connection, const char *reason);

/** The error of a failed statement, or of a NULL result. */
misas_error *misas__pg_result_error(const PGconn *connection, const PGresult *result);

misas_error *misas__pg_options_error(const char *option, const char *reason);

#endif
