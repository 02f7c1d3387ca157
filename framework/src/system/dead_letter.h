/** Private: one dead letter, all of it. */
#ifndef MISAS_SRC_SYSTEM_DEAD_LETTER_H
#define MISAS_SRC_SYSTEM_DEAD_LETTER_H

#include <stdio.h>

#include "system/system.h"

/** The error with which it was set aside, or the one of reading that; the caller's. */
misas_error *misas__dead_letter_error(const misas__dead_letter *letter);

/** Writes it for people: the event, its payload as JSON if a subsystem knows its type, the error
 * with its causes. */
misas_error *misas__write_dead_letter(FILE *file, const misas_system *system,
                                      const misas__dead_letter *letter);

#endif
