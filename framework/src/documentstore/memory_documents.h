/** Private: documents in memory, and transactions over them: one at a time, begun by one thread at
 * a time, with an undo log. */
#ifndef MISAS_SRC_DOCUMENTSTORE_MEMORY_DOCUMENTS_H
#define MISAS_SRC_DOCUMENTSTORE_MEMORY_DOCUMENTS_H

#include "misas/document_store.h"

typedef struct misas__memory_documents misas__memory_documents;

misas_error *misas__memory_documents_new(misas__memory_documents **out);
void misas__memory_documents_free(misas__memory_documents *memory);

/** Each call is a transaction of its own, and waits for the one in progress: so never from within
 * that. Any thread. Belongs to `memory`. */
misas_documents *misas__memory_documents_shared(misas__memory_documents *memory);

/** Waits for the transaction in progress. */
void misas__memory_documents_begin(misas__memory_documents *memory);

/** The documents as the transaction sees and changes them. Belongs to `memory`. */
misas_documents *misas__memory_documents_in_transaction(misas__memory_documents *memory);

/** Sets the one savepoint here, in place of the one before. */
void misas__memory_documents_savepoint(misas__memory_documents *memory);
void misas__memory_documents_roll_back_to_savepoint(misas__memory_documents *memory);

/** Both end the transaction, and can't fail. */
void misas__memory_documents_commit(misas__memory_documents *memory);
void misas__memory_documents_roll_back(misas__memory_documents *memory);

#endif
