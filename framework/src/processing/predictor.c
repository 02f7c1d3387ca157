#include <stdlib.h>

#include "bus/bus.h"
#include "bus/errors.h"
#include "clock/monotonic.h"
#include "log/outage.h"
#include "misas/processing.h"
#include "processing/claims.h"
#include "processing/firing.h"
#include "processing/options.h"
#include "processing/patience.h"
#include "processing/prediction_letter.h"
#include "processing/predictor.h"
#include "processing/stop_signal.h"

enum {
    poll_interval_ms = 25,
    room_timeout_ms = 1000, /* to wait for room on the bus */
    alone_timeout_ms = misas__claim_ms,
    tend_interval_ms = 1000,
    wait_ms = 100, /* between two looks at the claims, while it waits for answers */
    window = 4000, /* predictions in hand */
    most_at_once = 1000,
    tries_before_a_crash_is_a_dead_letter = 3
};

struct misas_predictor {
    misas_predictor_options options;
    misas__stop_signal stop;
    misas__claims claims;
    misas__claim_progress progress;
    misas__bus_predictions handled; /* on the bus */
    int64_t tended_at_ms;           /* monotonic */
    int room_timeout_ms;            /* once there was no room, the rest does not wait */
    misas__outage outage;
    pthread_t thread;
    bool has_thread;
};

static bool is_tried_again(const misas_error *error)
{
    return !misas__is_final(error) || misas_error_is(error, MISAS_ERROR_NO_HANDLER);
}

static void log_failure(const misas__claimed *claimed, const misas_error *error)
{
    misas_log_write_error(
        &misas__claims_of(claimed)->logger, MISAS_LOG_WARNING,
        is_tried_again(error) ? "a prediction was not handled, and is tried again"
                              : "a prediction was refused, and is set aside",
        error,
        (misas_log_field[]){misas_log_text("id", misas__claimed_id(claimed)), misas_log_end()});
}

/* After an error it may be there still: what was refused is not. */
static void take_answer(void *argument, const misas_reply *reply, misas_error *error)
{
    misas__claimed *claimed = argument;

    (void)reply;
    if (error != NULL && !misas_error_is(error, MISAS_ERROR_BUS_STOPPED)) {
        log_failure(claimed, error);
    }
    misas__claimed_end(claimed, error != NULL);
    misas_error_free(error);
}

static void publish(misas_predictor *predictor, const misas__prediction *prediction,
                    misas__claimed *claimed)
{
    char source[misas__firing_source_size];
    const misas_envelope envelope = misas__firing_envelope(source, prediction);

    misas__claimed_is_on_its_way(claimed);
    misas_error *error = misas__bus_send_envelope(predictor->options.bus, &envelope,
                                                  &(misas_send_options){
                                                      .timeout_ms = predictor->room_timeout_ms,
                                                      .completion = take_answer,
                                                      .argument = claimed,
                                                  });

    if (error == NULL) {
        return;
    }
    if (predictor->room_timeout_ms > 0) {
        log_failure(claimed, error);
    }
    if (misas_error_is(error, MISAS_ERROR_BUS_FULL)) {
        predictor->room_timeout_ms = 0;
    }
    misas_error_free(error);
    misas__claimed_end(claimed, true);
}

static misas_error *tell_time(int64_t *out_us, misas_predictor *predictor)
{
    misas_storage *storage = predictor->options.storage;

    if (predictor->options.clock != NULL && predictor->options.measured == NULL) {
        *out_us = misas_clock_now_us(predictor->options.clock);
        return NULL;
    }
    misas_error *error = storage->backend->predictions.now(out_us, storage);

    if (error == NULL) {
        misas__outage_end(&predictor->outage);
    }
    if (error == NULL && predictor->options.measured != NULL) {
        misas_clock_measure(predictor->options.measured, *out_us);
    }
    if (error == NULL && predictor->options.clock != NULL) {
        *out_us = misas_clock_now_us(predictor->options.clock);
    }
    return error;
}

static bool is_stopping(misas_predictor *predictor)
{
    return misas__stop_signal_is_given(&predictor->stop);
}

/* Once it stops, others may have at once what it does not handle any more. */
static misas_error *tend(misas_predictor *predictor)
{
    predictor->tended_at_ms = misas__monotonic_ms();
    return misas__claims_tend(&predictor->claims, is_stopping(predictor) ? 0 : misas__claim_ms);
}

