/** Private: checks of what callers hand to an event store. */
#ifndef MISAS_SRC_EVENTSTORE_VALIDATE_H
#define MISAS_SRC_EVENTSTORE_VALIDATE_H

#include "misas/event_store.h"

misas_error *misas__invalid_argument(const char *field, const char *value, const char *reason);

/** A stream that can be read: any name, those of the store included. */
misas_error *misas__check_readable_stream(const char *stream);

/** A stream of the user's: not one that begins with `$`. */
misas_error *misas__check_own_stream(const char *stream);

misas_error *misas__check_expected_version(const char *stream, misas_expected_version expected);
misas_error *misas__check_events(const char *stream, const misas_new_event *events,
                                 size_t event_count, size_t max_event_bytes);
misas_error *misas__check_filter(const char *const *select_types, const char *const *exclude_types);

#endif
