#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

enum { threads = 8, run_ms = 8000, max_positions = 2000000 };
static const double lag_limit_ms = 25;

/* When each position was acknowledged, and when it was delivered. */
typedef struct lag_run {
    bench_database database;
    double *acknowledged_ms;
    double *delivered_ms;
    atomic_bool is_over;
    atomic_int running;
} lag_run;

typedef struct writer {
    lag_run *run;
    int index;
    pthread_t thread;
} writer;

static void *write_events(void *argument)
{
    writer *self = argument;
    lag_run *run = self->run;
    misas_expected_version version = 0;
    char stream[40];
    misas_new_event event = {
        .type = BENCH_TYPE, .payload = bench_payload, .payload_size = sizeof bench_payload};

    snprintf(stream, sizeof stream, "account-%d", self->index);
    while (!atomic_load(&run->is_over)) {
        misas_append_result result;

        bench_check(
            misas_event_store_append(&result, run->database.store, stream, version, &event, 1),
            "appending");
        version = (misas_expected_version)result.version;
        if (result.position < max_positions) {
            run->acknowledged_ms[result.position] = bench_now_ms();
        }
    }
    atomic_fetch_sub(&run->running, 1);
    return NULL;
}

static void *follow(void *argument)
{
    lag_run *run = argument;
    misas_subscription *subscription = NULL;
    const misas_event *event = NULL;

    bench_check(misas_event_store_subscribe(&subscription, run->database.store, NULL), "following");
    do {
        bench_check(misas_subscription_next(&event, subscription, 200), "following");
        if (event != NULL && event->position < max_positions) {
            run->delivered_ms[event->position] = bench_now_ms();
        }
    } while (event != NULL || atomic_load(&run->running) > 0);
    misas_subscription_free(subscription);
    return NULL;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return (a > b) - (a < b);
}

static double percentile_99(lag_run *run)
{
    double *lags = calloc(max_positions, sizeof *lags);
    size_t count = 0;

    if (lags == NULL) {
        abort();
    }
    for (size_t i = 0; i < max_positions; i++) {
        if (run->acknowledged_ms[i] > 0 && run->delivered_ms[i] <= 0) {
            fprintf(stderr, "misas-bench: the reader missed position %zu\n", i);
            exit(1);
        }
        if (run->acknowledged_ms[i] > 0) {
            lags[count++] = run->delivered_ms[i] - run->acknowledged_ms[i];
        }
    }
    if (count == 0) {
        fprintf(stderr, "misas-bench: nothing was appended\n");
        exit(1);
    }
    qsort(lags, count, sizeof *lags, compare_doubles);
    double lag_ms = lags[count * 99 / 100];

    fprintf(stderr, "%zu events, median lag %.2f ms, longest %.2f ms\n", count, lags[count / 2],
            lags[count - 1]);
    free(lags);
    return lag_ms;
}

static void run_threads(lag_run *run)
{
    writer writers[threads];
    pthread_t follower;
    struct timespec duration = {.tv_sec = run_ms / 1000};

    pthread_create(&follower, NULL, follow, run);
    for (int i = 0; i < threads; i++) {
        writers[i] = (writer){.run = run, .index = i};
        pthread_create(&writers[i].thread, NULL, write_events, &writers[i]);
    }
    nanosleep(&duration, NULL);
    atomic_store(&run->is_over, true);
    for (int i = 0; i < threads; i++) {
        pthread_join(writers[i].thread, NULL);
    }
    pthread_join(follower, NULL);
}

void bench_high_water_mark_lag(void)
{
    lag_run run = {
        .database = bench_database_new("lag"),
        .acknowledged_ms = calloc(max_positions, sizeof(double)),
        .delivered_ms = calloc(max_positions, sizeof(double)),
        .running = threads,
    };

    run_threads(&run);
    bench_report("high_water_mark_lag_ms_p99", percentile_99(&run), "ms", lag_limit_ms);
    free(run.acknowledged_ms);
    free(run.delivered_ms);
    bench_database_free(&run.database);
}
