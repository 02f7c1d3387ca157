/* The server and the writers are killed with SIGKILL, at random moments. What was acknowledged
 * stays, a batch is there wholly or not at all, and a subscription that lives through it all
 * delivers what is there, in order.
 *
 * Writers and the follower are processes of their own. They write into files what was acknowledged
 * to them, or delivered: what write(2) has taken outlives the process.
 *
 * MISAS_PROOF_KILLS: how many. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/server.h"
#include "support/session.h"
#include "support/test.h"

enum { writer_count = 4, batch_max = 5, recovery_max_ms = 30000, follow_max_ms = 60000 };

static const char last_stream[] = "last"; /* the follower stops at its event */

typedef struct process {
    pid_t id;
    int number;
    char path[64]; /* of its file */
} process;

typedef struct proof {
    char folder[test_folder_size];
    test_store *at;
    process writers[writer_count];
    process follower;
    unsigned random;
    int64_t slowest_ms;
    int server_kills;
    int writer_kills;
} proof;

/* What the file of an acknowledged batch says of it. */
typedef struct acknowledgement {
    misas_uuid ids[batch_max];
    size_t count;
} acknowledgement;

typedef struct delivery {
    uint64_t position;
    misas_uuid id;
} delivery;

static void give_up(misas_error *error, const char *who)
{
    char text[1000];

    misas_error_write(text, sizeof text, error);
    fprintf(stderr, "%s: %s\n", who, text);
    _exit(1);
}

static void write_all(int file, const void *bytes, size_t size)
{
    if (write(file, bytes, size) != (ssize_t)size) {
        perror("write");
        _exit(1);
    }
}

/* In a process of its own: a store like the one of `at`. */
static misas_event_store *open_again(const test_store *at)
{
    misas_postgresql *postgresql = NULL;
    misas_event_store *store = NULL;
    misas_log *log = NULL;
    misas_error *error = misas_log_new(&log, &(misas_log_options){.level = MISAS_LOG_OFF});

    do {
        misas_error_free(error);
        error = misas_postgresql_new(&postgresql,
                                     &(misas_postgresql_options){.connection = at->connection,
                                                                 .schema = at->schema,
                                                                 .logger = {.log = log}});
        if (error == NULL) {
            error = misas_event_store_new_postgresql(
                &store, postgresql, &(misas_event_store_options){.logger = {.log = log}});
        }
    } while (misas_error_has_tag(error, MISAS_TAG_RETRIABLE) && poll(NULL, 0, 20) == 0);
    if (error != NULL) {
        give_up(error, "opening a store");
    }
    return store;
}

/* A batch of 1 to 5 events, which all have the id of the first as their correlation id, and say in
 * their payload how many they are. */
static void fill_batch(misas_new_event events[batch_max], acknowledgement *batch,
                       char correlation[MISAS_UUID_TEXT_SIZE], unsigned *random)
{
    static const char *const counts[] = {"", "1", "2", "3", "4", "5"};

    batch->count = 1 + (unsigned)rand_r(random) % batch_max;
    for (size_t i = 0; i < batch->count; i++) {
        batch->ids[i] = misas_uuid_new_v7();
        events[i] = (misas_new_event){
            .id = batch->ids[i],
            .type = "test.v1.Happened",
            .payload = counts[batch->count],
            .payload_size = 1,
            .metadata = {.correlation_id = correlation},
        };
    }
    misas_uuid_write(correlation, batch->ids[0]);
}

/* As an application does: again, with the same ids, until it is said to be done. Sometimes with a
 * version that is wrong, which draws positions for nothing. */
static bool append_until_done(misas_event_store *store, const misas_append *append)
{
    misas_error *error = NULL;

    do {
        misas_error_free(error);
        error = misas_event_store_append(NULL, store, append->stream, append->expected_version,
                                         append->events, append->event_count);
    } while (misas_error_has_tag(error, MISAS_TAG_RETRIABLE) && poll(NULL, 0, 5) == 0);
    bool is_done = error == NULL;

    if (error != NULL && !misas_error_is(error, MISAS_ERROR_CONCURRENCY)) {
        give_up(error, "a writer");
    }
    misas_error_free(error);
    return is_done;
}

