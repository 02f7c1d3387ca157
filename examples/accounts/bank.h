/** What customers do at the bank: load, decide, append what happened. */
#ifndef ACCOUNTS_BANK_H
#define ACCOUNTS_BANK_H

#include "account.h"

/** Errors: ACCOUNT_ERROR_EXISTS; those of the store. */
misas_error *bank_open_account(misas_event_store *store, const char *id, const char *owner);

/** Errors: those of account_deposit and account_withdraw; those of the store. */
misas_error *bank_deposit(misas_event_store *store, const char *id, int64_t cents);
misas_error *bank_withdraw(misas_event_store *store, const char *id, int64_t cents);

typedef struct bank_transfer_order {
    const char *id; /* names the transfer in both statements */
    const char *from;
    const char *to;
    int64_t cents;
} bank_transfer_order;

/** Both sides or none. Errors: as above. */
misas_error *bank_transfer(misas_event_store *store, const bank_transfer_order *order);

#endif
