#include <stdatomic.h>
#include <stdlib.h>

#include "eventstore/delivery.h"

struct misas_subscription {
    misas__delivery delivery;
    atomic_bool is_stopped;
};

misas_error *misas__subscription_new(misas_subscription **out,
                                     const misas__delivery_options *options)
{
    misas_subscription *subscription = malloc(sizeof *subscription);
    misas_error *error = subscription != NULL
                             ? misas__delivery_start(&subscription->delivery, options)
                             : misas_error_out_of_memory();

    if (error != NULL) {
        free(subscription);
        return error;
    }
    atomic_init(&subscription->is_stopped, false);
    *out = subscription;
    return NULL;
}

misas_error *misas_subscription_next(const misas_event **out, misas_subscription *subscription,
                                     int timeout_ms)
{
    if (atomic_load(&subscription->is_stopped)) {
        *out = NULL;
        return NULL;
    }
    return misas__delivery_next(out, &subscription->delivery, timeout_ms);
}

uint64_t misas_subscription_settled(const misas_subscription *subscription)
{
    return misas__delivery_settled(&subscription->delivery);
}

void misas_subscription_stop(misas_subscription *subscription)
{
    misas__event_source *source = subscription->delivery.source;

    atomic_store(&subscription->is_stopped, true);
    source->functions->stop(source);
}

void misas_subscription_free(misas_subscription *subscription)
{
    if (subscription != NULL) {
        misas__delivery_end(&subscription->delivery);
        free(subscription);
    }
}
