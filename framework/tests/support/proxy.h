/** A TCP proxy before PostgreSQL, which cuts a connection at its commit.
 *
 * It relays whatever comes until it is armed: then the next connection that sends the simple query
 * "commit" is cut there, so that its client can't know what became of it. It listens on a free port
 * of 127.0.0.1.
 */
#ifndef MISAS_TESTS_PROXY_H
#define MISAS_TESTS_PROXY_H

#include <stdbool.h>

#include "misas/secret.h"

typedef enum proxy_cut {
    PROXY_LOSES_ANSWER, /* the server commits, and its answer is lost */
    PROXY_DROPS_COMMIT, /* the server is cut off as well, and rolls back */
    PROXY_HOLDS_COMMIT  /* until it is let go: the server commits when its client is long gone */
} proxy_cut;

enum { proxy_cut_count = 3 };

typedef struct test_proxy test_proxy;

/** `connection` is the server's, by TCP; the test fails when it can't be started. */
test_proxy *proxy_start(const misas_secret *connection);

/** Cuts all connections, and frees it. */
void proxy_stop(test_proxy *proxy);

/** The connection string through the proxy; lives as long as the proxy. */
const misas_secret *proxy_connection(const test_proxy *proxy);

/** Cuts the next connection that sends a commit, in this way. */
void proxy_arm(test_proxy *proxy, proxy_cut how);

/** From now on it relays again. */
void proxy_disarm(test_proxy *proxy);

/** Lets go of what it holds. */
void proxy_let_go(test_proxy *proxy);

/** How many connections it has cut in this way. */
int proxy_cuts(test_proxy *proxy, proxy_cut how);

/** How many commits of cut connections the server has confirmed. */
int proxy_commits(test_proxy *proxy);

#endif
