#include <stdlib.h>
#include <string.h>

#include "bus/bus.h"
#include "bus/errors.h"
#include "clock/deadline.h"
#include "clock/monotonic.h"
#include "processing/dispatcher.h"
#include "processing/patience.h"

enum {
    event_timeout_ms = 20,  /* to wait for a command */
    room_timeout_ms = 100,  /* to wait for room on the bus */
    move_interval_ms = 100, /* between two moves of the checkpoint, while there is work */
    forget_interval_ms = 10000,
    forgotten_at_once = 1000,
    tries_before_a_crash_is_a_dead_letter = 3
};

static misas__dispatched *slot(misas_command_dispatcher *dispatcher, size_t index)
{
    return &dispatcher->ring[(dispatcher->first + index) % misas__dispatch_window];
}

static void log_refusal(const misas__dispatched *command, const misas_error *error)
{
    char id[MISAS_UUID_TEXT_SIZE];
    const misas_logger logger = {command->dispatcher->options.logger.log,
                                 command->event->metadata.correlation_id};

    misas_log_write_error(
        &logger, MISAS_LOG_INFO, "a command that a handler sent was refused", error,
        (misas_log_field[]){misas_log_text("type", command->event->type),
                            misas_log_text("id", misas_uuid_write(id, command->event->id)),
                            misas_log_end()});
}

static void come_back(misas__dispatched *command, bool is_answered)
{
    misas_command_dispatcher *dispatcher = command->dispatcher;

    pthread_mutex_lock(&dispatcher->mutex);
    command->is_on_its_way = false;
    command->is_answered = is_answered;
    if (!is_answered) {
        command->failures++;
        command->send_at_ms = misas__monotonic_ms() + misas__pause_ms(command->failures);
    }
    pthread_cond_signal(&dispatcher->answered);
    pthread_mutex_unlock(&dispatcher->mutex);
}

static void take_answer(void *argument, const misas_reply *reply, misas_error *error)
{
    misas__dispatched *command = argument;

    (void)reply;
    if (error != NULL && misas__is_final(error)) {
        log_refusal(command, error);
    }
    come_back(command, misas__is_final(error));
    misas_error_free(error);
}

static void fill_envelope(misas_envelope *out, char id[MISAS_UUID_TEXT_SIZE],
                          const misas_event *event)
{
    const char *source = misas_metadata_get(&event->metadata, MISAS__COMMAND_SOURCE);

    *out = (misas_envelope){
        .id = misas_uuid_write(id, event->id),
        .source = source != NULL ? source : MISAS_SYSTEM_STREAM,
        .type = event->type,
        .type_version = event->type_version,
        .key = misas_metadata_get(&event->metadata, MISAS__COMMAND_KEY),
        .time_us = event->recorded_at_us,
        .payload = event->payload,
        .payload_size = event->payload_size,
        .metadata = {.correlation_id = event->metadata.correlation_id,
                     .causation_id = event->metadata.causation_id},
    };
}

/* False when there was no room for it: those behind it wait as well. */
static bool send(misas__dispatched *command)
{
    misas_envelope envelope;
    char id[MISAS_UUID_TEXT_SIZE];

    fill_envelope(&envelope, id, command->event);
    command->is_on_its_way = true;
    misas_error *error = misas__bus_send_envelope(
        command->dispatcher->options.bus, &envelope,
        &(misas_send_options){
            .timeout_ms = room_timeout_ms, .completion = take_answer, .argument = command});

    if (misas_error_is(error, MISAS_ERROR_BUS_FULL)) {
        command->is_on_its_way = false;
        misas_error_free(error);
        return false;
    }
    if (error != NULL) { /* it never got there: its processor has stopped, or not yet begun */
        come_back(command, false);
        misas_error_free(error);
    }
    return true;
}

static bool is_due(const misas__dispatched *command)
{
    misas_command_dispatcher *dispatcher = command->dispatcher;

    pthread_mutex_lock(&dispatcher->mutex);
    bool is_due = !command->is_on_its_way && !command->is_answered && command->aside == NULL &&
                  command->send_at_ms <= misas__monotonic_ms();

    pthread_mutex_unlock(&dispatcher->mutex);
    return is_due;
}

bool misas__dispatched_send(misas__dispatched *command)
{
    return !is_due(command) || send(command);
}

static void send_due(misas_command_dispatcher *dispatcher)
{
    bool has_room = true;

    for (size_t i = 0; i < dispatcher->count && has_room; i++) {
        has_room = misas__dispatched_send(slot(dispatcher, i));
    }
}

