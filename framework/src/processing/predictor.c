#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bus/bus.h"
#include "clock/deadline.h"
#include "misas/processing.h"
#include "processing/options.h"
#include "processing/patience.h"
#include "processing/predictor.h"
#include "processing/stop_signal.h"
#include "storage/transaction.h"

enum {
    poll_interval_ms = 25,
    claim_ms = 10000, /* until a prediction that was not handled is published again */
    window = 4000,    /* predictions on their way */
    most_at_once = 1000
};

struct misas_predictor {
    misas_predictor_options options;
    misas__stop_signal stop;
    pthread_mutex_t mutex;   /* guards what follows */
    pthread_cond_t answered; /* something was */
    size_t on_their_way;
    bool has_ended; /* the thread publishes nothing more */
    pthread_t thread;
    bool has_thread;
};

/* A prediction that was refused, or could not be handled, stays: it is claimed again. */
static void take_answer(void *argument, const misas_reply *reply, misas_error *error)
{
    misas_predictor *predictor = argument;

    (void)reply;
    if (error != NULL && !misas_error_is(error, MISAS_ERROR_BUS_STOPPED)) {
        misas_log_write_error(&predictor->options.logger, MISAS_LOG_WARNING,
                              "a prediction was not handled, and is tried again", error, NULL);
    }
    misas_error_free(error);
    pthread_mutex_lock(&predictor->mutex);
    predictor->on_their_way--;
    pthread_cond_broadcast(&predictor->answered);
    pthread_mutex_unlock(&predictor->mutex);
}

static void publish(misas_predictor *predictor, const misas__prediction *prediction)
{
    const misas_new_prediction *content = &prediction->content;
    char source[48]; /* each firing is a message of its own, also under the same id */

    snprintf(source, sizeof source, "/predictions/%" PRId64, prediction->added_at_us);
    const misas_envelope envelope = {
        .id = content->id,
        .source = source,
        .type = content->type,
        .type_version = content->type_version,
        .key = content->key,
        .time_us = prediction->added_at_us,
        .due_at_us = content->due_at_us,
        .payload = content->payload,
        .payload_size = content->payload_size,
        .metadata = content->metadata,
    };

    pthread_mutex_lock(&predictor->mutex);
    predictor->on_their_way++;
    pthread_mutex_unlock(&predictor->mutex);
    misas_error *error = misas__bus_send_envelope(predictor->options.bus, &envelope,
                                                  &(misas_send_options){.timeout_ms = claim_ms,
                                                                        .completion = take_answer,
                                                                        .argument = predictor});

    if (error != NULL) {
        take_answer(predictor, NULL, error);
    }
}

static misas_error *tell_time(int64_t *out_us, misas_predictor *predictor)
{
    misas_storage *storage = predictor->options.storage;

    if (predictor->options.clock != NULL && predictor->options.measured == NULL) {
        *out_us = misas_clock_now_us(predictor->options.clock);
        return NULL;
    }
    misas_error *error = storage->backend->predictions.now(out_us, storage);

    if (error == NULL && predictor->options.measured != NULL) {
        misas_clock_measure(predictor->options.measured, *out_us);
    }
    if (error == NULL && predictor->options.clock != NULL) {
        *out_us = misas_clock_now_us(predictor->options.clock);
    }
    return error;
}

static size_t room(misas_predictor *predictor)
{
    pthread_mutex_lock(&predictor->mutex);
    size_t left = window - predictor->on_their_way;

    pthread_mutex_unlock(&predictor->mutex);
    return left < most_at_once ? left : most_at_once;
}

/* Publishes what is due; `*out_is_all`: that there is no more of it for now. */
static misas_error *publish_due(bool *out_is_all, misas_predictor *predictor, misas__arena *arena)
{
    misas_storage *storage = predictor->options.storage;
    const misas__prediction *due = NULL;
    misas__claim claim = {.max = room(predictor), .claim_ms = claim_ms};
    size_t count = 0;

    *out_is_all = true;
    if (claim.max == 0) {
        return NULL;
    }
    misas_error *error = tell_time(&claim.now_us, predictor);

    if (error == NULL) {
        error = storage->backend->predictions.claim(&due, &count, storage, &claim, arena);
    }
    for (size_t i = 0; i < count && error == NULL; i++) {
        publish(predictor, &due[i]);
    }
    *out_is_all = count < claim.max;
    return error;
}

static void *run(void *argument)
{
    misas_predictor *predictor = argument;
    misas__arena arena = {0};
    bool is_all = false;
    int failures = 0;

    while (!misas__stop_signal_is_given(&predictor->stop)) {
        misas_error *error = publish_due(&is_all, predictor, &arena);

        misas__arena_reset(&arena);
        failures = error != NULL ? failures + 1 : 0;
        if (error != NULL) {
            misas_log_write_error(&predictor->options.logger, MISAS_LOG_WARNING,
                                  "the predictor waits for its storage", error, NULL);
            misas_error_free(error);
            misas__stop_signal_wait(&predictor->stop, misas__outage_pause_ms(failures));
        } else if (is_all) {
            misas__stop_signal_wait(&predictor->stop, poll_interval_ms);
        }
    }
    misas__arena_free(&arena);
    pthread_mutex_lock(&predictor->mutex);
    predictor->has_ended = true;
    pthread_cond_broadcast(&predictor->answered);
    pthread_mutex_unlock(&predictor->mutex);
    return NULL;
}

void misas__predictor_finish(misas_predictor *predictor, int timeout_ms)
{
    struct timespec deadline = misas__deadline_after_ms(timeout_ms);
    int waited = 0;

    misas__stop_signal_give(&predictor->stop);
    pthread_mutex_lock(&predictor->mutex);
    while ((!predictor->has_ended || predictor->on_their_way > 0) && waited == 0) {
        waited = pthread_cond_timedwait(&predictor->answered, &predictor->mutex, &deadline);
    }
    pthread_mutex_unlock(&predictor->mutex);
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
    misas__stop_signal_begin(&predictor->stop);
    pthread_mutex_init(&predictor->mutex, NULL);
    misas__condition_init(&predictor->answered);
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
    pthread_mutex_lock(&predictor->mutex);
    while (predictor->on_their_way > 0) {
        pthread_cond_wait(&predictor->answered, &predictor->mutex);
    }
    pthread_mutex_unlock(&predictor->mutex);
    pthread_cond_destroy(&predictor->answered);
    pthread_mutex_destroy(&predictor->mutex);
    misas__stop_signal_end(&predictor->stop);
    free(predictor);
}
