/* misas-bench [--json FILE] [name ...]: measures what is named, or everything. */
#include <stdio.h>
#include <string.h>

#include "bench.h"

typedef struct benchmark {
    const char *name;
    void (*run)(void);
} benchmark;

static const benchmark benchmarks[] = {
    {"append_1_new", bench_append_1_new},
    {"append_1_existing", bench_append_1_existing},
    {"append_100_one_client", bench_append_100_one_client},
    {"append_100", bench_append_100},
    {"read_stream", bench_read_stream},
    {"read_stream_scattered", bench_read_stream_scattered},
    {"read_all", bench_read_all},
    {"high_water_mark_lag_ms_p99", bench_high_water_mark_lag},
    {"size_flatness", bench_size_flatness},
    {"load_aggregate", bench_load_aggregate},
    {"commands_in_process_1", bench_commands_one_worker},
    {"commands_in_process_2", bench_commands_two_workers},
    {"memory_commands", bench_memory_commands},
    {"projection_catch_up", bench_projection_catch_up},
    {"predictions_due", bench_predictions_due},
};
enum { benchmark_count = sizeof benchmarks / sizeof benchmarks[0] };

static bool is_wanted(const char *name, char **wanted, int wanted_count)
{
    for (int i = 0; i < wanted_count; i++) {
        if (strcmp(wanted[i], name) == 0) {
            return true;
        }
    }
    return wanted_count == 0;
}

static bool is_known(const char *name)
{
    for (int i = 0; i < benchmark_count; i++) {
        if (strcmp(benchmarks[i].name, name) == 0) {
            return true;
        }
    }
    fprintf(stderr, "misas-bench: there is no benchmark %s; there are:\n", name);
    for (int i = 0; i < benchmark_count; i++) {
        fprintf(stderr, "  %s\n", benchmarks[i].name);
    }
    return false;
}

int main(int argc, char **argv)
{
    bool has_file = argc > 2 && strcmp(argv[1], "--json") == 0;
    int first = has_file ? 3 : 1;

    for (int i = first; i < argc; i++) {
        if (!is_known(argv[i])) {
            return 2;
        }
    }
    for (int i = 0; i < benchmark_count; i++) {
        if (is_wanted(benchmarks[i].name, argv + first, argc - first)) {
            benchmarks[i].run();
        }
    }
    bench_write_results(has_file ? argv[2] : NULL);
    return 0;
}
