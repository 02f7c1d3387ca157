/** Private: how far a processor of this process has got, for whoever waits for it. */
#ifndef MISAS_SRC_PROCESSING_PROGRESS_H
#define MISAS_SRC_PROCESSING_PROGRESS_H

#include <pthread.h>

#include "misas/processing.h"

/** As it was at one moment. */
typedef struct misas__progress {
    const char *processor;    /* its name; lives as long as the processor */
    const char *const *types; /* of the events that it handles, ending with NULL; likewise */
    bool leads;
    int64_t epoch;        /* of its lease, as far as it knows */
    uint64_t handled;     /* all that it handles up to this position, whatever its checkpoint */
    misas_error *failure; /* of the event that it tries again and again; the caller's */
} misas__progress;

/** Kept by the processor's thread, and read by any. */
typedef struct misas__progress_record {
    pthread_mutex_t mutex; /* guards what follows */
    bool leads;
    int64_t epoch;
    uint64_t handled;
    misas_error *failure;
} misas__progress_record;

void misas__progress_begin(misas__progress_record *record);
void misas__progress_end(misas__progress_record *record);

/** It leads in this epoch, and has handled all up to there; there is no failure any more. */
void misas__progress_handled(misas__progress_record *record, int64_t epoch, uint64_t position);

/** It leads no more. */
void misas__progress_leave(misas__progress_record *record);

/** Copies the error. */
void misas__progress_fail(misas__progress_record *record, const misas_error *error);

/** Fills in all but the names. */
misas__progress misas__progress_read(misas__progress_record *record);

misas__progress misas__command_dispatcher_progress(misas_command_dispatcher *dispatcher);

/** Of the processor of this index in its subsystem. */
misas__progress misas__event_processing_progress(misas_event_processing *processing, size_t index);

#endif
