#include "postgresql/checkpoints.h"

#include "memory/copy.h"
#include "postgresql/pool.h"
#include "postgresql/sql.h"
#include "postgresql/storage.h"
#include "postgresql/wire_numbers.h"

misas_error *misas__run_on_pool(PGresult **out, misas_storage *storage, const char *sql,
                                misas__parameters *parameters)
{
    misas_postgresql *database = ((misas__postgresql_storage *)storage)->database;
    misas__connection *connection = NULL;
    misas_error *error = misas__pool_acquire(&connection, database);

    *out = NULL;
    if (error == NULL) {
        error = misas__connection_run(out, connection, sql, parameters);
    }
    misas__pool_release(database, connection);
    misas__parameters_free(parameters);
    return error;
}

misas_error *misas__find_on_pool(bool *out_found, misas_storage *storage, const char *sql,
                                 misas__parameters *parameters)
{
    PGresult *result = NULL;
    misas_error *error = misas__run_on_pool(&result, storage, sql, parameters);

    *out_found = error == NULL && PQntuples(result) > 0;
    PQclear(result);
    return error;
}

static void add_key(misas__parameters *parameters, const misas__checkpoint_key *key)
{
    misas__parameters_add_text(parameters, key->processor);
    misas__parameters_add_text(parameters, key->source);
    misas__parameters_add_integer(parameters, key->partition);
}

static bool get_bool(const PGresult *result, int row, int column)
{
    return PQgetvalue(result, row, column)[0] != 0;
}

/* Its columns come one after the other, from `first` on. */
static misas__checkpoint read_checkpoint(const PGresult *result, int row, int first)
{
    return (misas__checkpoint){
        .position = misas__get_uint64(PQgetvalue(result, row, first)),
        .epoch = (int64_t)misas__get_uint64(PQgetvalue(result, row, first + 1)),
        .is_paused = get_bool(result, row, first + 2),
        .was_released = get_bool(result, row, first + 3),
        .attempted_position = misas__get_uint64(PQgetvalue(result, row, first + 4)),
        .attempts = (int32_t)misas__get_uint32(PQgetvalue(result, row, first + 5)),
    };
}

misas_error *misas__postgresql_take_checkpoint(misas__checkpoint *out, bool *out_taken,
                                               misas_storage *storage,
                                               const misas__checkpoint_key *key, const char *owner)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    add_key(&parameters, key);
    misas__parameters_add_text(&parameters, owner);
    misas__parameters_add_integer(&parameters, misas__lease_ms);
    misas_error *error =
        misas__run_on_pool(&result, storage, misas__sql_take_checkpoint, &parameters);

    *out_taken = error == NULL && PQntuples(result) > 0;
    if (*out_taken) {
        *out = read_checkpoint(result, 0, 0);
    }
    PQclear(result);
    return error;
}

misas_error *misas__postgresql_seize_checkpoint(misas__checkpoint *out, misas_storage *storage,
                                                const misas__checkpoint_key *key, const char *owner)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    add_key(&parameters, key);
    misas__parameters_add_text(&parameters, owner);
    misas__parameters_add_integer(&parameters, misas__lease_ms);
    misas_error *error =
        misas__run_on_pool(&result, storage, misas__sql_seize_checkpoint, &parameters);

    if (error == NULL) {
        *out = read_checkpoint(result, 0, 0);
    }
    PQclear(result);
    return error;
}

/* Runs a statement whose parameters are complete but for the lease's length; it has a row if the
 * leader is still the one who asks. */
static misas_error *run_as_leader(PGresult **out, misas_storage *storage, const char *sql,
                                  misas__parameters *parameters)
{
    misas__parameters_add_integer(parameters, misas__lease_ms);
    return misas__run_on_pool(out, storage, sql, parameters);
}

static misas_error *check_led(const misas__checkpoint_key *key, const PGresult *result)
{
    return PQntuples(result) > 0 ? NULL : misas__lease_lost_error(key);
}

misas_error *misas__postgresql_renew_checkpoint(bool *out_is_paused, misas_storage *storage,
                                                const misas__checkpoint_key *key, int64_t epoch)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    add_key(&parameters, key);
    misas__parameters_add_bigint(&parameters, epoch);
    misas_error *error = run_as_leader(&result, storage, misas__sql_renew_checkpoint, &parameters);

    if (error == NULL) {
        error = check_led(key, result);
    }
    if (error == NULL) {
        *out_is_paused = get_bool(result, 0, 0);
    }
    PQclear(result);
    return error;
}

misas_error *misas__postgresql_attempt_checkpoint(int32_t *out_attempts, misas_storage *storage,
                                                  const misas__checkpoint_key *key, int64_t epoch,
                                                  uint64_t position)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    add_key(&parameters, key);
    misas__parameters_add_bigint(&parameters, epoch);
    misas__parameters_add_bigint(&parameters, (int64_t)position);
    misas_error *error =
        run_as_leader(&result, storage, misas__sql_attempt_checkpoint, &parameters);

    if (error == NULL) {
        error = check_led(key, result);
    }
    if (error == NULL) {
        *out_attempts = (int32_t)misas__get_uint32(PQgetvalue(result, 0, 0));
    }
    PQclear(result);
    return error;
}

