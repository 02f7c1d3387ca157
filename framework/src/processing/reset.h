/** Private: making a projection anew. */
#ifndef MISAS_SRC_PROCESSING_RESET_H
#define MISAS_SRC_PROCESSING_RESET_H

#include "misas/log.h"
#include "misas/storage.h"
#include "subsystem/event_processor.h"

/** What a reset works on. */
typedef struct misas__reset_options {
    const misas_event_processor *processor;
    misas_storage *storage;
    const misas_clock *clock; /* the system's */
    misas_logger logger;
} misas__reset_options;

/** Takes the lease from whoever has it, and in one transaction calls what clears the processor's
 * projections, forgets its dead letters, and sets its checkpoint back to 0. Whoever led leads again
 * afterwards, from the first event on. Errors: those of the reset handlers and of the backend:
 * nothing was changed. */
misas_error *misas__reset_processor(const misas__reset_options *options);

#endif
