/* Dead letters of sent commands, which are to be sent once more. */
#include <stdlib.h>

#include "clock/monotonic.h"
#include "processing/dispatcher.h"

enum { look_interval_ms = 1000 };

static void forget(misas__retried_command *retried)
{
    free(retried->sent.event);
    retried->sent = (misas__dispatched){.dispatcher = NULL};
    retried->letter = NULL;
    misas__arena_free(&retried->arena);
}

/* How it stands with the letter in hand. */
static misas_error *note(misas_command_dispatcher *dispatcher, int32_t attempts,
                         bool is_to_be_retried)
{
    misas__dead_letter letter = *dispatcher->retried.letter;

    letter.attempts = attempts;
    letter.is_to_be_retried = is_to_be_retried;
    return misas__dispatch_write(dispatcher, dispatcher->position,
                                 &(misas__batch){.dead_letters = &letter, .dead_letter_count = 1});
}

/* It is not to be retried once more when it ends the process. */
static misas_error *begin(misas_command_dispatcher *dispatcher, const misas__dead_letter *letter)
{
    misas__retried_command *retried = &dispatcher->retried;

    retried->sent = (misas__dispatched){.dispatcher = dispatcher};
    misas_error *error = misas_event_copy(&retried->sent.event, &letter->event);

    if (error == NULL) {
        retried->letter = letter;
        error = note(dispatcher, letter->attempts + 1, false);
    }
    return error;
}

static misas_error *take(misas_command_dispatcher *dispatcher)
{
    misas__retried_command *retried = &dispatcher->retried;
    misas_storage *storage = dispatcher->options.storage;
    const misas__dead_letter *letters = NULL;
    size_t count = 0;

    retried->looked_ms = misas__monotonic_ms();
    misas_error *error = storage->backend->checkpoints.list_dead_letters(
        &letters, &count, storage,
        &(misas__dead_letter_query){
            .processor = dispatcher->name, .max = 1, .only_to_be_retried = true},
        &retried->arena);

    if (error == NULL) {
        misas__outage_end(&dispatcher->outage);
    }
    if (error == NULL && count > 0) {
        error = begin(dispatcher, letters);
    }
    if (error != NULL || count == 0) {
        forget(retried);
    }
    return error;
}

static bool is_answered(misas_command_dispatcher *dispatcher)
{
    pthread_mutex_lock(&dispatcher->mutex);
    bool is_answered = dispatcher->retried.sent.is_answered;

    pthread_mutex_unlock(&dispatcher->mutex);
    return is_answered;
}

static misas_error *settle(misas_command_dispatcher *dispatcher)
{
    const misas__dead_letter *letter = dispatcher->retried.letter;
    misas_error *error = misas__dispatch_write(
        dispatcher, dispatcher->position,
        &(misas__batch){.settled_dead_letters = &letter->id, .settled_dead_letter_count = 1});

    if (error == NULL) {
        misas_log_write(&dispatcher->options.logger, MISAS_LOG_INFO, "a dead letter was handled",
                        (misas_log_field[]){misas_log_text("processor", letter->processor),
                                            misas_log_number("dead_letter", letter->id),
                                            misas_log_end()});
        forget(&dispatcher->retried);
        dispatcher->retried.looked_ms = 0; /* there may be more */
    }
    return error;
}

/* What may have ended the process is tried without others. */
static bool may_take(const misas_command_dispatcher *dispatcher)
{
    bool is_time = misas__monotonic_ms() - dispatcher->retried.looked_ms >= look_interval_ms;

    return is_time && !atomic_load(&dispatcher->lease.is_paused) &&
           (dispatcher->to_try_alone == 0 || dispatcher->count == 0);
}

misas_error *misas__dispatch_retry(misas_command_dispatcher *dispatcher)
{
    misas__retried_command *retried = &dispatcher->retried;
    misas_error *error = NULL;

    if (retried->letter == NULL && may_take(dispatcher)) {
        error = take(dispatcher);
    }
    if (retried->letter == NULL) {
        return error;
    }
    if (is_answered(dispatcher)) {
        return settle(dispatcher);
    }
    misas__dispatched_send(&retried->sent); /* or, when there is no room, later */
    return NULL;
}

void misas__dispatch_retry_end(misas_command_dispatcher *dispatcher, bool is_leading)
{
    misas__retried_command *retried = &dispatcher->retried;

    if (retried->letter != NULL && is_leading) {
        misas_error_free(is_answered(dispatcher)
                             ? settle(dispatcher)
                             : note(dispatcher, retried->letter->attempts, true));
    }
    forget(retried);
}
