#include "flights/feeder/outbox.h"

#include <stdlib.h>
#include <time.h>

enum { most_unanswered = 4000, room_timeout_ms = 1000, pause_ms = 100, refusals_told = 10 };

struct outbox_entry {
    outbox *of;
    publication command;
    outbox_entry *next;
};

void outbox_begin(outbox *out)
{
    *out = (outbox){.bus = NULL};
    pthread_mutex_init(&out->mutex, NULL);
    pthread_cond_init(&out->changed, NULL);
    out->last_again = &out->again;
}

static void free_entry(outbox_entry *entry)
{
    publication_free(&entry->command);
    free(entry);
}

void outbox_end(outbox *self)
{
    while (self->again != NULL) {
        outbox_entry *entry = self->again;

        self->again = entry->next;
        free_entry(entry);
    }
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->mutex);
}

void outbox_stop(outbox *self)
{
    pthread_mutex_lock(&self->mutex);
    self->is_stopped = true;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
}

/* Nobody knows whether it took effect: the same command asks. */
static bool is_no_answer(const misas_error *error)
{
    return misas_error_has_tag(error, MISAS_TAG_RETRIABLE) ||
           misas_error_is(error, MISAS_ERROR_CONCURRENCY);
}

/* Only the first ones are told: there may be as many as commands. */
static void tell_refusal(outbox *self, const misas_error *error, uint64_t before)
{
    if (before < refusals_told) {
        misas_log_write_error(self->logger, MISAS_LOG_WARNING, "a command was refused", error,
                              NULL);
    }
}

static void put_back(outbox *self, outbox_entry *entry)
{
    entry->next = NULL;
    *self->last_again = entry;
    self->last_again = &entry->next;
    self->retried++;
}

/* On the thread that has handled it. */
static void take_answer(void *argument, const misas_reply *reply, misas_error *error)
{
    outbox_entry *entry = argument;
    outbox *self = entry->of;
    const bool is_answered = !is_no_answer(error);

    (void)reply;
    pthread_mutex_lock(&self->mutex);
    if (is_answered) {
        self->unanswered--;
        self->accepted += error == NULL ? 1 : 0;
        self->refused += error != NULL ? 1 : 0;
    } else {
        put_back(self, entry);
    }
    const uint64_t refused_before = error != NULL ? self->refused - 1 : 0;

    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->mutex);
    if (is_answered && error != NULL) {
        tell_refusal(self, error, refused_before);
    }
    misas_error_free(error);
    if (is_answered) {
        free_entry(entry);
    }
}

/* What can't be sent now has got no answer. */
static void post(outbox *self, outbox_entry *entry)
{
    const publication *command = &entry->command;
    misas_error *error = misas_bus_send(self->bus, command->type, command->message,
                                        &(misas_send_options){.id = command->id,
                                                              .source = command->source,
                                                              .timeout_ms = room_timeout_ms,
                                                              .completion = take_answer,
                                                              .argument = entry});

    if (error != NULL) {
        take_answer(entry, NULL, error);
    }
}

static size_t count_again(const outbox *self)
{
    size_t count = 0;

    for (const outbox_entry *each = self->again; each != NULL; each = each->next) {
        count++;
    }
    return count;
}

/* There is one. */
static outbox_entry *take_first_again(outbox *self)
{
    outbox_entry *first = self->again;

    self->again = first->next;
    self->last_again = self->again != NULL ? self->last_again : &self->again;
    return first;
}

/* Whatever keeps commands from being answered, it may take a while. */
static void pause_a_little(outbox *self)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += pause_ms * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    while (!self->is_stopped && pthread_cond_timedwait(&self->changed, &self->mutex, &until) == 0) {
    }
}

/* Sends again what is to be, until at most so many are unanswered. */
static void wait_for_answers(outbox *self, size_t most)
{
    pthread_mutex_lock(&self->mutex);
    while (!self->is_stopped && (self->unanswered > most || self->again != NULL)) {
        if (self->again == NULL) {
            pthread_cond_wait(&self->changed, &self->mutex);
            continue;
        }
        pause_a_little(self);
        for (size_t i = count_again(self); i > 0 && !self->is_stopped; i--) {
            outbox_entry *entry = take_first_again(self);

            pthread_mutex_unlock(&self->mutex);
            post(self, entry);
            pthread_mutex_lock(&self->mutex);
        }
    }
    pthread_mutex_unlock(&self->mutex);
}

misas_error *outbox_send(outbox *self, publication *command)
{
    outbox_entry *entry = malloc(sizeof *entry);

    if (entry == NULL) {
        publication_free(command);
        return misas_error_out_of_memory();
    }
    *entry = (outbox_entry){.of = self, .command = *command};
    wait_for_answers(self, most_unanswered - 1);
    pthread_mutex_lock(&self->mutex);
    const bool is_stopped = self->is_stopped;

    self->unanswered += is_stopped ? 0 : 1;
    self->sent += is_stopped ? 0 : 1;
    pthread_mutex_unlock(&self->mutex);
    if (is_stopped) {
        free_entry(entry);
    } else {
        post(self, entry);
    }
    return NULL;
}

void outbox_flush(outbox *self)
{
    wait_for_answers(self, 0);
}
