/** Private: where a protobuf-c message keeps its fields. */
#ifndef MISAS_SRC_SCHEMA_MEMBER_H
#define MISAS_SRC_SCHEMA_MEMBER_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

/** The deepest nesting of messages that anything of ours reads or writes, whatever the limits: what
 * protobuf-c and we do with it is recursive. */
#define MISAS__MAX_DEPTH 1000U

/** Where the member is: of a repeated field the pointer to its elements. */
const void *misas__member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);
void *misas__member_to_set(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/** Where the has_, n_ or case member is; only of fields that have one. */
const void *misas__quantifier(const ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field);
void *misas__quantifier_to_set(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

size_t misas__element_size(ProtobufCType type);

/** How many values the field has: those of a list, else 1, or 0 when it is not set. A field without
 * presence is set when it is not zero or empty. */
size_t misas__field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/** The value at an index below the count. */
const void *misas__field_value(const ProtobufCMessage *message,
                               const ProtobufCFieldDescriptor *field, size_t index);

static inline bool misas__field_is_oneof(const ProtobufCFieldDescriptor *field)
{
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

/** Whether the field can tell "not set" from its default value. */
static inline bool misas__field_has_presence(const ProtobufCFieldDescriptor *field)
{
    return field->label == PROTOBUF_C_LABEL_REQUIRED || field->label == PROTOBUF_C_LABEL_OPTIONAL ||
           field->type == PROTOBUF_C_TYPE_MESSAGE || misas__field_is_oneof(field);
}

/** Whether its list may stand packed in one length-delimited field. */
static inline bool misas__type_is_packable(ProtobufCType type)
{
    return type != PROTOBUF_C_TYPE_STRING && type != PROTOBUF_C_TYPE_BYTES &&
           type != PROTOBUF_C_TYPE_MESSAGE;
}

#endif