misas_error *misas__postgresql_release_checkpoint(misas_storage *storage,
                                                  const misas__checkpoint_key *key, int64_t epoch)
{
    misas__parameters parameters = {0};
    bool found = false;

    add_key(&parameters, key);
    misas__parameters_add_bigint(&parameters, epoch);
    return misas__find_on_pool(&found, storage, misas__sql_release_checkpoint, &parameters);
}

/* The columns of list_checkpoints; those of a checkpoint begin with its position. */
enum {
    column_processor,
    column_source,
    column_partition,
    column_position,
    column_owner = column_position + 6,
    column_moved_at
};

static misas_error *read_info(misas__checkpoint_info *out, misas__arena *arena,
                              const PGresult *result, int row)
{
    const char *processor = PQgetvalue(result, row, column_processor);
    const char *source = PQgetvalue(result, row, column_source);
    const char *owner =
        PQgetisnull(result, row, column_owner) ? NULL : PQgetvalue(result, row, column_owner);
    char *cursor =
        misas__arena_allocate(arena, misas__size_of_text(processor) + misas__size_of_text(source) +
                                         misas__size_of_text(owner));

    if (cursor == NULL) {
        return misas_error_out_of_memory();
    }
    out->key.processor = misas__copy_text(&cursor, processor);
    out->key.source = misas__copy_text(&cursor, source);
    out->key.partition = (int32_t)misas__get_uint32(PQgetvalue(result, row, column_partition));
    out->checkpoint = read_checkpoint(result, row, column_position);
    out->owner = misas__copy_text(&cursor, owner);
    out->moved_at_us = (int64_t)misas__get_uint64(PQgetvalue(result, row, column_moved_at)) +
                       MISAS__POSTGRESQL_EPOCH_US;
    return NULL;
}

misas_error *misas__postgresql_list_checkpoints(const misas__checkpoint_info **out,
                                                size_t *out_count, misas_storage *storage,
                                                misas__arena *arena)
{
    misas__parameters none = {0};
    PGresult *result = NULL;
    misas_error *error = misas__run_on_pool(&result, storage, misas__sql_list_checkpoints, &none);
    int count = error == NULL ? PQntuples(result) : 0;
    misas__checkpoint_info *infos = misas__arena_allocate(arena, (size_t)count * sizeof *infos);

    if (error == NULL && infos == NULL) {
        error = misas_error_out_of_memory();
    }
    for (int row = 0; row < count && error == NULL; row++) {
        error = read_info(&infos[row], arena, result, row);
    }
    *out = infos;
    *out_count = (size_t)count;
    PQclear(result);
    return error;
}

misas_error *misas__postgresql_reset_checkpoint(bool *out_found, misas_storage *storage,
                                                const char *processor, uint64_t position)
{
    misas__parameters parameters = {0};

    misas__parameters_add_text(&parameters, processor);
    misas__parameters_add_text(&parameters, MISAS__SOURCE_LOG);
    misas__parameters_add_bigint(&parameters, (int64_t)position);
    return misas__find_on_pool(out_found, storage, misas__sql_reset_checkpoint, &parameters);
}

misas_error *misas__postgresql_pause_processor(misas_storage *storage, const char *processor,
                                               bool is_paused)
{
    misas__parameters parameters = {0};
    bool found = false;

    misas__parameters_add_text(&parameters, processor);
    misas__parameters_add_bool(&parameters, is_paused);
    misas__parameters_add_text(&parameters, MISAS__SOURCE_LOG);
    return misas__find_on_pool(&found, storage, misas__sql_pause_processor, &parameters);
}

static misas_error *move_checkpoint(misas__connection *connection,
                                    const misas__checkpoint_move *move)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    add_key(&parameters, &move->key);
    misas__parameters_add_bigint(&parameters, move->epoch);
    misas__parameters_add_bigint(&parameters, (int64_t)move->position);
    misas__parameters_add_integer(&parameters, misas__lease_ms);
    misas__parameters_add_bool(&parameters, move->may_go_back);
    misas__parameters_add_bigint(&parameters, move->is_once ? (int64_t)move->from : INT64_MAX);
    misas_error *error =
        misas__connection_run(&result, connection, misas__sql_move_checkpoint, &parameters);

    if (error == NULL) {
        error = check_led(&move->key, result);
    }
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}

misas_error *misas__write_checkpoint_parts(misas__connection *connection, const misas__batch *batch)
{
    misas_error *error =
        batch->checkpoint != NULL ? move_checkpoint(connection, batch->checkpoint) : NULL;

    return error != NULL ? error : misas__write_dead_letters(connection, batch);
}
