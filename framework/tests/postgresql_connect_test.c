/* Connecting to PostgreSQL, and what is said when that fails. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "contract/words.h"
#include "postgresql/pool.h"
#include "support/database.h"
#include "support/server.h"
#include "support/session.h"
#include "support/test.h"

static misas_error *try_connecting(const char *conninfo, misas_postgresql_options options)
{
    misas_postgresql *database = NULL;
    misas_secret *secret = NULL;

    assert_no_error(misas_secret_new(&secret, conninfo));
    options.connection = secret;
    misas_error *error = misas_postgresql_new(&database, &options);

    misas_postgresql_free(database);
    misas_secret_free(secret);
    return error;
}

/* A socket on 127.0.0.1 that listens but is never asked to accept. */
static int listen_somewhere(int *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(listen(listener, 5), 0);
    *out_port = ntohs(address.sin_port);
    return listener;
}

static void assert_names_the_server(misas_error *error, int port)
{
    char text[1000];
    char port_text[16];

    snprintf(port_text, sizeof port_text, "%d", port);
    misas_error_write(text, sizeof text, error);
    assert_non_null(strstr(text, "127.0.0.1"));
    assert_non_null(strstr(text, port_text));
    assert_non_null(strstr(text, "garden"));
    assert_error_data(error, "host", "127.0.0.1");
    assert_error_data(error, "port", port_text);
    assert_error_data(error, "database", "garden");
    assert_true(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_error_is(error, MISAS_ERROR_POSTGRESQL_UNAVAILABLE);
}

TEST(an_unreachable_server_is_named)
{
    char conninfo[100];
    int port = 0;

    close(listen_somewhere(&port));
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%d user=rose dbname=garden", port);
    assert_names_the_server(try_connecting(conninfo, (misas_postgresql_options){0}), port);
}

TEST(a_server_that_does_not_answer_is_given_up_in_time)
{
    char conninfo[100];
    int port = 0;
    int listener = listen_somewhere(&port);
    int64_t began_ms = test_now_ms();

    snprintf(conninfo, sizeof conninfo, "postgresql://rose@127.0.0.1:%d/garden", port);
    assert_names_the_server(
        try_connecting(conninfo, (misas_postgresql_options){.connect_timeout_ms = 200}), port);
    assert_in_range(test_now_ms() - began_ms, 200, 2000);
    close(listener);
}

/* %d is the port of a server that trusts role postgres, and asks guarded for a password. */
static const struct refusal {
    const char *conninfo;
    const char *sqlstate;
} refusals[] = {
    {"host=127.0.0.1 port=%d user=guarded password=wrong dbname=postgres", "28P01"},
    {"host=127.0.0.1 port=%d user=guarded dbname=postgres passfile=/no/such/file", "28P01"},
    {"host=127.0.0.1 port=%d user=nobody_here dbname=postgres", "28000"},
    {"host=127.0.0.1 port=%d user=postgres dbname=no_such_garden", "3D000"},
    {"host=127.0.0.1 port=%d user=postgres dbname=postgres options='-c work_mem=many'", "22023"},
    {"host=127.0.0.1 port=%d user=postgres dbname=postgres options='-c no_such=1'", "42704"},
    {"host=127.0.0.1 port=%d user=postgres dbname=postgres sslmode=require", ""},
    {"host=127.0.0.1 port=%d user=postgres dbname=postgres sslmode=verify-full "
     "sslrootcert=/no/such/file",
     ""},
};

TEST(what_waiting_does_not_mend_is_refused)
{
    test_server_start();
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        char conninfo[300];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(conninfo, sizeof conninfo, refusals[i].conninfo, test_server_port());
#pragma GCC diagnostic pop
        misas_error *error = try_connecting(conninfo, (misas_postgresql_options){0});

        if (!misas_error_is(error, MISAS_ERROR_POSTGRESQL_REFUSED)) {
            print_error("%s\n", conninfo);
        }
        assert_error_data(error, "sqlstate", refusals[i].sqlstate);
        assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
        assert_error_is(error, MISAS_ERROR_POSTGRESQL_REFUSED);
    }
}

TEST(a_server_without_a_free_place_is_unavailable_for_now)
{
    char conninfo[200];

    test_server_start();
    PGconn *session = test_server_connect();

    session_execute(session, "alter role guarded connection limit 0");
    snprintf(conninfo, sizeof conninfo,
             "host=127.0.0.1 port=%d user=guarded password=%s dbname=postgres", test_server_port(),
             test_server_password);
    misas_error *error = try_connecting(conninfo, (misas_postgresql_options){0});

    assert_error_data(error, "sqlstate", "53300");
    assert_error_is(error, MISAS_ERROR_POSTGRESQL_UNAVAILABLE);
    session_execute(session, "alter role guarded connection limit -1");
    assert_no_error(try_connecting(conninfo, (misas_postgresql_options){0}));
    PQfinish(session);
}

