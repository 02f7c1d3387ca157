#include <stdlib.h>
#include <string.h>

#include "processing/event_worker.h"
#include "processing/patience.h"

enum { tries_before_a_crash_is_a_dead_letter = 3 };

/* How far a round has got. */
typedef struct event_round {
    size_t end;              /* the first job that was not decided upon */
    misas_error *stopped_by; /* why that one was not; NULL: for no fault of its own */
    bool is_undecodable;
    bool is_broken; /* the transaction holds what can't be undone alone */
} event_round;

misas_error *misas__event_worker_write(misas__event_worker *worker, uint64_t position)
{
    worker->move = misas__lease_move(&worker->lease, position);
    worker->move.is_once = true;
    worker->move.from = worker->position;
    worker->session.draft.checkpoint = &worker->move;
    misas_error *error = misas__draft_write(&worker->session.draft, worker->session.transaction);

    if (error == NULL) {
        worker->position = position;
        misas__outage_end(&worker->outage);
    }
    return error;
}

void misas__event_worker_end_round(misas__event_worker *worker, bool was_written)
{
    misas__session *session = &worker->session;

    if (!was_written) {
        session->transaction->functions->roll_back(session->transaction);
    }
    session->has_begun = false;
    misas__draft_reset(&session->draft, &session->cache, was_written);
}

/* The job after the last part of the event that begins at `first`. */
static size_t end_of_event(const misas__event_worker *worker, size_t first)
{
    size_t end = first + 1;

    while (end < worker->count && worker->jobs[end].event->part > 0) {
        end++;
    }
    return end;
}

misas_error *misas__event_worker_set_aside(misas__event_worker *worker, const misas_event *event,
                                           int32_t attempts, const misas_error *why)
{
    return misas__draft_add_dead_letter(&worker->session.draft,
                                        &(misas__dead_letter){.processor = worker->processor->name,
                                                              .event = *event,
                                                              .attempts = attempts},
                                        why);
}

static misas_error *set_aside(misas__event_worker *worker, size_t first, size_t end)
{
    misas_error *error = NULL;

    for (size_t i = first; i < end && error == NULL; i++) {
        error = misas__event_worker_set_aside(worker, worker->jobs[i].event, worker->failures + 1,
                                              worker->jobs[first].aside);
    }
    return error;
}

/* All parts of an event, or nothing of it. */
static void handle_event(misas__outcome *out, misas__event_worker *worker, size_t first, size_t end)
{
    misas__session *session = &worker->session;
    const misas__draft_mark began_at = session->draft.count;

    *out = (misas__outcome){0};
    for (size_t i = first; i < end && out->error == NULL; i++) {
        misas__handle_event(out, session, worker->processor, worker->jobs[i].event);
    }
    if (out->error != NULL) {
        misas__draft_undo(&session->draft, &began_at);
    }
}

/* False when the round ends before this event. */
static bool decide_event(event_round *round, misas__event_worker *worker, size_t first, size_t end)
{
    misas__outcome outcome = {0};

    if (worker->jobs[first].aside != NULL) {
        outcome.error = set_aside(worker, first, end);
    } else {
        handle_event(&outcome, worker, first, end);
    }
    if (outcome.error == NULL) {
        round->end = end;
        return true;
    }
    round->is_broken = worker->session.has_begun;
    round->is_undecodable = outcome.is_undecodable;
    if (outcome.ends_batch) {
        misas_error_free(outcome.error);
    } else {
        round->stopped_by = outcome.error;
    }
    return false;
}

static void decide(event_round *round, misas__event_worker *worker)
{
    size_t most = worker->first + worker->limit;

    round->end = worker->first;
    for (size_t i = worker->first; i < worker->count && i < most;) {
        size_t end = end_of_event(worker, i);

        if (!decide_event(round, worker, i, end)) {
            return;
        }
        i = end;
    }
}

/* The events decided upon, for the handler of batches. */
static misas_error *handle_batch(misas__event_worker *worker, const event_round *round)
{
    misas__session *session = &worker->session;
    size_t most = round->end - worker->first;
    size_t count = 0;
    misas__outcome outcome = {0};

    if (worker->processor->batch_handler == NULL || most == 0) {
        return NULL;
    }
    const misas_event **events =
        misas__arena_allocate(&session->draft.arena, most * sizeof *events);

    if (events == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = worker->first; i < round->end; i++) {
        const misas_event *event = worker->jobs[i].event;

        if (worker->jobs[i].aside == NULL &&
            misas__event_processor_batches(worker->processor, event->type)) {
            events[count++] = event;
        }
    }
    if (count > 0) {
        misas__handle_event_batch(&outcome, session, worker->processor, events, count);
    }
    return outcome.error;
}

/* Where the checkpoint is while what the events ask for is written. */
static uint64_t position_of_effects(const misas__event_worker *worker, const event_round *round)
{
    return worker->processor->options.checkpoint == MISAS_CHECKPOINT_WITH_EFFECTS
               ? worker->jobs[round->end - 1].event->position
               : worker->position;
}

/* Moves the checkpoint in a transaction of its own. */
static misas_error *move_to(misas__event_worker *worker, size_t end)
{
    misas_error *error = misas__event_worker_write(worker, worker->jobs[end - 1].event->position);

    misas__event_worker_end_round(worker, error == NULL);
    return error;
}

