#include "postgresql/event_rows.h"

#include <jansson.h>
#include <string.h>

#include "postgresql/wire_numbers.h"

/* The columns of the read statements, in their order. */
enum {
    column_position,
    column_stream,
    column_version,
    column_id,
    column_type,
    column_type_version,
    column_recorded_at,
    column_correlation_id,
    column_causation_id,
    column_metadata,
    column_payload
};

static const char *get_text(const PGresult *result, int column)
{
    return PQgetisnull(result, 0, column) ? NULL : PQgetvalue(result, 0, column);
}

static char *copy_text(misas__arena *arena, const char *text, size_t size)
{
    char *copy = misas__arena_allocate(arena, size + 1);

    if (copy != NULL) {
        memcpy(copy, text, size);
        copy[size] = '\0';
    }
    return copy;
}

/* What the store wrote is an object of texts; a value of another kind, written by others, is left
 * out. */
static misas_error *read_fields(const misas_field **out, misas__arena *arena, json_t *object)
{
    misas_field *fields =
        misas__arena_allocate(arena, (json_object_size(object) + 1) * sizeof *fields);
    size_t count = 0;
    const char *name = NULL;
    json_t *value = NULL;

    if (fields == NULL) {
        return misas_error_out_of_memory();
    }
    json_object_foreach(object, name, value)
    {
        if (!json_is_string(value)) {
            continue;
        }
        fields[count].name = copy_text(arena, name, strlen(name));
        fields[count].value = copy_text(arena, json_string_value(value), json_string_length(value));
        if (fields[count].name == NULL || fields[count].value == NULL) {
            return misas_error_out_of_memory();
        }
        count++;
    }
    fields[count] = (misas_field){NULL, NULL};
    *out = fields;
    return NULL;
}

misas_error *misas__fields_from_jsonb(const misas_field **out, misas__arena *arena,
                                      const char *value, size_t size)
{
    json_t *object = json_loadb(value + 1, size - 1, 0, NULL); /* after the format's byte */
    misas_error *error = json_is_object(object) ? read_fields(out, arena, object) : NULL;

    json_decref(object);
    return error;
}

misas_error *misas__event_from_row(misas_event *out, misas__arena *arena, const PGresult *result)
{
    *out = (misas_event){
        .position = misas__get_uint64(PQgetvalue(result, 0, column_position)),
        .stream = PQgetvalue(result, 0, column_stream),
        .version = misas__get_uint64(PQgetvalue(result, 0, column_version)),
        .type = PQgetvalue(result, 0, column_type),
        .type_version = misas__get_uint32(PQgetvalue(result, 0, column_type_version)),
        .recorded_at_us = (int64_t)misas__get_uint64(PQgetvalue(result, 0, column_recorded_at)) +
                          MISAS__POSTGRESQL_EPOCH_US,
        .payload = PQgetvalue(result, 0, column_payload),
        .payload_size = (size_t)PQgetlength(result, 0, column_payload),
        .metadata = {.correlation_id = get_text(result, column_correlation_id),
                     .causation_id = get_text(result, column_causation_id)},
        .part_count = 1,
    };
    memcpy(out->id.bytes, PQgetvalue(result, 0, column_id), sizeof out->id.bytes);
    return PQgetisnull(result, 0, column_metadata)
               ? NULL
               : misas__fields_from_jsonb(&out->metadata.fields, arena,
                                          PQgetvalue(result, 0, column_metadata),
                                          (size_t)PQgetlength(result, 0, column_metadata));
}
