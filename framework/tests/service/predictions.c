#include "service/predictions.h"

#include <signal.h>

#include "bank/ledger/v1/ledger.misas.h"

static misas_error *pay_interest(misas_context *context, const Bank__Ledger__V1__InterestDue *due)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;
    misas_aggregate *account = NULL;

    if (due->cents == predictions_crashing_cents) {
        raise(SIGKILL);
    }
    if (due->cents == predictions_refused_cents) {
        return misas_error_new(&(misas_error_options){.type_name = "bank.no_interest",
                                                      .message = "there is no interest this year"});
    }
    misas_error *error = misas_context_load(&account, context, "account", due->account);

    event.account = due->account;
    event.cents = due->cents;
    return error == NULL ? bank_ledger_v1_deposited_record(account, &event) : error;
}

void predictions_register(misas_subsystem *subsystem)
{
    bank_ledger_v1_interest_due_handle(subsystem, pay_interest);
}
