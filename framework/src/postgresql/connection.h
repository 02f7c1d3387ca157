/** Private: one connection to PostgreSQL and the statements prepared on it. One thread at a time.
 */
#ifndef MISAS_SRC_POSTGRESQL_CONNECTION_H
#define MISAS_SRC_POSTGRESQL_CONNECTION_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "misas/postgresql.h"
#include "postgresql/parameters.h"

enum { misas__max_statements = 128 };

typedef struct misas__connection {
    PGconn *pg;
    const char *schema; /* quoted; the pool's */
    const char *prepared[misas__max_statements];
    int prepared_count;
    bool was_ended; /* the server has said so while the connection was idle */
} misas__connection;

/** How to connect; everything is the pool's. */
typedef struct misas__connection_settings {
    const char *conninfo; /* a secret; NULL: libpq's PG... variables */
    const char *schema;   /* quoted */
    int timeout_ms;
} misas__connection_settings;

/** Connects within the timeout and sets the session up. Errors: MISAS_ERROR_POSTGRESQL_UNAVAILABLE,
 * _REFUSED, _OPTIONS. */
misas_error *misas__connection_open(misas__connection **out,
                                    const misas__connection_settings *settings);
void misas__connection_close(misas__connection *connection);

/** Whether it looks alive, without asking the server: finds what the server has closed meanwhile.
 */
bool misas__connection_is_alive(misas__connection *connection);

/** A statement's text with the schema's name filled in; freed with free(). NULL: no memory. */
char *misas__statement_text(const char *sql, const char *schema);

/** Runs a statement of sql.h, preparing it the first time; `parameters` may be NULL. `*out` is
 * cleared with PQclear; binary. Errors: those of postgresql.h, out of memory. */
misas_error *misas__connection_run(PGresult **out, misas__connection *connection, const char *sql,
                                   const misas__parameters *parameters);

/** As misas__connection_run, for when there is no answer to look at. */
misas_error *misas__connection_execute(misas__connection *connection, const char *sql,
                                       const misas__parameters *parameters);

/** Sends a statement whose rows come one by one, to be taken with PQgetResult. */
misas_error *misas__connection_stream(misas__connection *connection, const char *sql,
                                      const misas__parameters *parameters);

/** Ends a streamed statement: takes what is still under way, and cancels it if there are more rows.
 */
void misas__connection_end_stream(misas__connection *connection);

/** Runs plain SQL, also several statements, without parameters or answer: "begin", a migration. */
misas_error *misas__connection_execute_text(misas__connection *connection, const char *sql);

#endif
