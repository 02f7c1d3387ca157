/** Private: the transaction of a worker, which handles messages one batch after another. It writes
 * what they ask for: all of a batch, or nothing.
 *
 * A batch goes like this: find_handled; the messages are decided upon, in memory; write. Only a
 * handler that needs documents or SQL of its own begins the transaction earlier: begin,
 * savepoint, and roll_back_to_savepoint if the handler fails. A worker's transaction is used by its
 * thread alone. */
#ifndef MISAS_SRC_STORAGE_TRANSACTION_H
#define MISAS_SRC_STORAGE_TRANSACTION_H

#include "envelope/digest.h"
#include "eventstore/batch.h"
#include "memory/arena.h"
#include "misas/envelope.h"
#include "misas/prediction.h"
#include "misas/storage.h"
#include "storage/checkpoints.h"
#include "storage/prediction_claims.h"

/** A message of the batch was handled meanwhile by another: find out by find_handled. */
#define MISAS__ERROR_HANDLED_MEANWHILE "misas.storage.handled_meanwhile"
/** A prediction of the batch was handled, cancelled or replaced meanwhile: find out by
 * find_predictions. */
#define MISAS__ERROR_PREDICTION_GONE "misas.storage.prediction_gone"

/** What became of a message, as it is kept in order to answer the same message again. */
typedef struct misas__handled {
    const char *source;
    const char *id;
    uint8_t digest[misas__digest_size]; /* of its type and payload */
    misas_reply reply;                  /* without content unless it says so */
    const void *error;                  /* of a refusal, as misas_error_encode writes it */
    size_t error_size;                  /* 0: it succeeded */
} misas__handled;

/** A stream whose version others have decided upon without changing it. */
typedef struct misas__confirmation {
    const char *stream;
    uint64_t version;
} misas__confirmation;

typedef enum misas__prediction_change_kind {
    MISAS__PREDICTION_ADD,       /* fails with MISAS_ERROR_PREDICTION_EXISTS */
    MISAS__PREDICTION_REPLACE,   /* or add */
    MISAS__PREDICTION_CANCEL_ID, /* of none is no error */
    MISAS__PREDICTION_CANCEL_KEY /* all of that type and key */
} misas__prediction_change_kind;

typedef struct misas__prediction_change {
    misas__prediction_change_kind kind;
    misas_new_prediction prediction; /* of a cancellation: `id`, or `type` and `key` */
} misas__prediction_change;

/** What is written. The streams are all different, in no order. Positions are given to the events
 * in their order here, then to the commands. Events and commands are checked when it is written;
 * the rest comes checked: predictions have ids, times that are in range, and texts that are. */
typedef struct misas__batch {
    const misas__handled *handled;
    size_t handled_count;
    const misas__confirmation *confirmations; /* checked before anything is appended */
    size_t confirmation_count;
    const misas__batch_stream *streams;
    size_t stream_count;
    const misas__batch_event *events;
    size_t event_count;
    const misas_envelope
        *commands; /* into the log, in streams of their own: MISAS__COMMAND_STREAM */
    size_t command_count;
    const misas__prediction_change *predictions; /* in the order they were made */
    size_t prediction_count;
    const misas__prediction_reference *fired; /* predictions that were handled: all must be there;
                                                 before the changes */
    size_t fired_count;
    const misas__checkpoint_move *checkpoint; /* NULL: there is none */
    /* Set aside; `id` and `set_aside_at_us` are not used. Of an event that this processor has set
     * aside before, the error, the attempts and whether it is to be retried are replaced. */
    const misas__dead_letter *dead_letters;
    size_t dead_letter_count;
    const int64_t *settled_dead_letters; /* ids of those that were handled after all: removed */
    size_t settled_dead_letter_count;
} misas__batch;

/** A sent command is an event of the stream with this prefix and the id of the command (a UUID),
 * of version 1, with the command's id, type, payload and metadata. */
#define MISAS__COMMAND_STREAM_PREFIX "$command-"

/** The names of further metadata of such an event: what else is known of the command. */
#define MISAS__COMMAND_SOURCE "source"
#define MISAS__COMMAND_KEY "key"

