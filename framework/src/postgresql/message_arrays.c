#include "postgresql/message_arrays.h"

#include <stdlib.h>
#include <string.h>

misas_error *misas__write_metadata(char **out, const misas_metadata *metadata)
{
    const misas_field *fields = metadata->fields;
    misas__text text = {0};

    *out = NULL;
    if (fields == NULL || fields->name == NULL) {
        return NULL;
    }
    for (const misas_field *field = fields; field->name != NULL; field++) {
        misas__text_append_string(&text, field == fields ? "{" : ",");
        misas__text_append_json_string(&text, field->name, strlen(field->name));
        misas__text_append_string(&text, ":");
        misas__text_append_json_string(&text, field->value, strlen(field->value));
    }
    misas__text_append_string(&text, "}");
    return misas__text_finish(out, NULL, &text);
}

void misas__message_arrays_start(misas__message_arrays *arrays, size_t count)
{
    misas__array_start(&arrays->types, MISAS__TEXT, count);
    misas__array_start(&arrays->type_versions, MISAS__INTEGER, count);
    misas__array_start(&arrays->payloads, MISAS__BYTEA, count);
    misas__array_start(&arrays->correlation_ids, MISAS__TEXT, count);
    misas__array_start(&arrays->causation_ids, MISAS__TEXT, count);
    misas__array_start(&arrays->metadata, MISAS__JSONB, count);
}

static misas_error *add_metadata(misas__message_arrays *arrays, const misas_metadata *metadata)
{
    char *fields = NULL;
    misas_error *error = misas__write_metadata(&fields, metadata);

    misas__array_add_text(&arrays->correlation_ids, metadata->correlation_id);
    misas__array_add_text(&arrays->causation_ids, metadata->causation_id);
    misas__array_add_jsonb(&arrays->metadata, fields);
    free(fields);
    return error;
}

misas_error *misas__message_arrays_add_event(misas__message_arrays *arrays,
                                             const misas_new_event *event)
{
    misas__array_add_text(&arrays->types, event->type);
    misas__array_add_integer(&arrays->type_versions, (int32_t)event->type_version);
    misas__array_add_bytes(&arrays->payloads, event->payload, event->payload_size);
    return add_metadata(arrays, &event->metadata);
}

misas_error *misas__message_arrays_add_prediction(misas__message_arrays *arrays,
                                                  const misas_new_prediction *prediction)
{
    misas__array_add_text(&arrays->types, prediction->type);
    misas__array_add_integer(&arrays->type_versions,
                             prediction->type_version > 0 ? (int32_t)prediction->type_version : 1);
    misas__array_add_bytes(&arrays->payloads, prediction->payload, prediction->payload_size);
    return add_metadata(arrays, &prediction->metadata);
}

void misas__parameters_add_message_arrays(misas__parameters *parameters,
                                          misas__message_arrays *arrays)
{
    misas__parameters_add_array(parameters, &arrays->types);
    misas__parameters_add_array(parameters, &arrays->type_versions);
    misas__parameters_add_array(parameters, &arrays->payloads);
    misas__parameters_add_array(parameters, &arrays->correlation_ids);
    misas__parameters_add_array(parameters, &arrays->causation_ids);
    misas__parameters_add_array(parameters, &arrays->metadata);
}

void misas__event_arrays_start(misas__event_arrays *arrays, size_t count)
{
    misas__array_start(&arrays->ids, MISAS__UUID, count);
    misas__message_arrays_start(&arrays->messages, count);
}

misas_error *misas__event_arrays_add(misas__event_arrays *arrays, const misas_new_event *event)
{
    misas__array_add_bytes(&arrays->ids, event->id.bytes, sizeof event->id.bytes);
    return misas__message_arrays_add_event(&arrays->messages, event);
}

void misas__parameters_add_event_arrays(misas__parameters *parameters, misas__event_arrays *arrays)
{
    misas__parameters_add_array(parameters, &arrays->ids);
    misas__parameters_add_message_arrays(parameters, &arrays->messages);
}
