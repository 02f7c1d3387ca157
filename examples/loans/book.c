#include "book.h"

#include <stdlib.h>
#include <string.h>

/* What a decision needs to know of a book. */
typedef struct book_state {
    char *reader; /* who has it; NULL: nobody */
} book_state;

static void forget_reader(void *state)
{
    book_state *book = state;

    free(book->reader);
    book->reader = NULL;
}

static misas_error *lent(void *state, const Loans__V1__BookLent *event)
{
    book_state *book = state;

    book->reader = strdup(event->reader);
    return book->reader != NULL ? NULL : misas_error_out_of_memory();
}

static misas_error *returned(void *state, const Loans__V1__BookReturned *event)
{
    (void)event;
    forget_reader(state);
    return NULL;
}

void book_register(misas_subsystem *loans)
{
    misas_aggregate_type *book =
        misas_subsystem_add_aggregate(loans, &(misas_aggregate_options){
                                                 .name = "book",
                                                 .state_size = sizeof(book_state),
                                                 .release = forget_reader,
                                             });

    loans_v1_book_lent_evolve(book, lent);
    loans_v1_book_returned_evolve(book, returned);
    loans_v1_loan_became_overdue_evolve(book, NULL); /* no decision depends on it */
}

static misas_error *is_lent(const char *id, const char *reader)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = BOOK_ERROR_LENT,
            .data = (misas_field[]){{"book", id}, {"reader", reader}, {NULL, NULL}},
            .tags = MISAS_TAG_CONFLICT,
        },
        "%s is lent to %s", id, reader);
}

misas_error *book_lend(misas_aggregate *book, const Loans__V1__LendBook *command)
{
    const book_state *state = misas_aggregate_state(book);
    Loans__V1__BookLent event = LOANS__V1__BOOK_LENT__INIT;

    if (state->reader != NULL) {
        return is_lent(command->book, state->reader);
    }
    event.book = command->book;
    event.reader = command->reader;
    return loans_v1_book_lent_record(book, &event);
}

static misas_error *is_not_lent(const char *id)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = BOOK_ERROR_NOT_LENT,
            .data = (misas_field[]){{"book", id}, {NULL, NULL}},
            .tags = MISAS_TAG_CONFLICT,
        },
        "%s is not lent", id);
}

misas_error *book_return(misas_aggregate *book, const Loans__V1__ReturnBook *command)
{
    const book_state *state = misas_aggregate_state(book);
    Loans__V1__BookReturned event = LOANS__V1__BOOK_RETURNED__INIT;

    if (state->reader == NULL) {
        return is_not_lent(command->book);
    }
    event.book = command->book;
    event.reader = state->reader;
    return loans_v1_book_returned_record(book, &event);
}

misas_error *book_become_overdue(misas_aggregate *book, const Loans__V1__LoanOverdue *overdue)
{
    const book_state *state = misas_aggregate_state(book);
    Loans__V1__LoanBecameOverdue event = LOANS__V1__LOAN_BECAME_OVERDUE__INIT;

    if (state->reader == NULL) {
        return NULL; /* there is nothing to do any more */
    }
    event.book = overdue->book;
    event.reader = state->reader;
    return loans_v1_loan_became_overdue_record(book, &event);
}
