/** Private: rows of events, as the read statements give them; and what other rows have in common
 * with them. */
#ifndef MISAS_SRC_POSTGRESQL_EVENT_ROWS_H
#define MISAS_SRC_POSTGRESQL_EVENT_ROWS_H

#include <libpq-fe.h>

#include "memory/arena.h"
#include "misas/event.h"

/** The event in the first row of `result`: it points into the result, its extra metadata into the
 * arena. Errors: out of memory. */
misas_error *misas__event_from_row(misas_event *out, misas__arena *arena, const PGresult *result);

/** The further fields of metadata, of a value of jsonb; copied into the arena. Errors: out of
 * memory. */
misas_error *misas__fields_from_jsonb(const misas_field **out, misas__arena *arena,
                                      const char *value, size_t size);

#endif
