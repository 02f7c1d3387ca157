#include <stdlib.h>

#include "postgresql/event_store.h"
#include "postgresql/pool.h"
#include "postgresql/sql.h"

typedef struct removal {
    const char *stream;
    uint64_t before_version;
    misas_expected_version expected;
    misas_stream_info info;
} removal;

static misas_error *check_stream(const removal *removed)
{
    uint64_t base = 0;

    if (!removed->info.exists) {
        return misas__stream_not_found_error(removed->stream);
    }
    return misas__expected_version_fits(&base, &removed->info, removed->expected)
               ? NULL
               : misas__concurrency_error(removed->stream, removed->expected, &removed->info);
}

static misas_error *remove_rows(misas__connection *connection, const removal *removed)
{
    bool is_deletion = removed->before_version == MISAS__REMOVE_ALL;
    misas__parameters rows = {0};
    misas__parameters mark = {0};

    misas__parameters_add_text(&rows, removed->stream);
    misas__parameters_add_bigint(&rows, is_deletion ? INT64_MAX : (int64_t)removed->before_version);
    misas__parameters_add_text(&mark, removed->stream);
    misas__parameters_add_bigint(&mark, (int64_t)removed->info.last_version);
    misas__parameters_add_bool(&mark, is_deletion);
    misas_error *error = misas__connection_execute(connection, misas__sql_remove_events, &rows);

    if (error == NULL) {
        error = misas__connection_execute(connection, misas__sql_mark_stream, &mark);
    }
    misas__parameters_free(&rows);
    misas__parameters_free(&mark);
    return error;
}

static misas_error *record(misas__connection *connection, const removal *removed,
                           const misas_clock *clock)
{
    misas_new_event event;
    misas_append_result result;
    misas_error *error = misas__removal_event(&event, removed->stream, removed->before_version,
                                              removed->info.last_version);

    if (error != NULL) {
        return error;
    }
    error = misas__append_on_connection(
        &result, connection, &(misas_append){MISAS_SYSTEM_STREAM, MISAS_ANY_VERSION, &event, 1}, 1,
        clock);
    free((void *)(uintptr_t)event.payload);
    return error;
}

/* Appends queue behind who waits for the lock. More than PostgreSQL's deadlock_timeout, after which
 * an autovacuum of the table gives way. */
static const char begin_removal[] = "begin; set local lock_timeout = '2s'";

/* No append is under way while the store is locked: each sees the stream as it was, or as it is
 * now. */
static misas_error *remove_in_transaction(misas__connection *connection, removal *removed,
                                          const misas_clock *clock)
{
    misas_error *error = misas__connection_execute_text(connection, begin_removal);

    if (error == NULL) {
        error = misas__connection_execute(connection, misas__sql_lock_store, NULL);
    }
    if (error == NULL) {
        error = misas__stream_info_on_connection(&removed->info, connection, removed->stream);
    }
    if (error == NULL) {
        error = check_stream(removed);
    }
    if (error == NULL) {
        error = remove_rows(connection, removed);
    }
    if (error == NULL) {
        error = record(connection, removed, clock);
    }
    if (error == NULL) {
        return misas__connection_execute_text(connection, "commit");
    }
    misas_error_free(misas__connection_execute_text(connection, "rollback"));
    return error;
}

misas_error *misas__postgresql_remove(void *self, const char *stream, uint64_t before_version,
                                      misas_expected_version expected_version)
{
    misas__postgresql_store *store = self;
    removal removed = {stream, before_version, expected_version, {0}};
    misas__connection *connection = NULL;
    misas_error *error = misas__pool_acquire(&connection, store->database);

    if (error == NULL) {
        error = remove_in_transaction(connection, &removed, store->clock);
    }
    misas__pool_release(store->database, connection);
    return error;
}
