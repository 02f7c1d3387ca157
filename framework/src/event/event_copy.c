#include <stdlib.h>
#include <string.h>

#include "misas/event.h"

/* The struct, then the metadata's fields, then the payload, then all the texts. Sums of sizes can't
 * overflow: whatever is measured lies in memory already. */

static size_t text_size(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

static size_t count_fields(const misas_field *fields)
{
    size_t count = 0;

    while (fields != NULL && fields[count].name != NULL) {
        count++;
    }
    return count;
}

static const void *copy_bytes(char **cursor, const void *bytes, size_t size)
{
    char *copy = *cursor;

    if (bytes == NULL) {
        return NULL;
    }
    memcpy(copy, bytes, size);
    *cursor += size;
    return copy;
}

static const char *copy_text(char **cursor, const char *text)
{
    return copy_bytes(cursor, text, text_size(text));
}

static size_t size_of_fields(const misas_field *fields, size_t count)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++) {
        size += sizeof *fields + text_size(fields[i].name) + text_size(fields[i].value);
    }
    return fields != NULL ? size + sizeof *fields : 0;
}

static size_t size_of_event(const misas_event *event, size_t field_count)
{
    const misas_metadata *metadata = &event->metadata;

    return sizeof *event + size_of_fields(metadata->fields, field_count) + event->payload_size +
           text_size(event->stream) + text_size(event->type) + text_size(metadata->correlation_id) +
           text_size(metadata->causation_id);
}

static const misas_field *copy_fields(misas_field *copies, char **cursor, const misas_field *fields,
                                      size_t count)
{
    if (fields == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        copies[i].name = copy_text(cursor, fields[i].name);
        copies[i].value = copy_text(cursor, fields[i].value);
    }
    copies[count] = (misas_field){NULL, NULL};
    return copies;
}

misas_error *misas_event_copy(misas_event **out, const misas_event *event)
{
    size_t field_count = count_fields(event->metadata.fields);
    misas_event *copy = malloc(size_of_event(event, field_count));

    if (copy == NULL) {
        return misas_error_out_of_memory();
    }
    misas_field *fields = (misas_field *)(copy + 1);
    size_t fields_size = event->metadata.fields != NULL ? (field_count + 1) * sizeof *fields : 0;
    char *cursor = (char *)fields + fields_size;

    *copy = *event;
    copy->payload = copy_bytes(&cursor, event->payload, event->payload_size);
    copy->stream = copy_text(&cursor, event->stream);
    copy->type = copy_text(&cursor, event->type);
    copy->metadata.correlation_id = copy_text(&cursor, event->metadata.correlation_id);
    copy->metadata.causation_id = copy_text(&cursor, event->metadata.causation_id);
    copy->metadata.fields = copy_fields(fields, &cursor, event->metadata.fields, field_count);
    *out = copy;
    return NULL;
}
