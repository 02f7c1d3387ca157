/** Databases of PostgreSQL for tests.
 *
 * The environment variable MISAS_POSTGRESQL names a server by a libpq URI; its role may create
 * databases. Without it, or without the server, the process says so and exits with a failure. All
 * databases are dropped when the process exits, also after failed tests.
 */
#ifndef MISAS_TESTS_DATABASE_H
#define MISAS_TESTS_DATABASE_H

#include <libpq-fe.h>

#include "misas/secret.h"

typedef struct test_database test_database;

/** Creates an empty database with a name of its own. */
test_database *test_database_new(void);

/** As above, with texts in the order of a dictionary: "a", "B", "c". */
test_database *test_database_new_in_english(void);

/** Ends all sessions and drops the database. NULL is accepted. */
void test_database_free(test_database *database);

/** One database for the whole process: made when it is first asked for. */
test_database *test_database_of_process(void);

const char *test_database_name(const test_database *database);

/** The connection string; lives as long as the database. */
const misas_secret *test_database_connection(const test_database *database);

/** A raw connection, to look behind the scenes; ended with PQfinish. */
PGconn *test_database_connect(const test_database *database);

/** Ends all sessions of the database, as a server that restarts does. */
void test_database_terminate_sessions(const test_database *database);

#endif
