#include "processing/lease.h"

static const misas__checkpoint_functions *functions(const misas__lease *lease)
{
    return &lease->storage->backend->checkpoints;
}

void misas__lease_begin(misas__lease *lease, misas_storage *storage,
                        const misas__checkpoint_key *key, const char *owner)
{
    *lease = (misas__lease){.storage = storage, .key = *key, .owner = owner};
}

static void hold(misas__lease *lease, const misas__checkpoint *taken)
{
    atomic_store(&lease->epoch, taken->epoch);
    atomic_store(&lease->is_paused, taken->is_paused);
    atomic_store(&lease->is_lost, false);
    atomic_store(&lease->is_held, true);
}

misas_error *misas__lease_take(misas__checkpoint *out, misas__lease *lease)
{
    bool is_taken = false;
    misas_error *error =
        functions(lease)->take(out, &is_taken, lease->storage, &lease->key, lease->owner);

    if (error == NULL && is_taken) {
        hold(lease, out);
    }
    return error;
}

misas_error *misas__lease_seize(misas__checkpoint *out, misas__lease *lease)
{
    misas_error *error = functions(lease)->seize(out, lease->storage, &lease->key, lease->owner);

    if (error == NULL) {
        hold(lease, out);
    }
    return error;
}

/* What is told of an epoch that is not the present one is old news. */
void misas__lease_renew(misas__lease *lease)
{
    bool is_paused = false;

    if (!atomic_load(&lease->is_held)) {
        return;
    }
    int64_t epoch = atomic_load(&lease->epoch);
    misas_error *error = functions(lease)->renew(&is_paused, lease->storage, &lease->key, epoch);

    if (error == NULL) {
        atomic_store(&lease->is_paused, is_paused);
    } else if (misas_error_is(error, MISAS__ERROR_LEASE_LOST) &&
               epoch == atomic_load(&lease->epoch)) {
        atomic_store(&lease->is_lost, true);
    }
    misas_error_free(error);
}

void misas__lease_release(misas__lease *lease)
{
    if (atomic_exchange(&lease->is_held, false)) {
        /* One that can't be given back expires; one that another has stays with it. */
        misas_error_free(
            functions(lease)->release(lease->storage, &lease->key, atomic_load(&lease->epoch)));
    }
}

misas__checkpoint_move misas__lease_move(const misas__lease *lease, uint64_t position)
{
    return (misas__checkpoint_move){
        .key = lease->key, .epoch = atomic_load(&lease->epoch), .position = position};
}