misas_error *misas__dispatch_write(misas_command_dispatcher *dispatcher, uint64_t position,
                                   const misas__batch *batch)
{
    const misas__checkpoint_move move = misas__lease_move(&dispatcher->lease, position);
    misas__batch written = *batch;

    written.checkpoint = &move;
    misas_error *error =
        dispatcher->transaction->functions->write(NULL, dispatcher->transaction, &written);

    if (error == NULL) {
        dispatcher->position = position;
        dispatcher->moved_ms = misas__monotonic_ms();
        misas__outage_end(&dispatcher->outage);
    }
    return error;
}

static misas_error *set_aside(misas_command_dispatcher *dispatcher,
                              const misas__dispatched *command)
{
    void *bytes = NULL;
    size_t size = 0;
    misas_error *error = misas_error_encode(&bytes, &size, command->aside);

    if (error == NULL) {
        const misas__dead_letter letter = {.processor = dispatcher->name,
                                           .event = *command->event,
                                           .error = bytes,
                                           .error_size = size,
                                           .attempts = tries_before_a_crash_is_a_dead_letter};

        error =
            misas__dispatch_write(dispatcher, command->event->position,
                                  &(misas__batch){.dead_letters = &letter, .dead_letter_count = 1});
    }
    free(bytes);
    return error;
}

static void forget_first(misas_command_dispatcher *dispatcher)
{
    misas__dispatched *command = slot(dispatcher, 0);

    dispatcher->done = command->event->position;
    misas__progress_handled(&dispatcher->progress, atomic_load(&dispatcher->lease.epoch),
                            dispatcher->done);
    misas_error_free(command->aside);
    free(command->event);
    dispatcher->first = (dispatcher->first + 1) % misas__dispatch_window;
    dispatcher->count--;
    dispatcher->to_try_alone -= dispatcher->to_try_alone > 0 ? 1 : 0;
}

/* Those at the front that are done with are forgotten, and the checkpoint moves past them. */
static misas_error *take_stock(misas_command_dispatcher *dispatcher)
{
    misas_error *error = NULL;
    bool is_done = true;

    while (dispatcher->count > 0 && is_done && error == NULL) {
        const misas__dispatched *command = slot(dispatcher, 0);

        pthread_mutex_lock(&dispatcher->mutex);
        is_done = command->is_answered || command->aside != NULL;
        pthread_mutex_unlock(&dispatcher->mutex);
        if (is_done && command->aside != NULL) {
            error = set_aside(dispatcher, command);
        }
        if (is_done && error == NULL) {
            forget_first(dispatcher);
        }
    }
    if (dispatcher->count == 0) { /* others come by that are no commands, or not ours */
        uint64_t settled = misas_subscription_settled(dispatcher->subscription);

        dispatcher->done = settled > dispatcher->done ? settled : dispatcher->done;
    }
    bool is_time = misas__monotonic_ms() - dispatcher->moved_ms >= move_interval_ms;

    return error == NULL && is_time && dispatcher->done > dispatcher->position
               ? misas__dispatch_write(dispatcher, dispatcher->done, &(misas__batch){0})
               : error;
}

static misas_error *has_crashed(int32_t attempts)
{
    return misas_error_new_format(&(misas_error_options){.type_name = MISAS_ERROR_HANDLER_CRASHED},
                                  "the process ended %d times while this command was handled",
                                  (int)attempts - 1);
}

static misas_error *note_attempt(misas_command_dispatcher *dispatcher, misas__dispatched *command)
{
    int32_t attempts = 0;
    misas_error *error = dispatcher->options.storage->backend->checkpoints.attempt(
        &attempts, dispatcher->options.storage, &dispatcher->lease.key,
        atomic_load(&dispatcher->lease.epoch), command->event->position);

    if (error == NULL && attempts > tries_before_a_crash_is_a_dead_letter) {
        command->aside = has_crashed(attempts);
    }
    return error;
}

static bool is_command(const misas_event *event)
{
    static const char prefix[] = MISAS__COMMAND_STREAM_PREFIX;

    return strncmp(event->stream, prefix, sizeof prefix - 1) == 0;
}

