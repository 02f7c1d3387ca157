/** A PostgreSQL server of the process's own, for tests that kill it or set it up in their own way.
 *
 * It is made when it is first asked for, in a folder of its own under /tmp, on a free port of
 * 127.0.0.1. It ends with the process, however that ends; its folder goes when the process exits.
 * MISAS_POSTGRESQL_BIN names the folder of PostgreSQL's programs; otherwise the newest under
 * /usr/lib/postgresql is taken. Started by root, the server runs as user postgres.
 *
 * Its roles: postgres, whom it trusts, and guarded, whose password is test_server_password.
 */
#ifndef MISAS_TESTS_SERVER_H
#define MISAS_TESTS_SERVER_H

#include <libpq-fe.h>

#include "misas/secret.h"

extern const char test_server_password[];

/** Makes the server, and has it running. The first call comes from the main thread: the server ends
 * with the thread that started it. */
void test_server_start(void);

/** Kills all its processes with SIGKILL, as a power cut does. */
void test_server_kill(void);

/** Stops all its processes with SIGSTOP: it is there, and says nothing. Then it can only be killed.
 */
void test_server_freeze(void);

int test_server_port(void);

/** Its database postgres, as role postgres; lives as long as the process. */
const misas_secret *test_server_connection(void);

/** A raw connection to it; ended with PQfinish. */
PGconn *test_server_connect(void);

#endif
