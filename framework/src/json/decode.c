#include <stdlib.h>
#include <string.h>

#include "google/protobuf/struct.misas.h"
#include "schema/member.h"
#include "json/reader.h"
#include "json/well_known.h"

static misas_error *read_value(misas__json_reader *reader, void *out, const misas_type *type,
                               const ProtobufCFieldDescriptor *field, const misas__json_node *node)
{
    if (type != NULL) {
        return misas__json_read_message(reader, out, type, node);
    }
    return misas__json_read_scalar(reader, out, field, node);
}

bool misas__json_null_is_value(const ProtobufCFieldDescriptor *field)
{
    return field->descriptor == &google__protobuf__value__descriptor ||
           field->descriptor == &google__protobuf__null_value__descriptor;
}

static misas_error *read_list(misas__json_reader *reader, ProtobufCMessage *message,
                              const misas_type *type, const ProtobufCFieldDescriptor *field,
                              const misas__json_node *node)
{
    size_t width = misas__element_size(field->type);
    size_t count = json_array_size(node->json);
    size_t *done = misas__quantifier_to_set(message, field);
    misas_error *error = NULL;

    if (!json_is_array(node->json)) {
        return misas__json_unexpected(reader, node, "a list");
    }
    error = misas__budget_spend(&reader->budget, count, count * width);
    if (error != NULL || count == 0) {
        return error;
    }
    char *elements = malloc(count * width);

    if (elements == NULL) {
        return misas_error_out_of_memory();
    }
    *(char **)misas__member_to_set(message, field) = elements;
    for (size_t i = 0; i < count && error == NULL; i++) {
        misas__json_node element = {json_array_get(node->json, i),
                                    misas__json_element_place(&node->place, i)};

        if (json_is_null(element.json) && !misas__json_null_is_value(field)) {
            return misas__json_invalid(reader, &element.place, "a list may not hold null");
        }
        error = read_value(reader, elements + i * width, type, field, &element);
        *done += error == NULL ? 1 : 0;
    }
    return error;
}

static misas_error *read_single(misas__json_reader *reader, ProtobufCMessage *message,
                                const misas_type *type, const ProtobufCFieldDescriptor *field,
                                const misas__json_node *node)
{
    misas_error *error =
        read_value(reader, misas__member_to_set(message, field), type, field, node);

    if (error != NULL || field->quantifier_offset == 0) {
        return error;
    }
    if (misas__field_is_oneof(field)) {
        *(uint32_t *)misas__quantifier_to_set(message, field) = field->id;
    } else {
        *(protobuf_c_boolean *)misas__quantifier_to_set(message, field) = 1;
    }
    return NULL;
}

/* Only one member of a oneof can be set. */
static misas_error *check_oneof(const misas__json_reader *reader, const ProtobufCMessage *message,
                                const ProtobufCFieldDescriptor *field, const misas__json_node *node)
{
    if (!misas__field_is_oneof(field)) {
        return NULL;
    }
    const uint32_t *chosen = misas__quantifier(message, field);

    if (*chosen == 0) {
        return NULL;
    }
    const ProtobufCFieldDescriptor *other =
        protobuf_c_message_descriptor_get_field(message->descriptor, *chosen);

    return misas__json_invalid(reader, &node->place,
                               "%s and %s are of one oneof: only one of them can be set",
                               other->name, field->name);
}

misas_error *misas__json_read_field(misas__json_reader *reader, ProtobufCMessage *message,
                                    const misas_type *type, size_t index,
                                    const misas__json_node *node)
{
    const ProtobufCFieldDescriptor *field = &type->descriptor->fields[index];
    const misas_type_field *more = &type->fields[index];

    if (json_is_null(node->json) && !misas__json_null_is_value(field)) {
        return NULL;
    }
    if (more->is_map) {
        return misas__json_read_map(reader, message, more->type, field, node);
    }
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return read_list(reader, message, more->type, field, node);
    }
    misas_error *error = check_oneof(reader, message, field, node);

    return error != NULL ? error : read_single(reader, message, more->type, field, node);
}

