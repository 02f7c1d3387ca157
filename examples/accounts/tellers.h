/** Many clerks at once. */
#ifndef ACCOUNTS_TELLERS_H
#define ACCOUNTS_TELLERS_H

#include <misas/misas.h>

enum { tellers_count = 4, tellers_deposits = 10 };

/** So many threads deposit 1.00 so often, all at the same time, in one account. */
misas_error *tellers_deposit(misas_event_store *store, const char *id);

#endif
