/** Private: what the words of a command line can name. */
#ifndef MISAS_SRC_SYSTEM_USAGE_H
#define MISAS_SRC_SYSTEM_USAGE_H

#include <stdbool.h>

#include "system/system.h"
#include "text/text.h"

/** A word is not understood. Takes `expected`, which is freed; NULL: there was no memory. */
misas_error *misas__usage_error(const char *argument, misas__text *expected) MISAS_NEVER_NULL;

/** As misas__usage_error, with a fixed text. */
misas_error *misas__usage_expects(const char *argument, const char *expected) MISAS_NEVER_NULL;

/** Appends one of a list, after what separates it from those before it; the list began at `begin`.
 */
void misas__append_choice(misas__text *text, size_t begin, const char *choice);

/** Whether a subsystem has a dispatcher. */
bool misas__handles_commands(const misas_subsystem *subsystem);

/** Appends the entry points: subsystems, predictor, those added. */
void misas__append_entry_points(misas__text *text, const misas_system *system);

/** What `--help` writes. */
void misas__write_help(FILE *file, const misas_system *system);

#endif
