/** Money of an event, and as a text. */
#ifndef ACCOUNTS_MONEY_H
#define ACCOUNTS_MONEY_H

#include <misas/misas.h>

enum { money_text_size = 32 };

/** "-12.34"; returns `buffer`. */
const char *money_write(char buffer[money_text_size], int64_t cents);

/** How an event changes the balance of its account: more by a deposit, less by a withdrawal, 0 by
 * anything else. */
misas_error *money_moved(int64_t *out_cents, const misas_event *event);

#endif
