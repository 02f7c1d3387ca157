#define _GNU_SOURCE /* memmem */

#include "support/proxy.h"

#include <errno.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/test.h"

enum { chunk_size = 16384, backlog = 64 };

/* The message that is looked for, with its type and length. */
static const char commit_message[] = "Q\0\0\0\13commit";

/* Where the bytes of a client are in its messages. */
typedef struct message_scan {
    unsigned char head[sizeof commit_message]; /* of the message at hand */
    size_t seen;
    size_t size;   /* known with its length */
    bool has_type; /* all have but the first */
} message_scan;

typedef struct proxy_link {
    test_proxy *of;
    int client;
    int server;
    message_scan scan;
    LIST_ENTRY(proxy_link) entry;
} proxy_link;

struct test_proxy {
    int listener;
    struct sockaddr_storage server;
    socklen_t server_size;
    misas_secret *connection;
    pthread_t thread; /* accepts */

    pthread_mutex_t mutex; /* guards what follows, and the links' sockets */
    pthread_cond_t changed;
    LIST_HEAD(proxy_links, proxy_link) links; /* each has a thread of its own */
    bool is_armed;
    bool is_held;
    bool is_stopped;
    proxy_cut how;
    int cuts[proxy_cut_count];
    int commits;
};

static void give_up(const char *what)
{
    fprintf(stderr, "a proxy for tests: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static bool send_all(int to, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(to, bytes, size, MSG_NOSIGNAL);

        if (sent < 0) {
            return false;
        }
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* Whether a message ends with this byte, and is a commit. */
static bool scan_byte(message_scan *scan, unsigned char byte)
{
    size_t type_size = scan->has_type ? 1 : 0;

    if (scan->seen < sizeof scan->head) {
        scan->head[scan->seen] = byte;
    }
    scan->seen++;
    if (scan->seen == type_size + 4) {
        const unsigned char *length = scan->head + type_size;

        scan->size = type_size + ((size_t)length[0] << 24 | (size_t)length[1] << 16 |
                                  (size_t)length[2] << 8 | length[3]);
    }
    if (scan->seen < type_size + 4 || scan->seen < scan->size) {
        return false;
    }
    bool is_commit = scan->has_type && scan->size == sizeof commit_message &&
                     memcmp(scan->head, commit_message, sizeof commit_message) == 0;

    *scan = (message_scan){.has_type = true};
    return is_commit;
}

static bool scan_all(message_scan *scan, const unsigned char *bytes, size_t size)
{
    bool has_commit = false;

    for (size_t i = 0; i < size; i++) {
        has_commit = scan_byte(scan, bytes[i]) || has_commit;
    }
    return has_commit;
}

/* Whether to cut the connection that is about to commit, and how; once for each arming. */
static bool take_order(proxy_cut *out, test_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    bool is_armed = proxy->is_armed;

    *out = proxy->how;
    proxy->is_armed = false;
    proxy->is_held = proxy->is_held || (is_armed && proxy->how == PROXY_HOLDS_COMMIT);
    pthread_mutex_unlock(&proxy->mutex);
    return is_armed;
}

static void cut_client(proxy_link *link, proxy_cut how)
{
    pthread_mutex_lock(&link->of->mutex);
    close(link->client);
    link->client = -1;
    link->of->cuts[how]++;
    pthread_mutex_unlock(&link->of->mutex);
}

static void wait_until_let_go(test_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    while (proxy->is_held && !proxy->is_stopped) {
        pthread_cond_wait(&proxy->changed, &proxy->mutex);
    }
    pthread_mutex_unlock(&proxy->mutex);
}

/* To the end of the connection: it is closed only then, since what the server has not read by that
 * time could be lost. */
static void take_answer(proxy_link *link)
{
    static const char confirmation[] = "C\0\0\0\13COMMIT";
    unsigned char bytes[1000];
    size_t size = 0;
    ssize_t got = 1;

    shutdown(link->server, SHUT_WR);
    while (got > 0 && size < sizeof bytes) {
        got = recv(link->server, bytes + size, sizeof bytes - size, 0);
        size += got > 0 ? (size_t)got : 0;
    }
    if (memmem(bytes, size, confirmation, sizeof confirmation) != NULL) {
        pthread_mutex_lock(&link->of->mutex);
        link->of->commits++;
        pthread_mutex_unlock(&link->of->mutex);
    }
}

/* `bytes` end with a commit. */
static void cut(proxy_link *link, proxy_cut how, const unsigned char *bytes, size_t size)
{
    switch (how) {
    case PROXY_LOSES_ANSWER:
        send_all(link->server, bytes, size);
        cut_client(link, how);
        take_answer(link);
        break;
    case PROXY_DROPS_COMMIT:
        cut_client(link, how);
        break;
    case PROXY_HOLDS_COMMIT:
        cut_client(link, how);
        wait_until_let_go(link->of);
        send_all(link->server, bytes, size);
        take_answer(link);
        break;
    }
}

/* False when the connection is at its end. */
static bool relay_request(proxy_link *link)
{
    unsigned char bytes[chunk_size];
    ssize_t size = recv(link->client, bytes, sizeof bytes, 0);
    proxy_cut how;

    if (size <= 0) {
        return false;
    }
    if (scan_all(&link->scan, bytes, (size_t)size) && take_order(&how, link->of)) {
        cut(link, how, bytes, (size_t)size);
        return false;
    }
    return send_all(link->server, bytes, (size_t)size);
}

static bool relay_answer(const proxy_link *link)
{
    unsigned char bytes[chunk_size];
    ssize_t size = recv(link->server, bytes, sizeof bytes, 0);

    return size > 0 && send_all(link->client, bytes, (size_t)size);
}

static void end_link(proxy_link *link)
{
    test_proxy *proxy = link->of;

    pthread_mutex_lock(&proxy->mutex);
    LIST_REMOVE(link, entry);
    if (link->client >= 0) {
        close(link->client);
    }
    close(link->server);
    pthread_cond_broadcast(&proxy->changed);
    pthread_mutex_unlock(&proxy->mutex);
    free(link);
}

static void *relay(void *argument)
{
    proxy_link *link = argument;
    bool goes_on = true;

    while (goes_on) {
        struct pollfd sockets[] = {{.fd = link->client, .events = POLLIN},
                                   {.fd = link->server, .events = POLLIN}};

        poll(sockets, 2, -1);
        if (sockets[1].revents != 0) {
            goes_on = relay_answer(link);
        }
        if (goes_on && sockets[0].revents != 0) {
            goes_on = relay_request(link);
        }
    }
    end_link(link);
    return NULL;
}

static int connect_to_server(const test_proxy *proxy)
{
    int on = 1;
    int server = socket(proxy->server.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (server >= 0 &&
        connect(server, (const struct sockaddr *)&proxy->server, proxy->server_size) != 0) {
        close(server);
        return -1;
    }
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return server;
}

static void start_link(test_proxy *proxy, int client)
{
    proxy_link *link = calloc(1, sizeof *link);
    pthread_attr_t detached;
    pthread_t thread;
    int on = 1;

    if (link == NULL) {
        abort();
    }
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    *link = (proxy_link){.of = proxy, .client = client, .server = connect_to_server(proxy)};
    pthread_mutex_lock(&proxy->mutex);
    LIST_INSERT_HEAD(&proxy->links, link, entry);
    pthread_mutex_unlock(&proxy->mutex);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    if (link->server < 0 || pthread_create(&thread, &detached, relay, link) != 0) {
        end_link(link);
    }
    pthread_attr_destroy(&detached);
}

/* Until the listener is shut down. */
static void *accept_all(void *argument)
{
    test_proxy *proxy = argument;

    for (int client = accept(proxy->listener, NULL, NULL); client >= 0;
         client = accept(proxy->listener, NULL, NULL)) {
        start_link(proxy, client);
    }
    return NULL;
}

static int listen_on_free_port(int *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, backlog) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        give_up("listening");
    }
    *out_port = ntohs(address.sin_port);
    return listener;
}

/* Where the server is that the connection string leads to. */
static void find_server(test_proxy *proxy, const misas_secret *connection)
{
    PGconn *pg = PQconnectdb(misas_secret_reveal(connection));
    struct addrinfo *found = NULL;

    if (PQstatus(pg) != CONNECTION_OK ||
        getaddrinfo(PQhostaddr(pg), PQport(pg), &(struct addrinfo){.ai_socktype = SOCK_STREAM},
                    &found) != 0) {
        give_up("the server can't be reached by TCP");
    }
    memcpy(&proxy->server, found->ai_addr, found->ai_addrlen);
    proxy->server_size = found->ai_addrlen;
    freeaddrinfo(found);
    PQfinish(pg);
}

/* What comes later in a connection string wins. Encrypted, a commit could not be seen. */
static void make_connection(test_proxy *proxy, const misas_secret *connection, int port)
{
    char conninfo[2000];

    snprintf(conninfo, sizeof conninfo,
             "%s host=127.0.0.1 hostaddr=127.0.0.1 port=%d sslmode=disable gssencmode=disable",
             misas_secret_reveal(connection), port);
    assert_no_error(misas_secret_new(&proxy->connection, conninfo));
}

test_proxy *proxy_start(const misas_secret *connection)
{
    test_proxy *proxy = calloc(1, sizeof *proxy);
    int port = 0;

    if (proxy == NULL) {
        abort();
    }
    pthread_mutex_init(&proxy->mutex, NULL);
    pthread_cond_init(&proxy->changed, NULL);
    LIST_INIT(&proxy->links);
    find_server(proxy, connection);
    proxy->listener = listen_on_free_port(&port);
    make_connection(proxy, connection, port);
    assert_int_equal(pthread_create(&proxy->thread, NULL, accept_all, proxy), 0);
    return proxy;
}

void proxy_stop(test_proxy *proxy)
{
    proxy_link *link = NULL;

    shutdown(proxy->listener, SHUT_RDWR);
    pthread_join(proxy->thread, NULL);
    close(proxy->listener);
    pthread_mutex_lock(&proxy->mutex);
    proxy->is_stopped = true;
    pthread_cond_broadcast(&proxy->changed);
    LIST_FOREACH(link, &proxy->links, entry)
    {
        shutdown(link->client, SHUT_RDWR);
        shutdown(link->server, SHUT_RDWR);
    }
    while (!LIST_EMPTY(&proxy->links)) {
        pthread_cond_wait(&proxy->changed, &proxy->mutex);
    }
    pthread_mutex_unlock(&proxy->mutex);
    pthread_cond_destroy(&proxy->changed);
    pthread_mutex_destroy(&proxy->mutex);
    misas_secret_free(proxy->connection);
    free(proxy);
}

const misas_secret *proxy_connection(const test_proxy *proxy)
{
    return proxy->connection;
}

void proxy_arm(test_proxy *proxy, proxy_cut how)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->is_armed = true;
    proxy->how = how;
    pthread_mutex_unlock(&proxy->mutex);
}

void proxy_disarm(test_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->is_armed = false;
    pthread_mutex_unlock(&proxy->mutex);
}

void proxy_let_go(test_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    proxy->is_held = false;
    pthread_cond_broadcast(&proxy->changed);
    pthread_mutex_unlock(&proxy->mutex);
}

int proxy_cuts(test_proxy *proxy, proxy_cut how)
{
    pthread_mutex_lock(&proxy->mutex);
    int cuts = proxy->cuts[how];

    pthread_mutex_unlock(&proxy->mutex);
    return cuts;
}

int proxy_commits(test_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    int commits = proxy->commits;

    pthread_mutex_unlock(&proxy->mutex);
    return commits;
}
