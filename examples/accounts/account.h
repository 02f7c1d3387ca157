/** One account: its state, and what it decides.
 *
 * The state is nowhere stored. It is folded from the events of the account's stream, whose name is
 * the account's id. A decision looks at the state, and says which event happens, or why none does.
 */
#ifndef ACCOUNTS_ACCOUNT_H
#define ACCOUNTS_ACCOUNT_H

#include <misas/misas.h>

/** There is no such account; data: "account". Tagged not_found. */
#define ACCOUNT_ERROR_NOT_FOUND "bank.accounts.not_found"
/** There is one already; data: "account". Tagged already_exists. */
#define ACCOUNT_ERROR_EXISTS "bank.accounts.exists"
/** The account has less money than that; data: "account", "balance", "wanted". */
#define ACCOUNT_ERROR_OVERDRAFT "bank.accounts.overdraft"
/** Nothing, or less, can't be moved; data: "amount". Tagged validation. */
#define ACCOUNT_ERROR_AMOUNT "bank.accounts.amount"

typedef struct account {
    char *id; /* borrowed, and never written to: protobuf-c's members know no const */
    int64_t cents;
    misas_expected_version version; /* of its last event; MISAS_NO_STREAM: it was never opened */
} account;

/** Folds the account's events. An account that was never opened is no error yet. */
misas_error *account_load(account *out, misas_event_store *store, const char *id);

/** Makes an event of an account and an amount; its payload is freed with account_event_free. */
typedef misas_error *(*account_decision)(misas_new_event *out, const account *of, int64_t cents);

/** Errors: ACCOUNT_ERROR_NOT_FOUND, _AMOUNT. */
misas_error *account_deposit(misas_new_event *out, const account *to, int64_t cents);

/** Errors: ACCOUNT_ERROR_NOT_FOUND, _AMOUNT, _OVERDRAFT. */
misas_error *account_withdraw(misas_new_event *out, const account *from, int64_t cents);

/** Accepts an event that was not made. */
void account_event_free(misas_new_event *event);

#endif