static misas_error *tend_in_time(misas_predictor *predictor)
{
    bool is_time = misas__monotonic_ms() - predictor->tended_at_ms >= tend_interval_ms;

    return is_time ? tend(predictor) : NULL;
}

/* Waits until nothing is on its way; not for one that takes very long: that one crashes nothing. */
static misas_error *await_answers(misas_predictor *predictor)
{
    misas_error *error = NULL;

    for (int waited_ms = 0; waited_ms < alone_timeout_ms && error == NULL; waited_ms += wait_ms) {
        misas__claims_await(&predictor->claims, wait_ms);
        if (!misas__claims_are_on_their_way(&predictor->claims) || is_stopping(predictor)) {
            break;
        }
        error = tend(predictor);
    }
    return error;
}

/* It has ended the process too often. */
static misas_error *set_aside(misas_predictor *predictor, const misas__prediction *prediction,
                              int32_t attempts)
{
    char source[misas__firing_source_size];
    const misas_envelope envelope = misas__firing_envelope(source, prediction);
    misas_error *why = misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_HANDLER_CRASHED},
        "the process ended %d times while this prediction was handled", (int)attempts - 1);
    misas_error *error = misas__set_prediction_aside(
        predictor->options.storage,
        &(misas__refused_prediction){
            .subsystem = misas__bus_subsystem_of(&predictor->handled, envelope.type),
            .envelope = &envelope,
            .why = why,
            .attempts = attempts - 1,
        });

    if (misas_error_is(error, MISAS__ERROR_PREDICTION_GONE)) { /* it was cancelled just now */
        misas_error_free(error);
        error = NULL;
    } else if (error == NULL) {
        misas_log_write_error(
            &predictor->options.logger, MISAS_LOG_WARNING, "a prediction is set aside", why,
            (misas_log_field[]){misas_log_text("id", envelope.id), misas_log_end()});
    }
    misas_error_free(why);
    return error;
}

/* What may have ended a process is tried without others, and that it is is noted before. */
static misas_error *try_alone(misas_predictor *predictor, const misas__prediction *prediction,
                              misas__claimed *claimed)
{
    int32_t attempts = 0;
    misas_error *error = await_answers(predictor);

    if (error == NULL && !is_stopping(predictor)) {
        error = misas__claimed_attempt(&attempts, claimed);
    }
    if (attempts > tries_before_a_crash_is_a_dead_letter) {
        error = set_aside(predictor, prediction, attempts);
    }
    if (attempts == 0 || attempts > tries_before_a_crash_is_a_dead_letter) {
        misas__claimed_end(claimed, false);
        return error;
    }
    publish(predictor, prediction, claimed);
    return await_answers(predictor);
}

/* What was claimed just now; of those for which there is no memory the claim ends by itself. */
typedef struct due_predictions {
    const misas__prediction *items;
    misas__claimed **claimed;
    size_t count;
} due_predictions;

static misas_error *publish_fresh(misas_predictor *predictor, const due_predictions *due)
{
    misas_error *error = NULL;

    predictor->room_timeout_ms = room_timeout_ms;
    for (size_t i = 0; i < due->count; i++) {
        if (due->claimed[i] != NULL && !due->items[i].is_suspect) {
            publish(predictor, &due->items[i], due->claimed[i]);
            error = error == NULL ? tend_in_time(predictor) : error;
        }
    }
    return error;
}

/* After an error, or once it stops, they are let go of: their claims end by themselves. */
static misas_error *try_suspects(misas_predictor *predictor, const due_predictions *due,
                                 misas_error *error)
{
    for (size_t i = 0; i < due->count; i++) {
        bool is_there = due->claimed[i] != NULL && due->items[i].is_suspect;

        if (is_there && error == NULL && !is_stopping(predictor)) {
            predictor->room_timeout_ms = room_timeout_ms;
            error = try_alone(predictor, &due->items[i], due->claimed[i]);
        } else if (is_there) {
            misas__claimed_end(due->claimed[i], false);
        }
    }
    return error;
}

static misas_error *claim(due_predictions *out, misas_predictor *predictor,
                          const misas__claim *wanted, misas__arena *arena)
{
    misas_storage *storage = predictor->options.storage;
    misas_error *error =
        storage->backend->predictions.claim(&out->items, &out->count, storage, wanted, arena);

    if (error != NULL) {
        return error;
    }
    misas__outage_end(&predictor->outage);
    out->claimed = misas__arena_allocate(arena, out->count * sizeof(misas__claimed *));
    if (out->claimed == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < out->count; i++) {
        out->claimed[i] = misas__claims_add(&predictor->claims, &out->items[i]);
    }
    return NULL;
}

