#include "upcasters.h"

enum { old_euros_field = 2, cents_field = 3 };

/* The number of a varint is 64 bits of two's complement: negative euros come out right as well. */
static misas_error *euros_to_cents(misas_upcast *upcast, misas_wire_value *value, void *argument)
{
    (void)upcast;
    (void)argument;
    value->number *= 100;
    return NULL;
}

static const misas_upcast_step cents_instead_of_euros[] = {
    {.kind = MISAS_STEP_CHANGE_FIELD, .path = {old_euros_field}, .change = euros_to_cents},
    {.kind = MISAS_STEP_MOVE_FIELD, .path = {old_euros_field}, .to_path = {cents_field}},
    {.kind = MISAS_STEP_END},
};

misas_error *bank_upcasters_new(misas_upcasters **out)
{
    misas_error *error = misas_upcasters_new(out);

    if (error == NULL) {
        misas_upcasters_add(*out, &(misas_upcaster){
                                      .type = "bank.accounts.v1.MoneyDeposited",
                                      .version = 1,
                                      .steps = cents_instead_of_euros,
                                  });
    }
    return error; /* a mistake in an upcaster is reported by the store that gets them */
}