static void write_forever(const test_store *at, const process *self)
{
    misas_event_store *store = open_again(at);
    int file = open(self->path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    unsigned random = (unsigned)getpid();

    for (;;) {
        misas_new_event events[batch_max];
        char correlation[MISAS_UUID_TEXT_SIZE];
        acknowledgement batch = {0};
        char stream[32];
        bool is_shared = rand_r(&random) % 3 == 0;
        bool is_wrong = rand_r(&random) % 8 == 0;

        snprintf(stream, sizeof stream, "s%d", is_shared ? 0 : self->number);
        fill_batch(events, &batch, correlation, &random);
        if (append_until_done(store, &(misas_append){stream,
                                                     is_wrong ? MISAS_NO_STREAM : MISAS_ANY_VERSION,
                                                     events, batch.count})) {
            write_all(file, &batch, sizeof batch);
        }
    }
}

static void follow_to_the_end(const test_store *at, const process *self)
{
    misas_event_store *store = open_again(at);
    int file = open(self->path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    misas_subscription *subscription = NULL;
    const misas_event *event = NULL;
    misas_error *error = misas_event_store_subscribe(&subscription, store, NULL);

    while (error == NULL && (event == NULL || strcmp(event->stream, last_stream) != 0)) {
        error = misas_subscription_next(&event, subscription, 1000);
        if (event != NULL) {
            write_all(file, &(delivery){event->position, event->id}, sizeof(delivery));
        }
    }
    if (error != NULL) {
        give_up(error, "the follower");
    }
    _exit(0);
}

/* It is killed when this process ends. */
static void start_process(process *started, const test_store *at,
                          void (*work)(const test_store *, const process *))
{
    fflush(NULL);
    started->id = fork();
    if (started->id == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        work(at, started);
        _exit(1);
    }
    assert_true(started->id > 0);
}

static void kill_process(process *killed)
{
    kill(killed->id, SIGKILL);
    waitpid(killed->id, NULL, 0);
}

static long size_of(const process *of)
{
    struct stat status;

    return stat(of->path, &status) == 0 ? (long)status.st_size : 0;
}

/* Whose files are to grow, and from which sizes on. */
typedef struct growth {
    const proof *of;
    long sizes[writer_count];
    bool is_awaited[writer_count];
} growth;

static bool has_grown(void *argument)
{
    growth *awaited = argument;

    for (int i = 0; i < writer_count; i++) {
        if (awaited->is_awaited[i] && size_of(&awaited->of->writers[i]) <= awaited->sizes[i]) {
            return false;
        }
    }
    return true;
}

/* Until each writer that was stopped by it has appended again. */
static void await_recovery(proof *of, int only, int64_t killed_ms)
{
    growth awaited = {.of = of};

    for (int i = 0; i < writer_count; i++) {
        awaited.is_awaited[i] = only < 0 || only == i;
        awaited.sizes[i] = size_of(&of->writers[i]);
    }
    assert_true(test_wait_until(has_grown, &awaited, recovery_max_ms));
    int64_t took_ms = test_now_ms() - killed_ms;

    of->slowest_ms = took_ms > of->slowest_ms ? took_ms : of->slowest_ms;
}

static void kill_something(proof *of)
{
    int victim = rand_r(&of->random) % (2 * writer_count);
    int64_t killed_ms = 0;

    poll(NULL, 0, rand_r(&of->random) % 500); /* a random moment: not a wait for something */
    killed_ms = test_now_ms();
    if (victim < writer_count) {
        kill_process(&of->writers[victim]);
        start_process(&of->writers[victim], of->at, write_forever);
        await_recovery(of, victim, killed_ms);
        of->writer_kills++;
    } else {
        test_server_kill();
        test_server_start();
        await_recovery(of, -1, killed_ms);
        of->server_kills++;
    }
}

static bool has_ended(void *argument)
{
    process *ended = argument;
    int status = 0;

    if (waitpid(ended->id, &status, WNOHANG) == 0) {
        return false;
    }
    assert_int_equal(status, 0);
    return true;
}

static void run(proof *of, int kills)
{
    start_process(&of->follower, of->at, follow_to_the_end);
    for (int i = 0; i < writer_count; i++) {
        start_process(&of->writers[i], of->at, write_forever);
    }
    await_recovery(of, -1, test_now_ms());
    of->slowest_ms = 0;
    for (int i = 0; i < kills; i++) {
        kill_something(of);
    }
    for (int i = 0; i < writer_count; i++) {
        kill_process(&of->writers[i]);
    }
    PGconn *session = session_open(of->at);

    session_append(session, last_stream, 0, "last");
    PQfinish(session);
    assert_true(test_wait_until(has_ended, &of->follower, follow_max_ms));
}

/* Loads a file's records into a table, by COPY. */
static int64_t load_acknowledged(PGconn *session, const process *from)
{
    FILE *file = fopen(from->path, "r");
    acknowledgement batch;
    int64_t count = 0;

    PQclear(PQexec(session, "copy acknowledged from stdin"));
    while (file != NULL && fread(&batch, sizeof batch, 1, file) == 1) {
        for (size_t i = 0; i < batch.count; i++) {
            char line[MISAS_UUID_TEXT_SIZE + 1];

            misas_uuid_write(line, batch.ids[i]);
            strcat(line, "\n");
            PQputCopyData(session, line, (int)strlen(line));
            count++;
        }
    }
    assert_int_equal(PQputCopyEnd(session, NULL), 1);
    session_finish(session);
    if (file != NULL) {
        fclose(file);
    }
    return count;
}

static int64_t load_delivered(PGconn *session, const process *from)
{
    FILE *file = fopen(from->path, "r");
    delivery each;
    int64_t count = 0;

    assert_non_null(file);
    PQclear(PQexec(session, "copy delivered from stdin"));
    while (fread(&each, sizeof each, 1, file) == 1) {
        char id[MISAS_UUID_TEXT_SIZE];
        char line[100];

        snprintf(line, sizeof line, "%lld\t%llu\t%s\n", (long long)++count,
                 (unsigned long long)each.position, misas_uuid_write(id, each.id));
        PQputCopyData(session, line, (int)strlen(line));
    }
    assert_int_equal(PQputCopyEnd(session, NULL), 1);
    session_finish(session);
    fclose(file);
    return count;
}

static void load(proof *of, PGconn *session, int64_t *out_acknowledged, int64_t *out_delivered)
{
    session_execute(session, "create temporary table acknowledged (id uuid); "
                             "create temporary table delivered (place bigint, position bigint, "
                             "id uuid)");
    *out_acknowledged = 0;
    for (int i = 0; i < writer_count; i++) {
        *out_acknowledged += load_acknowledged(session, &of->writers[i]);
    }
    *out_delivered = load_delivered(session, &of->follower);
}

static void judge(proof *of, PGconn *session)
{
    int64_t acknowledged = 0;
    int64_t delivered = 0;

    load(of, session, &acknowledged, &delivered);
    int64_t committed = session_number(session, "select count(*) from events");
    int64_t lost = session_number(session, "select count(*) from acknowledged a where not exists "
                                           "(select from events e where e.id = a.id)");
    int64_t half = session_number(
        session, "select count(*) from (select correlation_id from events "
                 "where correlation_id is not null group by correlation_id having count(*) <> "
                 "min(convert_from(payload, 'UTF8'))::int or max(version) - min(version) + 1 <> "
                 "count(*) or count(distinct stream) > 1) batches");
    /* The follower ends with the last event; what writers had under way when they were killed may
     * come after that. */
    int64_t wrong = session_number(
        session,
        "select count(*) from (select position, id, row_number() over (order by position) "
        "as place from events where position <= (select position from events where stream = "
        "'%s')) e full join delivered d using (place, position, id) "
        "where e.place is null or d.place is null",
        last_stream);
    int64_t disordered = session_number(
        session, "select count(*) from (select version, row_number() over (partition by stream "
                 "order by position) as place from events) e where version <> place");

    printf(
        "figures: server_kills=%d writer_kills=%d acknowledged=%lld committed=%lld lost=%lld "
        "half=%lld delivered=%lld delivered_wrong=%lld disordered=%lld slowest_recovery=%lldms\n",
        of->server_kills, of->writer_kills, (long long)acknowledged, (long long)committed,
        (long long)lost, (long long)half, (long long)delivered, (long long)wrong,
        (long long)disordered, (long long)of->slowest_ms);
    assert_int_equal(lost + half + wrong + disordered, 0);
}

static void prepare(proof *of)
{
    test_server_start();
    of->at = test_store_open(&(test_store_options){.connection = test_server_connection()});
    of->random = (unsigned)getpid();
    test_folder_new(of->folder);
    snprintf(of->follower.path, sizeof of->follower.path, "%s/follower", of->folder);
    for (int i = 0; i < writer_count; i++) {
        of->writers[i].number = i + 1;
        snprintf(of->writers[i].path, sizeof of->writers[i].path, "%s/%d", of->folder, i);
    }
}

TEST(nothing_acknowledged_is_lost_when_servers_and_writers_are_killed)
{
    proof of = {0};

    prepare(&of);
    run(&of, test_amount("MISAS_PROOF_KILLS", 2));
    PGconn *session = session_open(of.at);

    judge(&of, session);
    PQfinish(session);
    test_store_close(of.at);
}
