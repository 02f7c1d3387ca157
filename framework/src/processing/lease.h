/** Private: leading a processor, by the lease on its checkpoint. */
#ifndef MISAS_SRC_PROCESSING_LEASE_H
#define MISAS_SRC_PROCESSING_LEASE_H

#include <stdatomic.h>

#include "storage/transaction.h"

enum {
    misas__lead_interval_ms = 250, /* between two tries to lead */
    misas__renew_interval_ms = 700
};

/** One thread takes it and gives it back; another may renew it. */
typedef struct misas__lease {
    misas_storage *storage;
    misas__checkpoint_key key;
    const char *owner;
    atomic_bool is_held;
    atomic_bool is_paused;
    atomic_bool is_lost; /* another has it: what is left is to drop it */
    atomic_llong epoch;
} misas__lease;

void misas__lease_begin(misas__lease *lease, misas_storage *storage,
                        const misas__checkpoint_key *key, const char *owner);

/** Tries to take it: it is held if that went well. */
misas_error *misas__lease_take(misas__checkpoint *out, misas__lease *lease);

/** Takes it whoever has it. */
misas_error *misas__lease_seize(misas__checkpoint *out, misas__lease *lease);

/** For a while longer, if it is held. */
void misas__lease_renew(misas__lease *lease);

/** Gives it back in order, if it is held; also one that was found lost, which may be its own still:
 * see misas__checkpoint_move. */
void misas__lease_release(misas__lease *lease);

/** A checkpoint of this lease at `position`, as a batch has it. */
misas__checkpoint_move misas__lease_move(const misas__lease *lease, uint64_t position);

#endif
