#include "loans.h"

#include "book.h"
#include "readers.h"

static const int64_t loan_period_us = INT64_C(14) * 24 * 60 * 60 * 1000000;

static misas_error *predict_overdue(misas_context *context, char *id)
{
    Loans__V1__LoanOverdue overdue = LOANS__V1__LOAN_OVERDUE__INIT;
    const int64_t due_at_us = misas_context_now_us(context) + loan_period_us;

    overdue.book = id;
    return loans_v1_loan_overdue_predict(context, &overdue,
                                         &(misas_prediction_options){.due_at_us = due_at_us});
}

static misas_error *lend(misas_context *context, const Loans__V1__LendBook *command)
{
    misas_aggregate *book = NULL;
    /* A book is known to the library from its first loan on. */
    misas_error *error = misas_context_load_or_add(&book, context, "book", command->book);

    if (error == NULL) {
        error = book_lend(book, command);
    }
    return error != NULL ? error : predict_overdue(context, command->book);
}

static misas_error *take_back(misas_context *context, const Loans__V1__ReturnBook *command)
{
    misas_aggregate *book = NULL;
    misas_error *error = misas_context_load(&book, context, "book", command->book);

    if (error == NULL) {
        error = book_return(book, command);
    }
    return error != NULL ? error : loans_v1_loan_overdue_cancel(context, command->book);
}

static misas_error *become_overdue(misas_context *context, const Loans__V1__LoanOverdue *overdue)
{
    misas_aggregate *book = NULL;
    misas_error *error = misas_context_load(&book, context, "book", overdue->book);

    return error != NULL ? error : book_become_overdue(book, overdue);
}

void loans_register(misas_system *system)
{
    misas_subsystem *loans = misas_system_add_subsystem(system, "loans");

    book_register(loans);
    readers_register(loans);
    loans_v1_lend_book_handle(loans, lend);
    loans_v1_return_book_handle(loans, take_back);
    loans_v1_loan_overdue_handle(loans, become_overdue);
}