static misas_error *learn_handled(misas_predictor *predictor)
{
    bool has_changed = false;
    misas_error *error =
        misas__bus_learn_predictions(&predictor->handled, &has_changed, predictor->options.bus);

    if (has_changed) {
        predictor->progress = (misas__claim_progress){0};
    }
    return error;
}

static size_t room(misas_predictor *predictor)
{
    size_t left = window - misas__claims_count(&predictor->claims);

    return left < most_at_once ? left : most_at_once;
}

/* Publishes what is due; `*out_is_all`: that there is no more of it for now. What nobody on the bus
 * handles is left to other predictors. */
static misas_error *publish_due(bool *out_is_all, misas_predictor *predictor, misas__arena *arena)
{
    misas__claim wanted = {
        .max = room(predictor), .claim_ms = misas__claim_ms, .progress = &predictor->progress};
    due_predictions due = {.count = 0};

    *out_is_all = true;
    if (wanted.max == 0) {
        return NULL;
    }
    misas_error *error = tell_time(&wanted.now_us, predictor);

    if (error == NULL) {
        error = learn_handled(predictor);
    }
    if (error != NULL || predictor->handled.types[0] == NULL) {
        return error;
    }
    wanted.types = predictor->handled.types;
    error = claim(&due, predictor, &wanted, arena);
    *out_is_all = due.count < wanted.max;
    if (error != NULL) {
        return error;
    }
    return try_suspects(predictor, &due, publish_fresh(predictor, &due));
}

static misas_error *take_step(bool *out_is_all, misas_predictor *predictor, misas__arena *arena)
{
    misas_error *error = tend(predictor);

    return error == NULL ? publish_due(out_is_all, predictor, arena) : error;
}

static void *run(void *argument)
{
    misas_predictor *predictor = argument;
    misas__arena arena = {0};
    bool is_all = false;
    int failures = 0;

    while (!is_stopping(predictor)) {
        misas_error *error = take_step(&is_all, predictor, &arena);

        misas__arena_reset(&arena);
        failures = error != NULL ? failures + 1 : 0;
        if (error != NULL) {
            misas__outage_fail(&predictor->outage, "the predictor waits for its storage", error);
            misas_error_free(error);
            misas__stop_signal_wait(&predictor->stop, misas__outage_pause_ms(failures));
        } else if (is_all) {
            misas__stop_signal_wait(&predictor->stop, poll_interval_ms);
        }
    }
    misas__arena_free(&arena);
    misas__claims_close(&predictor->claims);
    return NULL;
}

void misas__predictor_finish(misas_predictor *predictor, int timeout_ms)
{
    misas__stop_signal_give(&predictor->stop);
    misas__claims_await_last(&predictor->claims, timeout_ms);
}

misas_error *misas_predictor_start(misas_predictor **out, const misas_predictor_options *options)
{
    if (options->storage == NULL || options->bus == NULL) {
        return misas__processing_options_error("storage", "expected a storage and a bus");
    }
    misas_predictor *predictor = calloc(1, sizeof *predictor);

    if (predictor == NULL) {
        return misas_error_out_of_memory();
    }
    predictor->options = *options;
    predictor->outage =
        (misas__outage){.logger = options->logger, .who = misas_log_text("component", "predictor")};
    misas__stop_signal_begin(&predictor->stop);
    misas__claims_begin(&predictor->claims, options->storage, options->logger);
    predictor->has_thread = pthread_create(&predictor->thread, NULL, run, predictor) == 0;
    if (!predictor->has_thread) {
        misas_predictor_stop(predictor);
        return misas_error_out_of_memory();
    }
    *out = predictor;
    return NULL;
}

void misas_predictor_stop(misas_predictor *predictor)
{
    if (predictor == NULL) {
        return;
    }
    misas__stop_signal_give(&predictor->stop);
    if (predictor->has_thread) {
        pthread_join(predictor->thread, NULL);
    }
    while (misas__claims_are_on_their_way(&predictor->claims)) {
        misas__claims_await(&predictor->claims, wait_ms);
        misas_error_free(tend(predictor)); /* else their claims end by themselves */
    }
    misas_error_free(tend(predictor));
    misas__claims_end(&predictor->claims);
    misas__bus_predictions_free(&predictor->handled);
    misas__stop_signal_end(&predictor->stop);
    free(predictor);
}
