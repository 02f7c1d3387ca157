#include <stdlib.h>

#include "account.h"
#include "bank/accounts/v1/events.misas.h"
#include "money.h"

static misas_error *check_is_open(const account *opened)
{
    if (opened->version != MISAS_NO_STREAM) {
        return NULL;
    }
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = ACCOUNT_ERROR_NOT_FOUND,
            .data = (misas_field[]){{"account", opened->id}, {NULL, NULL}},
            .tags = MISAS_TAG_NOT_FOUND,
        },
        "there is no account %s", opened->id);
}

static misas_error *check_is_amount(int64_t cents)
{
    char amount[money_text_size];

    if (cents > 0) {
        return NULL;
    }
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = ACCOUNT_ERROR_AMOUNT,
            .data = (misas_field[]){{"amount", money_write(amount, cents)}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "%s is no amount to deposit or withdraw", amount);
}

static misas_error *check_covers(const account *from, int64_t cents)
{
    char balance[money_text_size];
    char wanted[money_text_size];

    if (cents <= from->cents) {
        return NULL;
    }
    money_write(balance, from->cents);
    money_write(wanted, cents);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = ACCOUNT_ERROR_OVERDRAFT,
            .data =
                (misas_field[]){
                    {"account", from->id}, {"balance", balance}, {"wanted", wanted}, {NULL, NULL}},
        },
        "%s has %s, which is less than %s", from->id, balance, wanted);
}

misas_error *account_deposit(misas_new_event *out, const account *to, int64_t cents)
{
    Bank__Accounts__V1__MoneyDeposited deposited = BANK__ACCOUNTS__V1__MONEY_DEPOSITED__INIT;
    misas_error *error = check_is_open(to);

    if (error == NULL) {
        error = check_is_amount(cents);
    }
    if (error != NULL) {
        return error;
    }
    deposited.account_id = to->id;
    deposited.cents = cents;
    return bank_accounts_v1_money_deposited_new_event(out, &deposited);
}

misas_error *account_withdraw(misas_new_event *out, const account *from, int64_t cents)
{
    Bank__Accounts__V1__MoneyWithdrawn withdrawn = BANK__ACCOUNTS__V1__MONEY_WITHDRAWN__INIT;
    misas_error *error = check_is_open(from);

    if (error == NULL) {
        error = check_is_amount(cents);
    }
    if (error == NULL) {
        error = check_covers(from, cents);
    }
    if (error != NULL) {
        return error;
    }
    withdrawn.account_id = from->id;
    withdrawn.cents = cents;
    return bank_accounts_v1_money_withdrawn_new_event(out, &withdrawn);
}

void account_event_free(misas_new_event *event)
{
    free((void *)(uintptr_t)event->payload);
    event->payload = NULL;
}