/* Each with a password whose parts are SeCr1 and SeCr2. Nothing listens at port 1. */
static const char *const strings_with_secrets[] = {
    "postgresql://rose:SeCr1SeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1@SeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1/SeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1:SeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1?SeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1#SeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1%SeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1%00SeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1[SeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1&SeCr2=@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1 SeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1'SeCr2\\@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1\nSeCr2\r\t@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1\xc3\xa4\xf0\x9f\x8c\xb9SeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1\xff\xfeSeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1%s%n%%SeCr2@127.0.0.1:1/garden",
    "postgresql://rose:SeCr1SeCr2",
    "postgresql://rose:SeCr1SeCr2/garden",
    "postgresql://rose:SeCr1/SeCr2",
    "postgresql://rose@127.0.0.1:1/garden?password=SeCr1SeCr2",
    "postgresql://rose@127.0.0.1:1/garden?pasword=SeCr1SeCr2",
    "postgresql://rose@127.0.0.1:1/garden?password=SeCr1&SeCr2",
    "postgresql://rose@127.0.0.1:1/garden?password=SeCr1@SeCr2",
    "postgres:/rose:SeCr1SeCr2@127.0.0.1:1/garden",
    "http://rose:SeCr1SeCr2@127.0.0.1:1/garden",
    "postgresql//rose:SeCr1=SeCr2@127.0.0.1:1/garden",
    "host=127.0.0.1 port=1 user=rose dbname=garden password=SeCr1SeCr2",
    "host=127.0.0.1 port=1 user=rose dbname=garden password=SeCr1 SeCr2",
    "host=127.0.0.1 port=1 user=rose dbname=garden password=SeCr1 SeCr2=",
    "host=127.0.0.1 port=1 user=rose dbname=garden password='SeCr1 SeCr2",
    "host=127.0.0.1 port=1 user=rose dbname=garden password='SeCr1'SeCr2'",
    "host=127.0.0.1 port=1 user=rose dbname=garden password=SeCr1'SeCr2",
    "host=127.0.0.1 port=1 user=rose dbname=garden password=SeCr1\\ SeCr2\\",
    "host=127.0.0.1 port=1 user=rose dbname=garden pasword=SeCr1SeCr2",
    "host=127.0.0.1 port=1 dbname=postgresql://rose:SeCr1SeCr2@127.0.0.1:1/garden",
    "host=postgresql://rose:SeCr1SeCr2@127.0.0.1:1/garden",
    "port=1 host=rose:SeCr1SeCr2@127.0.0.1",
    "SeCr1SeCr2",
    "SeCr1=SeCr2",
};

static void assert_keeps_secret(misas_error *error, const char *conninfo)
{
    char text[4000];
    size_t used = misas_error_write(text, sizeof text, error);

    for (const misas_field *datum = misas_error_data_fields(error); datum->name != NULL; datum++) {
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "; %s=%s", datum->name, datum->value);
    }
    bool has_secret = strstr(text, "SeCr1") != NULL || strstr(text, "SeCr2") != NULL;

    if (has_secret) {
        print_error("%s\n  gave: %s\n", conninfo, text);
    }
    assert_false(has_secret);
}

TEST(no_error_says_a_part_of_a_password)
{
    for (size_t i = 0; i < sizeof strings_with_secrets / sizeof strings_with_secrets[0]; i++) {
        const char *conninfo = strings_with_secrets[i];
        misas_error *error =
            try_connecting(conninfo, (misas_postgresql_options){.connect_timeout_ms = 2000});

        assert_non_null(error);
        assert_keeps_secret(error, conninfo);
        misas_error_free(error);
    }
}

TEST(a_refused_password_is_in_no_error_and_no_log)
{
    FILE *file = tmpfile();
    misas_log *log = NULL;
    char conninfo[200];
    char line[1000];

    test_server_start();
    assert_no_error(
        misas_log_new(&log, &(misas_log_options){.file = file, .level = MISAS_LOG_DEBUG}));
    snprintf(conninfo, sizeof conninfo, "postgresql://guarded:SeCr1%%20SeCr2@127.0.0.1:%d/postgres",
             test_server_port());
    misas_error *error =
        try_connecting(conninfo, (misas_postgresql_options){.logger = {.log = log}});

    assert_keeps_secret(error, conninfo);
    misas_log_write_error(&(misas_logger){.log = log}, MISAS_LOG_ERROR, "refused", error, NULL);
    assert_error_is(error, MISAS_ERROR_POSTGRESQL_REFUSED);
    rewind(file);
    while (fgets(line, sizeof line, file) != NULL) {
        assert_null(strstr(line, "SeCr"));
    }
    misas_log_free(log);
    fclose(file);
}

