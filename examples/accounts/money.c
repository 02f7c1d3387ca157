#include "money.h"

#include <inttypes.h>
#include <stdio.h>

#include "bank/accounts/v1/events.misas.h"

const char *money_write(char buffer[money_text_size], int64_t cents)
{
    uint64_t amount = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;

    snprintf(buffer, money_text_size, "%s%" PRIu64 ".%02" PRIu64, cents < 0 ? "-" : "",
             amount / 100, amount % 100);
    return buffer;
}

static misas_error *money_deposited(int64_t *out_cents, const misas_event *event)
{
    Bank__Accounts__V1__MoneyDeposited *deposited = NULL;
    misas_error *error = bank_accounts_v1_money_deposited_decode(&deposited, event);

    if (error == NULL) {
        *out_cents = deposited->cents;
        misas_message_free(&deposited->base);
    }
    return error;
}

static misas_error *money_withdrawn(int64_t *out_cents, const misas_event *event)
{
    Bank__Accounts__V1__MoneyWithdrawn *withdrawn = NULL;
    misas_error *error = bank_accounts_v1_money_withdrawn_decode(&withdrawn, event);

    if (error == NULL) {
        *out_cents = -withdrawn->cents;
        misas_message_free(&withdrawn->base);
    }
    return error;
}

misas_error *money_moved(int64_t *out_cents, const misas_event *event)
{
    *out_cents = 0;
    if (bank_accounts_v1_money_deposited_is(event)) {
        return money_deposited(out_cents, event);
    }
    if (bank_accounts_v1_money_withdrawn_is(event)) {
        return money_withdrawn(out_cents, event);
    }
    return NULL;
}
