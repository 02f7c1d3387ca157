/* Many writers at once, and two followers: a naive one, which reads what comes after its
 * checkpoint, and a subscription. The naive one has to miss something, or else this proves nothing.
 *
 * MISAS_PROOF_SECONDS: how long they write. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/session.h"
#include "support/test.h"

enum {
    raw_writers = 6,
    store_writers = 2,
    writer_count = raw_writers + store_writers,
    shared_streams = 5,
    own_streams = 4,
    catch_up_ms = 30000
};

/* Positions in the order in which somebody has seen them. */
typedef struct position_list {
    uint64_t *items;
    size_t count;
    size_t capacity;
} position_list;

typedef struct proof {
    test_store *at;
    int64_t deadline_ms;
    atomic_uint_fast64_t last_committed; /* once all writers are done */
    atomic_bool is_written;
    atomic_long rolled_back;
    atomic_long held;
    position_list naive;
    position_list followed;
    int64_t caught_up_ms;
} proof;

typedef struct writer {
    proof *of;
    int number;
    unsigned random;
    PGconn *session;
} writer;

static void add_position(position_list *list, uint64_t position)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity > 0 ? 2 * list->capacity : 65536;
        uint64_t *longer = realloc(list->items, list->capacity * sizeof *list->items);

        if (longer == NULL) {
            abort();
        }
        list->items = longer;
    }
    list->items[list->count++] = position;
}

static int pick(writer *by, int count)
{
    return (int)((unsigned)rand_r(&by->random) % (unsigned)count);
}

static bool is_chance(writer *by, int percent)
{
    return pick(by, 100) < percent;
}

/* False when the statement failed, and with it the transaction: a lost race, or a deadlock. */
static bool run(writer *by, const char *statement)
{
    PGresult *result = PQexec(by->session, statement);
    bool is_done =
        PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK;

    PQclear(result);
    return is_done;
}

static void pick_stream(char name[32], writer *by)
{
    if (is_chance(by, 20)) {
        snprintf(name, 32, "shared-%d", pick(by, shared_streams));
    } else {
        snprintf(name, 32, "own-%d-%d", by->number, pick(by, own_streams));
    }
}

static bool append_raw(writer *by)
{
    char statement[1000];
    char stream[32];

    pick_stream(stream, by);
    int count = is_chance(by, 50) ? 1 : 1 + pick(by, 20);

    snprintf(statement, sizeof statement,
             "with n as (select array_agg(i) all_of, array_agg(1) ones, "
             "array_agg(gen_random_uuid()) ids, array_agg('t'::text) types, "
             "array_agg(''::bytea) payloads from generate_series(1, %d) i) "
             "select last_position from n, append_events(array['%s'], array[-1::bigint], ones, "
             "all_of, ids, types, ones, payloads, null, null, null, null)",
             count, stream);
    return run(by, statement);
}

/* One event to a new stream, by the short way. */
static bool append_raw_one(writer *by)
{
    static atomic_int stream_count;
    char statement[200];

    snprintf(statement, sizeof statement,
             "execute append_first('new-%d', 0, gen_random_uuid(), 't', 1, '', null, null, null, "
             "null)",
             atomic_fetch_add(&stream_count, 1));
    return run(by, statement);
}

static bool hold(writer *by)
{
    char statement[64];

    atomic_fetch_add(&by->of->held, 1);
    snprintf(statement, sizeof statement, "select pg_sleep(%.3f)", (50 + pick(by, 450)) / 1000.0);
    return run(by, statement);
}

/* One append, within a savepoint or not; the savepoint may be rolled back. */
static bool run_part(writer *by)
{
    bool has_savepoint = is_chance(by, 40);
    bool is_done = !has_savepoint || run(by, "savepoint s");

    is_done = is_done && (is_chance(by, 30) ? append_raw_one(by) : append_raw(by));
    if (is_done && is_chance(by, 3)) {
        is_done = hold(by);
    }
    if (has_savepoint && (!is_done || is_chance(by, 50))) {
        return run(by, "rollback to s");
    }
    return is_done && (!has_savepoint || run(by, "release s"));
}

static void run_transaction(writer *by)
{
    bool is_done = run(by, "begin");

    for (int parts = 1 + pick(by, 3); is_done && parts > 0; parts--) {
        is_done = run_part(by);
    }
    if (!is_done || is_chance(by, 10)) {
        atomic_fetch_add(&by->of->rolled_back, 1);
        run(by, "rollback");
    } else {
        run(by, "commit");
    }
}

static void *write_raw(void *argument)
{
    writer *by = argument;

    while (test_now_ms() < by->of->deadline_ms) {
        run_transaction(by);
    }
    return NULL;
}

static misas_error *append_by_store(writer *by)
{
    static const misas_new_event events[10] = {
        {.type = "t"}, {.type = "t"}, {.type = "t"}, {.type = "t"}, {.type = "t"},
        {.type = "t"}, {.type = "t"}, {.type = "t"}, {.type = "t"}, {.type = "t"}};
    char first[32];
    char second[32];

    pick_stream(first, by);
    snprintf(second, sizeof second, "second-%d", by->number);
    return misas_event_store_append_many(
        NULL, by->of->at->store,
        (misas_append[]){{first, MISAS_ANY_VERSION, events, 1 + (size_t)pick(by, 10)},
                         {second, MISAS_ANY_VERSION, events, 1}},
        1 + (size_t)pick(by, 2));
}