static misas_error *write_round(misas__event_worker *worker, const event_round *round)
{
    if (round->end == worker->first) {
        return NULL;
    }
    misas_error *error = handle_batch(worker, round);

    if (error == NULL) {
        error = misas__event_worker_write(worker, position_of_effects(worker, round));
    }
    if (error == NULL && worker->processor->options.checkpoint == MISAS_CHECKPOINT_AFTER_EFFECTS) {
        misas__event_worker_end_round(worker, true);
        error = move_to(worker, round->end);
    }
    return error;
}

/* A round could not be written. Takes the error. */
static void fail_round(misas__event_worker *worker, const event_round *round, misas_error *error)
{
    size_t tried = round->end - worker->first;

    if (misas_error_is(error, MISAS__ERROR_LEASE_LOST)) {
        atomic_store(&worker->lease.is_lost, true);
        misas_error_free(error);
    } else if (tried > 1 && !misas__is_storage_away(worker->session.storage, error)) {
        worker->session.is_careful = true;
        worker->limit = tried / 2;
        misas_error_free(error);
    } else {
        worker->session.is_careful = true;
        misas__event_worker_fail_first(worker, error, false);
    }
}

static void finish_round(misas__event_worker *worker, event_round *round)
{
    size_t most = (size_t)worker->processor->options.max_batch;

    if (round->end > worker->first) {
        size_t done = round->end - worker->first;

        worker->to_try_alone -= done < worker->to_try_alone ? done : worker->to_try_alone;
        worker->first = round->end;
        worker->failures = 0;
        worker->session.is_careful = false;
        worker->limit = 2 * worker->limit < most ? 2 * worker->limit : most;
    }
    if (round->stopped_by != NULL) {
        misas__event_worker_fail_first(worker, round->stopped_by, round->is_undecodable);
    }
}

static misas_error *has_crashed(int32_t attempts)
{
    return misas_error_new_format(&(misas_error_options){.type_name = MISAS_ERROR_HANDLER_CRASHED},
                                  "the process ended %d times while this event was handled",
                                  (int)attempts - 1);
}

/* What may have crashed the leader before is tried alone, and each try is noted before. */
static misas_error *note_attempt(misas__event_worker *worker)
{
    misas__event_job *job = &worker->jobs[worker->first];
    int32_t attempts = 0;
    misas_error *error = worker->session.storage->backend->checkpoints.attempt(
        &attempts, worker->session.storage, &worker->lease.key, atomic_load(&worker->lease.epoch),
        job->event->position);

    worker->limit = 1;
    if (error == NULL && attempts > tries_before_a_crash_is_a_dead_letter && job->aside == NULL) {
        job->aside = has_crashed(attempts);
    }
    return error;
}

static misas_error *begin_round(misas__event_worker *worker)
{
    misas_error *error = NULL;

    if (worker->to_try_alone > 0 && worker->failures == 0) {
        error = note_attempt(worker);
    }
    if (error == NULL && worker->processor->options.checkpoint == MISAS_CHECKPOINT_BEFORE_EFFECTS) {
        worker->limit = 1;
        error = move_to(worker, end_of_event(worker, worker->first));
    }
    return error;
}

/* What one event did to documents can't be undone alone: those before it are handled without it. */
static void redo_without(misas__event_worker *worker, event_round *round)
{
    size_t before = round->end - worker->first;

    misas__event_worker_end_round(worker, false);
    if (before > 0) {
        worker->limit = before;
        misas_error_free(round->stopped_by);
    } else if (round->stopped_by != NULL) {
        misas__event_worker_fail_first(worker, round->stopped_by, round->is_undecodable);
    }
}

static void run_round(misas__event_worker *worker)
{
    event_round round = {.end = worker->first};
    misas_error *error = begin_round(worker);

    if (error == NULL) {
        decide(&round, worker);
        if (round.is_broken) {
            redo_without(worker, &round);
            return;
        }
        error = write_round(worker, &round);
    }
    misas__event_worker_end_round(worker, error == NULL && round.end > worker->first);
    if (error != NULL) {
        misas_error_free(round.stopped_by);
        fail_round(worker, &round, error);
    } else {
        finish_round(worker, &round);
    }
}

static bool goes_on(const misas__event_worker *worker)
{
    if (worker->first == worker->count || atomic_load(&worker->lease.is_lost)) {
        return false;
    }
    return !misas__stop_signal_is_given(worker->stop) || worker->failures == 0;
}

static void forget_done(misas__event_worker *worker)
{
    if (worker->first == 0) {
        return;
    }
    misas__progress_handled(&worker->progress, atomic_load(&worker->lease.epoch),
                            worker->jobs[worker->first - 1].event->position);
    for (size_t i = 0; i < worker->first; i++) {
        misas_error_free(worker->jobs[i].aside);
        free(worker->jobs[i].event);
    }
    worker->count -= worker->first;
    memmove(worker->jobs, worker->jobs + worker->first, worker->count * sizeof *worker->jobs);
    worker->first = 0;
}

void misas__event_worker_handle(misas__event_worker *worker)
{
    while (goes_on(worker) && !atomic_load(&worker->lease.is_paused)) {
        run_round(worker);
    }
    forget_done(worker);
    misas__aggregate_cache_trim(&worker->session.cache);
}