/** A prediction that is set aside is an event of the stream with this prefix and its id, of version
 * 1, at no position (0), recorded when the prediction was added. Of its metadata, these fields are
 * the key, if it had one, and when it was due. */
#define MISAS__PREDICTION_STREAM_PREFIX "$prediction-"
#define MISAS__PREDICTION_KEY "key"
#define MISAS__PREDICTION_DUE_AT "due_at"

typedef struct misas__transaction misas__transaction;

/** Errors of all of them, besides those named: those of the backend, retriable ones among them.
 * After an error of any of them but find_handled only roll_back may follow. */
typedef struct misas__transaction_functions {
    /* Of each of `count` messages (source and id are given): fills in the rest in `arena` and sets
     * `out_found[i]`, if it was handled before. Not part of the transaction. */
    misas_error *(*find_handled)(bool *out_found, misas__transaction *transaction,
                                 misas__handled *messages, size_t count, misas__arena *arena);
    /* Of each of `count` predictions: is it still there? Not part of the transaction. */
    misas_error *(*find_predictions)(bool *out_found, misas__transaction *transaction,
                                     const misas__prediction_reference *predictions, size_t count);
    /* Begins it, unless it has begun. */
    misas_error *(*begin)(misas__transaction *transaction);
    /* Sets the savepoint here, in place of the one before. It must have begun. */
    misas_error *(*savepoint)(misas__transaction *transaction);
    /* Undoes what came after the savepoint. */
    misas_error *(*roll_back_to_savepoint)(misas__transaction *transaction);
    /* Documents within the transaction, which must have begun when they are used; lives as long as
     * the transaction. */
    misas_documents *(*documents)(misas__transaction *transaction);
    /* Begins if need be, writes a batch, and commits. `versions` has one for each stream:
     * that of its last event, or 0. Errors: MISAS__ERROR_HANDLED_MEANWHILE;
     * MISAS_ERROR_CONCURRENCY for a stream that is not as expected or confirmed;
     * MISAS_ERROR_PREDICTION_EXISTS; MISAS_ERROR_EVENT_ID_CONFLICT; those of bad events, of an id
     * that is there twice, and of a command whose id is no UUID (all tagged validation); after a
     * lost connection (retriable) nobody knows whether it was committed: write it again, and it is
     * HANDLED_MEANWHILE if it was. An error has rolled the transaction back already. */
    misas_error *(*write)(uint64_t *versions, misas__transaction *transaction,
                          const misas__batch *batch);
    /* Undoes everything since it began; begins anew with the next begin or write. Also when it has
     * not begun. */
    void (*roll_back)(misas__transaction *transaction);
    void (*free)(misas__transaction *transaction);
} misas__transaction_functions;

/** The first member of each backend's own struct. */
struct misas__transaction {
    const misas__transaction_functions *functions;
};

/** What stands behind a storage. */
typedef struct misas__storage_backend {
    misas_error *(*transaction_new)(misas__transaction **out, void *self);
    misas__checkpoint_functions checkpoints;
    misas__prediction_functions predictions;
    /* NULL: it never forgets. */
    misas_error *(*forget_handled)(uint64_t *out_count, misas_storage *storage, int64_t age_s,
                                   uint64_t max);
    void (*free)(void *self);
} misas__storage_backend;

/** The first member of each backend's own struct. */
struct misas_storage {
    const misas__storage_backend *backend;
    misas_event_store *event_store; /* freed by the backend */
    misas_documents *documents;     /* likewise */
};

/** A transaction of a worker's own; ended with its free. */
misas_error *misas__transaction_new(misas__transaction **out, misas_storage *storage);

/** Writes a batch without streams in a transaction of its own. Errors: those of its write. */
misas_error *misas__storage_write(misas_storage *storage, const misas__batch *batch);

/** The position of the last event of the log, up to the high-water mark; 0: there is none. */
misas_error *misas__storage_last_position(uint64_t *out, misas_storage *storage);

/** As above, of events of these types, which end with NULL. */
misas_error *misas__storage_last_position_of(uint64_t *out, misas_storage *storage,
                                             const char *const *types);

#endif
