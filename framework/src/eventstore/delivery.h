/** Private: what readers and subscriptions have in common: stored events, upcast and filtered. */
#ifndef MISAS_SRC_EVENTSTORE_DELIVERY_H
#define MISAS_SRC_EVENTSTORE_DELIVERY_H

#include "eventstore/backend.h"
#include "upcaster/apply.h"

typedef struct misas__delivery_options {
    const misas__event_store_backend *backend;
    void *self;
    const misas_upcasters *upcasters;
    bool is_following;
    misas__event_query query;
} misas__delivery_options;

typedef struct misas__delivery {
    misas__event_source *source;
    const misas_upcasters *upcasters;
    const char **select_types; /* of upcast types; NULL where the backend's filter is enough */
    const char **exclude_types;
    bool is_backward;
    bool is_limited;
    uint64_t remaining;
    misas__upcasted parts; /* what was made of one stored event ... */
    size_t parts_given;    /* ... and how much of it was given out */
    uint64_t before_parts; /* what was settled before that event */
    bool has_failed;       /* on that event, which is not settled then */
} misas__delivery;

/** On an error there is nothing to end. */
misas_error *misas__delivery_start(misas__delivery *delivery,
                                   const misas__delivery_options *options);

/** The next event; NULL at the end or after `timeout_ms`, as the source has it. */
misas_error *misas__delivery_next(const misas_event **out, misas__delivery *delivery,
                                  int timeout_ms);

uint64_t misas__delivery_settled(const misas__delivery *delivery);

void misas__delivery_end(misas__delivery *delivery);

misas_error *misas__event_reader_new(misas_event_reader **out,
                                     const misas__delivery_options *options);
misas_error *misas__subscription_new(misas_subscription **out,
                                     const misas__delivery_options *options);

#endif
