#include "json/well_known.h"

#include <math.h>
#include <string.h>

#include "google/protobuf/any.misas.h"
#include "google/protobuf/duration.misas.h"
#include "google/protobuf/field_mask.misas.h"
#include "google/protobuf/struct.misas.h"
#include "google/protobuf/timestamp.misas.h"
#include "google/protobuf/wrappers.misas.h"
#include "schema/member.h"

/* Wrappers, Struct and ListValue are their only field. */
static misas_error *write_only_field(misas__json_writer *writer, const misas_type *type,
                                     const ProtobufCMessage *message,
                                     const misas__json_place *place)
{
    return misas__json_write_field(writer, type, 0, message, place);
}

static misas_error *read_only_field(misas__json_reader *reader, ProtobufCMessage *message,
                                    const misas_type *type, const misas__json_node *node)
{
    if (json_is_null(node->json)) {
        return misas__json_unexpected(reader, node, "a value");
    }
    return misas__json_read_field(reader, message, type, 0, node);
}

static const char any_reason[] = "google.protobuf.Any has no JSON here";

static misas_error *write_any(misas__json_writer *writer, const misas_type *type,
                              const ProtobufCMessage *message, const misas__json_place *place)
{
    (void)type;
    (void)message;
    return misas__json_unencodable(writer, place, any_reason);
}

static misas_error *read_any(misas__json_reader *reader, ProtobufCMessage *message,
                             const misas_type *type, const misas__json_node *node)
{
    (void)type;
    (void)message;
    return misas__json_invalid(reader, &node->place, "%s", any_reason);
}

static const misas__json_form forms[] = {
    {&google_protobuf_any_type, write_any, read_any},
    {&google_protobuf_bool_value_type, write_only_field, read_only_field},
    {&google_protobuf_bytes_value_type, write_only_field, read_only_field},
    {&google_protobuf_double_value_type, write_only_field, read_only_field},
    {&google_protobuf_duration_type, misas__json_write_duration, misas__json_read_duration},
    {&google_protobuf_field_mask_type, misas__json_write_field_mask, misas__json_read_field_mask},
    {&google_protobuf_float_value_type, write_only_field, read_only_field},
    {&google_protobuf_int32_value_type, write_only_field, read_only_field},
    {&google_protobuf_int64_value_type, write_only_field, read_only_field},
    {&google_protobuf_list_value_type, write_only_field, read_only_field},
    {&google_protobuf_string_value_type, write_only_field, read_only_field},
    {&google_protobuf_struct_type, write_only_field, read_only_field},
    {&google_protobuf_timestamp_type, misas__json_write_timestamp, misas__json_read_timestamp},
    {&google_protobuf_uint32_value_type, write_only_field, read_only_field},
    {&google_protobuf_uint64_value_type, write_only_field, read_only_field},
    {&google_protobuf_value_type, misas__json_write_value, misas__json_read_value},
};

const misas__json_form *misas__json_form_of(const misas_type *type)
{
    static const char package[] = "google.protobuf.";

    if (strncmp(type->descriptor->name, package, sizeof package - 1) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (forms[i].type == type) {
            return &forms[i];
        }
    }
    return NULL;
}

misas_error *misas__json_write_value(misas__json_writer *writer, const misas_type *type,
                                     const ProtobufCMessage *message,
                                     const misas__json_place *place)
{
    const Google__Protobuf__Value *value = (const Google__Protobuf__Value *)message;

    if (value->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE &&
        !isfinite(value->number_value)) {
        return misas__json_unencodable(writer, place, "a number is not finite");
    }
    for (size_t i = 0; i < type->descriptor->n_fields; i++) {
        if (misas__field_count(message, &type->descriptor->fields[i]) > 0) {
            return misas__json_write_field(writer, type, i, message, place);
        }
    }
    misas__text_append_string(&writer->text, "null");
    return NULL;
}

misas_error *misas__json_read_value(misas__json_reader *reader, ProtobufCMessage *message,
                                    const misas_type *type, const misas__json_node *node)
{
    static const unsigned kinds[] = {
        [JSON_OBJECT] = GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE,
        [JSON_ARRAY] = GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE,
        [JSON_STRING] = GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE,
        [JSON_INTEGER] = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE,
        [JSON_REAL] = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE,
        [JSON_TRUE] = GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE,
        [JSON_FALSE] = GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE,
        [JSON_NULL] = GOOGLE__PROTOBUF__VALUE__KIND_NULL_VALUE,
    };
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(type->descriptor, kinds[json_typeof(node->json)]);

    return misas__json_read_field(reader, message, type, (size_t)(field - type->descriptor->fields),
                                  node);
}
