#include "flights/feeder/feeder.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "flights/feeder/lines.h"
#include "flights/feeder/publication.h"

enum { settle_pause_ms = 20, most_pauses_without_change = 3000 };

struct flights_feeder {
    flights_feeder_options options;
    misas_type_registry *types;
    misas_system *system;
    _Atomic(misas_sender *) sender; /* NULL: there is none yet */
    pthread_mutex_t mutex;          /* guards what follows, up to `ended` */
    flights_progress progress;      /* without the commands */
    struct timespec began;          /* zero: not yet */
    struct timespec ended;          /* likewise */
    flights_figures *result;        /* NULL: not yet */
};

static double seconds_of(const flights_feeder *feeder)
{
    struct timespec now = feeder->ended;

    if (feeder->began.tv_sec == 0) {
        return 0;
    }
    if (now.tv_sec == 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
    }
    return (double)(now.tv_sec - feeder->began.tv_sec) +
           (double)(now.tv_nsec - feeder->began.tv_nsec) / 1e9;
}

void flights_feeder_progress(flights_progress *out, flights_feeder *feeder)
{
    pthread_mutex_lock(&feeder->mutex);
    *out = feeder->progress;
    out->seconds = seconds_of(feeder);
    pthread_mutex_unlock(&feeder->mutex);
    misas_sender *sender = atomic_load(&feeder->sender);

    if (sender != NULL) {
        misas_sender_count(&out->commands, sender);
    }
}

const flights_figures *flights_feeder_result(const flights_feeder *feeder)
{
    return feeder->result;
}

misas_error *flights_ask_figures(flights_figures **out, misas_system *system)
{
    Flights__Statistics__V1__GetFigures query = FLIGHTS__STATISTICS__V1__GET_FIGURES__INIT;

    return flights_statistics_v1_get_figures_ask(out, misas_system_bus(system), &query, NULL);
}

/* It is that time now, unless it was later already. */
static void note_time(flights_feeder *feeder, const publication *line)
{
    flights_progress *progress = &feeder->progress;

    pthread_mutex_lock(&feeder->mutex);
    progress->from_us = progress->now_us == 0 ? line->time_us : progress->from_us;
    progress->until_us = line->until_us != 0 ? line->until_us : progress->until_us;
    progress->now_us = line->time_us > progress->now_us ? line->time_us : progress->now_us;
    const int64_t now_us = progress->now_us;

    pthread_mutex_unlock(&feeder->mutex);
    if (feeder->options.clock != NULL) {
        misas_clock_set(feeder->options.clock, now_us);
    }
}

static misas_error *take_line(flights_feeder *feeder, const char *line, size_t size)
{
    publication read;
    misas_error *error = publication_read(&read, feeder->types, line, size);

    if (error != NULL) {
        return error;
    }
    note_time(feeder, &read);
    if (read.type != NULL) {
        error = misas_sender_send(feeder->sender, read.type, read.message,
                                  &(misas_sender_command){.id = read.id, .source = read.source});
    }
    publication_free(&read);
    return error;
}

static misas_error *check_end(flights_feeder *feeder)
{
    const flights_progress *progress = &feeder->progress;

    if (progress->now_us >= progress->until_us) {
        return NULL;
    }
    return misas_error_new(&(misas_error_options){
        .type_name = FLIGHTS_ERROR_UNFINISHED,
        .message = "the input has ended, but had said that more would come",
    });
}

static misas_error *feed_lines(flights_feeder *feeder, const misas_stop *stop)
{
    lines input;
    const char *line = NULL;
    size_t size = 0;
    misas_error *error = lines_begin(&input, feeder->options.file, stop);

    do {
        error = error == NULL ? lines_next(&line, &size, &input) : error;
        if (error == NULL && size > 0) {
            error = take_line(feeder, line, size);
        }
    } while (error == NULL && line != NULL);
    lines_end(&input);
    return error;
}

static misas_error *feed(flights_feeder *feeder, const misas_stop *stop)
{
    misas_error *error = feed_lines(feeder, stop);

    if (error == NULL) {
        error = misas_sender_flush(feeder->sender);
    }
    return error != NULL || misas_stop_is_given(stop) ? error : check_end(feeder);
}

/* Flights of which nothing is known that they could end with: they have not landed, are not
 * cancelled, and not missing either. */
static int64_t count_open(const flights_figures *figures)
{
    int64_t count = 0;

    for (size_t i = 0; i < figures->n_carriers; i++) {
        const Flights__Statistics__V1__Carrier *each = figures->carriers[i];

        count += each->scheduled - each->landed - each->cancelled - each->missing;
    }
    return count;
}

