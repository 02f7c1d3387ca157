#include "statement.h"

#include <inttypes.h>
#include <stdio.h>

#include "money.h"

static misas_error *print_line(const misas_event *event)
{
    const char *order = event->metadata.correlation_id;
    char amount[money_text_size] = "opened";
    int64_t cents = 0;
    misas_error *error = money_moved(&cents, event);

    if (error != NULL) {
        return error;
    }
    if (cents != 0) {
        money_write(amount, cents);
    }
    printf("%4" PRIu64 " %10s%s%s\n", event->version, amount, order != NULL ? "  " : "",
           order != NULL ? order : "");
    return NULL;
}

misas_error *statement_print(misas_event_store *store, const char *id, uint64_t count)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;
    misas_error *error = misas_event_store_read_stream(
        &reader, store, id, &(misas_read_options){.direction = MISAS_BACKWARD, .limit = count});

    do {
        if (error == NULL) {
            error = misas_event_reader_next(&event, reader);
        }
        if (error == NULL && event != NULL) {
            error = print_line(event);
        }
    } while (error == NULL && event != NULL);
    misas_event_reader_free(reader);
    return error;
}
