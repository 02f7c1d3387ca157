#include "schema/member.h"

#include <string.h>

const void *misas__member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return (const char *)message + field->offset;
}

void *misas__member_to_set(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return (char *)message + field->offset;
}

const void *misas__quantifier(const ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field)
{
    return (const char *)message + field->quantifier_offset;
}

void *misas__quantifier_to_set(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return (char *)message + field->quantifier_offset;
}

size_t misas__element_size(ProtobufCType type)
{
    static const size_t sizes[] = {
        [PROTOBUF_C_TYPE_INT32] = 4,
        [PROTOBUF_C_TYPE_SINT32] = 4,
        [PROTOBUF_C_TYPE_SFIXED32] = 4,
        [PROTOBUF_C_TYPE_INT64] = 8,
        [PROTOBUF_C_TYPE_SINT64] = 8,
        [PROTOBUF_C_TYPE_SFIXED64] = 8,
        [PROTOBUF_C_TYPE_UINT32] = 4,
        [PROTOBUF_C_TYPE_FIXED32] = 4,
        [PROTOBUF_C_TYPE_UINT64] = 8,
        [PROTOBUF_C_TYPE_FIXED64] = 8,
        [PROTOBUF_C_TYPE_FLOAT] = 4,
        [PROTOBUF_C_TYPE_DOUBLE] = 8,
        [PROTOBUF_C_TYPE_BOOL] = sizeof(protobuf_c_boolean),
        [PROTOBUF_C_TYPE_ENUM] = 4,
        [PROTOBUF_C_TYPE_STRING] = sizeof(char *),
        [PROTOBUF_C_TYPE_BYTES] = sizeof(ProtobufCBinaryData),
        [PROTOBUF_C_TYPE_MESSAGE] = sizeof(ProtobufCMessage *),
    };

    return sizes[type];
}

/* Whether the pointer of a string or message is one, and not to the default value. */
static bool pointer_is_set(const void *member, const ProtobufCFieldDescriptor *field)
{
    const void *pointer = *(const void *const *)member;

    return pointer != NULL && pointer != field->default_value;
}

static bool is_pointer(ProtobufCType type)
{
    return type == PROTOBUF_C_TYPE_STRING || type == PROTOBUF_C_TYPE_MESSAGE;
}

/* By its bits: -0.0 is not zero. */
static bool is_zero(const void *member, ProtobufCType type)
{
    static const char zeros[sizeof(ProtobufCBinaryData)];

    if (type == PROTOBUF_C_TYPE_STRING) {
        const char *string = *(const char *const *)member;

        return string == NULL || string[0] == '\0';
    }
    if (type == PROTOBUF_C_TYPE_BYTES) {
        return ((const ProtobufCBinaryData *)member)->len == 0;
    }
    return memcmp(member, zeros, misas__element_size(type)) == 0;
}

static bool is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const void *member = misas__member(message, field);

    if (misas__field_is_oneof(field)) {
        const uint32_t *chosen = misas__quantifier(message, field);

        return *chosen == field->id && (!is_pointer(field->type) || pointer_is_set(member, field));
    }
    if (field->label == PROTOBUF_C_LABEL_REQUIRED) {
        return !is_pointer(field->type) || *(const void *const *)member != NULL;
    }
    if (field->label == PROTOBUF_C_LABEL_OPTIONAL) {
        const protobuf_c_boolean *has = misas__quantifier(message, field);

        return is_pointer(field->type) ? pointer_is_set(member, field) : *has != 0;
    }
    return !is_zero(member, field->type);
}

size_t misas__field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return *(const size_t *)misas__quantifier(message, field);
    }
    return is_set(message, field) ? 1 : 0;
}

const void *misas__field_value(const ProtobufCMessage *message,
                               const ProtobufCFieldDescriptor *field, size_t index)
{
    const void *member = misas__member(message, field);

    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        return member;
    }
    return *(const char *const *)member + index * misas__element_size(field->type);
}
