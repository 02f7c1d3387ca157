#include "bank.h"

#include "bank/accounts/v1/events.misas.h"

enum { max_tries = 100 };

misas_error *bank_open_account(misas_event_store *store, const char *id, const char *owner)
{
    Bank__Accounts__V1__AccountOpened opened = BANK__ACCOUNTS__V1__ACCOUNT_OPENED__INIT;

    opened.account_id = (char *)(uintptr_t)id;
    opened.owner = (char *)(uintptr_t)owner;
    misas_error *error =
        bank_accounts_v1_account_opened_append(NULL, store, id, MISAS_NO_STREAM, &opened, NULL);

    if (!misas_error_is(error, MISAS_ERROR_CONCURRENCY)) {
        return error;
    }
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = ACCOUNT_ERROR_EXISTS,
            .data = (misas_field[]){{"account", id}, {NULL, NULL}},
            .cause = error,
            .tags = MISAS_TAG_ALREADY_EXISTS,
        },
        "there is an account %s already", id);
}

/* Somebody else changed the account after it was loaded: the decision may be another one now. */
static bool is_overtaken(const misas_error *error, int tries)
{
    return misas_error_is(error, MISAS_ERROR_CONCURRENCY) && tries < max_tries;
}

static misas_error *try_change(misas_event_store *store, const char *id, account_decision decide,
                               int64_t cents)
{
    account loaded;
    misas_new_event event = {0};
    misas_error *error = account_load(&loaded, store, id);

    if (error == NULL) {
        error = decide(&event, &loaded, cents);
    }
    if (error == NULL) {
        error = misas_event_store_append(NULL, store, id, loaded.version, &event, 1);
    }
    account_event_free(&event);
    return error;
}

static misas_error *change(misas_event_store *store, const char *id, account_decision decide,
                           int64_t cents)
{
    misas_error *error = try_change(store, id, decide, cents);

    for (int tries = 1; is_overtaken(error, tries); tries++) {
        misas_error_free(error);
        error = try_change(store, id, decide, cents);
    }
    return error;
}

misas_error *bank_deposit(misas_event_store *store, const char *id, int64_t cents)
{
    return change(store, id, account_deposit, cents);
}

misas_error *bank_withdraw(misas_event_store *store, const char *id, int64_t cents)
{
    return change(store, id, account_withdraw, cents);
}

static misas_error *try_transfer(misas_event_store *store, const bank_transfer_order *order)
{
    account from;
    account to;
    misas_new_event withdrawn = {0};
    misas_new_event deposited = {0};
    misas_error *error = account_load(&from, store, order->from);

    if (error == NULL) {
        error = account_load(&to, store, order->to);
    }
    if (error == NULL) {
        error = account_withdraw(&withdrawn, &from, order->cents);
    }
    if (error == NULL) {
        error = account_deposit(&deposited, &to, order->cents);
    }
    if (error == NULL) {
        withdrawn.metadata.correlation_id = order->id;
        deposited.metadata.correlation_id = order->id;
        error =
            misas_event_store_append_many(NULL, store,
                                          (misas_append[]){{from.id, from.version, &withdrawn, 1},
                                                           {to.id, to.version, &deposited, 1}},
                                          2);
    }
    account_event_free(&withdrawn);
    account_event_free(&deposited);
    return error;
}

misas_error *bank_transfer(misas_event_store *store, const bank_transfer_order *order)
{
    misas_error *error = try_transfer(store, order);

    for (int tries = 1; is_overtaken(error, tries); tries++) {
        misas_error_free(error);
        error = try_transfer(store, order);
    }
    return error;
}
