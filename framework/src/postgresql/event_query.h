/** Private: a query for events, run as one streamed statement. */
#ifndef MISAS_SRC_POSTGRESQL_EVENT_QUERY_H
#define MISAS_SRC_POSTGRESQL_EVENT_QUERY_H

#include "eventstore/backend.h"
#include "postgresql/connection.h"

/** Sends the statement. `last_position` bounds what is read of $all. */
misas_error *misas__event_query_send(misas__connection *connection, const misas__event_query *query,
                                     uint64_t last_position);

/** The next row of it, in a result of its own; NULL at the end, when the connection is free again.
 */
misas_error *misas__event_query_next(PGresult **out, misas__connection *connection);

#endif
