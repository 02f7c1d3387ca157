/* Commands without an answer are sent again, together, after a pause. */
#include "clock/deadline.h"
#include "processing/patience.h"
#include "sender/sender.h"

static void send_once_more(misas__sent_command *command)
{
    misas_sender *sender = command->of;
    misas_error *failure = command->failure;
    const bool is_sent = misas__enter_bus(sender);

    command->failure = NULL;
    pthread_mutex_lock(&sender->mutex);
    sender->on_their_way++;
    sender->counts.retried += is_sent ? 1 : 0;
    pthread_mutex_unlock(&sender->mutex);
    if (is_sent) {
        misas_error_free(failure);
        failure = misas__hand_over(sender, command);
        misas__leave_bus(sender);
    }
    if (failure != NULL) {
        misas__come_back(command, failure);
    }
}

static void log_round(misas_sender *sender, const misas__sent_command *first)
{
    const misas__sent_command *each = first;
    int64_t count = 0;

    if (!misas__enter_bus(sender)) { /* perhaps the log is not there any more, either */
        return;
    }
    do {
        count++;
        each = each->next;
    } while (each != NULL);
    misas_log_write_error(
        &sender->logger, MISAS_LOG_WARNING, "commands without an answer are sent again",
        first->failure, (misas_log_field[]){misas_log_number("commands", count), misas_log_end()});
    misas__leave_bus(sender);
}

/* Whatever keeps commands from being answered, it may take a while. */
static void pause_before_round(misas_sender *sender)
{
    struct timespec deadline = misas__deadline_after_ms(misas__pause_ms(sender->most_failures));
    int waited = 0;

    while (!sender->is_stopped && waited == 0) {
        waited = pthread_cond_timedwait(&sender->failed, &sender->mutex, &deadline);
    }
}

static misas__sent_command *take_all(misas_sender *sender)
{
    misas__sent_command *first = sender->first;

    sender->first = NULL;
    sender->last = &sender->first;
    sender->most_failures = 0;
    return first;
}

static void send_all_again(misas_sender *sender, misas__sent_command *first)
{
    log_round(sender, first);
    while (first != NULL) {
        misas__sent_command *next = first->next;

        send_once_more(first);
        first = next;
    }
}

/* Once it is stopped, what is left comes back for good. */
void *misas__send_again(void *argument)
{
    misas_sender *sender = argument;

    pthread_mutex_lock(&sender->mutex);
    while (!sender->is_stopped || sender->first != NULL) {
        if (sender->first == NULL) {
            pthread_cond_wait(&sender->failed, &sender->mutex);
            continue;
        }
        pause_before_round(sender);
        misas__sent_command *first = take_all(sender);

        pthread_mutex_unlock(&sender->mutex);
        send_all_again(sender, first);
        pthread_mutex_lock(&sender->mutex);
    }
    pthread_mutex_unlock(&sender->mutex);
    return NULL;
}