static misas_error *take_command(misas_command_dispatcher *dispatcher, const misas_event *event)
{
    misas__dispatched *command = slot(dispatcher, dispatcher->count);
    misas_error *error = NULL;

    *command = (misas__dispatched){.dispatcher = dispatcher};
    error = misas_event_copy(&command->event, event);
    if (error == NULL) {
        dispatcher->count++;
        error = dispatcher->to_try_alone > 0 ? note_attempt(dispatcher, command) : NULL;
    }
    return error;
}

/* As many as may be on their way; after a crash one at a time. */
static size_t find_most(const misas_command_dispatcher *dispatcher)
{
    if (dispatcher->to_try_alone == 0) {
        return misas__dispatch_window;
    }
    return dispatcher->retried.letter == NULL ? 1 : 0;
}

static misas_error *collect(misas_command_dispatcher *dispatcher)
{
    size_t most = find_most(dispatcher);
    int timeout_ms = event_timeout_ms;
    const misas_event *event = NULL;
    misas_error *error = NULL;

    while (dispatcher->count < most && error == NULL) {
        error = misas_subscription_next(&event, dispatcher->subscription,
                                        dispatcher->count == 0 ? timeout_ms : 0);
        if (error != NULL || event == NULL) {
            break;
        }
        if (is_command(event)) {
            error = take_command(dispatcher, event);
        }
        timeout_ms = 0;
    }
    return error;
}

static void wait_for_answers(misas_command_dispatcher *dispatcher)
{
    struct timespec deadline = misas__deadline_after_ms(event_timeout_ms);

    pthread_mutex_lock(&dispatcher->mutex);
    if (dispatcher->count > 0
            ? !slot(dispatcher, 0)->is_answered
            : dispatcher->retried.letter != NULL && !dispatcher->retried.sent.is_answered) {
        pthread_cond_timedwait(&dispatcher->answered, &dispatcher->mutex, &deadline);
    }
    pthread_mutex_unlock(&dispatcher->mutex);
}

/* In small batches, so that nobody waits for them; at once again while there are more. */
static void forget_old(misas_command_dispatcher *dispatcher)
{
    uint64_t count = 0;

    if (misas__monotonic_ms() - dispatcher->forgot_ms < forget_interval_ms) {
        return;
    }
    misas_error *error = misas_storage_forget_handled(
        &count, dispatcher->options.storage, dispatcher->options.retention_s, forgotten_at_once);

    if (error != NULL || count < forgotten_at_once) {
        dispatcher->forgot_ms = misas__monotonic_ms();
    }
    if (error != NULL) {
        misas__outage_fail(&dispatcher->outage, "old handled messages can't be forgotten", error);
        misas_error_free(error);
    }
}

misas_error *misas__dispatch_step(misas_command_dispatcher *dispatcher)
{
    if (misas__monotonic_ms() - dispatcher->renewed_ms >= misas__renew_interval_ms) {
        dispatcher->renewed_ms = misas__monotonic_ms();
        misas__lease_renew(&dispatcher->lease);
    }
    misas_error *error = atomic_load(&dispatcher->lease.is_paused) ? NULL : collect(dispatcher);

    if (error == NULL) {
        send_due(dispatcher);
        error = misas__dispatch_retry(dispatcher);
    }
    if (error == NULL) {
        wait_for_answers(dispatcher);
        error = take_stock(dispatcher);
    }
    if (error == NULL) {
        forget_old(dispatcher);
    }
    return error;
}

/* The slots of what is on its way must stay until the answers are there. */
static void await_all(misas_command_dispatcher *dispatcher)
{
    pthread_mutex_lock(&dispatcher->mutex);
    for (size_t i = 0; i < dispatcher->count; i++) {
        while (slot(dispatcher, i)->is_on_its_way) {
            pthread_cond_wait(&dispatcher->answered, &dispatcher->mutex);
        }
    }
    while (dispatcher->retried.sent.is_on_its_way) {
        pthread_cond_wait(&dispatcher->answered, &dispatcher->mutex);
    }
    pthread_mutex_unlock(&dispatcher->mutex);
}

void misas__dispatch_end(misas_command_dispatcher *dispatcher)
{
    await_all(dispatcher);
    bool is_leading =
        atomic_load(&dispatcher->lease.is_held) && !atomic_load(&dispatcher->lease.is_lost);

    misas__dispatch_retry_end(dispatcher, is_leading);
    if (is_leading) {
        dispatcher->moved_ms = 0;
        misas_error_free(take_stock(dispatcher)); /* else it is sent, and answered, again */
    }
    while (dispatcher->count > 0) {
        forget_first(dispatcher);
    }
}