TEST(a_connection_string_that_makes_no_sense_is_an_option_that_is_not_valid)
{
    static const char *const strings[] = {
        "nonsense",      "no_such_option=1",        "postgresql://[::1",
        "host='unended", "postgresql://h:port/db",  "postgresql://a:b@c@d/db",
        "port=many",     "postgresql://h/db?a=b=c", "port=1,x host=a,b",
    };

    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        misas_error *error = try_connecting(strings[i], (misas_postgresql_options){0});

        assert_error_data(error, "option", "connection");
        assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
        assert_error_is(error, MISAS_ERROR_POSTGRESQL_OPTIONS);
    }
}

TEST(a_schema_name_that_can_not_be_quoted_safely_is_refused)
{
    static const char *const names[] = {
        "",
        "a\"b",
        "a'b",
        "a`b",
        "a$b",
        "$misas$",
        "a\nb",
        "a\033b",
        "a\177b",
        "a\xff",
        "\xed\xa0\x80",
        "'; drop table events; --",
        "\"; drop schema public; --",
        "0123456789012345678901234567890123456789012345678901234567890123",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        misas_error *error =
            try_connecting("host=127.0.0.1 port=1", (misas_postgresql_options){.schema = names[i]});

        assert_error_data(error, "option", "schema");
        assert_error_says(error, MISAS_ERROR_POSTGRESQL_OPTIONS, "schema");
    }
}

TEST(a_database_of_another_encoding_is_refused)
{
    test_server_start();
    PGconn *session = test_server_connect();
    char conninfo[200];

    session_execute(session, "create database ascii template template0 encoding 'SQL_ASCII' "
                             "locale 'C'");
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%d user=postgres dbname=ascii",
             test_server_port());
    assert_error_says(try_connecting(conninfo, (misas_postgresql_options){0}),
                      MISAS_ERROR_POSTGRESQL_OPTIONS, "UTF8");
    PQfinish(session);
}

TEST(when_all_connections_stay_in_use_waiting_for_one_ends)
{
    test_store *at = test_store_open(
        &(test_store_options){.postgresql = {.max_connections = 2, .acquire_timeout_ms = 150}});
    misas__connection *first = NULL;
    misas__connection *second = NULL;
    misas_stream_info info;

    assert_no_error(misas__pool_acquire(&first, at->postgresql));
    assert_no_error(misas__pool_acquire(&second, at->postgresql));
    int64_t began_ms = test_now_ms();
    misas_error *error = misas_event_store_stream_info(&info, at->store, "a");

    assert_in_range(test_now_ms() - began_ms, 150, 2000);
    assert_true(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_error_says(error, MISAS_ERROR_POSTGRESQL_UNAVAILABLE, "in use");
    misas__pool_release(at->postgresql, first);
    assert_no_error(misas_event_store_stream_info(&info, at->store, "a"));
    misas__pool_release(at->postgresql, second);
    test_store_close(at);
}

enum { threads_of_one_connection = 8, appends_of_a_thread = 20 };

static void *append_to_a_stream(void *argument)
{
    const test_store *at = argument;
    misas_error *error = NULL;
    char stream[32];

    snprintf(stream, sizeof stream, "%lx", (unsigned long)pthread_self());
    for (int i = 0; i < appends_of_a_thread && error == NULL; i++) {
        misas_new_event event = {.type = "test.v1.Happened"};

        error = misas_event_store_append(NULL, at->store, stream, i, &event, 1);
    }
    return error;
}

TEST(many_threads_share_one_connection)
{
    test_store *at = test_store_open(&(test_store_options){.postgresql = {.max_connections = 1}});
    pthread_t threads[threads_of_one_connection];
    void *error = NULL;

    for (int i = 0; i < threads_of_one_connection; i++) {
        pthread_create(&threads[i], NULL, append_to_a_stream, at);
    }
    for (int i = 0; i < threads_of_one_connection; i++) {
        pthread_join(threads[i], &error);
        assert_no_error(error);
    }
    PGconn *session = session_open(at);

    assert_int_equal(session_number(session, "select count(*) from events"),
                     threads_of_one_connection * appends_of_a_thread);
    assert_int_equal(session_number(session, "select count(*) from pg_stat_activity "
                                             "where datname = current_database() "
                                             "and application_name = 'misas'"),
                     1);
    PQfinish(session);
    test_store_close(at);
}
