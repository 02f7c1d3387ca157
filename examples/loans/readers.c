#include "readers.h"

#include <stdlib.h>

#include "loans/v1/loans.misas.h"

/* The documents, with the collection in them. */
static misas_error *open_documents(misas_documents **out, misas_context *context)
{
    misas_error *error = misas_context_documents(out, context);

    return error != NULL ? error : misas_documents_ensure_collection(*out, READERS_COLLECTION);
}

static misas_error *put(misas_context *context, const char *book, const Loans__V1__Loan *loan)
{
    misas_documents *documents = NULL;
    char *content = NULL;
    misas_error *error = open_documents(&documents, context);

    if (error == NULL) {
        error = misas_json_encode(&content, NULL, &loans_v1_loan_type, &loan->base, NULL);
    }
    if (error == NULL) {
        error = misas_documents_upsert(documents, READERS_COLLECTION,
                                       &(misas_document){.id = book, .content = content}, 1);
    }
    free(content);
    return error;
}

static misas_error *on_lent(misas_context *context, const Loans__V1__BookLent *event)
{
    Loans__V1__Loan loan = LOANS__V1__LOAN__INIT;

    loan.reader = event->reader;
    return put(context, event->book, &loan);
}

static misas_error *on_overdue(misas_context *context, const Loans__V1__LoanBecameOverdue *event)
{
    Loans__V1__Loan loan = LOANS__V1__LOAN__INIT;

    loan.reader = event->reader;
    loan.overdue = true;
    return put(context, event->book, &loan);
}

static misas_error *on_returned(misas_context *context, const Loans__V1__BookReturned *event)
{
    misas_documents *documents = NULL;
    misas_error *error = open_documents(&documents, context);

    return error != NULL ? error
                         : misas_documents_delete(documents, READERS_COLLECTION,
                                                  &(misas_document){.id = event->book}, 1);
}

static misas_error *forget_all(misas_context *context, void *argument)
{
    misas_documents *documents = NULL;
    misas_error *error = open_documents(&documents, context);

    (void)argument;
    return error != NULL ? error
                         : misas_documents_delete_where(NULL, documents, READERS_COLLECTION, NULL);
}

static misas_error *find(misas_document_list **out, misas_context *context,
                         const Loans__V1__LoansOf *query)
{
    misas_documents *documents = NULL;
    const misas_condition conditions[] = {
        {"reader", MISAS_EQUAL, .text = query->reader},
        {query->overdue ? "overdue" : NULL, MISAS_EQUAL, .value = "true"}, /* NULL ends the list */
        {.path = NULL},
    };
    misas_error *error = misas_context_documents(&documents, context);

    return error != NULL ? error
                         : misas_documents_find(out, documents, READERS_COLLECTION,
                                                &(misas_document_query){.conditions = conditions});
}

static misas_error *reply(misas_context *context, const misas_document_list *found)
{
    Loans__V1__Loans loans = LOANS__V1__LOANS__INIT;

    loans.n_books = misas_document_list_count(found);
    loans.books = calloc(loans.n_books + 1, sizeof *loans.books);
    if (loans.books == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < loans.n_books; i++) {
        loans.books[i] = (char *)(uintptr_t)misas_document_list_get(found, i)->id;
    }
    misas_error *error = loans_v1_loans_reply(context, &loans);

    free(loans.books);
    return error;
}

static misas_error *loans_of(misas_context *context, const Loans__V1__LoansOf *query)
{
    static const Loans__V1__Loans none = LOANS__V1__LOANS__INIT;
    misas_document_list *found = NULL;
    misas_error *error = find(&found, context, query);

    if (misas_error_is(error, MISAS_ERROR_COLLECTION_NOT_FOUND)) {
        misas_error_free(error); /* no book was ever lent */
        return loans_v1_loans_reply(context, &none);
    }
    if (error == NULL) {
        error = reply(context, found);
    }
    misas_document_list_free(found);
    return error;
}

void readers_register(misas_subsystem *loans)
{
    misas_event_processor *readers = misas_subsystem_add_event_processor(
        loans, &(misas_event_processor_options){.name = "readers"});

    loans_v1_book_lent_on(readers, on_lent);
    loans_v1_loan_became_overdue_on(readers, on_overdue);
    loans_v1_book_returned_on(readers, on_returned);
    misas_event_processor_on_reset(readers, forget_all, NULL);
    loans_v1_loans_of_handle(loans, loans_of);
}
