/** Private: the predictions that one predictor has claimed, until they are answered. */
#ifndef MISAS_SRC_PROCESSING_CLAIMS_H
#define MISAS_SRC_PROCESSING_CLAIMS_H

#include <pthread.h>

#include "misas/log.h"
#include "storage/transaction.h"

enum { misas__claim_ms = 10000 }; /* until others may claim it, unless it is claimed again */

typedef struct misas__claimed misas__claimed;

typedef struct misas__claims {
    misas_storage *storage;
    misas_logger logger;
    pthread_mutex_t mutex;   /* guards what follows */
    pthread_cond_t answered; /* one was */
    misas__claimed *first;   /* in hand, in the order in which they are claimed again */
    misas__claimed *last;
    misas__claimed *staying; /* answered, but to be handled later */
    size_t count;            /* in hand */
    size_t on_their_way;     /* of these */
    bool is_closed;          /* nothing more will be claimed */
} misas__claims;

void misas__claims_begin(misas__claims *claims, misas_storage *storage, misas_logger logger);

/** None may be on its way. Those left are claimed until their claims end. */
void misas__claims_end(misas__claims *claims);

/** NULL when there is no memory: the claim ends by itself. */
misas__claimed *misas__claims_add(misas__claims *claims, const misas__prediction *prediction);

size_t misas__claims_count(misas__claims *claims);

bool misas__claims_are_on_their_way(misas__claims *claims);

void misas__claimed_is_on_its_way(misas__claimed *claimed);

/** It was answered, or is let go of otherwise, and gone; any thread. `stays`: the storage has it
 * still, and is to learn that nothing is suspect about it. */
void misas__claimed_end(misas__claimed *claimed, bool stays);

const char *misas__claimed_id(const misas__claimed *claimed);
misas__claims *misas__claims_of(const misas__claimed *claimed);

/** Handling it is begun once more. `*out_attempts` is how often that was with this time; 0: it is
 * not there any more. */
misas_error *misas__claimed_attempt(int32_t *out_attempts, const misas__claimed *claimed);

/** Claims those again that have been in hand for long, and notes those that stay: they are tried
 * again in `pause_ms`. */
misas_error *misas__claims_tend(misas__claims *claims, int pause_ms);

/** Waits until none is on its way, for so long. */
void misas__claims_await(misas__claims *claims, int timeout_ms);

/** Nothing more will be claimed. */
void misas__claims_close(misas__claims *claims);

/** Waits until they are closed and none is on its way, for so long. */
void misas__claims_await_last(misas__claims *claims, int timeout_ms);

#endif
