/** Private: checkpoints and dead letters on PostgreSQL: the functions of
 * misas__checkpoint_functions, and what a batch does to them. */
#ifndef MISAS_SRC_POSTGRESQL_CHECKPOINTS_H
#define MISAS_SRC_POSTGRESQL_CHECKPOINTS_H

#include "postgresql/connection.h"
#include "storage/transaction.h"

/** Moves the checkpoint, removes settled dead letters and sets others aside, in the transaction
 * that the connection is in. Errors: MISAS__ERROR_LEASE_LOST. */
misas_error *misas__write_checkpoint_parts(misas__connection *connection,
                                           const misas__batch *batch);

/** The part of it that is about dead letters. */
misas_error *misas__write_dead_letters(misas__connection *connection, const misas__batch *batch);

/** Runs a statement on a connection of the storage's pool, and frees the parameters. `*out` is
 * cleared with PQclear. */
misas_error *misas__run_on_pool(PGresult **out, misas_storage *storage, const char *sql,
                                misas__parameters *parameters);

/** As misas__run_on_pool, for when only `*out_found` matters: whether there was a row. */
misas_error *misas__find_on_pool(bool *out_found, misas_storage *storage, const char *sql,
                                 misas__parameters *parameters);

misas_error *misas__postgresql_take_checkpoint(misas__checkpoint *out, bool *out_taken,
                                               misas_storage *storage,
                                               const misas__checkpoint_key *key, const char *owner);
misas_error *misas__postgresql_seize_checkpoint(misas__checkpoint *out, misas_storage *storage,
                                                const misas__checkpoint_key *key,
                                                const char *owner);
misas_error *misas__postgresql_renew_checkpoint(bool *out_is_paused, misas_storage *storage,
                                                const misas__checkpoint_key *key, int64_t epoch);
misas_error *misas__postgresql_release_checkpoint(misas_storage *storage,
                                                  const misas__checkpoint_key *key, int64_t epoch);
misas_error *misas__postgresql_attempt_checkpoint(int32_t *out_attempts, misas_storage *storage,
                                                  const misas__checkpoint_key *key, int64_t epoch,
                                                  uint64_t position);
misas_error *misas__postgresql_list_checkpoints(const misas__checkpoint_info **out,
                                                size_t *out_count, misas_storage *storage,
                                                misas__arena *arena);
misas_error *misas__postgresql_reset_checkpoint(bool *out_found, misas_storage *storage,
                                                const char *processor, uint64_t position);
misas_error *misas__postgresql_pause_processor(misas_storage *storage, const char *processor,
                                               bool is_paused);
misas_error *misas__postgresql_list_dead_letters(const misas__dead_letter **out, size_t *out_count,
                                                 misas_storage *storage,
                                                 const misas__dead_letter_query *query,
                                                 misas__arena *arena);
misas_error *misas__postgresql_retry_dead_letter(bool *out_found, misas_storage *storage,
                                                 int64_t id);
misas_error *misas__postgresql_drop_dead_letter(bool *out_found, misas_storage *storage,
                                                int64_t id);

#endif
