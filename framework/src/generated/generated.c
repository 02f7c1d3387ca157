#include "misas/generated.h"

#include <stdlib.h>
#include <string.h>

#include "event/event_decode.h"
#include "misas/bus.h"
#include "schema/message.h"

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

misas_error *misas_generated_decode(ProtobufCMessage **out, const misas_event *event,
                                    const misas_type *type)
{
    return misas__event_decode(out, event, type);
}

static misas_error *other_reply(const char *reply_type, const misas_type *type)
{
    const char *reason =
        reply_type != NULL ? "the reply is of another type" : "there is no content";

    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_UNDECODABLE,
            .data =
                (misas_field[]){{"type", type->descriptor->name}, {"reason", reason}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "a reply %s%s is not a %s", reply_type != NULL ? "of type " : "without content",
        reply_type != NULL ? reply_type : "", type->descriptor->name);
}

misas_error *misas_generated_read_reply(ProtobufCMessage **out, const misas_reply *reply,
                                        const misas_type *type)
{
    const char *reply_type = reply != NULL ? reply->type : NULL;

    *out = NULL;
    if (reply_type == NULL || strcmp(reply_type, type->descriptor->name) != 0) {
        return other_reply(reply_type, type);
    }
    return misas__message_decode_unlimited(out, type, reply->payload, reply->payload_size);
}

misas_error *misas_generated_ask(ProtobufCMessage **out, const misas_type *reply_type,
                                 misas_bus *bus, const misas_type *type,
                                 const ProtobufCMessage *query, const misas_send_options *options)
{
    misas_reply *reply = NULL;

    *out = NULL;
    misas_error *error = misas_bus_ask(&reply, bus, type, query, options);

    if (error == NULL) {
        error = misas_generated_read_reply(out, reply, reply_type);
    }
    free(reply);
    return error;
}
