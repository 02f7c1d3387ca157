/* Of many writers that append to one stream with the same expected version, one wins.
 *
 * MISAS_PROOF_ROUNDS: how often they race. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/server.h"
#include "support/session.h"
#include "support/test.h"

enum { writer_count = 100 };

typedef struct race {
    test_store *at;
    int rounds;
    pthread_barrier_t barrier;
    atomic_uint_fast64_t version; /* of the stream, before the round */
    atomic_int winners;           /* of the round */
    atomic_int losers;            /* that were told both versions */
    atomic_int wrong_rounds;
} race;

/* One event in even rounds, two in odd ones: both ways of appending. */
static size_t events_of(int round)
{
    return 1 + (size_t)round % 2;
}

static bool is_told_both_versions(const misas_error *error, uint64_t expected, uint64_t actual)
{
    const char *told_expected = misas_error_data(error, "expected");
    const char *told_actual = misas_error_data(error, "actual");

    return misas_error_is(error, MISAS_ERROR_CONCURRENCY) && told_expected != NULL &&
           told_actual != NULL && strtoull(told_expected, NULL, 10) == expected &&
           strtoull(told_actual, NULL, 10) == actual;
}

static void take_part(race *in, int round)
{
    const misas_new_event events[] = {{.type = "t"}, {.type = "t"}};
    uint64_t version = atomic_load(&in->version);
    misas_append_result result = {0};
    misas_error *error =
        misas_event_store_append(&result, in->at->store, "contended",
                                 (misas_expected_version)version, events, events_of(round));

    if (error == NULL && result.version == version + events_of(round)) {
        atomic_fetch_add(&in->winners, 1);
    } else if (is_told_both_versions(error, version, version + events_of(round))) {
        atomic_fetch_add(&in->losers, 1);
    }
    misas_error_free(error);
}

/* By one of the writers, while the others wait. */
static void judge_round(race *in, int round)
{
    if (atomic_load(&in->winners) != 1 || atomic_load(&in->losers) != writer_count - 1) {
        atomic_fetch_add(&in->wrong_rounds, 1);
    }
    atomic_fetch_add(&in->version, events_of(round));
    atomic_store(&in->winners, 0);
    atomic_store(&in->losers, 0);
}

typedef struct participant {
    race *in;
    int number;
} participant;

static void *write_along(void *argument)
{
    const participant *part = argument;
    race *in = part->in;

    for (int round = 0; round < in->rounds; round++) {
        pthread_barrier_wait(&in->barrier);
        take_part(in, round);
        pthread_barrier_wait(&in->barrier);
        if (part->number == 0) {
            judge_round(in, round);
        }
        pthread_barrier_wait(&in->barrier);
    }
    return NULL;
}

TEST(of_many_writers_with_one_expected_version_one_wins)
{
    race in = {.rounds = test_amount("MISAS_PROOF_ROUNDS", 20)};
    pthread_t threads[writer_count];
    participant participants[writer_count];

    test_server_start();
    in.at = test_store_open(&(test_store_options){.connection = test_server_connection(),
                                                  .postgresql = {.max_connections = writer_count}});
    int64_t began_ms = test_now_ms();

    pthread_barrier_init(&in.barrier, NULL, writer_count);
    for (int i = 0; i < writer_count; i++) {
        participants[i] = (participant){&in, i};
        pthread_create(&threads[i], NULL, write_along, &participants[i]);
    }
    for (int i = 0; i < writer_count; i++) {
        pthread_join(threads[i], NULL);
    }
    PGconn *session = session_open(in.at);
    int64_t events = session_number(session, "select count(*) from events");

    printf("figures: writers=%d rounds=%d wrong_rounds=%d events=%lld seconds=%.1f\n",
           (int)writer_count, in.rounds, atomic_load(&in.wrong_rounds), (long long)events,
           (double)(test_now_ms() - began_ms) / 1000);
    assert_int_equal(atomic_load(&in.wrong_rounds), 0);
    assert_int_equal(events, atomic_load(&in.version));
    pthread_barrier_destroy(&in.barrier);
    PQfinish(session);
    test_store_close(in.at);
}
