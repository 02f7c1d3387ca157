#include <stdlib.h>

#include "misas/generated.h"

misas_error *misas_generated_append(misas_append_result *out, misas_event_store *store,
                                    const char *stream, misas_expected_version expected,
                                    const misas_type *type, const ProtobufCMessage *message,
                                    const misas_metadata *metadata)
{
    void *payload = NULL;
    size_t size = 0;
    misas_error *error = misas_message_encode(&payload, &size, type, message);

    if (error != NULL) {
        return error;
    }
    misas_new_event event = {
        .type = type->descriptor->name,
        .type_version = type->version,
        .payload = payload,
        .payload_size = size,
        .metadata = metadata != NULL ? *metadata : (misas_metadata){0},
    };
    error = misas_event_store_append(out, store, stream, expected, &event, 1);
    free(payload);
    return error;
}
