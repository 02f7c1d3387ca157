/** Private: what the options of processors have in common. */
#ifndef MISAS_SRC_PROCESSING_OPTIONS_H
#define MISAS_SRC_PROCESSING_OPTIONS_H

#include "misas/subsystem.h"

enum { misas__owner_size = 128 };

misas_error *misas__processing_options_error(const char *option, const char *reason);

/** Checks the subsystem, and that all else that is required is there. Errors: the subsystem's first
 * mistake, MISAS_ERROR_PROCESSING_OPTIONS. */
misas_error *misas__check_processing(const misas_subsystem *subsystem, bool is_complete);

/** Who leads, for people: `given`, or else host and process, written to `buffer`. */
const char *misas__name_owner(char buffer[misas__owner_size], const char *given);

#endif
