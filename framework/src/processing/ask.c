#include "processing/ask.h"

#include "documentstore/read_only.h"

enum { cached_aggregates = 100 };

misas_error *misas__ask(misas_reply **out, void *self, const misas_envelope *envelope,
                        const ProtobufCMessage *query)
{
    const misas__asker *asker = self;
    misas__read_only_documents documents;
    misas__session session = {
        .subsystem = asker->subsystem,
        .storage = asker->storage,
        .documents = &documents.base,
        .clock = asker->clock,
        .logger = asker->logger,
        .is_careful = true,
    };
    misas__outcome outcome;

    misas__read_only_documents_begin(&documents, misas_storage_documents(asker->storage));
    misas__aggregate_cache_begin(&session.cache, cached_aggregates);
    misas__handle_decoded(&outcome, &session, envelope,
                          misas__subsystem_find_handler(asker->subsystem, envelope->type), query);
    misas_error *error =
        outcome.error == NULL ? misas_reply_copy(out, &outcome.reply) : outcome.error;

    misas__draft_free(&session.draft);
    misas__aggregate_cache_end(&session.cache);
    return error;
}
