#include "flights/figures.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>

typedef Flights__Statistics__V1__Airport airport;
typedef Flights__Statistics__V1__Carrier carrier;

flights_totals flights_totals_of(const flights_figures *figures)
{
    flights_totals out = {0};

    for (size_t i = 0; i < figures->n_carriers; i++) {
        const carrier *each = figures->carriers[i];

        out.scheduled += each->scheduled;
        out.departed += each->departed;
        out.landed += each->landed;
        out.cancelled += each->cancelled;
        out.overdue += each->overdue;
        out.missing += each->missing;
    }
    return out;
}

/* With all its digits: whoever reads it has the same number. */
static void write_mean(FILE *file, const char *name, int32_t sum, int32_t count)
{
    if (count == 0) {
        fprintf(file, "\"%s\": null", name);
    } else {
        fprintf(file, "\"%s\": %.17g", name, (double)sum / count);
    }
}

static void write_totals(FILE *file, const flights_totals *totals)
{
    fprintf(file, "  \"totals\": {\"scheduled\": %" PRId64 ", \"departed\": %" PRId64,
            totals->scheduled, totals->departed);
    fprintf(file, ", \"landed\": %" PRId64 ", \"cancelled\": %" PRId64, totals->landed,
            totals->cancelled);
    fprintf(file, ", \"not_landed_as_planned\": %" PRId64 ", \"overdue\": %" PRId64 "}",
            totals->departed - totals->landed, totals->overdue);
}

static void write_carrier(FILE *file, const carrier *it)
{
    fprintf(file, "\"%s\": {\"flights\": %" PRId32 ", \"cancelled\": %" PRId32, it->code,
            it->scheduled, it->cancelled);
    fprintf(file, ", \"landed\": %" PRId32 ", \"overdue\": %" PRId32 ", ", it->landed, it->overdue);
    write_mean(file, "mean_arrival_delay_minutes", it->arrival_delay_minutes, it->landed);
    fputs("}", file);
}

static void write_airport(FILE *file, const airport *it)
{
    fprintf(file, "\"%s\": {\"scheduled\": %" PRId32, it->code, it->scheduled);
    fprintf(file, ", \"departed\": %" PRId32 ", \"cancelled\": %" PRId32 ", ", it->departed,
            it->cancelled);
    write_mean(file, "mean_departure_delay_minutes", it->departure_delay_minutes, it->departed);
    fputs("}", file);
}

static void write_all(FILE *file, const flights_figures *figures)
{
    const flights_totals totals = flights_totals_of(figures);

    fputs("{\n", file);
    write_totals(file, &totals);
    fputs(",\n  \"carriers\": {", file);
    for (size_t i = 0; i < figures->n_carriers; i++) {
        fputs(i == 0 ? "\n    " : ",\n    ", file);
        write_carrier(file, figures->carriers[i]);
    }
    fputs("\n  },\n  \"origins\": {", file);
    for (size_t i = 0; i < figures->n_airports; i++) {
        fputs(i == 0 ? "\n    " : ",\n    ", file);
        write_airport(file, figures->airports[i]);
    }
    fputs("\n  }\n}\n", file);
}

misas_error *flights_write_json(const char *path, const flights_figures *figures)
{
    FILE *file = fopen(path, "w");
    bool is_written = file != NULL;

    if (is_written) {
        write_all(file, figures);
        is_written = ferror(file) == 0;
        is_written = fclose(file) == 0 && is_written;
    }
    if (is_written) {
        return NULL;
    }
    return misas_error_new_format(
        &(misas_error_options){.type_name = FLIGHTS_ERROR_NOT_WRITTEN,
                               .data = (misas_field[]){{"path", path}, {NULL, NULL}}},
        "can't write %s: %s", path, strerror(errno));
}

/* Linux tells it in KiB. */
static long peak_memory_mib(void)
{
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss / 1024 : 0;
}

void flights_write_summary(FILE *file, const flights_figures *figures,
                           const flights_progress *progress)
{
    const flights_totals totals = flights_totals_of(figures);

    fprintf(file,
            "flights     %" PRId64 " scheduled, %" PRId64 " departed, %" PRId64 " cancelled\n",
            totals.scheduled, totals.departed, totals.cancelled);
    fprintf(file,
            "arrivals    %" PRId64 " landed, %" PRId64 " not landed as planned, %" PRId64
            " overdue\n",
            totals.landed, totals.departed - totals.landed, totals.overdue);
    fprintf(file,
            "commands    %" PRIu64 " accepted, %" PRIu64 " refused, %" PRIu64 " sent once more\n",
            progress->commands.accepted, progress->commands.refused, progress->commands.retried);
    fprintf(file, "took        %.1f s, and %ld MiB of memory at most\n", progress->seconds,
            peak_memory_mib());
}
