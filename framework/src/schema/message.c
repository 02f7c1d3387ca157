#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "misas/schema.h"
#include "schema/encodable.h"
#include "schema/member.h"
#include "schema/message.h"

/* Tells whether protobuf-c failed for want of memory. */
static void *allocate(void *failed, size_t size)
{
    void *memory = malloc(size);

    if (memory == NULL) {
        *(bool *)failed = true;
    }
    return memory;
}

static void release(void *failed, void *memory)
{
    (void)failed;
    free(memory);
}

static misas_error *not_unpacked(const misas_type *type)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_UNDECODABLE,
            .data = (misas_field[]){{"type", type->descriptor->name},
                                    {"reason", "protobuf-c refuses them"},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "these bytes are not a %s: protobuf-c refuses them", type->descriptor->name);
}

misas_error *misas_message_decode(ProtobufCMessage **out, const misas_type *type, const void *bytes,
                                  size_t size, const misas_decode_limits *limits)
{
    bool failed = false;
    ProtobufCAllocator allocator = {allocate, release, &failed};
    misas_error *error = misas_message_scan(type, bytes, size, limits);

    if (error != NULL) {
        return error;
    }
    ProtobufCMessage *message =
        protobuf_c_message_unpack(type->descriptor, &allocator, size, bytes);

    if (message == NULL) {
        return failed ? misas_error_out_of_memory() : not_unpacked(type);
    }
    *out = message;
    return NULL;
}

misas_error *misas__message_decode_unlimited(ProtobufCMessage **out, const misas_type *type,
                                             const void *bytes, size_t size)
{
    static const misas_decode_limits limits = {
        .max_bytes = INT_MAX, .max_depth = INT_MAX, .max_elements = INT_MAX};

    return misas_message_decode(out, type, bytes, size, &limits);
}

void misas_message_free(ProtobufCMessage *message)
{
    protobuf_c_message_free_unpacked(message, NULL);
}

misas_error *misas_message_encode(void **out, size_t *out_size, const misas_type *type,
                                  const ProtobufCMessage *message)
{
    misas_error *error = misas__check_encodable(type->descriptor, message);

    if (error != NULL) {
        return error;
    }
    size_t size = protobuf_c_message_get_packed_size(message);

    if (size > INT_MAX) {
        return misas__unencodable(type->descriptor, NULL, "it is larger than 2 GiB");
    }
    uint8_t *bytes = malloc(size > 0 ? size : 1);

    if (bytes == NULL) {
        return misas_error_out_of_memory();
    }
    *out_size = protobuf_c_message_pack(message, bytes);
    *out = bytes;
    return NULL;
}

misas_error *misas_message_key(const char **out, const misas_type *type,
                               const ProtobufCMessage *message)
{
    if (type->key_field == NULL) {
        return misas__unencodable(type->descriptor, NULL, "its type states no key field");
    }
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(type->descriptor, type->key_field);
    const char *key = NULL;

    if (misas__field_count(message, field) > 0) {
        key = *(char *const *)misas__field_value(message, field, 0);
    }
    if (key == NULL || key[0] == '\0') {
        return misas__unencodable(type->descriptor, type->key_field, "the key is empty");
    }
    *out = key;
    return NULL;
}

misas_error *misas_message_copy(ProtobufCMessage **out, const misas_type *type,
                                const ProtobufCMessage *message)
{
    void *bytes = NULL;
    size_t size = 0;
    misas_error *error = misas_message_encode(&bytes, &size, type, message);

    if (error == NULL) {
        error = misas__message_decode_unlimited(out, type, bytes, size);
    }
    free(bytes);
    return error;
}

misas_error *misas_message_set_text(char **field, const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL) {
        return misas_error_out_of_memory();
    }
    if (*field != protobuf_c_empty_string) {
        free(*field);
    }
    *field = copy;
    return NULL;
}
