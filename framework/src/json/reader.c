#include "json/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { reason_size = 400 };

static misas_error *invalid_at(const misas_type *type, const char *path, const char *reason)
{
    const char *name = type->descriptor->name;

    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_JSON_INVALID,
            .data =
                (misas_field[]){{"type", name}, {"path", path}, {"reason", reason}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "this is not the JSON of a %s: %s%s%s", name, path, path[0] != '\0' ? ": " : "", reason);
}

misas_error *misas__json_invalid(const misas__json_reader *reader, const misas__json_place *place,
                                 const char *format, ...)
{
    char reason[reason_size];
    char *path = NULL;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    misas_error *error = misas__json_write_place(&path, place);

    if (error == NULL) {
        error = invalid_at(reader->budget.type, path, reason);
    }
    free(path);
    return error;
}

misas_error *misas__json_unexpected(const misas__json_reader *reader, const misas__json_node *node,
                                    const char *expected)
{
    static const char *const kinds[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list",  [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a number", [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };
    /* A string or number is of the right kind, and yet not what was expected. */
    bool is_other = json_is_string(node->json) || json_is_number(node->json);

    return misas__json_invalid(reader, &node->place, "expected %s, got %s%s", expected,
                               kinds[json_typeof(node->json)], is_other ? " that is none" : "");
}

misas_error *misas__json_enter(misas__json_reader *reader, ProtobufCMessage **out,
                               const misas_type *type)
{
    size_t size = type->descriptor->sizeof_message;
    misas_error *error = misas__budget_check_depth(&reader->budget, reader->depth + 1);

    if (error == NULL) {
        error = misas__budget_spend(&reader->budget, 1, size);
    }
    if (error != NULL) {
        return error;
    }
    ProtobufCMessage *message = malloc(size);

    if (message == NULL) {
        return misas_error_out_of_memory();
    }
    protobuf_c_message_init(type->descriptor, message);
    reader->depth++;
    *out = message;
    return NULL;
}

void misas__json_leave(misas__json_reader *reader)
{
    reader->depth--;
}
