/* What becomes of an event that has failed by itself: the processor waits, or sets it aside, or
 * stops for good. */
#include "processing/event_worker.h"
#include "processing/patience.h"

enum { look_ms = 1000 }; /* between two looks for dead letters to be retried */

/* Nothing goes on behind the event, but dead letters are not behind it. */
static void pause(misas__event_worker *worker, bool is_away)
{
    int left_ms = misas__pause_ms(worker->failures);

    while (left_ms > 0 && !atomic_load(&worker->lease.is_lost) &&
           !misas__stop_signal_wait(worker->stop, left_ms < look_ms ? left_ms : look_ms)) {
        left_ms -= look_ms;
        if (!is_away && !atomic_load(&worker->lease.is_paused)) {
            misas__event_worker_retry_dead_letters(worker);
        }
    }
}

static void log_failure(const misas__event_worker *worker, const misas_error *error)
{
    misas_log_write_error(
        &worker->session.logger, MISAS_LOG_WARNING, "an event is tried again", error,
        (misas_log_field[]){
            misas_log_text("processor", worker->processor->name),
            misas_log_number("position", (int64_t)worker->jobs[worker->first].event->position),
            misas_log_number("failures", worker->failures), misas_log_end()});
}

static void back_off(misas__event_worker *worker, const misas_error *error, bool is_away)
{
    misas__progress_fail(&worker->progress, error);
    if (is_away) {
        misas__outage_fail(&worker->outage, "an event processor waits for its storage", error);
    } else {
        log_failure(worker, error);
    }
    pause(worker, is_away);
}

static bool is_set_aside(const misas__event_worker *worker, const misas_error *error,
                         bool is_undecodable)
{
    if (is_undecodable) {
        return true;
    }
    if (worker->processor->options.on_failure == MISAS_FAILURE_DELAYS) {
        return false;
    }
    return !misas_error_has_tag(error, MISAS_TAG_RETRIABLE) ||
           worker->failures + 1 >= worker->processor->options.max_attempts;
}

static void stop_for_good(misas__event_worker *worker, misas_error *error)
{
    if (worker->on_fatal != NULL) {
        worker->on_fatal(worker->on_fatal_argument, error);
    } else {
        misas_log_write_error(&worker->session.logger, MISAS_LOG_ERROR,
                              "a fatal error: nothing more is handled", error, NULL);
        misas_error_free(error);
    }
    misas__stop_signal_give(worker->stop);
}

void misas__event_worker_fail_first(misas__event_worker *worker, misas_error *error,
                                    bool is_undecodable)
{
    if (misas_error_has_tag(error, MISAS_TAG_FATAL)) {
        worker->failures++;
        stop_for_good(worker, error);
        return;
    }
    bool is_away = misas__is_storage_away(worker->session.storage, error);

    if (!is_away && is_set_aside(worker, error, is_undecodable)) {
        worker->jobs[worker->first].aside = error;
        return;
    }
    worker->failures++;
    back_off(worker, error, is_away);
    misas_error_free(error);
}
