/** Private: the dead letters of the storage in memory. */
#ifndef MISAS_SRC_STORAGE_MEMORY_DEAD_LETTERS_H
#define MISAS_SRC_STORAGE_MEMORY_DEAD_LETTERS_H

#include "storage/transaction.h"

/** Starts zeroed. */
typedef struct misas__memory_dead_letters {
    misas__dead_letter **items; /* by id; each is one allocation */
    size_t count;
    size_t capacity;
    int64_t last_id;
} misas__memory_dead_letters;

void misas__memory_dead_letters_free(misas__memory_dead_letters *letters);

/* The parts of writing a batch; not locked. */

/** Copies of what is to be set aside. Starts zeroed. */
typedef struct misas__new_dead_letters {
    misas__dead_letter **copies; /* NULL where it was kept */
    size_t count;
} misas__new_dead_letters;

/** Does all that can fail. Errors: MISAS__ERROR_LEASE_LOST for one to be settled that is not there.
 */
misas_error *misas__memory_dead_letters_prepare(misas__new_dead_letters *out,
                                                misas__memory_dead_letters *letters,
                                                const misas__batch *batch);
/** Makes the changes of a batch that was prepared: first removes those settled. */
void misas__memory_dead_letters_change(misas__memory_dead_letters *letters,
                                       misas__new_dead_letters *prepared,
                                       const misas__batch *batch);
/** Frees what was not kept. */
void misas__new_dead_letters_free(misas__new_dead_letters *prepared);

/* Functions of misas__checkpoint_functions. */
misas_error *misas__memory_list_dead_letters(const misas__dead_letter **out, size_t *out_count,
                                             misas_storage *storage,
                                             const misas__dead_letter_query *query,
                                             misas__arena *arena);
misas_error *misas__memory_retry_dead_letter(bool *out_found, misas_storage *storage, int64_t id);
misas_error *misas__memory_drop_dead_letter(bool *out_found, misas_storage *storage, int64_t id);

#endif