/* Once all commands are answered, and no flight is open, nothing more will happen; and when all
 * that has happened is handled, the figures are the result. */
static misas_error *look(int64_t *out_open, flights_feeder *feeder)
{
    bool has_caught_up = false;
    flights_figures *figures = NULL;
    misas_error *error = misas_system_has_caught_up(&has_caught_up, feeder->system);

    if (error == NULL) {
        error = flights_ask_figures(&figures, feeder->system);
    }
    if (error != NULL) {
        return error;
    }
    *out_open = count_open(figures);
    if (has_caught_up && *out_open == 0) {
        feeder->result = figures;
    } else {
        misas_message_free(&figures->base);
    }
    return NULL;
}

static misas_error *not_settled(int64_t open)
{
    return misas_error_new_format(
        &(misas_error_options){.type_name = FLIGHTS_ERROR_UNFINISHED},
        "nothing happens any more, but %" PRId64 " flights are neither here nor there", open);
}

/* The events follow the commands, and the figures follow the events. While the storage is away
 * there is no answer, and some time passes. */
static misas_error *settle(flights_feeder *feeder, const misas_stop *stop)
{
    int64_t open = -1;
    int pauses = 0;

    while (feeder->result == NULL && !misas_stop_wait(stop, settle_pause_ms)) {
        const int64_t before = open;
        misas_error *error = look(&open, feeder);

        if (error != NULL && !misas_error_has_tag(error, MISAS_TAG_RETRIABLE)) {
            return error;
        }
        misas_error_free(error);
        pauses = open != before ? 0 : pauses + 1;
        if (pauses > most_pauses_without_change) {
            return not_settled(open);
        }
    }
    return NULL;
}

static misas_error *begin(flights_feeder *feeder, misas_system *system)
{
    misas_sender *sender = NULL;
    misas_error *error =
        misas_sender_new(&sender, &(misas_sender_options){.bus = misas_system_bus(system),
                                                          .logger = *misas_system_logger(system)});

    feeder->system = system;
    atomic_store(&feeder->sender, sender);
    pthread_mutex_lock(&feeder->mutex);
    clock_gettime(CLOCK_MONOTONIC, &feeder->began);
    pthread_mutex_unlock(&feeder->mutex);
    return error;
}

/* When it is to stop, the rest is left. */
static void end(flights_feeder *feeder, misas_error *error)
{
    if (misas_error_is(error, MISAS_ERROR_SENDER_STOPPED)) {
        misas_error_free(error);
        error = NULL;
    }
    pthread_mutex_lock(&feeder->mutex);
    clock_gettime(CLOCK_MONOTONIC, &feeder->ended);
    pthread_mutex_unlock(&feeder->mutex);
    misas_system_request_stop(feeder->system, error);
}

static misas_error *run(misas_system *system, const misas_stop *stop, void *argument)
{
    flights_feeder *feeder = argument;
    misas_error *error = begin(feeder, system);

    if (error == NULL) {
        error = feed(feeder, stop);
    }
    if (error == NULL) {
        error = settle(feeder, stop);
    }
    end(feeder, error);
    return NULL;
}

/* It may wait for the sender. */
static void stop_sender(misas_system *system, void *argument)
{
    flights_feeder *feeder = argument;

    (void)system;
    misas_sender_stop(atomic_load(&feeder->sender));
}

void flights_feeder_register(misas_system *system, flights_feeder *feeder)
{
    misas_system_add_entry_point(
        system, &(misas_entry_point){
                    .name = "feeder", .run = run, .stop = stop_sender, .argument = feeder});
}

misas_error *flights_feeder_new(flights_feeder **out, const flights_feeder_options *options)
{
    flights_feeder *made = calloc(1, sizeof *made);

    if (made == NULL) {
        return misas_error_out_of_memory();
    }
    made->options = *options;
    pthread_mutex_init(&made->mutex, NULL);
    misas_error *error = misas_type_registry_new(&made->types);

    for (size_t i = 0; options->commands[i] != NULL && error == NULL; i++) {
        error = misas_type_registry_add(made->types, options->commands[i]);
    }
    if (error != NULL) {
        flights_feeder_free(made);
        return error;
    }
    *out = made;
    return NULL;
}

void flights_feeder_free(flights_feeder *feeder)
{
    if (feeder == NULL) {
        return;
    }
    misas_sender_free(feeder->sender); /* by now the system has answered all */
    if (feeder->result != NULL) {
        misas_message_free(&feeder->result->base);
    }
    misas_type_registry_free(feeder->types);
    pthread_mutex_destroy(&feeder->mutex);
    free(feeder);
}
