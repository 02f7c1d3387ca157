#include <stdlib.h>
#include <string.h>

#include "schema/member.h"
#include "json/reader.h"

static void note_presence(ProtobufCMessage *entry, const ProtobufCFieldDescriptor *field)
{
    if (field->quantifier_offset != 0) { /* in proto2 */
        *(protobuf_c_boolean *)misas__quantifier_to_set(entry, field) = 1;
    }
}

static misas_error *read_bool_key(const misas__json_reader *reader, void *out,
                                  const misas__json_place *place)
{
    bool is_true = strcmp(place->name, "true") == 0;

    if (!is_true && strcmp(place->name, "false") != 0) {
        return misas__json_invalid(reader, place, "expected a key true or false");
    }
    *(protobuf_c_boolean *)out = is_true;
    return NULL;
}

/* Each number has one form as a key: else a key could be there twice. */
static bool is_plain_integer(const char *key)
{
    const char *digits = key + (key[0] == '-' ? 1 : 0);
    size_t length = strspn(digits, "0123456789");

    return length > 0 && digits[length] == '\0' && (digits[0] != '0' || strcmp(key, "0") == 0);
}

/* Keys are strings, as quoted numbers are. */
static misas_error *read_key(misas__json_reader *reader, ProtobufCMessage *entry,
                             const misas__json_place *place)
{
    const ProtobufCFieldDescriptor *field = &entry->descriptor->fields[0];
    void *out = misas__member_to_set(entry, field);

    note_presence(entry, field);
    if (field->type == PROTOBUF_C_TYPE_BOOL) {
        return read_bool_key(reader, out, place);
    }
    if (field->type != PROTOBUF_C_TYPE_STRING && !is_plain_integer(place->name)) {
        return misas__json_invalid(reader, place, "expected a key that is an integer");
    }
    misas__json_node key = {json_string_nocheck(place->name), *place};

    if (key.json == NULL) {
        return misas_error_out_of_memory();
    }
    misas_error *error = misas__json_read_scalar(reader, out, field, &key);

    json_decref(key.json);
    return error;
}

static misas_error *read_entry(misas__json_reader *reader, ProtobufCMessage **out,
                               const misas_type *entry_type, const misas__json_node *node)
{
    ProtobufCMessage *entry = NULL;

    if (json_is_null(node->json) &&
        !misas__json_null_is_value(&entry_type->descriptor->fields[1])) {
        return misas__json_invalid(reader, &node->place, "a map may not hold null");
    }
    misas_error *error = misas__json_enter(reader, &entry, entry_type);

    if (error != NULL) {
        return error;
    }
    error = read_key(reader, entry, &node->place);
    if (error == NULL) {
        error = misas__json_read_field(reader, entry, entry_type, 1, node);
    }
    misas__json_leave(reader);
    if (error != NULL) {
        misas_message_free(entry);
        return error;
    }
    *out = entry;
    return NULL;
}

misas_error *misas__json_read_map(misas__json_reader *reader, ProtobufCMessage *message,
                                  const misas_type *entry_type,
                                  const ProtobufCFieldDescriptor *field,
                                  const misas__json_node *node)
{
    size_t count = json_object_size(node->json);
    size_t *done = misas__quantifier_to_set(message, field);
    misas_error *error = NULL;

    if (!json_is_object(node->json)) {
        return misas__json_unexpected(reader, node, "an object");
    }
    if (count == 0) {
        return NULL;
    }
    ProtobufCMessage **entries = malloc(count * sizeof *entries);

    if (entries == NULL) {
        return misas_error_out_of_memory();
    }
    *(ProtobufCMessage ***)misas__member_to_set(message, field) = entries;
    for (void *at = json_object_iter(node->json); at != NULL && error == NULL;
         at = json_object_iter_next(node->json, at)) {
        misas__json_node entry = {json_object_iter_value(at),
                                  misas__json_key_place(&node->place, json_object_iter_key(at))};

        error = read_entry(reader, &entries[*done], entry_type, &entry);
        *done += error == NULL ? 1 : 0;
    }
    return error;
}
