/** Private: the high-water mark, the position up to which no event can still be committed.
 *
 * Positions come from a sequence, drawn before the commit: whoever reads the events after a
 * position skips those of transactions that commit late. So an append holds a shared lock of the
 * store from before it draws a position until it has committed or rolled back, and a reader asks,
 * in this order, each after the answer before: for the last position drawn (H), then for the
 * transactions that hold the lock (F). Whoever draws a position up to H later holds the lock
 * already, and is in F. Once none of F holds it any more, every position up to H is settled. One
 * statement, or one transaction with a single snapshot, is not enough.
 *
 * A mark belongs to the connection that it was read on: a new connection may be to a server that
 * restarted, and starts with misas__high_water_mark_forget. Such a server may draw positions again
 * that were settled before: those after the last committed event, which nobody has used.
 */
#ifndef MISAS_SRC_POSTGRESQL_HIGH_WATER_MARK_H
#define MISAS_SRC_POSTGRESQL_HIGH_WATER_MARK_H

#include "postgresql/connection.h"

enum { misas__max_pending_marks = 16 };

/** A virtual transaction that held the append lock, as "backend/number", and its process. */
typedef struct misas__lock_holder {
    uint64_t transaction;
    int32_t process;
} misas__lock_holder;

/** A last position, waiting for those who may still commit below it. */
typedef struct misas__pending_mark {
    uint64_t position;
    misas__lock_holder *holders;
    size_t holder_count;
    int64_t since_ms;
    bool was_reported;
} misas__pending_mark;

/** Starts zeroed. */
typedef struct misas__high_water_mark {
    uint64_t settled;                                      /* every position up to here is */
    misas__pending_mark pending[misas__max_pending_marks]; /* by position */
    size_t pending_count;
    misas_logger logger;
} misas__high_water_mark;

/** Asks, and moves `settled` as far as it goes. Logs who has held it back for over 1 s. */
misas_error *misas__high_water_mark_poll(misas__high_water_mark *mark,
                                         misas__connection *connection);

/** Waits until every position drawn before the call is settled. Errors: MISAS_ERROR_MARK_HELD_BACK.
 */
misas_error *misas__high_water_mark_wait(misas__high_water_mark *mark,
                                         misas__connection *connection, int timeout_ms);

/** Starts anew: the connection was lost. */
void misas__high_water_mark_forget(misas__high_water_mark *mark);

#endif
