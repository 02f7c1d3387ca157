#include <stdlib.h>
#include <string.h>

#include "documentstore/documents.h"
#include "postgresql/checkpoints.h"
#include "postgresql/documents.h"
#include "postgresql/event_store.h"
#include "postgresql/pool.h"
#include "postgresql/storage.h"
#include "storage/batch.h"

typedef struct postgresql_transaction {
    misas__transaction base;
    misas__postgresql_storage *storage;
    misas__connection *connection; /* its own; NULL until it is needed, and after it was lost */
    misas_documents *documents;    /* on that connection */
    bool has_begun;
    bool has_savepoint;
    misas__arena arena; /* of the batch that is written */
} postgresql_transaction;

static void close_connection(postgresql_transaction *self)
{
    misas__connection_close(self->connection);
    self->connection = NULL;
}

/* Outside of the transaction: what the server has ended meanwhile is replaced. */
static misas_error *connect(postgresql_transaction *self)
{
    if (self->connection != NULL && !misas__connection_is_alive(self->connection)) {
        close_connection(self);
    }
    return self->connection == NULL
               ? misas__pool_open_own(&self->connection, self->storage->database)
               : NULL;
}

/* A connection that is not in the transaction: its own, as long as that has not begun. */
static misas_error *borrow_outside(misas__connection **out, postgresql_transaction *self)
{
    if (self->has_begun) {
        return misas__pool_acquire(out, self->storage->database);
    }
    misas_error *error = connect(self);

    *out = self->connection;
    return error;
}

static void give_back(postgresql_transaction *self, misas__connection *connection)
{
    if (connection != self->connection) {
        misas__pool_release(self->storage->database, connection);
    }
}

static misas_error *find_handled(bool *out_found, misas__transaction *transaction,
                                 misas__handled *messages, size_t count, misas__arena *arena)
{
    postgresql_transaction *self = (postgresql_transaction *)transaction;
    const misas__handled_query query = {out_found, messages, count, arena};
    misas__connection *connection = NULL;

    if (count == 0) {
        return NULL;
    }
    memset(out_found, 0, count * sizeof *out_found);
    misas_error *error = borrow_outside(&connection, self);

    if (error == NULL) {
        error = misas__find_handled(connection, &query);
    }
    give_back(self, connection);
    return error;
}

static misas_error *find_predictions(bool *out_found, misas__transaction *transaction,
                                     const misas__prediction_reference *predictions, size_t count)
{
    postgresql_transaction *self = (postgresql_transaction *)transaction;
    misas__connection *connection = NULL;

    if (count == 0) {
        return NULL;
    }
    misas_error *error = borrow_outside(&connection, self);

    if (error == NULL) {
        error = misas__find_predictions(out_found, connection, predictions, count);
    }
    give_back(self, connection);
    return error;
}

/* A handler that went on after a statement of its own had failed. */
static misas_error *failed_before(void)
{
    return misas_error_new(&(misas_error_options){
        .type_name = MISAS_ERROR_POSTGRESQL,
        .message = "a statement of the transaction has failed before, so that it can't go on",
        .data =
            (misas_field[]){
                {"sqlstate", "25P02"}, {"detail", ""}, {"constraint", ""}, {NULL, NULL}},
    });
}

static misas_error *begin(misas__transaction *transaction)
{
    postgresql_transaction *self = (postgresql_transaction *)transaction;

    if (self->has_begun) {
        return PQtransactionStatus(self->connection->pg) == PQTRANS_INERROR ? failed_before()
                                                                            : NULL;
    }
    misas_error *error = connect(self);

    if (error == NULL) {
        error = misas__connection_execute_text(self->connection, "begin");
    }
    self->has_begun = error == NULL;
    return error;
}

static misas_error *savepoint(misas__transaction *transaction)
{
    postgresql_transaction *self = (postgresql_transaction *)transaction;
    misas_error *error = misas__connection_execute_text(
        self->connection,
        self->has_savepoint ? "release savepoint misas; savepoint misas" : "savepoint misas");

    self->has_savepoint = self->has_savepoint || error == NULL;
    return error;
}

static misas_error *roll_back_to_savepoint(misas__transaction *transaction)
{
    postgresql_transaction *self = (postgresql_transaction *)transaction;

    return misas__connection_execute_text(self->connection, "rollback to savepoint misas");
}

static misas_documents *documents(misas__transaction *transaction)
{
    return ((postgresql_transaction *)transaction)->documents;
}

static void roll_back(misas__transaction *transaction)
{
    postgresql_transaction *self = (postgresql_transaction *)transaction;
    misas_error *error =
        self->has_begun ? misas__connection_execute_text(self->connection, "rollback") : NULL;

    self->has_begun = false;
    self->has_savepoint = false;
    if (error != NULL) {
        misas_error_free(error);
        close_connection(self);
    }
}

