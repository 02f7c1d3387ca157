#include "misas/generated.h"

#include <limits.h>
#include <string.h>

misas_error *misas_generated_new_event(misas_new_event *out, const misas_type *type,
                                       const ProtobufCMessage *message)
{
    void *payload = NULL;
    size_t size = 0;
    misas_error *error = misas_message_encode(&payload, &size, type, message);

    if (error != NULL) {
        return error;
    }
    *out = (misas_new_event){
        .type = type->descriptor->name,
        .type_version = type->version,
        .payload = payload,
        .payload_size = size,
    };
    return NULL;
}

bool misas_generated_is(const misas_event *event, const misas_type *type)
{
    return strcmp(event->type, type->descriptor->name) == 0;
}

static misas_error *other_type(const misas_event *event, const misas_type *type)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_UNDECODABLE,
            .data = (misas_field[]){{"type", type->descriptor->name},
                                    {"reason", "the event is of another type or version"},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "an event of type %s, version %u, is not a %s, version %u", event->type,
        (unsigned)event->type_version, type->descriptor->name, (unsigned)type->version);
}

misas_error *misas_generated_decode(ProtobufCMessage **out, const misas_event *event,
                                    const misas_type *type)
{
    /* What could be appended must be readable: no more is refused than appending does. */
    static const misas_decode_limits limits = {
        .max_bytes = INT_MAX, .max_depth = INT_MAX, .max_elements = INT_MAX};

    *out = NULL;
    if (!misas_generated_is(event, type) || event->type_version != type->version) {
        return other_type(event, type);
    }
    return misas_message_decode(out, type, event->payload, event->payload_size, &limits);
}
