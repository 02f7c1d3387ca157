/** Private: a sender, and the commands that it has sent. */
#ifndef MISAS_SRC_SENDER_SENDER_H
#define MISAS_SRC_SENDER_SENDER_H

#include <pthread.h>
#include <stdbool.h>

#include "misas/sender.h"

/** A command that is unanswered. */
typedef struct misas__sent_command misas__sent_command;

struct misas__sent_command {
    misas_sender *of;
    misas_envelope *envelope;
    misas_completion completion;
    void *argument;
    int failures;              /* how often it came back without an answer */
    misas_error *failure;      /* the last time; NULL: it is on its way */
    misas__sent_command *next; /* to be sent again after it */
};

struct misas_sender {
    misas_bus *bus;
    misas_logger logger;
    size_t window;
    pthread_mutex_t mutex;      /* guards what follows, up to the thread */
    pthread_cond_t changed;     /* anything that somebody but the thread may wait for */
    pthread_cond_t failed;      /* there is something to be sent again, or it is stopped */
    misas__sent_command *first; /* to be sent again */
    misas__sent_command **last;
    int most_failures;   /* of one of those */
    size_t on_their_way; /* will come back, and use this */
    size_t in_use;       /* threads that use the bus */
    misas_sender_counts counts;
    bool is_stopped;
    pthread_t thread;
};

/** Takes the envelope. */
misas_error *misas__sent_command_new(misas__sent_command **out, misas_sender *sender,
                                     misas_envelope *envelope, const misas_sender_command *options);

/** It is on its way, or was. */
void misas__sent_command_free(misas__sent_command *command);

/** A MISAS_ERROR_SENDER_STOPPED about a command; `id` and `cause` may be NULL. Takes the cause. */
misas_error *misas__sender_stopped(const char *type, const char *id, misas_error *cause);

/** False: it is stopped. Else the bus is there until misas__leave_bus. */
bool misas__enter_bus(misas_sender *sender);
void misas__leave_bus(misas_sender *sender);

/** Hands a command, which counts as on its way, to the bus. Waits for room, unless it is stopped:
 * then there may be none. Without an error, the command may be gone when this returns. */
misas_error *misas__hand_over(misas_sender *sender, misas__sent_command *command);

/** It was on its way and is to be sent again. False when the sender is stopped: then it still
 * counts as on its way. Takes the failure if true. */
bool misas__put_back(misas__sent_command *command, misas_error *failure);

/** It was on its way, and has no answer: it is put back, or its completion is told. Takes the error
 * and the command. */
void misas__come_back(misas__sent_command *command, misas_error *failure);

/** The thread that sends again what was put back, until the sender, which is its argument, is
 * stopped. */
void *misas__send_again(void *argument);

#endif
