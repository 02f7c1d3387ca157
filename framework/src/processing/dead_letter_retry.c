#include "processing/event_worker.h"

enum { retried_at_once = 10 };

/* The letter is settled, or it says why not this time. */
static misas_error *write_outcome(misas__event_worker *worker, const misas__dead_letter *letter,
                                  const misas_error *failure)
{
    misas_error *error = NULL;

    if (failure == NULL) {
        worker->session.draft.settled_dead_letters = &letter->id;
        worker->session.draft.settled_dead_letter_count = 1;
    } else {
        error =
            misas__event_worker_set_aside(worker, &letter->event, letter->attempts + 1, failure);
    }
    return error == NULL ? misas__event_worker_write(worker, worker->position) : error;
}

static void log_outcome(const misas__event_worker *worker, const misas__dead_letter *letter,
                        const misas_error *failure)
{
    misas_log_write_error(
        &worker->session.logger, MISAS_LOG_INFO,
        failure == NULL ? "a dead letter was handled" : "a dead letter failed again", failure,
        (misas_log_field[]){misas_log_text("processor", letter->processor),
                            misas_log_number("dead_letter", letter->id), misas_log_end()});
}

/* The handler of batches gets it as a batch of its own. */
static misas_error *handle(misas__event_worker *worker, const misas_event *event)
{
    misas__session *session = &worker->session;
    const misas_event_processor *processor = worker->processor;
    misas__outcome outcome;

    misas__handle_event(&outcome, session, processor, event);
    if (outcome.error == NULL && misas__event_processor_batches(processor, event->type)) {
        misas__handle_event_batch(&outcome, session, processor, &event, 1);
    }
    return outcome.error;
}

/* Maybe it was this one that has ended the process: it is not to be retried once more if it does so
 * again. */
static misas_error *note_attempt(misas__event_worker *worker, const misas__dead_letter *letter)
{
    misas_error *why = NULL;
    misas_error *error = misas_error_decode(&why, letter->error, letter->error_size);

    if (error == NULL) {
        error = misas__event_worker_set_aside(worker, &letter->event, letter->attempts + 1, why);
    }
    if (error == NULL) {
        error = misas__event_worker_write(worker, worker->position);
    }
    misas__event_worker_end_round(worker, error == NULL);
    misas_error_free(why);
    return error;
}

static misas_error *retry(misas__event_worker *worker, const misas__dead_letter *letter)
{
    misas_error *noted = worker->is_after_crash ? note_attempt(worker, letter) : NULL;

    if (noted != NULL) {
        return noted;
    }
    misas_error *failure = handle(worker, &letter->event);

    if (failure != NULL) { /* what it did to documents goes first */
        misas__event_worker_end_round(worker, false);
    }
    misas_error *error = write_outcome(worker, letter, failure);

    misas__event_worker_end_round(worker, error == NULL);
    if (error == NULL) {
        log_outcome(worker, letter, failure);
    }
    misas_error_free(failure);
    return error;
}

static misas_error *retry_all(misas__event_worker *worker, misas__arena *arena)
{
    const misas__dead_letter *letters = NULL;
    size_t count = 0;
    misas_error *error = worker->session.storage->backend->checkpoints.list_dead_letters(
        &letters, &count, worker->session.storage,
        &(misas__dead_letter_query){.processor = worker->processor->name,
                                    .max = retried_at_once,
                                    .only_to_be_retried = true},
        arena);

    for (size_t i = 0; i < count && error == NULL; i++) {
        error = retry(worker, &letters[i]);
    }
    return error;
}

void misas__event_worker_retry_dead_letters(misas__event_worker *worker)
{
    misas__arena arena = {0};
    misas_error *error = retry_all(worker, &arena);

    if (misas_error_is(error, MISAS__ERROR_LEASE_LOST)) {
        atomic_store(&worker->lease.is_lost, true);
    } else if (error != NULL) {
        misas__outage_fail(&worker->outage, "dead letters are tried again later", error);
    } else {
        misas__outage_end(&worker->outage);
    }
    misas_error_free(error);
    misas__arena_free(&arena);
}
