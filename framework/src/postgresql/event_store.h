/** Private: the event store on PostgreSQL, in its parts. */
#ifndef MISAS_SRC_POSTGRESQL_EVENT_STORE_H
#define MISAS_SRC_POSTGRESQL_EVENT_STORE_H

#include "eventstore/backend.h"
#include "eventstore/batch.h"
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

/** As misas__append_on_connection, for events in an order of their own. `out`, which is zeroed, has
 * a result for each stream. */
misas_error *misas__append_events_on_connection(misas_append_result *out,
                                                misas__connection *connection,
                                                const misas__event_batch *batch,
                                                const misas_clock *clock);

/** Where a batch goes to. */
typedef struct misas__append_target {
    misas__connection *connection;
    const misas_clock *clock; /* NULL: the database's */
} misas__append_target;

/** As misas__append_events_on_connection, for the versions of the last events alone. */
misas_error *misas__append_batch_on_connection(uint64_t *out_versions,
                                               const misas__append_target *target,
                                               const misas__event_batch *batch);

/** As misas__append_batch_on_connection, but faster; `*out_is_done` is false when that can't be,
 * because not all streams have events, and exact versions or none. It looks among the events only:
 * after an error that misas__append_has_gap is true of, the transaction is to be done again
 * otherwise. */
misas_error *misas__append_exactly_on_connection(bool *out_is_done, uint64_t *out_versions,
                                                 const misas__append_target *target,
                                                 const misas__event_batch *batch);
bool misas__append_has_gap(const misas_error *error);

/** Whether the error of an append says that a stream is not as expected, or an event known. */
bool misas__append_is_turned_down(const misas_error *error);

/** Finds out why a batch was turned down, once its transaction was rolled back: always an error.
 * Errors: MISAS_ERROR_CONCURRENCY, MISAS_ERROR_EVENT_ID_CONFLICT, those of running a statement. */
misas_error *misas__batch_conflict_on_connection(misas__connection *connection,
                                                 const misas__event_batch *batch);

misas_error *misas__stream_info_on_connection(misas_stream_info *out, misas__connection *connection,
                                              const char *stream);

/** Of each of `count` streams. */
misas_error *misas__stream_infos_on_connection(misas_stream_info *out,
                                               misas__connection *connection,
                                               const misas__batch_stream *streams, size_t count);

misas_error *misas__postgresql_remove(void *self, const char *stream, uint64_t before_version,
                                      misas_expected_version expected_version);

misas_error *misas__postgresql_read(misas__event_source **out, void *self,
                                    const misas__event_query *query);
misas_error *misas__postgresql_follow(misas__event_source **out, void *self,
                                      const misas__event_query *query);

#endif
