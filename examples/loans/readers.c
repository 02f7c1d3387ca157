#include "readers.h"

#include <stdlib.h>

#include "loans/v1/loans.misas.h"

static misas_error *on_lent(misas_context *context, const Loans__V1__BookLent *event)
{
    Loans__V1__Loan *loan = NULL;
    misas_error *error = loans_v1_loan_load_or_add(&loan, context, event->book);

    return error != NULL ? error : misas_message_set_text(&loan->reader, event->reader);
}

static misas_error *on_overdue(misas_context *context, const Loans__V1__LoanBecameOverdue *event)
{
    Loans__V1__Loan *loan = NULL;
    misas_error *error = loans_v1_loan_load(&loan, context, event->book);

    if (error == NULL) {
        loan->overdue = true;
    }
    return error;
}

static misas_error *on_returned(misas_context *context, const Loans__V1__BookReturned *event)
{
    return loans_v1_loan_remove(context, event->book);
}

static misas_error *forget_all(misas_context *context, void *argument)
{
    (void)argument;
    return loans_v1_loan_clear(context);
}

static misas_error *reply(misas_context *context, Loans__V1__Loan *const *found, size_t count)
{
    Loans__V1__Loans loans = LOANS__V1__LOANS__INIT;

    loans.books = calloc(count + 1, sizeof *loans.books);
    if (loans.books == NULL) {
        return misas_error_out_of_memory();
    }
    while (loans.n_books < count) {
        loans.books[loans.n_books] = found[loans.n_books]->book;
        loans.n_books++;
    }
    misas_error *error = loans_v1_loans_reply(context, &loans);

    free(loans.books);
    return error;
}

static misas_error *loans_of(misas_context *context, const Loans__V1__LoansOf *query)
{
    const misas_condition conditions[] = {
        {"reader", MISAS_EQUAL, .text = query->reader},
        {query->overdue ? "overdue" : NULL, MISAS_EQUAL, .value = "true"}, /* NULL ends the list */
        {.path = NULL},
    };
    Loans__V1__Loan **found = NULL;
    size_t count = 0;
    misas_error *error = loans_v1_loan_find(&found, &count, context,
                                            &(misas_document_query){.conditions = conditions});

    return error != NULL ? error : reply(context, found, count);
}

void readers_register(misas_subsystem *loans)
{
    misas_event_processor *readers = misas_subsystem_add_event_processor(
        loans, &(misas_event_processor_options){.name = "readers"});

    loans_v1_loan_keep(loans);
    loans_v1_book_lent_on(readers, on_lent);
    loans_v1_loan_became_overdue_on(readers, on_overdue);
    loans_v1_book_returned_on(readers, on_returned);
    misas_event_processor_on_reset(readers, forget_all, NULL);
    loans_v1_loans_of_handle(loans, loans_of);
}
