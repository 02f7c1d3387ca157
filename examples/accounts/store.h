/** Where the events are: in memory, or on PostgreSQL. The rest of the program can't tell. */
#ifndef ACCOUNTS_STORE_H
#define ACCOUNTS_STORE_H

#include <stdbool.h>

#include <misas/misas.h>

typedef struct bank_store {
    misas_upcasters *upcasters;
    misas_postgresql *database; /* NULL: in memory */
    misas_event_store *events;
} bank_store;

/** PostgreSQL is the one that MISAS_POSTGRESQL names; there the schema example_accounts is made, or
 * cleared. Close it also after an error. */
misas_error *bank_store_open(bank_store *out, bool is_on_postgresql);
void bank_store_close(bank_store *store);

#endif
