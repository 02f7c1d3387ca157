#include "misas/metadata.h"

#include <stdio.h>
#include <string.h>

#include "text/text.h"

misas_metadata misas_metadata_caused_by(const misas_metadata *handled, const char *message_id)
{
    bool has_correlation = handled != NULL && handled->correlation_id != NULL;

    return (misas_metadata){
        .correlation_id = has_correlation ? handled->correlation_id : message_id,
        .causation_id = message_id,
    };
}

const char *misas_metadata_get(const misas_metadata *metadata, const char *name)
{
    const misas_field *field = metadata != NULL ? metadata->fields : NULL;

    for (; field != NULL && field->name != NULL; field++) {
        if (strcmp(field->name, name) == 0) {
            return field->value;
        }
    }
    return NULL;
}

static misas_error *invalid(const char *name, const char *reason)
{
    char quoted[MISAS__QUOTED_SIZE];

    return misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_METADATA_INVALID,
                               .data = (misas_field[]){{"name", name}, {NULL, NULL}},
                               .tags = MISAS_TAG_VALIDATION},
        "metadata %s %s", misas__text_quote(quoted, name), reason);
}

static misas_error *too_long(const char *name, const char *what, size_t length, size_t maximum)
{
    char quoted[MISAS__QUOTED_SIZE];

    return misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_METADATA_INVALID,
                               .data = (misas_field[]){{"name", name}, {NULL, NULL}},
                               .tags = MISAS_TAG_VALIDATION},
        "metadata %s has a %s of %zu bytes: expected at most %zu", misas__text_quote(quoted, name),
        what, length, maximum);
}

static misas_error *check_name(const char *name)
{
    size_t length = strlen(name);

    if (length == 0) {
        return invalid(name, "is empty: expected each field to have a name");
    }
    if (length > MISAS_METADATA_NAME_MAX_BYTES) {
        return too_long(name, "name", length, MISAS_METADATA_NAME_MAX_BYTES);
    }
    return misas__utf8_is_valid(name, length) ? NULL
                                              : invalid(name, "has a broken name: expected UTF-8");
}

static misas_error *check_value(const char *name, const char *value, size_t maximum)
{
    size_t length = strlen(value);

    if (length > maximum) {
        return too_long(name, "value", length, maximum);
    }
    return misas__utf8_is_valid(value, length)
               ? NULL
               : invalid(name, "has a broken value: expected UTF-8");
}

static misas_error *check_field(const misas_field *fields, size_t index)
{
    const misas_field *field = &fields[index];
    misas_error *error = check_name(field->name);

    if (error != NULL) {
        return error;
    }
    if (index >= MISAS_METADATA_MAX_FIELDS) {
        char reason[64];

        snprintf(reason, sizeof reason, "is one field too many: expected at most %d",
                 MISAS_METADATA_MAX_FIELDS);
        return invalid(field->name, reason);
    }
    for (size_t i = 0; i < index; i++) {
        if (strcmp(fields[i].name, field->name) == 0) {
            return invalid(field->name, "is there twice: expected each name once");
        }
    }
    if (field->value == NULL) {
        return invalid(field->name, "has no value: expected a text");
    }
    return check_value(field->name, field->value, MISAS_METADATA_VALUE_MAX_BYTES);
}

static misas_error *check_id(const char *name, const char *value)
{
    return value != NULL ? check_value(name, value, MISAS_MESSAGE_ID_MAX_BYTES) : NULL;
}

misas_error *misas_metadata_validate(const misas_metadata *metadata)
{
    if (metadata == NULL) {
        return NULL;
    }
    const misas_field *fields = metadata->fields;
    misas_error *error = check_id("correlation_id", metadata->correlation_id);

    if (error == NULL) {
        error = check_id("causation_id", metadata->causation_id);
    }
    for (size_t i = 0; error == NULL && fields != NULL && fields[i].name != NULL; i++) {
        error = check_field(fields, i);
    }
    return error;
}
