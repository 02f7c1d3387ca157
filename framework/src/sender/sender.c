#include "sender/sender.h"

#include <stdlib.h>

#include "bus/bus.h"
#include "bus/errors.h"
#include "clock/deadline.h"
#include "processing/options.h"

enum { default_window = 4000 };

static misas_error *stopped_before_all_answers(void)
{
    return misas_error_new(&(misas_error_options){
        .type_name = MISAS_ERROR_SENDER_STOPPED,
        .message = "not all commands have an answer: their sender was stopped",
        .tags = MISAS_TAG_RETRIABLE,
    });
}

static void free_sender(misas_sender *sender)
{
    pthread_cond_destroy(&sender->failed);
    pthread_cond_destroy(&sender->changed);
    pthread_mutex_destroy(&sender->mutex);
    free(sender);
}

misas_error *misas_sender_new(misas_sender **out, const misas_sender_options *options)
{
    if (options->bus == NULL) {
        return misas__processing_options_error("bus", "expected a bus");
    }
    misas_sender *sender = calloc(1, sizeof *sender);

    if (sender == NULL) {
        return misas_error_out_of_memory();
    }
    sender->bus = options->bus;
    sender->logger = options->logger;
    sender->window = (size_t)(options->window > 0 ? options->window : default_window);
    sender->last = &sender->first;
    pthread_mutex_init(&sender->mutex, NULL);
    misas__condition_init(&sender->changed);
    misas__condition_init(&sender->failed);
    if (pthread_create(&sender->thread, NULL, misas__send_again, sender) != 0) {
        free_sender(sender);
        return misas_error_out_of_memory();
    }
    *out = sender;
    return NULL;
}

void misas_sender_free(misas_sender *sender)
{
    if (sender == NULL) {
        return;
    }
    misas_sender_stop(sender);
    pthread_join(sender->thread, NULL);
    pthread_mutex_lock(&sender->mutex);
    while (sender->on_their_way > 0) {
        pthread_cond_wait(&sender->changed, &sender->mutex);
    }
    pthread_mutex_unlock(&sender->mutex);
    free_sender(sender);
}

/* False: it is stopped. Else there is one more on its way. */
static bool wait_for_window(misas_sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    while (!sender->is_stopped && sender->counts.unanswered >= sender->window) {
        pthread_cond_wait(&sender->changed, &sender->mutex);
    }
    const bool may_send = !sender->is_stopped;

    if (may_send) {
        sender->counts.unanswered++;
        sender->on_their_way++;
    }
    pthread_mutex_unlock(&sender->mutex);
    return may_send;
}

/* It was never sent. Takes the error, and returns it as the caller is told. */
static misas_error *take_back(misas__sent_command *command, misas_error *error)
{
    misas_sender *sender = command->of;

    if (misas_error_is(error, MISAS_ERROR_BUS_FULL) ||
        misas_error_is(error, MISAS_ERROR_BUS_STOPPED)) { /* only when it is stopped as well */
        error = misas__sender_stopped(command->envelope->type, command->envelope->id, error);
    }
    misas__sent_command_free(command);
    pthread_mutex_lock(&sender->mutex);
    sender->counts.unanswered--;
    sender->on_their_way--;
    pthread_cond_broadcast(&sender->changed);
    pthread_mutex_unlock(&sender->mutex);
    return error;
}

/* For the first time. A processor that has stopped may be followed by another. */
static misas_error *send_new(misas__sent_command *command)
{
    misas_sender *sender = command->of;

    if (!wait_for_window(sender)) {
        misas_error *error =
            misas__sender_stopped(command->envelope->type, command->envelope->id, NULL);

        misas__sent_command_free(command);
        return error;
    }
    misas_error *error = misas__hand_over(sender, command);

    if (misas_error_is(error, MISAS_ERROR_BUS_STOPPED) && misas__put_back(command, error)) {
        error = NULL;
    } else if (error != NULL) {
        error = take_back(command, error);
    }
    return error;
}

static misas_error *pack_and_send(misas_sender *sender, const misas_type *type,
                                  const ProtobufCMessage *message,
                                  const misas_sender_command *options)
{
    misas_envelope *envelope = NULL;
    misas__sent_command *command = NULL;
    misas_error *error = misas__bus_pack(&envelope, sender->bus, type, message,
                                         &(misas_send_options){
                                             .id = options->id,
                                             .source = options->source,
                                             .metadata = options->metadata,
                                         });

    if (error == NULL) {
        error = misas__sent_command_new(&command, sender, envelope, options);
    }
    return error == NULL ? send_new(command) : error;
}

misas_error *misas_sender_send(misas_sender *sender, const misas_type *type,
                               const ProtobufCMessage *message, const misas_sender_command *options)
{
    static const misas_sender_command defaults;
    const misas_sender_command *chosen = options != NULL ? options : &defaults;

    if (misas__bus_is_worker()) {
        return misas__bus_would_block(type->descriptor->name);
    }
    misas_error *error = misas__bus_check_kind(type, MISAS_KIND_COMMAND);

    if (error != NULL) {
        return error;
    }
    if (!misas__enter_bus(sender)) {
        return misas__sender_stopped(type->descriptor->name, chosen->id, NULL);
    }
    error = pack_and_send(sender, type, message, chosen);
    misas__leave_bus(sender);
    return error;
}

misas_error *misas_sender_flush(misas_sender *sender)
{
    if (misas__bus_is_worker()) {
        return misas__bus_would_block(NULL);
    }
    pthread_mutex_lock(&sender->mutex);
    while (!sender->is_stopped && sender->counts.unanswered > 0) {
        pthread_cond_wait(&sender->changed, &sender->mutex);
    }
    const bool is_answered = sender->counts.unanswered == 0;

    pthread_mutex_unlock(&sender->mutex);
    return is_answered ? NULL : stopped_before_all_answers();
}

void misas_sender_stop(misas_sender *sender)
{
    if (sender == NULL) {
        return;
    }
    pthread_mutex_lock(&sender->mutex);
    sender->is_stopped = true;
    pthread_cond_broadcast(&sender->changed);
    pthread_cond_broadcast(&sender->failed);
    while (sender->in_use > 0) {
        pthread_cond_wait(&sender->changed, &sender->mutex);
    }
    pthread_mutex_unlock(&sender->mutex);
}

void misas_sender_count(misas_sender_counts *out, misas_sender *sender)
{
    pthread_mutex_lock(&sender->mutex);
    *out = sender->counts;
    pthread_mutex_unlock(&sender->mutex);
    out->sent = out->accepted + out->refused + out->unanswered;
}
