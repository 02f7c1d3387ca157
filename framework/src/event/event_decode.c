#include "event/event_decode.h"

#include <string.h>

#include "schema/message.h"

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

misas_error *misas__event_decode(ProtobufCMessage **out, const misas_event *event,
                                 const misas_type *type)
{
    *out = NULL;
    if (strcmp(event->type, type->descriptor->name) != 0 || event->type_version != type->version) {
        return other_type(event, type);
    }
    return misas__message_decode_unlimited(out, type, event->payload, event->payload_size);
}
