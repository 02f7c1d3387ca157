/** All the money of the bank: kept up to date by following the events of all accounts. */
#ifndef ACCOUNTS_TOTAL_H
#define ACCOUNTS_TOTAL_H

#include <misas/misas.h>

/** What a program would keep on disk, both members in one transaction. Starts zeroed. */
typedef struct total {
    int64_t cents;
    uint64_t checkpoint; /* all events up to this position are in it */
} total;

/** Goes on after the checkpoint, until there are no more events for now. */
misas_error *total_catch_up(total *kept, misas_event_store *store);

#endif
