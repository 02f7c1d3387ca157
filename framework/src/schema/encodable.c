#include "schema/encodable.h"

#include <string.h>

#include "schema/member.h"
#include "text/text.h"

static misas_error *check_message(const ProtobufCMessageDescriptor *descriptor,
                                  const ProtobufCMessage *message, size_t depth);

misas_error *misas__unencodable(const ProtobufCMessageDescriptor *descriptor, const char *field,
                                const char *reason)
{
    misas_error_options options = {
        .type_name = MISAS_ERROR_UNENCODABLE,
        .data = (misas_field[]){{"type", descriptor->name},
                                {"reason", reason},
                                {field != NULL ? "field" : NULL, field},
                                {NULL, NULL}},
        .tags = MISAS_TAG_VALIDATION,
    };
    return misas_error_new_format(&options, "this %s can't be written: %s%s%s", descriptor->name,
                                  field != NULL ? field : "", field != NULL ? ": " : "", reason);
}

static bool is_missing_list(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return field->label == PROTOBUF_C_LABEL_REPEATED &&
           *(const void *const *)misas__member(message, field) == NULL;
}

/* What is wrong with one value that is not a message, or NULL. */
static const char *check_value(const ProtobufCFieldDescriptor *field, const void *value)
{
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        const char *string = *(const char *const *)value;

        if (string == NULL) {
            return "a text is NULL";
        }
        return misas__utf8_is_valid(string, strlen(string)) ? NULL : "a text is not UTF-8";
    }
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        const ProtobufCBinaryData *bytes = value;

        return bytes->len > 0 && bytes->data == NULL ? "bytes with a length are NULL" : NULL;
    }
    return NULL;
}

static misas_error *check_field(const ProtobufCMessage *message,
                                const ProtobufCFieldDescriptor *field, size_t depth)
{
    size_t count = misas__field_count(message, field);
    misas_error *error = NULL;

    if (count == 0 && field->label == PROTOBUF_C_LABEL_REQUIRED) {
        return misas__unencodable(message->descriptor, field->name, "a required field is missing");
    }
    if (count > 0 && is_missing_list(message, field)) {
        return misas__unencodable(message->descriptor, field->name, "a list with a length is NULL");
    }
    if (misas__type_is_packable(field->type)) {
        return NULL;
    }
    for (size_t i = 0; i < count && error == NULL; i++) {
        const void *value = misas__field_value(message, field, i);
        const char *wrong = check_value(field, value);

        if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            error = check_message(field->descriptor, *(const ProtobufCMessage *const *)value,
                                  depth + 1);
        } else if (wrong != NULL) {
            error = misas__unencodable(message->descriptor, field->name, wrong);
        }
    }
    return error;
}

/* Recursive, as deep as MISAS__MAX_DEPTH. */
static misas_error *check_message(const ProtobufCMessageDescriptor *descriptor,
                                  const ProtobufCMessage *message, size_t depth)
{
    misas_error *error = NULL;

    if (message == NULL || message->descriptor != descriptor) {
        return misas__unencodable(descriptor, NULL, "it is NULL or was never initialised");
    }
    if (depth > MISAS__MAX_DEPTH) {
        return misas__unencodable(descriptor, NULL, "messages nest deeper than 1,000");
    }
    for (size_t i = 0; i < descriptor->n_fields && error == NULL; i++) {
        error = check_field(message, &descriptor->fields[i], depth);
    }
    return error;
}

misas_error *misas__check_encodable(const ProtobufCMessageDescriptor *descriptor,
                                    const ProtobufCMessage *message)
{
    return check_message(descriptor, message, 1);
}