/* The index of the field that a key names, or the number of fields. */
static size_t find_field(const misas_type *type, const char *key)
{
    const ProtobufCMessageDescriptor *descriptor = type->descriptor;

    for (size_t i = 0; i < descriptor->n_fields; i++) {
        if (strcmp(type->fields[i].json_name, key) == 0) {
            return i;
        }
    }
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(descriptor, key);

    return field != NULL ? (size_t)(field - descriptor->fields) : descriptor->n_fields;
}

static misas_error *read_member(misas__json_reader *reader, ProtobufCMessage *message,
                                const misas_type *type, const char *key,
                                const misas__json_node *object)
{
    size_t index = find_field(type, key);
    misas__json_node node = {json_object_get(object->json, key), {0}};
    char quoted[MISAS__QUOTED_SIZE];

    if (index == type->descriptor->n_fields) {
        return misas__json_invalid(reader, &object->place, "%s has no field %s",
                                   type->descriptor->name, misas__text_quote(quoted, key));
    }
    const char *json_name = type->fields[index].json_name;

    node.place = misas__json_field_place(&object->place, json_name);
    if (strcmp(key, json_name) != 0 && json_object_get(object->json, json_name) != NULL) {
        return misas__json_invalid(reader, &node.place, "is there twice, also as %s", key);
    }
    return misas__json_read_field(reader, message, type, index, &node);
}

static bool is_there(const misas__json_node *object, const char *name)
{
    const json_t *value = json_object_get(object->json, name);

    return value != NULL && !json_is_null(value);
}

static misas_error *check_required(const misas__json_reader *reader, const misas_type *type,
                                   const misas__json_node *object)
{
    for (size_t i = 0; i < type->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->descriptor->fields[i];
        const char *json_name = type->fields[i].json_name;

        if (field->label == PROTOBUF_C_LABEL_REQUIRED && !is_there(object, json_name) &&
            !is_there(object, field->name)) {
            misas__json_place place = misas__json_field_place(&object->place, json_name);

            return misas__json_invalid(reader, &place, "is required, and missing");
        }
    }
    return NULL;
}

static misas_error *read_object(misas__json_reader *reader, ProtobufCMessage *message,
                                const misas_type *type, const misas__json_node *node)
{
    misas_error *error = NULL;

    if (!json_is_object(node->json)) {
        return misas__json_unexpected(reader, node, "an object");
    }
    for (void *at = json_object_iter(node->json); at != NULL && error == NULL;
         at = json_object_iter_next(node->json, at)) {
        error = read_member(reader, message, type, json_object_iter_key(at), node);
    }
    return error != NULL ? error : check_required(reader, type, node);
}

/* Recursive, as deep as max_depth. */
misas_error *misas__json_read_message(misas__json_reader *reader, ProtobufCMessage **out,
                                      const misas_type *type, const misas__json_node *node)
{
    const misas__json_form *form = misas__json_form_of(type);
    ProtobufCMessage *message = NULL;
    misas_error *error = misas__json_enter(reader, &message, type);

    if (error != NULL) {
        return error;
    }
    error = form != NULL ? form->read(reader, message, type, node)
                         : read_object(reader, message, type, node);
    misas__json_leave(reader);
    if (error != NULL) {
        misas_message_free(message);
        return error;
    }
    *out = message;
    return NULL;
}

misas_error *misas_json_decode(ProtobufCMessage **out, const misas_type *type, const char *json,
                               size_t size, const misas_decode_limits *limits)
{
    misas__json_reader reader = {0};
    misas__json_node root = {NULL, {.step = MISAS__JSON_ROOT}};
    misas_error *error = misas__budget_begin(&reader.budget, type, size, limits);

    if (error == NULL) {
        error = misas__json_parse(&root.json, &reader.budget, json, size);
    }
    if (error == NULL) {
        error = misas__json_read_message(&reader, out, type, &root);
        json_decref(root.json);
    }
    return error;
}
