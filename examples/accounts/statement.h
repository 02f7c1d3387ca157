/** The statement of an account. */
#ifndef ACCOUNTS_STATEMENT_H
#define ACCOUNTS_STATEMENT_H

#include <misas/misas.h>

/** Prints the latest `count` events of an account, the latest first. */
misas_error *statement_print(misas_event_store *store, const char *id, uint64_t count);

#endif