static misas_error *append(postgresql_transaction *self, const misas__prepared_batch *prepared,
                           bool is_quick)
{
    const misas__append_target target = {self->connection, self->storage->clock};
    bool is_done = prepared->events.stream_count == 0;
    misas_error *error = NULL;

    if (is_quick && !is_done) {
        error = misas__append_exactly_on_connection(&is_done, prepared->versions, &target,
                                                    &prepared->events);
    }
    return error != NULL || is_done
               ? error
               : misas__append_batch_on_connection(prepared->versions, &target, &prepared->events);
}

/* A lost lease is found before anything else is written. The append comes last: from then on it
 * holds readers of all events back. */
static misas_error *write_parts(postgresql_transaction *self, const misas__prepared_batch *prepared,
                                const misas__batch *batch, bool is_quick)
{
    misas_error *error = misas__write_checkpoint_parts(self->connection, batch);

    if (error == NULL) {
        error = misas__insert_handled(self->connection, prepared->handled, prepared->handled_count);
    }
    if (error == NULL) {
        error = misas__change_predictions(self->connection, batch);
    }
    if (error == NULL) {
        error = misas__check_confirmations(self->connection, batch->confirmations,
                                           batch->confirmation_count);
    }
    return error == NULL ? append(self, prepared, is_quick) : error;
}

static misas_error *commit(postgresql_transaction *self)
{
    misas_error *error = misas__connection_execute_text(self->connection, "commit");

    if (error == NULL) {
        self->has_begun = false;
        self->has_savepoint = false;
    }
    return error;
}

/* After the rollback. */
static misas_error *explain(misas_error *error, postgresql_transaction *self,
                            const misas__prepared_batch *prepared)
{
    if (!misas__append_is_turned_down(error) || self->connection == NULL) {
        return error;
    }
    misas_error_free(error);
    return misas__batch_conflict_on_connection(self->connection, &prepared->events);
}

static misas_error *write_once(postgresql_transaction *self, const misas__prepared_batch *prepared,
                               const misas__batch *batch, bool is_quick)
{
    misas_error *error = begin(&self->base);

    if (error == NULL) {
        error = write_parts(self, prepared, batch, is_quick);
    }
    if (error == NULL) {
        error = commit(self);
    }
    if (error != NULL) {
        roll_back(&self->base);
    }
    return error;
}

/* The quick way does not look at streams whose events were removed; only what is begun here can be
 * begun once more. */
static misas_error *write_prepared(postgresql_transaction *self,
                                   const misas__prepared_batch *prepared, const misas__batch *batch)
{
    bool is_quick = !self->has_begun;
    misas_error *error = write_once(self, prepared, batch, is_quick);

    if (!is_quick || !misas__append_has_gap(error)) {
        return error;
    }
    misas_error_free(error);
    return write_once(self, prepared, batch, false);
}

static misas_error *write_batch(uint64_t *versions, misas__transaction *transaction,
                                const misas__batch *batch)
{
    postgresql_transaction *self = (postgresql_transaction *)transaction;
    misas__prepared_batch prepared = {.versions = NULL};

    misas__arena_reset(&self->arena);
    misas_error *error =
        misas__batch_prepare(&prepared, &self->arena, batch, self->storage->base.event_store);

    if (error != NULL) {
        roll_back(transaction);
        return error;
    }
    error = write_prepared(self, &prepared, batch);
    if (error != NULL) {
        return explain(error, self, &prepared);
    }
    if (batch->stream_count > 0) {
        memcpy(versions, prepared.versions, batch->stream_count * sizeof *versions);
    }
    return NULL;
}

static void free_transaction(misas__transaction *transaction)
{
    postgresql_transaction *self = (postgresql_transaction *)transaction;

    misas__documents_free(self->documents);
    close_connection(self);
    misas__arena_free(&self->arena);
    free(self);
}

static const misas__transaction_functions functions = {
    .find_handled = find_handled,
    .find_predictions = find_predictions,
    .begin = begin,
    .savepoint = savepoint,
    .roll_back_to_savepoint = roll_back_to_savepoint,
    .documents = documents,
    .write = write_batch,
    .roll_back = roll_back,
    .free = free_transaction,
};

misas_error *misas__postgresql_transaction_new(misas__transaction **out, void *self)
{
    postgresql_transaction *transaction = calloc(1, sizeof *transaction);

    if (transaction == NULL) {
        return misas_error_out_of_memory();
    }
    transaction->base.functions = &functions;
    transaction->storage = self;
    misas_error *error = misas__postgresql_documents_in_transaction_new(&transaction->documents,
                                                                        &transaction->connection);

    if (error != NULL) {
        free_transaction(&transaction->base);
        return error;
    }
    *out = &transaction->base;
    return NULL;
}
