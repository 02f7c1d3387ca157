#include "postgresql/high_water_mark.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock/monotonic.h"
#include "postgresql/sql.h"
#include "postgresql/wire_numbers.h"

enum { report_after_ms = 1000, wait_interval_ms = 1 };

/* Who holds the lock now. */
typedef struct holder_list {
    misas__lock_holder *items;
    size_t count;
} holder_list;

static misas_error *read_last_position(uint64_t *out, misas__connection *connection)
{
    PGresult *result = NULL;
    misas_error *error = misas__connection_run(&result, connection, misas__sql_last_position, NULL);

    *out = error == NULL ? misas__get_uint64(PQgetvalue(result, 0, 0)) : 0;
    PQclear(result);
    return error;
}

/* "3/1234": a backend and its local transaction. */
static uint64_t parse_transaction(const char *text)
{
    uint32_t backend = 0;
    uint32_t number = 0;

    sscanf(text, "%" SCNu32 "/%" SCNu32, &backend, &number);
    return (uint64_t)backend << 32 | number;
}

static misas_error *read_holders(holder_list *out, misas__connection *connection)
{
    PGresult *result = NULL;
    misas_error *error =
        misas__connection_run(&result, connection, misas__sql_append_lock_holders, NULL);

    *out = (holder_list){0};
    if (error != NULL) {
        return error;
    }
    size_t count = (size_t)PQntuples(result);

    out->items = malloc((count + 1) * sizeof *out->items);
    for (size_t i = 0; out->items != NULL && i < count; i++) {
        out->items[i].transaction = parse_transaction(PQgetvalue(result, (int)i, 0));
        out->items[i].process = (int32_t)misas__get_uint32(PQgetvalue(result, (int)i, 1));
    }
    out->count = count;
    PQclear(result);
    return out->items != NULL ? NULL : misas_error_out_of_memory();
}

static bool holds(const holder_list *holders, uint64_t transaction)
{
    for (size_t i = 0; i < holders->count; i++) {
        if (holders->items[i].transaction == transaction) {
            return true;
        }
    }
    return false;
}

/* Those who have let go meanwhile are done; whoever took the lock since does not count. */
static void drop_released(misas__pending_mark *pending, const holder_list *now)
{
    size_t kept = 0;

    for (size_t i = 0; i < pending->holder_count; i++) {
        if (holds(now, pending->holders[i].transaction)) {
            pending->holders[kept++] = pending->holders[i];
        }
    }
    pending->holder_count = kept;
}

static void report_if_slow(misas__high_water_mark *mark, misas__pending_mark *pending)
{
    int64_t held_ms = misas__monotonic_ms() - pending->since_ms;

    if (pending->was_reported || held_ms < report_after_ms) {
        return;
    }
    pending->was_reported = true;
    misas_log_write(
        &mark->logger, MISAS_LOG_WARNING,
        "an open append transaction holds the high-water mark back",
        (misas_log_field[]){misas_log_number("position", (int64_t)pending->position),
                            misas_log_number("held_ms", held_ms),
                            misas_log_number("backend_pid", pending->holders[0].process),
                            misas_log_number("holders", (int64_t)pending->holder_count),
                            misas_log_end()});
}

static void settle_pending(misas__high_water_mark *mark, const holder_list *now)
{
    size_t settled = 0;

    for (size_t i = 0; i < mark->pending_count; i++) {
        drop_released(&mark->pending[i], now);
        if (mark->pending[i].holder_count == 0) {
            mark->settled = mark->pending[i].position;
            settled = i + 1;
        }
    }
    for (size_t i = 0; i < settled; i++) {
        free(mark->pending[i].holders);
    }
    mark->pending_count -= settled;
    for (size_t i = 0; i < mark->pending_count; i++) {
        mark->pending[i] = mark->pending[settled + i];
    }
    if (mark->pending_count > 0) {
        report_if_slow(mark, &mark->pending[0]);
    }
}

/* Takes the holders over. With no room left the position is asked for again, once something is
 * settled. */
static void add_pending(misas__high_water_mark *mark, uint64_t position, holder_list *holders)
{
    uint64_t newest =
        mark->pending_count > 0 ? mark->pending[mark->pending_count - 1].position : mark->settled;

    if (position <= newest || mark->pending_count == misas__max_pending_marks) {
        return;
    }
    mark->pending[mark->pending_count++] = (misas__pending_mark){
        .position = position,
        .holders = holders->items,
        .holder_count = holders->count,
        .since_ms = misas__monotonic_ms(),
    };
    holders->items = NULL;
}

misas_error *misas__high_water_mark_poll(misas__high_water_mark *mark,
                                         misas__connection *connection)
{
    uint64_t last_position = 0;
    holder_list holders = {0};
    misas_error *error = read_last_position(&last_position, connection);

    if (error == NULL) {
        error = read_holders(&holders, connection);
    }
    if (error == NULL) {
        settle_pending(mark, &holders);
        if (holders.count == 0 && last_position > mark->settled) {
            misas__high_water_mark_forget(mark);
            mark->settled = last_position;
        } else {
            add_pending(mark, last_position, &holders);
        }
    }
    free(holders.items);
    return error;
}

static misas_error *held_back(uint64_t position, int timeout_ms)
{
    return misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_MARK_HELD_BACK,
                               .tags = MISAS_TAG_RETRIABLE},
        "an open append transaction has held the high-water mark below position %" PRIu64
        " for %d ms",
        position, timeout_ms);
}

misas_error *misas__high_water_mark_wait(misas__high_water_mark *mark,
                                         misas__connection *connection, int timeout_ms)
{
    int64_t deadline_ms = misas__monotonic_ms() + timeout_ms;
    misas_error *error = misas__high_water_mark_poll(mark, connection);
    uint64_t wanted =
        mark->pending_count > 0 ? mark->pending[mark->pending_count - 1].position : mark->settled;

    while (error == NULL && mark->settled < wanted) {
        if (misas__monotonic_ms() > deadline_ms) {
            return held_back(wanted, timeout_ms);
        }
        poll(NULL, 0, wait_interval_ms);
        error = misas__high_water_mark_poll(mark, connection);
    }
    return error;
}

void misas__high_water_mark_forget(misas__high_water_mark *mark)
{
    for (size_t i = 0; i < mark->pending_count; i++) {
        free(mark->pending[i].holders);
    }
    mark->pending_count = 0;
    mark->settled = 0;
}
