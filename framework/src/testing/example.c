#include "testing/example.h"

#include <stdlib.h>
#include <string.h>

#include "misas/json.h"
#include "schema/member.h"
#include "schema/message.h"
#include "testing/compare.h"

const char *misas__example_name(const misas_example *example)
{
    return example->type->descriptor->name;
}

/* A text that was left out: protobuf-c's own initialisers have "" there. */
static void complete(ProtobufCMessage *message)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        bool is_plain = field->label == PROTOBUF_C_LABEL_NONE &&
                        (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0;
        const char **text = (const char **)((char *)message + field->offset);

        if (is_plain && field->type == PROTOBUF_C_TYPE_STRING && *text == NULL) {
            *text = protobuf_c_empty_string;
        }
    }
}

misas_error *misas__example_pack(void **out, size_t *out_size, const misas_example *example)
{
    const ProtobufCMessageDescriptor *descriptor = example->type->descriptor;
    ProtobufCMessage *message = malloc(descriptor->sizeof_message);

    if (message == NULL) {
        return misas_error_out_of_memory();
    }
    memcpy(message, example->message, descriptor->sizeof_message);
    *message = (ProtobufCMessage)PROTOBUF_C_MESSAGE_INIT(descriptor);
    complete(message);
    misas_error *error = misas_message_encode(out, out_size, example->type, message);

    free(message);
    return error;
}

misas_error *misas__example_message(ProtobufCMessage **out, const misas_example *example)
{
    void *bytes = NULL;
    size_t size = 0;
    misas_error *error = misas__example_pack(&bytes, &size, example);

    if (error == NULL) {
        error = misas__message_decode_unlimited(out, example->type, bytes, size);
    }
    free(bytes);
    return error;
}

static misas_error *packed_to_json(char **out, const misas_type *type, const void *payload,
                                   size_t size)
{
    ProtobufCMessage *message = NULL;
    misas_error *error = misas__message_decode_unlimited(&message, type, payload, size);

    if (error == NULL) {
        error = misas_json_encode(out, NULL, type, message,
                                  &(misas_json_options){.write_defaults = true});
        misas_message_free(message);
    }
    return error;
}

static misas_error *to_json(char **out, const misas_example *example)
{
    void *bytes = NULL;
    size_t size = 0;
    misas_error *error = misas__example_pack(&bytes, &size, example);

    if (error == NULL) {
        error = packed_to_json(out, example->type, bytes, size);
    }
    free(bytes);
    return error;
}

static misas_error *compare_json(size_t *out_count, misas__text *text,
                                 const misas_example *expected, const misas__found_message *found)
{
    char *expected_json = NULL;
    char *found_json = NULL;
    misas_error *error = to_json(&expected_json, expected);

    if (error == NULL) {
        error = packed_to_json(&found_json, expected->type, found->payload, found->payload_size);
    }
    if (error == NULL) {
        error = misas__json_compare(out_count, text, expected_json, found_json);
    }
    free(expected_json);
    free(found_json);
    return error;
}

misas_error *misas__example_compare(size_t *out_count, misas__text *text,
                                    const misas_example *expected,
                                    const misas__found_message *found)
{
    const char *name = misas__example_name(expected);

    if (strcmp(name, found->type) != 0) {
        misas__text_append_format(text, "expected %s, found %s", name, found->type);
        *out_count = 1;
        return NULL;
    }
    if (expected->type->version != found->type_version) {
        misas__text_append_format(text, "expected version %u of %s, found version %u",
                                  (unsigned)expected->type->version, name,
                                  (unsigned)found->type_version);
        *out_count = 1;
        return NULL;
    }
    return compare_json(out_count, text, expected, found);
}

misas_error *misas__example_describe(misas__text *text, const misas_example *example)
{
    char *json = NULL;
    misas_error *error = to_json(&json, example);

    if (error == NULL) {
        misas__text_append_format(text, "%s %s", misas__example_name(example), json);
    }
    free(json);
    return error;
}
