/** A process that takes orders as lines, has a ledger handle them, and says what became of each. */
#ifndef MISAS_TESTS_TELLER_H
#define MISAS_TESTS_TELLER_H

#include "support/session.h"

enum { teller_line_size = 100 };

/** What is to be done, by the command "c<number>". */
typedef struct teller_order {
    int number;
    char kind; /* 'o' open, 'd' deposit, 'w' withdraw, 't' transfer, 'p' predict interest by the
                  prediction "p<number>", 'c' cancel a prediction */
    int account;
    int other;     /* the account that a transfer goes to, the number of the prediction cancelled */
    int64_t value; /* cents; of a prediction, when it is due, in microseconds */
} teller_order;

/** How an answer ends. */
#define TELLER_DONE 'y'
#define TELLER_REFUSED 'n' /* for good */
#define TELLER_FAILED '?'  /* it may be sent again */

typedef struct teller_ends {
    const test_store *at;
    int orders;  /* to read "<number> <kind> <account> <other> <value>" from, until it ends */
    int answers; /* to write "<number> <how it ended>" to */
} teller_ends;

/** Serves until the orders end. `ends` is a teller_ends. */
void teller_serve(void *ends);

#endif
