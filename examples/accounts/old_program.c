#include "old_program.h"

#include <stdlib.h>

#include "bank/accounts/v1/old.misas.h"

misas_error *old_program_deposit(misas_event_store *store, const char *id, int64_t euros)
{
    Bank__Accounts__V1__OldMoneyDeposited deposited = BANK__ACCOUNTS__V1__OLD_MONEY_DEPOSITED__INIT;
    misas_new_event event = {.type = "bank.accounts.v1.MoneyDeposited", .type_version = 1};
    void *payload = NULL;

    deposited.account_id = (char *)(uintptr_t)id;
    deposited.euros = euros;
    misas_error *error = misas_message_encode(
        &payload, &event.payload_size, &bank_accounts_v1_old_money_deposited_type, &deposited.base);

    event.payload = payload;
    if (error == NULL) {
        error = misas_event_store_append(NULL, store, id, MISAS_STREAM_EXISTS, &event, 1);
    }
    free(payload);
    return error;
}
