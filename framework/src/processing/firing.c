#include "processing/firing.h"

#include <inttypes.h>
#include <stdio.h>

/* Each firing is a message of its own, also under the same id. */
misas_envelope misas__firing_envelope(char source[misas__firing_source_size],
                                      const misas__prediction *prediction)
{
    const misas_new_prediction *content = &prediction->content;

    snprintf(source, misas__firing_source_size, "/predictions/%" PRId64, prediction->added_at_us);
    return (misas_envelope){
        .id = content->id,
        .source = source,
        .type = content->type,
        .type_version = content->type_version,
        .key = content->key,
        .time_us = prediction->added_at_us,
        .due_at_us = content->due_at_us,
        .payload = content->payload,
        .payload_size = content->payload_size,
        .metadata = content->metadata,
    };
}
