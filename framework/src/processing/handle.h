/** Private: running the handlers of one message. */
#ifndef MISAS_SRC_PROCESSING_HANDLE_H
#define MISAS_SRC_PROCESSING_HANDLE_H

#include "processing/context.h"
#include "subsystem/event_processor.h"

/** What one message came to. */
typedef struct misas__outcome {
    misas_reply reply;   /* in the draft's arena */
    misas_error *error;  /* NULL: it succeeded */
    bool ends_batch;     /* it was not handled: it comes first in the next batch */
    bool is_undecodable; /* no handler was called */
} misas__outcome;

/** Runs the handler of a command. What it asked for is in the session's draft, unless there is an
 * error: then that was undone. */
void misas__handle(misas__outcome *out, misas__session *session, const misas_envelope *envelope);

/** As misas__handle, for a message that was decoded before. */
void misas__handle_decoded(misas__outcome *out, misas__session *session,
                           const misas_envelope *envelope, const misas__handler *handler,
                           const ProtobufCMessage *message);

/** As misas__handle, for all the processor's handlers of an event. */
void misas__handle_event(misas__outcome *out, misas__session *session,
                         const misas_event_processor *processor, const misas_event *event);

/** As misas__handle_event, for its handler of batches; `events` are those of the types that it
 * wants. */
void misas__handle_event_batch(misas__outcome *out, misas__session *session,
                               const misas_event_processor *processor,
                               const misas_event *const *events, size_t count);

/** As misas__handle_event, for what clears the processor's projections. */
void misas__handle_reset(misas__outcome *out, misas__session *session,
                         const misas_event_processor *processor);

#endif
