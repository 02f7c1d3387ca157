/** One book: its state, and what it decides.
 *
 * The state is nowhere stored. It evolves by the events of the book's stream.
 */
#ifndef LOANS_BOOK_H
#define LOANS_BOOK_H

#include <misas/misas.h>

#include "loans/v1/loans.misas.h"

/** Somebody has the book; data: "book", "reader". Tagged conflict. */
#define BOOK_ERROR_LENT "loans.book_lent"
/** Nobody has the book, so it can't come back; data: "book". Tagged conflict. */
#define BOOK_ERROR_NOT_LENT "loans.book_not_lent"

/** Adds the type of aggregate "book" to the subsystem. */
void book_register(misas_subsystem *loans);

/** Records that the book is lent. Errors: BOOK_ERROR_LENT. */
misas_error *book_lend(misas_aggregate *book, const Loans__V1__LendBook *command);

/** Records that the book came back. Errors: BOOK_ERROR_NOT_LENT. */
misas_error *book_return(misas_aggregate *book, const Loans__V1__ReturnBook *command);

/** Records that the loan is overdue, if there is one. */
misas_error *book_become_overdue(misas_aggregate *book, const Loans__V1__LoanOverdue *overdue);

#endif
