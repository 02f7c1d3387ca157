#include <stdlib.h>

#include "memory/copy.h"
#include "metadata/copy.h"
#include "misas/event.h"

static size_t size_of_event(const misas_event *event)
{
    return sizeof *event + misas__size_of_metadata(&event->metadata) + event->payload_size +
           misas__size_of_text(event->stream) + misas__size_of_text(event->type);
}

misas_error *misas_event_copy(misas_event **out, const misas_event *event)
{
    misas_event *copy = malloc(size_of_event(event));

    if (copy == NULL) {
        return misas_error_out_of_memory();
    }
    char *cursor = (char *)(copy + 1);

    *copy = *event;
    copy->metadata = misas__copy_metadata(&cursor, &event->metadata);
    copy->payload = misas__copy_bytes(&cursor, event->payload, event->payload_size);
    copy->stream = misas__copy_text(&cursor, event->stream);
    copy->type = misas__copy_text(&cursor, event->type);
    *out = copy;
    return NULL;
}
