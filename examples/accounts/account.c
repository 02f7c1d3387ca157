#include "account.h"

#include "money.h"

/* One event more: this is all that an account is. */
static misas_error *apply(account *to, const misas_event *event)
{
    int64_t cents = 0;
    misas_error *error = money_moved(&cents, event);

    to->cents += cents;
    to->version = (misas_expected_version)event->version;
    return error;
}

misas_error *account_load(account *out, misas_event_store *store, const char *id)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;
    misas_error *error = misas_event_store_read_stream(&reader, store, id, NULL);

    *out = (account){.id = (char *)(uintptr_t)id, .version = MISAS_NO_STREAM};
    do {
        if (error == NULL) {
            error = misas_event_reader_next(&event, reader);
        }
        if (error == NULL && event != NULL) {
            error = apply(out, event);
        }
    } while (error == NULL && event != NULL);
    misas_event_reader_free(reader);
    return error;
}
