/** Private: answering queries, on the thread of whoever asks. */
#ifndef MISAS_SRC_PROCESSING_ASK_H
#define MISAS_SRC_PROCESSING_ASK_H

#include "processing/handle.h"

/** What queries are answered from; constant. */
typedef struct misas__asker {
    const misas_subsystem *subsystem;
    misas_storage *storage;
    const misas_clock *clock;
    misas_logger logger;
} misas__asker;

/** `self` is an asker; see misas__bus_consumer. */
misas_error *misas__ask(misas_reply **out, void *self, const misas_envelope *envelope,
                        const ProtobufCMessage *query);

#endif
