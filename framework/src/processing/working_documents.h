/** Private: the documents that handlers have at hand as messages: each is read once, and written
 * once, if it was changed, however many handlers of a batch have changed it (an identity map and
 * unit of work; Fowler, Patterns of Enterprise Application Architecture). One thread at a time. */
#ifndef MISAS_SRC_PROCESSING_WORKING_DOCUMENTS_H
#define MISAS_SRC_PROCESSING_WORKING_DOCUMENTS_H

#include "misas/document_store.h"
#include "misas/schema.h"

typedef struct misas__working_document {
    const misas_type *type;
    char *id;
    ProtobufCMessage *message;
    void *packed; /* as it is kept, to see whether it was changed; NULL: it is not kept yet */
    size_t packed_size;
    uint64_t version; /* as it is kept */
    bool is_in_use;   /* a handler has it, and may change it */
    bool is_changed;  /* it was, when that was looked at, and is not written */
} misas__working_document;

/** Starts zeroed. */
typedef struct misas__working_documents {
    void *by_id;                     /* a tree (tsearch) */
    misas__working_document **items; /* in the order in which they came */
    size_t count;
    size_t capacity;
    ProtobufCMessage **found; /* to be looked at, by one handler */
    size_t found_count;
    size_t found_capacity;
} misas__working_documents;

/** From now on it is in use. NULL: it is not at hand. */
misas__working_document *misas__working_documents_get(const misas__working_documents *documents,
                                                      const misas_type *type, const char *id);

/** Decodes one that was read, and is in use. Errors: those of misas_json_decode and
 * misas_message_encode. */
misas_error *misas__working_documents_add(misas__working_document **out,
                                          misas__working_documents *documents,
                                          const misas_type *type, const misas_document *read);

/** A new one, with its id, in use. */
misas_error *misas__working_documents_add_new(misas__working_document **out,
                                              misas__working_documents *documents,
                                              const misas_type *type, const char *id);

/** Decodes one that is only looked at. Errors: those of misas_json_decode. */
misas_error *misas__working_documents_add_found(misas__working_documents *documents,
                                                const misas_type *type, const misas_document *read);

/** Nothing is in use any more: what was changed is written, or to be written. */
void misas__working_documents_release(misas__working_documents *documents);

/** Frees what was found, which nobody looks at any more. */
void misas__working_documents_forget_found(misas__working_documents *documents);

/** Forgets, without writing it, the one of this id, or with NULL all of the type. */
void misas__working_documents_forget(misas__working_documents *documents, const misas_type *type,
                                     const char *id);

/** Writes what was changed of those in use; what can't be written stays changed. Errors:
 * MISAS_ERROR_DOCUMENT_CONFLICT, tagged retriable, for one that another has changed;
 * MISAS_ERROR_CONTEXT for a key that was changed; those of misas_json_encode and of documents. */
misas_error *misas__working_documents_write(misas__working_documents *documents,
                                            misas_documents *to);

/** Forgets all of them. */
void misas__working_documents_clear(misas__working_documents *documents);

void misas__working_documents_free(misas__working_documents *documents);

#endif