static void *write_by_store(void *argument)
{
    writer *by = argument;
    misas_error *error = NULL;

    while (error == NULL && test_now_ms() < by->of->deadline_ms) {
        error = append_by_store(by);
        if (misas_error_has_tag(error, MISAS_TAG_RETRIABLE)) {
            misas_error_free(error);
            error = NULL;
        }
    }
    return error;
}

/* Reads on until it has seen the last event; but what it has missed it never sees. */
static void *follow_naively(void *argument)
{
    proof *of = argument;
    PGconn *session = session_open(of->at);
    uint64_t checkpoint = 0;
    bool is_over = false;

    while (!is_over) {
        char query[128];

        is_over = atomic_load(&of->is_written) && checkpoint >= atomic_load(&of->last_committed);
        snprintf(query, sizeof query,
                 "select position from events where position > %llu order by position",
                 (unsigned long long)checkpoint);
        PGresult *result = PQexec(session, query);

        for (int row = 0; row < PQntuples(result); row++) {
            checkpoint = strtoull(PQgetvalue(result, row, 0), NULL, 10);
            add_position(&of->naive, checkpoint);
        }
        PQclear(result);
    }
    PQfinish(session);
    return NULL;
}

static void *follow_by_subscription(void *argument)
{
    proof *of = argument;
    misas_subscription *subscription = NULL;
    const misas_event *event = NULL;
    misas_error *error = misas_event_store_subscribe(&subscription, of->at->store, NULL);
    bool is_over = false;

    while (error == NULL && !is_over) {
        error = misas_subscription_next(&event, subscription, 20);
        if (event != NULL) {
            add_position(&of->followed, event->position);
        }
        is_over = atomic_load(&of->is_written) && event == NULL &&
                  (misas_subscription_settled(subscription) >= atomic_load(&of->last_committed) ||
                   test_now_ms() > of->deadline_ms + catch_up_ms);
    }
    of->caught_up_ms = test_now_ms() - of->deadline_ms;
    misas_subscription_free(subscription);
    return error;
}

static void start_writers(writer writers[writer_count], pthread_t threads[writer_count], proof *of)
{
    for (int i = 0; i < writer_count; i++) {
        writers[i] = (writer){.of = of, .number = i, .random = (unsigned)i + 1};
        if (i < raw_writers) {
            writers[i].session = session_open(of->at);
        }
        pthread_create(&threads[i], NULL, i < raw_writers ? write_raw : write_by_store,
                       &writers[i]);
    }
}

static void join(pthread_t thread)
{
    void *error = NULL;

    pthread_join(thread, &error);
    assert_no_error(error);
}

static void write_and_follow(proof *of, PGconn *session)
{
    writer writers[writer_count];
    pthread_t threads[writer_count];
    pthread_t naive;
    pthread_t followed;

    pthread_create(&naive, NULL, follow_naively, of);
    pthread_create(&followed, NULL, follow_by_subscription, of);
    start_writers(writers, threads, of);
    for (int i = 0; i < writer_count; i++) {
        join(threads[i]);
        PQfinish(writers[i].session);
    }
    atomic_store(&of->last_committed,
                 (uint64_t)session_number(session, "select max(position) from events"));
    atomic_store(&of->is_written, true);
    join(naive);
    join(followed);
}

/* How many positions of the committed ones a list lacks; both ascend. */
static size_t count_missed(const position_list *list, const position_list *committed)
{
    size_t missed = 0;
    size_t at = 0;

    for (size_t i = 0; i < committed->count; i++) {
        while (at < list->count && list->items[at] < committed->items[i]) {
            at++;
        }
        missed += at == list->count || list->items[at] != committed->items[i] ? 1 : 0;
    }
    return missed;
}

static bool are_equal(const position_list *left, const position_list *right)
{
    bool is_equal = left->count == right->count;

    for (size_t i = 0; is_equal && i < left->count; i++) {
        is_equal = left->items[i] == right->items[i];
    }
    return is_equal;
}

static position_list read_committed(PGconn *session)
{
    PGresult *result = PQexec(session, "select position from events order by position");
    position_list list = {0};

    for (int row = 0; row < PQntuples(result); row++) {
        add_position(&list, strtoull(PQgetvalue(result, row, 0), NULL, 10));
    }
    PQclear(result);
    return list;
}

TEST(a_subscription_delivers_exactly_what_many_writers_commit_in_order)
{
    int seconds = test_amount("MISAS_PROOF_SECONDS", 2);
    proof of = {.at = test_store_open(NULL), .deadline_ms = test_now_ms() + 1000 * seconds};
    PGconn *session = session_open(of.at);

    write_and_follow(&of, session);
    position_list committed = read_committed(session);
    size_t naive_missed = count_missed(&of.naive, &committed);
    size_t missed = count_missed(&of.followed, &committed);
    bool is_exact = are_equal(&of.followed, &committed);
    int64_t disordered =
        session_number(session, "select count(*) from (select version, row_number() over "
                                "(partition by stream order by position) as place from events) e "
                                "where version <> place");

    printf("figures: seconds=%d committed=%zu naive_missed=%zu missed=%zu delivered=%zu "
           "disordered=%lld rolled_back=%ld held=%ld rate=%zu/s caught_up=%lldms\n",
           seconds, committed.count, naive_missed, missed, of.followed.count, (long long)disordered,
           atomic_load(&of.rolled_back), atomic_load(&of.held), committed.count / (size_t)seconds,
           (long long)of.caught_up_ms);
    assert_true(naive_missed > 0);
    assert_true(is_exact);
    assert_int_equal(disordered, 0);
    free(committed.items);
    free(of.naive.items);
    free(of.followed.items);
    PQfinish(session);
    test_store_close(of.at);
}
