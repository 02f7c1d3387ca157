#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"

enum { max_results = 20 };

typedef struct result {
    const char *name;
    double value;
    const char *unit;
    double limit;
} result;

static result results[max_results];
static int result_count;

double bench_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void bench_check(misas_error *error, const char *what)
{
    if (error != NULL) {
        fprintf(stderr, "misas-bench: %s\n", what);
        exit(misas_error_exit_status(error));
    }
}

/* A thread that repeats a step until it is told to stop. */
typedef struct worker {
    pthread_t thread;
    bench_step step;
    void *context;
    const atomic_bool *is_over;
    uint64_t done;
} worker;

static void *work(void *argument)
{
    worker *self = argument;

    while (!atomic_load_explicit(self->is_over, memory_order_relaxed)) {
        self->done += self->step(self->context);
    }
    return NULL;
}

static void sleep_ms(int ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    nanosleep(&pause, NULL);
}

/* What was done, and in `out_ms` how long it took with the last steps. */
static uint64_t run_slice(double *out_ms, const bench_contender *contender, int threads,
                          int slice_ms)
{
    worker workers[bench_max_threads];
    atomic_bool is_over = false;
    uint64_t done = 0;
    double start_ms = bench_now_ms();

    for (int i = 0; i < threads; i++) {
        workers[i] = (worker){
            .step = contender->step, .context = contender->contexts[i], .is_over = &is_over};
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    sleep_ms(slice_ms);
    atomic_store(&is_over, true);
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        done += workers[i].done;
    }
    *out_ms = bench_now_ms() - start_ms;
    return done;
}

bench_rates bench_compare(const bench_contender *ours, const bench_contender *limit, int threads,
                          int rounds, int slice_ms)
{
    const bench_contender *contenders[2] = {ours, limit};
    double done[2] = {0, 0};
    double spent_ms[2] = {0, 0};
    double ms = 0;

    run_slice(&ms, ours, threads, slice_ms / 4); /* to warm up: statements are prepared */
    run_slice(&ms, limit, threads, slice_ms / 4);
    for (int round = 0; round < 2 * rounds; round++) {
        int turn = (round + round / 2) % 2; /* ours, limit, limit, ours, ours, limit, ... */

        done[turn] += (double)run_slice(&ms, contenders[turn], threads, slice_ms);
        spent_ms[turn] += ms;
    }
    return (bench_rates){.ours = done[0] / spent_ms[0] * 1e3, .limit = done[1] / spent_ms[1] * 1e3};
}

static double ratio_of(const result *row)
{
    return row->limit > 0 ? row->value / row->limit : 0;
}

void bench_report(const char *name, double value, const char *unit, double limit)
{
    if (result_count == max_results) {
        abort();
    }
    results[result_count++] = (result){name, value, unit, limit};
    fprintf(stderr, "%s: %.0f %s\n", name, value, unit);
}

static void write_table(void)
{
    printf("%-28s %12s %-10s %12s %6s\n", "name", "value", "unit", "limit", "ratio");
    for (int i = 0; i < result_count; i++) {
        const result *row = &results[i];
        int digits = row->value < 100 ? 2 : 0;

        printf("%-28s %12.*f %-10s %12.*f %6.2f\n", row->name, digits, row->value, row->unit,
               digits, row->limit, ratio_of(row));
    }
}

void bench_write_results(const char *path)
{
    write_table();
    if (path == NULL) {
        return;
    }
    FILE *file = fopen(path, "w");

    if (file == NULL) {
        perror(path);
        exit(1);
    }
    for (int i = 0; i < result_count; i++) {
        const result *row = &results[i];

        fprintf(file,
                "%s{\"name\": \"%s\", \"value\": %.3f, \"unit\": \"%s\", \"limit\": %.3f, "
                "\"ratio\": %.3f}",
                i == 0 ? "[\n  " : ",\n  ", row->name, row->value, row->unit, row->limit,
                ratio_of(row));
    }
    fputs(result_count > 0 ? "\n]\n" : "[]\n", file);
    if (fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}
