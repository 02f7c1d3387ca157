/** Private: the inside of a context, and what it works on. */
#ifndef MISAS_SRC_PROCESSING_CONTEXT_H
#define MISAS_SRC_PROCESSING_CONTEXT_H

#include "processing/draft.h"
#include "subsystem/subsystem.h"

/** What the handlers of a worker share; one thread at a time. */
typedef struct misas__session {
    const misas_subsystem *subsystem;
    misas_storage *storage;
    misas__transaction *transaction; /* NULL: nothing can be changed */
    misas_documents *documents;      /* then; to be looked at */
    const misas_clock *clock;
    misas_logger logger;
    misas__aggregate_cache cache;
    misas__draft draft;
    bool is_careful;        /* what is likely not to be there is looked for all the same */
    bool has_begun;         /* a handler of the batch has begun the transaction */
    bool has_no_savepoints; /* one that fails then spoils the transaction for the others */
} misas__session;

struct misas_context {
    misas__session *session;
    const misas_envelope *envelope;
    const misas_event *event; /* NULL: it is none */
    misas_kind kind;
    misas_logger logger;
    misas__draft_mark began_at;
    const char *sender; /* whose ids are derived: no two handle one message */
    uint32_t sent_count;
    uint32_t named_count; /* predictions whose ids were derived */
    misas_reply reply;    /* in the draft's arena */
    bool has_savepoint;
    bool ends_batch; /* it can only be handled after what is in the draft was written */
};

/** A copy in the draft's arena; NULL when there is no memory. */
const char *misas__session_keep_text(misas__session *session, const char *text);

/** Packs a message into the draft's arena. Errors: those of misas_message_encode. */
misas_error *misas__session_pack(const void **out, size_t *out_size, misas__session *session,
                                 const misas_type *type, const ProtobufCMessage *message);

/** The id of the `counter`th message that the handling of the message at hand causes, in the
 * draft's arena: the same whenever that is handled. */
misas_error *misas__context_derive_id(const char **out, misas_context *context, uint32_t counter);

/** When the handlers of a message have returned NULL: writes what they changed in documents that
 * they had loaded, unless that is done with the whole batch. Errors: those of
 * misas__working_documents_write. */
misas_error *misas__context_finish_documents(misas_context *context);

/** MISAS_ERROR_CONTEXT: the context can't do this here. */
misas_error *misas__context_refused(const char *operation, const char *reason);

#endif
