#include "support/server.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/test.h"

enum { start_timeout_ms = 60000, stop_timeout_ms = 20000 };

const char test_server_password[] = "guarded-secret";

/* The one server of the process. */
static struct {
    char folder[test_folder_size]; /* "" as long as there is none */
    char data[80];
    char programs[PATH_MAX];
    const struct passwd *user; /* NULL: whoever we are */
    int port;
    pid_t postmaster; /* 0: not running */
    misas_secret *connection;
} server;

static const char settings[] = "listen_addresses = '127.0.0.1'\n"
                               "unix_socket_directories = ''\n"
                               "max_connections = 150\n"
                               "shared_buffers = 64MB\n"
                               "max_prepared_transactions = 5\n"
                               "autovacuum = off\n"
                               "fsync = off\n" /* a killed process loses nothing of the kernel's */
                               "timezone = 'UTC'\n";

static const char access_rules[] = "host all guarded 127.0.0.1/32 scram-sha-256\n"
                                   "host all all 127.0.0.1/32 trust\n";

static void give_up(const char *what)
{
    fprintf(stderr, "a server for tests: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void write_file(const char *name, const char *mode, const char *text)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", server.data, name);
    FILE *file = fopen(path, mode);

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        give_up(path);
    }
}

static void find_programs(void)
{
    const char *chosen = getenv("MISAS_POSTGRESQL_BIN");
    glob_t found = {0};

    if (chosen == NULL || chosen[0] == '\0') {
        if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) != 0) {
            give_up("there are no programs of PostgreSQL");
        }
        chosen = found.gl_pathv[found.gl_pathc - 1];
    }
    snprintf(server.programs, sizeof server.programs, "%s", chosen);
    globfree(&found);
}

enum { max_arguments = 16 };

/* In a new process: becomes the program, as the server's user. It is killed when we end. */
static void become(const char *const arguments[])
{
    char path[PATH_MAX + 32];
    char log[128];

    snprintf(log, sizeof log, "%s/log", server.folder);
    int output = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    int input = open("/dev/null", O_RDONLY);

    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    if (server.user != NULL &&
        (initgroups(server.user->pw_name, server.user->pw_gid) != 0 ||
         setgid(server.user->pw_gid) != 0 || setuid(server.user->pw_uid) != 0)) {
        _exit(126);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(path, sizeof path, "%s/%s", server.programs, arguments[0]);
    char *whole[max_arguments + 1] = {path}; /* by its first argument initdb finds its companions */

    for (int i = 1; i < max_arguments && arguments[i] != NULL; i++) {
        whole[i] = (char *)(uintptr_t)arguments[i];
    }
    if (chdir("/") == 0) {
        execv(path, whole);
    }
    _exit(127);
}

static pid_t spawn(const char *const arguments[])
{
    pid_t child = fork();

    if (child == 0) {
        become(arguments);
    }
    if (child < 0) {
        give_up("fork");
    }
    return child;
}

static bool is_free(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    bool is_bound = bind(listener, (struct sockaddr *)&address, sizeof address) == 0;

    close(listener);
    return is_bound;
}

/* Not one that the kernel chooses: those it gives to connections too, of anyone, and so to one that
 * asks for the very port while the server is killed. It is then connected to itself, and the server
 * can't come back. */
static int free_port(void)
{
    enum { lowest = 20000, count = 10000, tries = 1000 };

    for (int i = 0; i < tries; i++) {
        int port = lowest + (int)arc4random_uniform(count);

        if (is_free(port)) {
            return port;
        }
    }
    give_up("a free port");
    return 0;
}

static void end_server(void)
{
    test_server_kill();
    misas_secret_free(server.connection);
}

static void make_folder(void)
{
    test_folder_new(server.folder);
    atexit(end_server); /* before the folder goes */
    server.user = geteuid() == 0 ? getpwnam("postgres") : NULL;
    if (geteuid() == 0 &&
        (server.user == NULL || chown(server.folder, server.user->pw_uid, (gid_t)-1) != 0)) {
        give_up("user postgres");
    }
    snprintf(server.data, sizeof server.data, "%s/data", server.folder);
}

static void make_connection(void)
{
    char conninfo[128];

    server.port = free_port();
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%d user=postgres dbname=postgres",
             server.port);
    if (misas_secret_new(&server.connection, conninfo) != NULL) {
        abort();
    }
}

