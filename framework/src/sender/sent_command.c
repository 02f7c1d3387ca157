/* What becomes of a command, which is on its way to the bus or comes back. */
#include <stdlib.h>

#include "bus/bus.h"
#include "bus/errors.h"
#include "sender/sender.h"

enum { room_timeout_ms = 100 }; /* on the bus; then it looks whether it is stopped */

misas_error *misas__sender_stopped(const char *type, const char *id, misas_error *cause)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_SENDER_STOPPED,
            .cause = cause,
            .data = (misas_field[]){{"type", type}, {id != NULL ? "id" : NULL, id}, {NULL, NULL}},
            .tags = MISAS_TAG_RETRIABLE,
        },
        "%s %s has no answer: its sender was stopped", type, id != NULL ? id : "without an id");
}

void misas__sent_command_free(misas__sent_command *command)
{
    free(command->envelope);
    free(command);
}

misas_error *misas__sent_command_new(misas__sent_command **out, misas_sender *sender,
                                     misas_envelope *envelope, const misas_sender_command *options)
{
    misas__sent_command *command = calloc(1, sizeof *command);

    if (command == NULL) {
        free(envelope);
        return misas_error_out_of_memory();
    }
    command->of = sender;
    command->envelope = envelope;
    command->completion = options->completion;
    command->argument = options->argument;
    *out = command;
    return NULL;
}

static void log_refusal(const misas__sent_command *command, const misas_error *error)
{
    const misas_envelope *envelope = command->envelope;
    const misas_logger logger = {command->of->logger.log, envelope->metadata.correlation_id};

    misas_log_write_error(&logger, MISAS_LOG_INFO, "a command was refused", error,
                          (misas_log_field[]){misas_log_text("type", envelope->type),
                                              misas_log_text("id", envelope->id), misas_log_end()});
}

/* Takes the error. What was given up is only counted when nobody asks. */
static void complete(const misas__sent_command *command, const misas_reply *reply,
                     misas_error *error)
{
    if (command->completion != NULL) {
        command->completion(command->argument, error == NULL ? reply : NULL, error);
        return;
    }
    if (error != NULL && !misas_error_is(error, MISAS_ERROR_SENDER_STOPPED)) {
        log_refusal(command, error);
    }
    misas_error_free(error);
}

static void put_last(misas_sender *sender, misas__sent_command *command)
{
    if (sender->first == NULL) {
        pthread_cond_signal(&sender->failed);
    }
    *sender->last = command;
    sender->last = &command->next;
    if (command->failures > sender->most_failures) {
        sender->most_failures = command->failures;
    }
}

bool misas__put_back(misas__sent_command *command, misas_error *failure)
{
    misas_sender *sender = command->of;

    pthread_mutex_lock(&sender->mutex);
    const bool is_put_back = !sender->is_stopped;

    if (is_put_back) {
        command->failure = failure;
        command->failures++;
        command->next = NULL;
        put_last(sender, command);
        sender->on_their_way--;
    }
    pthread_mutex_unlock(&sender->mutex);
    return is_put_back;
}

void misas__come_back(misas__sent_command *command, misas_error *failure)
{
    misas_sender *sender = command->of;

    if (misas__put_back(command, failure)) {
        return;
    }
    complete(command, NULL,
             misas__sender_stopped(command->envelope->type, command->envelope->id, failure));
    misas__sent_command_free(command);
    pthread_mutex_lock(&sender->mutex);
    sender->on_their_way--;
    pthread_cond_broadcast(&sender->changed);
    pthread_mutex_unlock(&sender->mutex);
}

/* The bus's completion. */
static void take_answer(void *argument, const misas_reply *reply, misas_error *error)
{
    misas__sent_command *command = argument;
    misas_sender *sender = command->of;
    const bool is_refused = error != NULL;

    if (!misas__is_final(error)) {
        misas__come_back(command, error);
        return;
    }
    complete(command, reply, error);
    misas__sent_command_free(command);
    pthread_mutex_lock(&sender->mutex);
    sender->counts.accepted += is_refused ? 0 : 1;
    sender->counts.refused += is_refused ? 1 : 0;
    sender->counts.unanswered--;
    sender->on_their_way--;
    pthread_cond_broadcast(&sender->changed);
    pthread_mutex_unlock(&sender->mutex);
}

static bool is_stopped(misas_sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    const bool is_stopped = sender->is_stopped;

    pthread_mutex_unlock(&sender->mutex);
    return is_stopped;
}

bool misas__enter_bus(misas_sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    const bool may_enter = !sender->is_stopped;

    sender->in_use += may_enter ? 1 : 0;
    pthread_mutex_unlock(&sender->mutex);
    return may_enter;
}

void misas__leave_bus(misas_sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    sender->in_use--;
    if (sender->is_stopped) {
        pthread_cond_broadcast(&sender->changed);
    }
    pthread_mutex_unlock(&sender->mutex);
}

misas_error *misas__hand_over(misas_sender *sender, misas__sent_command *command)
{
    misas_error *error = NULL;

    do {
        misas_error_free(error);
        error = misas__bus_send_envelope(sender->bus, command->envelope,
                                         &(misas_send_options){.timeout_ms = room_timeout_ms,
                                                               .completion = take_answer,
                                                               .argument = command});
    } while (misas_error_is(error, MISAS_ERROR_BUS_FULL) && !is_stopped(sender));
    return error;
}
