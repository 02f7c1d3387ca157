#include "processing/event_worker.h"

#include <stdlib.h>

#include "bus/bus.h"
#include "clock/monotonic.h"
#include "memory/growth.h"
#include "processing/patience.h"

enum {
    event_timeout_ms = 100, /* to wait for an event */
    look_interval_ms = 1000
};

static void free_jobs(misas__event_worker *worker)
{
    for (size_t i = 0; i < worker->count; i++) {
        misas_error_free(worker->jobs[i].aside);
        free(worker->jobs[i].event);
    }
    worker->count = 0;
    worker->first = 0;
    worker->failures = 0;
}

/* Takes the subscription; the one before is freed. */
static void set_subscription(misas__event_worker *worker, misas_subscription *subscription)
{
    misas_subscription *before = worker->subscription;

    pthread_mutex_lock(&worker->subscription_mutex);
    worker->subscription = subscription;
    pthread_mutex_unlock(&worker->subscription_mutex);
    misas_subscription_free(before);
}

void misas__event_worker_interrupt(misas__event_worker *worker)
{
    pthread_mutex_lock(&worker->subscription_mutex);
    if (worker->subscription != NULL) {
        misas_subscription_stop(worker->subscription);
    }
    pthread_mutex_unlock(&worker->subscription_mutex);
}

/* It leads no more: what is in hand is the next leader's. */
static void stop_leading(misas__event_worker *worker)
{
    misas__progress_leave(&worker->progress);
    misas__lease_release(&worker->lease);
    set_subscription(worker, NULL);
    free_jobs(worker);
}

static misas_error *subscribe(misas__event_worker *worker)
{
    misas_subscription *subscription = NULL;
    misas_error *error = misas_event_store_subscribe(
        &subscription, misas_storage_event_store(worker->session.storage),
        &(misas_subscription_options){.from = worker->position + 1,
                                      .select_types =
                                          (const char *const *)worker->processor->types});

    if (error == NULL) {
        set_subscription(worker, subscription);
    }
    return error;
}

/* What was taken is begun with: after a crash the first events are tried one by one. */
static misas_error *begin_leading(misas__event_worker *worker, const misas__checkpoint *taken)
{
    bool is_first_time = taken->epoch == 1 && taken->position == 0;
    misas_error *error = NULL;

    worker->position = taken->position;
    worker->limit = (size_t)worker->processor->options.max_batch;
    worker->is_after_crash = !taken->was_released && !is_first_time;
    worker->to_try_alone = worker->is_after_crash ? worker->limit : 0;
    worker->looked_ms = 0;
    if (is_first_time && worker->processor->options.begins_at_end) {
        uint64_t end = 0;

        error = misas__storage_last_position(&end, worker->session.storage);
        if (error == NULL) {
            error = misas__event_worker_write(worker, end);
            misas__event_worker_end_round(worker, error == NULL);
        }
    }
    if (error == NULL) {
        error = subscribe(worker);
    }
    if (error == NULL) {
        misas__progress_handled(&worker->progress, atomic_load(&worker->lease.epoch),
                                worker->position);
    }
    return error;
}

static void try_to_lead(misas__event_worker *worker)
{
    misas__checkpoint taken;
    misas_error *error = misas__lease_take(&taken, &worker->lease);

    if (error == NULL && atomic_load(&worker->lease.is_held)) {
        error = begin_leading(worker, &taken);
    }
    if (error != NULL) {
        stop_leading(worker);
        misas__outage_fail(&worker->outage, "an event processor waits for its storage", error);
        misas_error_free(error);
    } else if (!atomic_load(&worker->lease.is_held)) { /* a leader goes on by what it does */
        misas__outage_end(&worker->outage);
    }
    if (!atomic_load(&worker->lease.is_held)) {
        misas__stop_signal_wait(worker->stop, misas__lead_interval_ms);
    }
}

static bool is_incomplete(const misas_event *event)
{
    return event->part + 1 < event->part_count;
}

static misas_error *take_event(misas__event_worker *worker, const misas_event *event)
{
    misas__event_job *jobs =
        misas__grow(worker->jobs, worker->count, &worker->capacity, sizeof *jobs);

    if (jobs == NULL) {
        return misas_error_out_of_memory();
    }
    worker->jobs = jobs;
    jobs[worker->count] = (misas__event_job){0};
    misas_error *error = misas_event_copy(&jobs[worker->count].event, event);

    worker->count += error == NULL ? 1 : 0;
    return error;
}

