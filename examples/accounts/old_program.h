/** The program that kept the accounts before, with whole euros only. */
#ifndef ACCOUNTS_OLD_PROGRAM_H
#define ACCOUNTS_OLD_PROGRAM_H

#include <misas/misas.h>

/** Appends a MoneyDeposited of version 1. */
misas_error *old_program_deposit(misas_event_store *store, const char *id, int64_t euros);

#endif
