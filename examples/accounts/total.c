#include "total.h"

#include "bank/accounts/v1/events.misas.h"
#include "money.h"

enum { patience_ms = 100 };

static misas_error *add(total *kept, const misas_event *event)
{
    int64_t cents = 0;
    misas_error *error = money_moved(&cents, event);

    kept->cents += cents;
    return error;
}

static misas_error *follow(total *kept, misas_subscription *subscription)
{
    const misas_event *event = NULL;
    misas_error *error = NULL;

    do {
        error = misas_subscription_next(&event, subscription, patience_ms);
        if (error == NULL && event != NULL) {
            error = add(kept, event);
        }
        if (error == NULL) {
            kept->checkpoint = misas_subscription_settled(subscription);
        }
    } while (error == NULL && event != NULL);
    return error;
}

misas_error *total_catch_up(total *kept, misas_event_store *store)
{
    const char *const moves_money[] = {
        bank_accounts_v1_money_deposited_type.descriptor->name,
        bank_accounts_v1_money_withdrawn_type.descriptor->name,
        NULL,
    };
    misas_subscription *subscription = NULL;
    misas_error *error = misas_event_store_subscribe(&subscription, store,
                                                     &(misas_subscription_options){
                                                         .from = kept->checkpoint + 1,
                                                         .select_types = moves_money,
                                                     });

    if (error == NULL) {
        error = follow(kept, subscription);
    }
    misas_subscription_free(subscription);
    return error;
}
