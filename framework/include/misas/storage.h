/** @file
 * A storage: where a subsystem keeps everything it knows. The event store, documents, predictions,
 * the record of handled messages and the checkpoints stand side by side, so that what handling one
 * message changes in all of them is one transaction.
 */
#ifndef MISAS_STORAGE_H
#define MISAS_STORAGE_H

#include "misas/document_store.h"
#include "misas/event_store.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct misas_storage misas_storage;

/** In this process's memory, gone when it is freed; `options` are those of its event store, and may
 * be NULL. */
misas_error *misas_storage_new_memory(misas_storage **out,
                                      const misas_event_store_options *options);

/** Nothing that works on it may be left. */
void misas_storage_free(misas_storage *storage);

/** Belongs to the storage; any thread. */
misas_event_store *misas_storage_event_store(misas_storage *storage);

/** Belongs to the storage; any thread; each call is a transaction of its own. */
misas_documents *misas_storage_documents(misas_storage *storage);

/** Forgets up to `max` of the messages that were handled more than `age_s` seconds ago: any of them
 * would take effect once more if it came again. A command dispatcher does it by itself. In memory
 * nothing is forgotten. `out_count` may be NULL. */
misas_error *misas_storage_forget_handled(uint64_t *out_count, misas_storage *storage,
                                          int64_t age_s, uint64_t max);

#ifdef __cplusplus
}
#endif

#endif
