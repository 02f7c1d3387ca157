#include "processing/worker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bus/bus.h"
#include "bus/errors.h"
#include "clock/monotonic.h"
#include "processing/patience.h"

enum {
    longest_open_ms = 3000, /* a transaction that nothing is done in */
    take_timeout_ms = 1000
};

/* Ends a round. After one that was not written, all that was thought of in it is forgotten. */
static void end_round(misas__worker *worker, bool was_written)
{
    misas__session *session = &worker->session;

    if (!was_written) {
        session->transaction->functions->roll_back(session->transaction);
    }
    session->has_begun = false;
    misas__draft_reset(&session->draft, &session->cache, was_written);
}

/* Tells the senders of the first jobs that are left what became of them. */
static void settle(misas__worker *worker, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        misas__job *job = &worker->jobs[worker->first + i];

        misas_error_free(job->refusal);
        misas__bus_item_complete(job->item, &job->reply, job->error);
    }
    misas__bus_queue_release(worker->queue, count);
    worker->first += count;
    worker->failures = 0;
}

/* Waits longer and longer; not once the worker is stopped. */
static void back_off(misas__worker *worker)
{
    misas__bus_queue_pause(worker->queue, misas__pause_ms(worker->failures));
}

/* Answers the first job that is left with an error that is not kept: the same message is handled
 * again when it comes again. */
static void give_up(misas__worker *worker, misas_error *error)
{
    misas__job *job = &worker->jobs[worker->first];

    misas_error_free(job->error);
    job->error = error;
    settle(worker, 1);
}

static void fail_for_good(misas__worker *worker, misas_error *error)
{
    for (size_t i = 0; worker->all_queues[i] != NULL; i++) {
        misas__bus_queue_stop(worker->all_queues[i]);
    }
    if (worker->on_fatal != NULL) {
        worker->on_fatal(worker->on_fatal_argument, misas_error_copy(error));
    } else {
        misas_log_write_error(&worker->session.logger, MISAS_LOG_ERROR,
                              "a fatal error: nothing more is handled", error, NULL);
    }
    give_up(worker, error);
}

static bool may_try_again(const misas_error *error)
{
    return misas_error_has_tag(error, MISAS_TAG_RETRIABLE) ||
           misas_error_has_tag(error, MISAS_TAG_CONFLICT);
}

/* What the first job that is left asks for can't be written: that is its answer, which is kept. */
static void refuse(misas__worker *worker, misas_error *error)
{
    worker->jobs[worker->first].refusal = error;
}

/* Whether the storage says something of the message, and not of itself. */
static bool is_refusal(const misas_error *error)
{
    return misas_error_has_tag(error, MISAS_TAG_VALIDATION) ||
           misas_error_has_tag(error, MISAS_TAG_ALREADY_EXISTS);
}

/* The first job that is left failed by itself. Takes the error. */
static void fail_first(misas__worker *worker, misas_error *error)
{
    misas__job *job = &worker->jobs[worker->first];

    job->attempts++;
    if (may_try_again(error) && job->attempts < worker->max_attempts) {
        misas_error_free(error);
        back_off(worker);
    } else {
        give_up(worker, error);
    }
}

/* Waits for a storage that can't be reached, for as long as it takes. Takes the error if so. */
static bool wait_for_storage(misas__worker *worker, misas_error *error)
{
    if (!misas__is_storage_away(worker->session.storage, error)) {
        return false;
    }
    misas__outage_fail(&worker->outage, "a worker waits for its storage", error);
    misas_error_free(error);
    back_off(worker);
    return true;
}

static misas_error *too_slow(const misas_envelope *envelope, int64_t took_ms, misas_error *cause)
{
    char milliseconds[24];

    snprintf(milliseconds, sizeof milliseconds, "%" PRId64, took_ms);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_HANDLER_TOO_SLOW,
            .cause = cause,
            .data = (misas_field[]){{"type", envelope->type},
                                    {"id", envelope->id},
                                    {"milliseconds", milliseconds},
                                    {NULL, NULL}},
        },
        "the handler of %s took %s ms, but its transaction may not stand open for more than %d ms",
        envelope->type, milliseconds, (int)longest_open_ms);
}