/* As many as are there, up to a batch; waits for the first. */
static misas_error *collect(misas__event_worker *worker)
{
    size_t most = (size_t)worker->processor->options.max_batch;
    const misas_event *event = NULL;
    int timeout_ms = event_timeout_ms;
    misas_error *error = NULL;

    do {
        error = misas_subscription_next(&event, worker->subscription, timeout_ms);
        if (error == NULL && event != NULL) {
            error = take_event(worker, event);
        }
        timeout_ms = 0;
    } while (error == NULL && event != NULL &&
             (worker->count < most || is_incomplete(worker->jobs[worker->count - 1].event)));
    return error;
}

/* Events of other types come by: the checkpoint moves past them, now and then. */
static misas_error *move_past_others(misas__event_worker *worker)
{
    uint64_t settled = misas_subscription_settled(worker->subscription);

    if (settled <= worker->position) {
        return NULL;
    }
    misas_error *error = misas__event_worker_write(worker, settled);

    misas__event_worker_end_round(worker, error == NULL);
    return error;
}

static misas_error *look_around(misas__event_worker *worker)
{
    if (misas__monotonic_ms() - worker->looked_ms < look_interval_ms) {
        return NULL;
    }
    worker->looked_ms = misas__monotonic_ms();
    misas__event_worker_retry_dead_letters(worker);
    return worker->count == 0 ? move_past_others(worker) : NULL;
}

static void fail_reading(misas__event_worker *worker, misas_error *error)
{
    if (misas_error_is(error, MISAS__ERROR_LEASE_LOST)) {
        atomic_store(&worker->lease.is_lost, true);
        misas_error_free(error);
    } else {
        misas__outage_fail(&worker->outage, "an event processor can't read, and tries again",
                           error);
        misas_error_free(error);
        misas__stop_signal_wait(worker->stop, look_interval_ms);
    }
    stop_leading(worker);
}

static void take_step(misas__event_worker *worker)
{
    if (atomic_load(&worker->lease.is_lost)) {
        stop_leading(worker);
        return;
    }
    if (atomic_load(&worker->lease.is_paused)) {
        misas__stop_signal_wait(worker->stop, misas__lead_interval_ms);
        return;
    }
    misas_error *error = collect(worker);

    if (error == NULL) {
        misas__event_worker_handle(worker);
        error = atomic_load(&worker->lease.is_lost) ? NULL : look_around(worker);
    }
    if (error != NULL) {
        fail_reading(worker, error);
    }
}

static void *run(void *argument)
{
    misas__event_worker *worker = argument;

    misas__bus_enter_worker();
    while (!misas__stop_signal_is_given(worker->stop)) {
        if (atomic_load(&worker->lease.is_held)) {
            take_step(worker);
        } else {
            try_to_lead(worker);
        }
    }
    stop_leading(worker);
    return NULL;
}

static void free_worker(misas__event_worker *worker)
{
    misas__transaction *transaction = worker->session.transaction;

    if (transaction != NULL) {
        transaction->functions->free(transaction);
    }
    free_jobs(worker);
    misas__aggregate_cache_end(&worker->session.cache);
    misas__draft_free(&worker->session.draft);
    misas__progress_end(&worker->progress);
    pthread_mutex_destroy(&worker->subscription_mutex);
    free(worker->jobs);
    free(worker);
}

misas_error *misas__event_worker_start(misas__event_worker **out,
                                       const misas__event_worker_options *options)
{
    const misas_event_processing_options *processing = options->processing;
    misas__event_worker *worker = calloc(1, sizeof *worker);

    if (worker == NULL) {
        return misas_error_out_of_memory();
    }
    worker->session = (misas__session){
        .subsystem = processing->subsystem,
        .storage = processing->storage,
        .clock = processing->clock,
        .logger = processing->logger,
        .has_no_savepoints = true,
    };
    misas__aggregate_cache_begin(&worker->session.cache, (size_t)processing->cached_aggregates);
    misas__progress_begin(&worker->progress);
    pthread_mutex_init(&worker->subscription_mutex, NULL);
    worker->processor = options->processor;
    worker->outage = (misas__outage){
        .logger = processing->logger,
        .who = misas_log_text("processor", options->processor->name),
    };
    misas__lease_begin(&worker->lease, processing->storage,
                       &(misas__checkpoint_key){options->processor->name, MISAS__SOURCE_LOG, 0},
                       processing->owner);
    worker->stop = options->stop;
    worker->on_fatal = processing->on_fatal;
    worker->on_fatal_argument = processing->on_fatal_argument;
    misas_error *error =
        misas__transaction_new(&worker->session.transaction, worker->session.storage);

    if (error == NULL && pthread_create(&worker->thread, NULL, run, worker) != 0) {
        error = misas_error_out_of_memory();
    }
    if (error != NULL) {
        free_worker(worker);
        return error;
    }
    *out = worker;
    return NULL;
}

void misas__event_worker_end(misas__event_worker *worker)
{
    if (worker != NULL) {
        pthread_join(worker->thread, NULL);
        free_worker(worker);
    }
}
