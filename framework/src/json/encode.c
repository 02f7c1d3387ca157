#include <stdlib.h>
#include <string.h>

#include "misas/secret.h"
#include "schema/encodable.h"
#include "schema/member.h"
#include "json/base64.h"
#include "json/well_known.h"
#include "json/writer.h"

void misas__json_write_base64(misas__json_writer *writer, const ProtobufCBinaryData *bytes)
{
    misas__text_append(&writer->text, "\"", 1);
    misas__base64_append(&writer->text, bytes->data, bytes->len);
    misas__text_append(&writer->text, "\"", 1);
}

static misas_error *write_value(misas__json_writer *writer, const misas_type *type,
                                const ProtobufCFieldDescriptor *field, const void *value,
                                const misas__json_place *place)
{
    if (type != NULL) {
        return misas__json_write_message(writer, type, *(const ProtobufCMessage *const *)value,
                                         place);
    }
    misas__json_write_scalar(writer, field, value);
    return NULL;
}

static misas_error *write_list(misas__json_writer *writer, const misas_type *type,
                               const ProtobufCFieldDescriptor *field,
                               const ProtobufCMessage *message, const misas__json_place *place)
{
    size_t count = misas__field_count(message, field);
    misas_error *error = NULL;
    bool is_empty = true;

    misas__json_open(writer, '[');
    for (size_t i = 0; i < count && error == NULL; i++) {
        misas__json_place element = misas__json_element_place(place, i);

        misas__json_next(writer, &is_empty);
        error = write_value(writer, type, field, misas__field_value(message, field, i), &element);
    }
    misas__json_close(writer, ']', is_empty);
    return error;
}

misas_error *misas__json_write_field(misas__json_writer *writer, const misas_type *type,
                                     size_t index, const ProtobufCMessage *message,
                                     const misas__json_place *place)
{
    const ProtobufCFieldDescriptor *field = &type->descriptor->fields[index];
    const misas_type_field *more = &type->fields[index];

    if (more->is_personal && writer->options.redact_personal) {
        misas__json_write_string(writer, MISAS_REDACTED);
        return NULL;
    }
    if (more->is_map) {
        return misas__json_write_map(writer, more->type, field, message, place);
    }
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return write_list(writer, more->type, field, message, place);
    }
    return write_value(writer, more->type, field, misas__member(message, field), place);
}

static bool is_written(const misas__json_writer *writer, const ProtobufCMessage *message,
                       const ProtobufCFieldDescriptor *field)
{
    if (misas__field_count(message, field) > 0) {
        return true;
    }
    return writer->options.write_defaults &&
           (field->label == PROTOBUF_C_LABEL_REPEATED || !misas__field_has_presence(field));
}

static misas_error *write_object(misas__json_writer *writer, const misas_type *type,
                                 const ProtobufCMessage *message, const misas__json_place *place)
{
    misas_error *error = NULL;
    bool is_empty = true;

    misas__json_open(writer, '{');
    for (size_t i = 0; i < type->descriptor->n_fields && error == NULL; i++) {
        const char *name = type->fields[i].json_name;
        misas__json_place field_place = misas__json_field_place(place, name);

        if (is_written(writer, message, &type->descriptor->fields[i])) {
            misas__json_next(writer, &is_empty);
            misas__json_write_name(writer, name);
            error = misas__json_write_field(writer, type, i, message, &field_place);
        }
    }
    misas__json_close(writer, '}', is_empty);
    return error;
}

/* Recursive, as deep as misas__check_encodable allows. */
misas_error *misas__json_write_message(misas__json_writer *writer, const misas_type *type,
                                       const ProtobufCMessage *message,
                                       const misas__json_place *place)
{
    const misas__json_form *form = misas__json_form_of(type);

    return form != NULL ? form->write(writer, type, message, place)
                        : write_object(writer, type, message, place);
}

misas_error *misas_json_encode(char **out, size_t *out_size, const misas_type *type,
                               const ProtobufCMessage *message, const misas_json_options *options)
{
    misas__json_writer writer = {.type = type};
    misas__json_place root = {.step = MISAS__JSON_ROOT};
    misas_error *error = misas__check_encodable(type->descriptor, message);

    if (options != NULL) {
        writer.options = *options;
    }
    if (error == NULL) {
        error = misas__json_write_message(&writer, type, message, &root);
    }
    if (error != NULL) {
        misas__text_free(&writer.text);
        return error;
    }
    return misas__text_finish(out, out_size, &writer.text);
}
