/** Private: what a component says of a storage that is away, and not with each of its tries.
 *
 * It is said when it begins. While the same error goes on, it is said again each 10 s, with the
 * number of tries left out in between; another error is said after a second. When the component
 * goes on, that the storage is back. A component that changes between the two says no more. */
#ifndef MISAS_SRC_LOG_OUTAGE_H
#define MISAS_SRC_LOG_OUTAGE_H

#include "misas/log.h"

enum { misas__outage_type_size = 64 };

/** Filled with a logger and `who`, the rest zeroed. For one thread at a time. */
typedef struct misas__outage {
    misas_logger logger;
    misas_log_field who; /* of each record, to know the component by */

    bool is_on;
    bool is_told;     /* since it is on */
    int64_t began_ms; /* monotonic, as all times here */
    int64_t failures; /* since it is on */
    int64_t left_out; /* failures that were not said yet */
    bool was_said;    /* ever */
    int64_t said_ms;
    char said_type[misas__outage_type_size]; /* of the error that was said last; maybe cut */
} misas__outage;

/** A try has failed with `error`, which stays the caller's; `what`: what the component does now. An
 * error that is not retriable is no outage: it is said each time. */
void misas__outage_fail(misas__outage *outage, const char *what, const misas_error *error);

/** The storage has done what was asked for. */
void misas__outage_end(misas__outage *outage);

/** As above, at a time. */
void misas__outage_fail_at(misas__outage *outage, int64_t now_ms, const char *what,
                           const misas_error *error);
void misas__outage_end_at(misas__outage *outage, int64_t now_ms);

#endif
