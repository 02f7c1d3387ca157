/** Private: the event store on PostgreSQL, in its parts. */
#ifndef MISAS_SRC_POSTGRESQL_EVENT_STORE_H
#define MISAS_SRC_POSTGRESQL_EVENT_STORE_H

#include "eventstore/backend.h"
#include "postgresql/connection.h"
#include "postgresql/high_water_mark.h"

typedef struct misas__postgresql_store {
    misas_postgresql *database;
    const misas_clock *clock; /* NULL: the database's */
    misas_logger logger;
    int mark_timeout_ms;
} misas__postgresql_store;

misas_error *misas__postgresql_append(misas_append_result *out, void *self,
                                      const misas_append *appends, size_t append_count);

/** Runs the append function, once, in whichever transaction the connection is in. Errors: those of
 * running a statement; a unique violation or MS001 says that a stream is not as expected, or an
 * event known. */
misas_error *misas__append_on_connection(misas_append_result *out, misas__connection *connection,
                                         const misas_append *appends, size_t append_count,
                                         const misas_clock *clock);

misas_error *misas__stream_info_on_connection(misas_stream_info *out, misas__connection *connection,
                                              const char *stream);

misas_error *misas__postgresql_remove(void *self, const char *stream, uint64_t before_version,
                                      misas_expected_version expected_version);

misas_error *misas__postgresql_read(misas__event_source **out, void *self,
                                    const misas__event_query *query);
misas_error *misas__postgresql_follow(misas__event_source **out, void *self,
                                      const misas__event_query *query);

#endif