/* What keeps the storage from writing may pass: the sender may try again. */
static misas_error *not_written(const misas__worker *worker, misas_error *cause)
{
    const misas_envelope *envelope = worker->jobs[worker->first].item->envelope;

    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_NOT_WRITTEN,
            .cause = cause,
            .data = (misas_field[]){{"type", envelope->type}, {"id", envelope->id}, {NULL, NULL}},
            .tags = MISAS_TAG_RETRIABLE,
        },
        "what %s %s asks for could not be written", envelope->type, envelope->id);
}

/* A round of `count` jobs could not be written, or not begun. Takes the error. */
static void fail_round(misas__worker *worker, size_t count, misas_error *error, int64_t took_ms)
{
    bool was_open = worker->session.has_begun;

    worker->failures++;
    end_round(worker, false);
    worker->expects_duplicates = true; /* which may be why */
    if (misas_error_is(error, MISAS__ERROR_HANDLED_MEANWHILE) ||
        misas_error_is(error, MISAS__ERROR_PREDICTION_GONE)) {
        misas_error_free(error);
        return;
    }
    if (wait_for_storage(worker, error)) {
        return;
    }
    worker->session.is_careful = true;
    if (count > 1) { /* once more, since caches may have been behind; then in halves */
        worker->limit = worker->failures > 1 ? count / 2 : worker->limit;
        misas_error_free(error);
    } else if (was_open && took_ms >= longest_open_ms) {
        refuse(worker, too_slow(worker->jobs[worker->first].item->envelope, took_ms, error));
    } else if (is_refusal(error) && worker->jobs[worker->first].refusal == NULL) {
        refuse(worker, error);
    } else {
        fail_first(worker, may_try_again(error) ? error : not_written(worker, error));
    }
}

/* What a job of an earlier round was thought to come to is not known any more. */
static misas_error *begin_round(misas__worker *worker, size_t count)
{
    for (size_t i = worker->first; i < worker->count; i++) {
        misas__job *job = &worker->jobs[i];

        misas_error_free(job->error);
        job->error = NULL;
        job->reply = (misas_reply){0};
        job->is_answered = false;
    }
    worker->is_looking = worker->expects_duplicates;
    return worker->is_looking ? misas__worker_find_handled(worker, count) : NULL;
}

/* Is there anything in it? Of what was answered before nothing is. */
static bool has_content(const misas__draft *draft)
{
    return draft->count.handled_count > 0 || draft->count.fired_count > 0;
}

static misas_error *write_draft(misas__worker *worker)
{
    misas__session *session = &worker->session;

    return has_content(&session->draft) ? misas__draft_write(&session->draft, session->transaction)
                                        : NULL;
}

/* The round went well, but for the job after it, whose error this is, or NULL. */
static void finish_round(misas__worker *worker, size_t count, misas_error *stopped_by)
{
    bool was_written = count > 0 && has_content(&worker->session.draft);

    if (count > 0) {
        misas__outage_end(&worker->outage);
        settle(worker, count);
        worker->session.is_careful = false;
        worker->limit =
            2 * worker->limit < worker->max_batch ? 2 * worker->limit : worker->max_batch;
    }
    end_round(worker, was_written);
    if (stopped_by == NULL) {
        return;
    }
    worker->failures++;
    if (misas_error_has_tag(stopped_by, MISAS_TAG_FATAL)) {
        fail_for_good(worker, stopped_by);
    } else if (!wait_for_storage(worker, stopped_by)) {
        fail_first(worker, stopped_by);
    }
}

