#define _GNU_SOURCE /* twalk_r */

#include <search.h>
#include <stdio.h>
#include <string.h>

#include "storage/memory_storage.h"
#include "storage_contract/fixture.h"
#include "support/test.h"

misas_storage *storage_fixture_open(const misas_event_store_options *options)
{
    misas_storage *storage = NULL;

    assert_no_error(misas_storage_new_memory(&storage, options));
    return storage;
}

void storage_fixture_close(misas_storage *storage)
{
    misas_storage_free(storage);
}

typedef struct buffer {
    char *text;
    size_t size;
} buffer;

static void write_field(buffer *to, const char *before, const char *text)
{
    size_t used = strlen(to->text);

    snprintf(to->text + used, to->size - used, "%s%s", before, text != NULL ? text : "");
}

static void write_prediction(buffer *to, const misas_new_prediction *each)
{
    char numbers[40];
    char payload[100];

    snprintf(numbers, sizeof numbers, "%lld:%u", (long long)each->due_at_us, each->type_version);
    snprintf(payload, sizeof payload, "%.*s", (int)each->payload_size,
             each->payload_size > 0 ? (const char *)each->payload : "");
    write_field(to, to->text[0] != '\0' ? " " : "", each->id);
    write_field(to, ":", each->type);
    write_field(to, ":", each->key);
    write_field(to, ":", numbers);
    write_field(to, ":", payload);
    write_field(to, ":", each->metadata.correlation_id);
    write_field(to, ":", each->metadata.causation_id);
    write_field(to, ":", "");
    if (each->metadata.fields != NULL) {
        write_field(to, "", each->metadata.fields[0].name);
        write_field(to, "=", each->metadata.fields[0].value);
    }
}

static void write_node(const void *node, VISIT visit, void *argument)
{
    const misas__prediction_slot *slot = *(misas__prediction_slot *const *)node;

    if (visit == postorder || visit == leaf) {
        write_prediction(argument, &slot->now->prediction);
    }
}

void storage_fixture_write_predictions(char *text, size_t size, misas_storage *storage)
{
    text[0] = '\0';
    twalk_r(((misas__memory_storage *)storage)->predictions.slots, write_node,
            &(buffer){text, size});
}
