#include <stdlib.h>
#include <string.h>

#include "google/protobuf/field_mask.pb-c.h"
#include "json/well_known.h"

/* Of ASCII, whatever the locale. */
static bool is_upper(char character)
{
    return character >= 'A' && character <= 'Z';
}

static bool is_lower(char character)
{
    return character >= 'a' && character <= 'z';
}

/* "user.display_name" as "user.displayName"; false when it would not read back as the same. */
static bool append_camel_case(misas__text *text, const char *path)
{
    for (const char *at = path; *at != '\0'; at++) {
        char character = *at;

        if (is_upper(character) || character == ',') {
            return false;
        }
        if (character == '_') {
            at++;
            if (!is_lower(*at)) {
                return false;
            }
            character = (char)(*at - 'a' + 'A');
        }
        misas__text_append(text, &character, 1);
    }
    return true;
}

misas_error *misas__json_write_field_mask(misas__json_writer *writer, const misas_type *type,
                                          const ProtobufCMessage *message,
                                          const misas__json_place *place)
{
    const Google__Protobuf__FieldMask *mask = (const Google__Protobuf__FieldMask *)message;
    misas__text paths = {0};
    misas_error *error = NULL;
    char *joined = NULL;

    (void)type;
    for (size_t i = 0; i < mask->n_paths && error == NULL; i++) {
        misas__text_append_string(&paths, i > 0 ? "," : "");
        if (mask->paths[i][0] == '\0' || !append_camel_case(&paths, mask->paths[i])) {
            error = misas__json_unencodable(writer, place,
                                            "a path of a field mask is not in snake_case");
        }
    }
    if (error != NULL) {
        misas__text_free(&paths);
        return error;
    }
    error = misas__text_finish(&joined, NULL, &paths);
    if (error == NULL) {
        misas__json_write_string(writer, joined);
    }
    free(joined);
    return error;
}

static bool append_snake_case(misas__text *text, const char *path, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char character = path[i];

        if (character == '_') {
            return false;
        }
        if (is_upper(character)) {
            misas__text_append(text, "_", 1);
            character = (char)(character - 'A' + 'a');
        }
        misas__text_append(text, &character, 1);
    }
    return length > 0;
}

static misas_error *read_path(misas__json_reader *reader, char **out, const char *path,
                              size_t length, const misas__json_node *node)
{
    misas__text text = {0};
    misas_error *error = misas__budget_spend(&reader->budget, 1, 2 * length + sizeof *out);

    if (error == NULL && !append_snake_case(&text, path, length)) {
        error = misas__json_unexpected(reader, node, "paths in camelCase, such as \"a.bC,d\"");
    }
    if (error != NULL) {
        misas__text_free(&text);
        return error;
    }
    return misas__text_finish(out, NULL, &text);
}

static size_t count_paths(const char *text)
{
    size_t count = 1;

    for (; *text != '\0'; text++) {
        count += *text == ',' ? 1 : 0;
    }
    return count;
}

misas_error *misas__json_read_field_mask(misas__json_reader *reader, ProtobufCMessage *message,
                                         const misas_type *type, const misas__json_node *node)
{
    Google__Protobuf__FieldMask *mask = (Google__Protobuf__FieldMask *)message;
    const char *at = json_string_value(node->json);
    misas_error *error = NULL;

    (void)type;
    if (at == NULL) {
        return misas__json_unexpected(reader, node, "a string of paths");
    }
    if (*at == '\0') {
        return NULL;
    }
    size_t count = count_paths(at);

    mask->paths = malloc(count * sizeof *mask->paths);
    if (mask->paths == NULL) {
        return misas_error_out_of_memory();
    }
    while (mask->n_paths < count && error == NULL) {
        size_t length = strcspn(at, ",");

        error = read_path(reader, &mask->paths[mask->n_paths], at, length, node);
        mask->n_paths += error == NULL ? 1 : 0;
        at += length + 1;
    }
    return error;
}
