/** Private: the inside of an event store. */
#ifndef MISAS_SRC_EVENTSTORE_EVENT_STORE_H
#define MISAS_SRC_EVENTSTORE_EVENT_STORE_H

#include "eventstore/backend.h"

struct misas_event_store {
    const misas__event_store_backend *backend;
    void *self;
    const misas_upcasters *upcasters;
    misas_environment environment;
    size_t max_event_bytes;
};

#endif
