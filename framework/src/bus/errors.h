/** Private: the errors of the bus. */
#ifndef MISAS_SRC_BUS_ERRORS_H
#define MISAS_SRC_BUS_ERRORS_H

#include <stdbool.h>

#include "misas/bus.h"

/** NULL for a type of this kind, which is that of a command or a query. */
misas_error *misas__bus_check_kind(const misas_type *type, misas_kind expected);

/** `kind`: "command" or "query". */
misas_error *misas__bus_no_handler(const char *type, const char *kind);
misas_error *misas__bus_full(const misas_envelope *envelope);
misas_error *misas__bus_stopped(const misas_envelope *envelope);
misas_error *misas__bus_no_answer(const misas_envelope *envelope);

/** `type` may be NULL: nothing in particular is waited for. */
misas_error *misas__bus_would_block(const char *type);

/** Whether this is the answer to a message: NULL, or a refusal. Any other error is kept nowhere:
 * the same message is handled anew when it comes again. */
bool misas__is_final(const misas_error *error);

#endif
