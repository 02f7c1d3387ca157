#include "story.h"

#include <stdio.h>

#include "bank.h"
#include "money.h"
#include "old_program.h"
#include "statement.h"
#include "tellers.h"
#include "total.h"

static misas_error *print_balance(misas_event_store *store, const char *id)
{
    char text[money_text_size];
    account loaded;
    misas_error *error = account_load(&loaded, store, id);

    if (error == NULL) {
        printf("%s has %s\n", id, money_write(text, loaded.cents));
    }
    return error;
}

/* That something is refused is an answer, and the story goes on. Any other error ends it. */
static misas_error *print_refusal(misas_error *error, const char *expected)
{
    if (!misas_error_is(error, expected)) {
        return error;
    }
    printf("refused: %s\n", misas_error_message(error));
    misas_error_free(error);
    return NULL;
}

static misas_error *accounts_are_opened(misas_event_store *store)
{
    misas_error *error = bank_open_account(store, "account-1", "Ada");

    if (error == NULL) {
        error = bank_open_account(store, "account-2", "Ben");
    }
    if (error == NULL) {
        error = print_refusal(bank_open_account(store, "account-1", "Eve"), ACCOUNT_ERROR_EXISTS);
    }
    return error != NULL ? error : print_balance(store, "account-1");
}

static misas_error *money_comes_and_goes(misas_event_store *store)
{
    misas_error *error = bank_deposit(store, "account-1", 10000);

    if (error == NULL) {
        error = bank_withdraw(store, "account-1", 2950);
    }
    if (error == NULL) {
        error = print_balance(store, "account-1");
    }
    if (error == NULL) {
        error = print_refusal(bank_withdraw(store, "account-1", 7051), ACCOUNT_ERROR_OVERDRAFT);
    }
    return error != NULL
               ? error
               : print_refusal(bank_deposit(store, "account-9", 100), ACCOUNT_ERROR_NOT_FOUND);
}

static misas_error *money_is_transferred(misas_event_store *store)
{
    bank_transfer_order order = {"transfer-1", "account-1", "account-2", 5000};
    misas_error *error = bank_transfer(store, &order);

    if (error == NULL) {
        error = print_refusal(bank_transfer(store, &order), ACCOUNT_ERROR_OVERDRAFT);
    }
    if (error == NULL) {
        error = print_balance(store, "account-1");
    }
    return error != NULL ? error : print_balance(store, "account-2");
}

static misas_error *tellers_deposit_at_once(misas_event_store *store)
{
    misas_error *error = tellers_deposit(store, "account-2");

    return error != NULL ? error : print_balance(store, "account-2");
}

static misas_error *an_old_account_is_understood(misas_event_store *store)
{
    misas_error *error = bank_open_account(store, "account-3", "Cleo");

    if (error == NULL) {
        error = old_program_deposit(store, "account-3", 12);
    }
    if (error == NULL) {
        error = bank_deposit(store, "account-3", 34);
    }
    return error != NULL ? error : print_balance(store, "account-3");
}

static misas_error *a_statement_is_printed(misas_event_store *store)
{
    return statement_print(store, "account-1", 3);
}

static misas_error *the_total_is_kept(misas_event_store *store)
{
    char text[money_text_size];
    total kept = {0};
    misas_error *error = total_catch_up(&kept, store);

    printf("the bank has %s\n", money_write(text, kept.cents));
    if (error == NULL) {
        error = bank_withdraw(store, "account-3", 1200);
    }
    if (error == NULL) {
        error = total_catch_up(&kept, store);
        printf("and now %s\n", money_write(text, kept.cents));
    }
    return error;
}

typedef struct chapter {
    const char *title;
    misas_error *(*tell)(misas_event_store *store);
} chapter;

static const chapter chapters[] = {
    {"accounts are opened", accounts_are_opened},
    {"money comes and goes", money_comes_and_goes},
    {"money is transferred", money_is_transferred},
    {"four tellers deposit at once", tellers_deposit_at_once},
    {"an account of the old program is understood", an_old_account_is_understood},
    {"a statement is printed, the latest first", a_statement_is_printed},
    {"the total of all accounts is kept", the_total_is_kept},
};

misas_error *story_tell(misas_event_store *store)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < sizeof chapters / sizeof chapters[0] && error == NULL; i++) {
        printf("%s== %s\n", i > 0 ? "\n" : "", chapters[i].title);
        error = chapters[i].tell(store);
    }
    return error;
}
