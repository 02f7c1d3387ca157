/** Private: the payloads of stored events. */
#ifndef MISAS_SRC_EVENT_EVENT_DECODE_H
#define MISAS_SRC_EVENT_EVENT_DECODE_H

#include "misas/event.h"
#include "misas/schema.h"

/** What misas_generated_decode does. */
misas_error *misas__event_decode(ProtobufCMessage **out, const misas_event *event,
                                 const misas_type *type);

#endif