static void run_round(misas__worker *worker)
{
    int64_t began_ms = misas__monotonic_ms();
    size_t left = worker->count - worker->first;
    size_t count = left < worker->limit ? left : worker->limit;
    misas_error *stopped_by = NULL;
    misas_error *error = begin_round(worker, count);

    if (error == NULL) {
        misas__worker_decide(&count, &stopped_by, worker);
        error = count > 0 ? write_draft(worker) : NULL;
    }
    if (error != NULL) {
        misas_error_free(stopped_by);
        fail_round(worker, count, error, misas__monotonic_ms() - began_ms);
    } else {
        finish_round(worker, count, stopped_by);
    }
}

/* A job that waits for something better is not waited for when the worker is stopped. */
static void handle_jobs(misas__worker *worker)
{
    while (worker->first < worker->count &&
           (worker->failures == 0 || !misas__bus_queue_is_stopped(worker->queue))) {
        run_round(worker);
    }
    while (worker->first < worker->count) {
        misas__job *job = &worker->jobs[worker->first];

        give_up(worker, misas__bus_stopped(job->item->envelope));
    }
    misas__aggregate_cache_trim(&worker->session.cache);
}

static void *run(void *argument)
{
    misas__worker *worker = argument;

    misas__bus_enter_worker();
    while (!misas__bus_queue_is_stopped(worker->queue)) {
        worker->first = 0;
        worker->count =
            misas__bus_queue_take(worker->queue, worker->items, worker->max_batch, take_timeout_ms);
        for (size_t i = 0; i < worker->count; i++) {
            worker->jobs[i] = (misas__job){.item = worker->items[i]};
        }
        handle_jobs(worker);
    }
    return NULL;
}

static void free_worker(misas__worker *worker)
{
    misas__transaction *transaction = worker->session.transaction;

    if (transaction != NULL) {
        transaction->functions->free(transaction);
    }
    misas__aggregate_cache_end(&worker->session.cache);
    misas__draft_free(&worker->session.draft);
    free(worker->jobs);
    free(worker->items);
    free(worker);
}

static misas_error *start(misas__worker *worker)
{
    misas_error *error =
        misas__transaction_new(&worker->session.transaction, worker->session.storage);

    worker->jobs = calloc(worker->max_batch, sizeof *worker->jobs);
    worker->items = calloc(worker->max_batch, sizeof(misas__bus_item *));
    if (error == NULL && (worker->jobs == NULL || worker->items == NULL ||
                          pthread_create(&worker->thread, NULL, run, worker) != 0)) {
        error = misas_error_out_of_memory();
    }
    return error;
}

misas_error *misas__worker_start(misas__worker **out, const misas__worker_options *options)
{
    const misas_command_processor_options *processor = options->processor;
    misas__worker *worker = calloc(1, sizeof *worker);

    if (worker == NULL) {
        return misas_error_out_of_memory();
    }
    worker->session = (misas__session){
        .subsystem = processor->subsystem,
        .storage = processor->storage,
        .clock = processor->clock,
        .logger = processor->logger,
    };
    misas__aggregate_cache_begin(&worker->session.cache, (size_t)processor->cached_aggregates);
    worker->queue = options->queue;
    worker->all_queues = options->all_queues;
    worker->max_attempts = processor->max_attempts;
    worker->max_batch = (size_t)processor->max_batch;
    worker->limit = worker->max_batch;
    worker->expects_duplicates = true;
    worker->outage = (misas__outage){
        .logger = processor->logger,
        .who = misas_log_text("subsystem", processor->subsystem->name),
    };
    worker->on_fatal = processor->on_fatal;
    worker->on_fatal_argument = processor->on_fatal_argument;
    misas_error *error = start(worker);

    if (error != NULL) {
        free_worker(worker);
        return error;
    }
    *out = worker;
    return NULL;
}

void misas__worker_end(misas__worker *worker)
{
    if (worker != NULL) {
        pthread_join(worker->thread, NULL);
        free_worker(worker);
    }
}
