/** Private: dead letters with all that they point to, copied into room that the caller has. */
#ifndef MISAS_SRC_STORAGE_DEAD_LETTER_COPY_H
#define MISAS_SRC_STORAGE_DEAD_LETTER_COPY_H

#include "storage/checkpoints.h"

/** Of all that it points to. */
size_t misas__size_of_dead_letter(const misas__dead_letter *letter);

/** Copies what it points to into `room`, which is of that size and aligned for any type. */
void misas__dead_letter_copy(misas__dead_letter *out, void *room, const misas__dead_letter *letter);

/** Copies what it points to into `arena`. */
misas_error *misas__dead_letter_copy_to_arena(misas__dead_letter *out, misas__arena *arena,
                                              const misas__dead_letter *letter);

#endif
