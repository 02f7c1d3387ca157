/** @file
 * PostgreSQL: connections, migrations, and the event store on it.
 *
 * Everything MISAS keeps lives in one schema of the database. Connections go to the primary only
 * (`target_session_attrs=read-write`, unless the connection string says otherwise), and end a
 * transaction that its client has left open for 3 s, so that a stopped process can't freeze the
 * others.
 */
#ifndef MISAS_POSTGRESQL_H
#define MISAS_POSTGRESQL_H

#include "misas/event_store.h"
#include "misas/secret.h"
#include "misas/storage.h"

#ifdef __cplusplus
extern "C" {
#endif

/** No connection, or it was lost; data: "host", "port", "database". Tagged retriable. */
#define MISAS_ERROR_POSTGRESQL_UNAVAILABLE "misas.postgresql.unavailable"
/** The connection was refused for good: password, role, database, TLS; data as above and
 * "sqlstate". Tagged validation. */
#define MISAS_ERROR_POSTGRESQL_REFUSED "misas.postgresql.refused"
/** The connection string, the schema name or another option is not valid; data: "option", "reason".
 * Tagged validation. */
#define MISAS_ERROR_POSTGRESQL_OPTIONS "misas.postgresql.options_invalid"
/** The schema is not there, older or newer than this library's; data: "schema", "found" ("none" if
 * there is none), "expected". Tagged validation. */
#define MISAS_ERROR_SCHEMA_VERSION "misas.postgresql.schema_version"
/** Any other error of a statement; data: "sqlstate", "detail", "constraint" (the name of the one
 * that was violated, or ""). Tagged retriable for 40001, 40P01 and 55P03. */
#define MISAS_ERROR_POSTGRESQL "misas.postgresql.error"

typedef struct misas_postgresql misas_postgresql;

/** Zero members mean the defaults. Everything is copied but `logger`'s log. */
typedef struct misas_postgresql_options {
    const misas_secret
        *connection;        /**< a libpq connection string or URI; NULL: libpq's PG... variables */
    const char *schema;     /**< NULL: "misas"; at most 63 bytes, without `$` */
    size_t max_connections; /**< of the pool; 0: 16 */
    int connect_timeout_ms; /**< 0: 5,000 */
    int acquire_timeout_ms; /**< to wait for a free connection of the pool; 0: 30,000 */
    misas_logger logger;
} misas_postgresql_options;

/** A pool of connections, opened when they are needed; many threads may use it. Connects once, to
 * tell at the start what is wrong. Errors: MISAS_ERROR_POSTGRESQL_UNAVAILABLE, _REFUSED, _OPTIONS.
 */
misas_error *misas_postgresql_new(misas_postgresql **out, const misas_postgresql_options *options);

/** Nothing that was made from it may be left. */
void misas_postgresql_free(misas_postgresql *database);

/** The version of the schema that this library works with. */
int misas_postgresql_schema_version(void);

/** Brings the schema to this library's version, under an advisory lock: many may call it at once.
 * What is up to date stays untouched; each migration is a transaction. Errors:
 * MISAS_ERROR_SCHEMA_VERSION when the schema is newer. */
misas_error *misas_postgresql_migrate(misas_postgresql *database);

/** An event store in `database`, which must outlive it. Errors: MISAS_ERROR_SCHEMA_VERSION, those
 * of connecting. */
misas_error *misas_event_store_new_postgresql(misas_event_store **out, misas_postgresql *database,
                                              const misas_event_store_options *options);

/** A storage in `database`, which must outlive it; `options` are those of its event store, and may
 * be NULL. Each worker and each subscription has a connection of its own besides the pool's.
 * Errors: MISAS_ERROR_SCHEMA_VERSION, those of connecting. */
misas_error *misas_storage_new_postgresql(misas_storage **out, misas_postgresql *database,
                                          const misas_event_store_options *options);

#ifdef __cplusplus
}
#endif

#endif
