/** Private: checkpoints of processors, who may move them, and dead letters.
 *
 * A processor reads a source (the store's log, later a topic's partition) and keeps how far it has
 * got: its checkpoint. One instance leads, by a lease of 3 s on the checkpoint's row, by the
 * database's clock. Each take-over raises the epoch; whatever a leader writes is written only if
 * the epoch is still its own. */
#ifndef MISAS_SRC_STORAGE_CHECKPOINTS_H
#define MISAS_SRC_STORAGE_CHECKPOINTS_H

#include "memory/arena.h"
#include "misas/event.h"
#include "misas/storage.h"

/** Another instance leads now: what was written was undone. */
#define MISAS__ERROR_LEASE_LOST "misas.storage.lease_lost"

/** The source that is the store's log, whose one partition is 0. */
#define MISAS__SOURCE_LOG "log"

enum { misas__lease_ms = 3000 };

/** Which checkpoint; plain records with borrowed texts. */
typedef struct misas__checkpoint_key {
    const char *processor; /* "<subsystem>.<name>" */
    const char *source;
    int32_t partition;
} misas__checkpoint_key;

typedef struct misas__checkpoint {
    uint64_t position; /* all up to here is done */
    int64_t epoch;
    bool is_paused;
    bool was_released;           /* the leader before has left it in order */
    uint64_t attempted_position; /* the message that was tried alone last, 0: none ... */
    int32_t attempts;            /* ... and how often */
} misas__checkpoint;

/** A checkpoint as operators see it. */
typedef struct misas__checkpoint_info {
    misas__checkpoint_key key;
    misas__checkpoint checkpoint;
    const char *owner; /* NULL: nobody leads */
    int64_t moved_at_us;
} misas__checkpoint_info;

/** What a batch does to the checkpoint of its processor. */
typedef struct misas__checkpoint_move {
    misas__checkpoint_key key;
    int64_t epoch;
    uint64_t position; /* to here; never back ... */
    bool may_go_back;  /* ... unless it is reset */
    bool is_once;      /* refused like that of one who lost the lease if it is past `from` already:
                          then the batch was written before, and its commit not answered */
    uint64_t from;
} misas__checkpoint_move;

/** A message that was set aside. */
typedef struct misas__dead_letter {
    int64_t id; /* drawn when it is set aside */
    const char *processor;
    misas_event event; /* as it was read; of a command in the log, too */
    const void *error; /* as misas_error_encode writes it */
    size_t error_size;
    int32_t attempts;
    int64_t set_aside_at_us;
    bool is_to_be_retried;
} misas__dead_letter;

/** Which dead letters. */
typedef struct misas__dead_letter_query {
    const char *processor;
    int64_t from;
    size_t max;
    bool only_to_be_retried;
} misas__dead_letter_query;

/** Part of a storage's backend; each call is a transaction of its own, from any thread. Errors,
 * besides those named: those of the backend. */
typedef struct misas__checkpoint_functions {
    /* Takes the lease, unless another has it or would have to be waited for; makes the checkpoint
     * if there is none, paused if its processor is. `*out_taken` says whether: only then `*out` is
     * filled in, with the new epoch, and with `was_released` as the leader before has left it (true
     * if there was none). `owner` is whatever identifies the instance to a person. */
    misas_error *(*take)(misas__checkpoint *out, bool *out_taken, misas_storage *storage,
                         const misas__checkpoint_key *key, const char *owner);
    /* Takes the lease whoever has it, who then loses it; makes the row if there is none. */
    misas_error *(*seize)(misas__checkpoint *out, misas_storage *storage,
                          const misas__checkpoint_key *key, const char *owner);
    /* For 3 s more; also tells whether it is to pause. Errors: MISAS__ERROR_LEASE_LOST. */
    misas_error *(*renew)(bool *out_is_paused, misas_storage *storage,
                          const misas__checkpoint_key *key, int64_t epoch);
    /* Leaves in order; others may lead at once, and the epoch is nobody's any more. Of a lost lease
     * is no error. */
    misas_error *(*release)(misas_storage *storage, const misas__checkpoint_key *key,
                            int64_t epoch);
    /* Notes, before it is handled alone, that this message is tried: how often that was with this
     * time. Renews the lease. Errors: MISAS__ERROR_LEASE_LOST. */
    misas_error *(*attempt)(int32_t *out_attempts, misas_storage *storage,
                            const misas__checkpoint_key *key, int64_t epoch, uint64_t position);
    /* All checkpoints by processor, source and partition, in `arena`. */
    misas_error *(*list)(const misas__checkpoint_info **out, size_t *out_count,
                         misas_storage *storage, misas__arena *arena);
    /* Back to `position` in the log: the leader, if any, loses its lease, and takes it again. False
     * when the processor has no checkpoint there. */
    misas_error *(*reset)(bool *out_found, misas_storage *storage, const char *processor,
                          uint64_t position);
    /* Pauses or resumes it, whichever its sources are; also one that was never taken, which gets a
     * checkpoint in the log. */
    misas_error *(*pause)(misas_storage *storage, const char *processor, bool is_paused);

    /* Dead letters by id, in `arena`: those of a processor (NULL: all) with an id from `from` on,
     * at most `max`; only those to be retried, if asked for. */
    misas_error *(*list_dead_letters)(const misas__dead_letter **out, size_t *out_count,
                                      misas_storage *storage, const misas__dead_letter_query *query,
                                      misas__arena *arena);
    /* Marks one to be retried by its processor, or drops it. False when there is none of that id.
     */
    misas_error *(*retry_dead_letter)(bool *out_found, misas_storage *storage, int64_t id);
    misas_error *(*drop_dead_letter)(bool *out_found, misas_storage *storage, int64_t id);
} misas__checkpoint_functions;

misas_error *misas__lease_lost_error(const misas__checkpoint_key *key);
/** Also a MISAS__ERROR_LEASE_LOST: somebody else saw to it. */
misas_error *misas__dead_letter_gone_error(void);

#endif