static void initialise(void)
{
    int status = 0;

    make_folder();
    find_programs();
    waitpid(
        spawn((const char *[]){"initdb", "--no-sync", "--auth=trust", "--encoding=UTF8",
                               "--locale=C.UTF-8", "--username=postgres", "-D", server.data, NULL}),
        &status, 0);
    if (status != 0) {
        give_up("initdb failed");
    }
    make_connection();
    write_file("postgresql.conf", "a", settings);
    write_file("pg_hba.conf", "w", access_rules);
}

/* Whether the server has come up, or has given up: then there is no postmaster any more. */
static bool answers_or_ended(void *unused)
{
    (void)unused;
    if (waitpid(server.postmaster, NULL, WNOHANG) == server.postmaster) {
        server.postmaster = 0;
        return true;
    }
    return PQping(misas_secret_reveal(server.connection)) == PQPING_OK;
}

static void show_log(void)
{
    char line[512];
    char path[128];

    snprintf(path, sizeof path, "%s/log", server.folder);
    FILE *log = fopen(path, "r");

    while (log != NULL && fgets(line, sizeof line, log) != NULL) {
        fputs(line, stderr);
    }
    if (log != NULL) {
        fclose(log);
    }
}

/* A killed server's, whose process number may have become another's: a new one would not start. */
static void remove_lock_file(void)
{
    char path[128];

    snprintf(path, sizeof path, "%s/postmaster.pid", server.data);
    unlink(path);
}

static void create_guarded_role(void)
{
    char statement[128];
    PGconn *connection = test_server_connect();

    snprintf(statement, sizeof statement, "create role guarded login password '%s'",
             test_server_password);
    PQclear(PQexec(connection, statement));
    PQfinish(connection);
}

void test_server_start(void)
{
    bool is_new = server.folder[0] == '\0';
    char port[16];

    if (server.postmaster != 0) {
        return;
    }
    if (is_new) {
        initialise();
    }
    snprintf(port, sizeof port, "%d", server.port);
    server.postmaster = spawn((const char *[]){"postgres", "-D", server.data, "-p", port, NULL});
    if (!test_wait_until(answers_or_ended, NULL, start_timeout_ms) || server.postmaster == 0) {
        show_log();
        give_up("the server does not start");
    }
    if (is_new) {
        create_guarded_role();
    }
}

/* Whether a process works in the folder of the data, as all those of the server do. */
static bool is_of_server(const char *process)
{
    char link[300];
    char folder[PATH_MAX];

    snprintf(link, sizeof link, "/proc/%s/cwd", process);
    ssize_t size = readlink(link, folder, sizeof folder - 1);

    if (size < 0) {
        return false;
    }
    folder[size] = '\0';
    return strcmp(folder, server.data) == 0;
}

/* Sends it to all processes of the server; how many there were. */
static int signal_all(int number)
{
    DIR *processes = opendir("/proc");
    int count = 0;

    for (struct dirent *entry = readdir(processes); entry != NULL; entry = readdir(processes)) {
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_of_server(entry->d_name)) {
            kill((pid_t)strtol(entry->d_name, NULL, 10), number);
            count++;
        }
    }
    closedir(processes);
    return count;
}

/* What is left of the server after its postmaster, and kills it. */
static bool all_are_gone(void *unused)
{
    (void)unused;
    return signal_all(SIGKILL) == 0;
}

void test_server_freeze(void)
{
    signal_all(SIGSTOP);
}

void test_server_kill(void)
{
    if (server.postmaster == 0) {
        return;
    }
    kill(server.postmaster, SIGKILL);
    waitpid(server.postmaster, NULL, 0);
    server.postmaster = 0;
    if (!test_wait_until(all_are_gone, NULL, stop_timeout_ms)) {
        fprintf(stderr, "a server for tests: its processes do not end\n");
    }
    remove_lock_file();
}

int test_server_port(void)
{
    return server.port;
}

const misas_secret *test_server_connection(void)
{
    return server.connection;
}

PGconn *test_server_connect(void)
{
    PGconn *connection = PQconnectdb(misas_secret_reveal(server.connection));

    if (PQstatus(connection) != CONNECTION_OK) {
        fprintf(stderr, "a server for tests: %s\n", PQerrorMessage(connection));
        exit(EXIT_FAILURE);
    }
    return connection;
}
