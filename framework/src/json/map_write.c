#include <stdlib.h>
#include <string.h>

#include "schema/member.h"
#include "json/writer.h"

/* On the wire a key may occur more than once; the last one counts. Keys are written in order, so
 * that a message has one form. */
typedef struct map_key {
    const char *string; /* NULL: the key is a number */
    uint64_t number;    /* signed ones are shifted to keep their order */
    size_t index;
} map_key;

static uint64_t ordered(int64_t number)
{
    return (uint64_t)number ^ (uint64_t)1 << 63;
}

static map_key key_of(const ProtobufCFieldDescriptor *field, const void *value, size_t index)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING: {
        const char *string = *(const char *const *)value;

        return (map_key){.string = string != NULL ? string : "", .index = index};
    }
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return (map_key){.number = ordered(*(const int64_t *)value), .index = index};
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return (map_key){.number = *(const uint64_t *)value, .index = index};
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return (map_key){.number = *(const uint32_t *)value, .index = index};
    case PROTOBUF_C_TYPE_BOOL:
        return (map_key){.number = *(const protobuf_c_boolean *)value != 0, .index = index};
    default:
        return (map_key){.number = ordered(*(const int32_t *)value), .index = index};
    }
}

static int compare_keys(const map_key *left, const map_key *right)
{
    if (left->string != NULL && right->string != NULL) {
        return strcmp(left->string, right->string);
    }
    return (left->number > right->number) - (left->number < right->number);
}

static int compare(const void *left, const void *right)
{
    const map_key *first = left;
    const map_key *second = right;
    int order = compare_keys(first, second);

    return order != 0 ? order : (first->index > second->index) - (first->index < second->index);
}

static const ProtobufCMessage *entry_at(const ProtobufCMessage *message,
                                        const ProtobufCFieldDescriptor *field, size_t index)
{
    return *(const ProtobufCMessage *const *)misas__field_value(message, field, index);
}

static misas_error *sorted_keys(map_key **out, const ProtobufCMessage *message,
                                const ProtobufCFieldDescriptor *field)
{
    size_t count = misas__field_count(message, field);
    map_key *keys = malloc((count + 1) * sizeof *keys);

    if (keys == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < count; i++) {
        const ProtobufCMessage *entry = entry_at(message, field, i);
        const ProtobufCFieldDescriptor *key_field = &entry->descriptor->fields[0];

        keys[i] = key_of(key_field, misas__member(entry, key_field), i);
    }
    qsort(keys, count, sizeof *keys, compare);
    *out = keys;
    return NULL;
}

static void write_key(misas__json_writer *writer, const ProtobufCMessage *entry)
{
    const ProtobufCFieldDescriptor *field = &entry->descriptor->fields[0];
    const void *key = misas__member(entry, field);
    size_t width = misas__element_size(field->type);
    /* Only these are written without quotes of their own. */
    bool is_bare = field->type == PROTOBUF_C_TYPE_BOOL ||
                   (width == 4 && field->type != PROTOBUF_C_TYPE_STRING);
    const bool writes_numbers = writer->options.write_numbers;

    writer->options.write_numbers = false; /* a name is a string in any case */
    misas__text_append_string(&writer->text, is_bare ? "\"" : "");
    misas__json_write_scalar(writer, field, key);
    misas__text_append_string(&writer->text, is_bare ? "\"" : "");
    writer->options.write_numbers = writes_numbers;
    misas__text_append_string(&writer->text, writer->options.is_indented ? ": " : ":");
}

/* On the wire an entry may lack its value, which then is an empty message. */
static misas_error *write_empty(misas__json_writer *writer, const misas_type *type,
                                const misas__json_place *place)
{
    ProtobufCMessage *message = malloc(type->descriptor->sizeof_message);

    if (message == NULL) {
        return misas_error_out_of_memory();
    }
    protobuf_c_message_init(type->descriptor, message);
    misas_error *error = misas__json_write_message(writer, type, message, place);

    free(message);
    return error;
}

static misas_error *write_entry(misas__json_writer *writer, const misas_type *type,
                                const ProtobufCMessage *entry, const misas__json_place *place)
{
    const ProtobufCFieldDescriptor *value_field = &type->descriptor->fields[1];

    write_key(writer, entry);
    if (value_field->type == PROTOBUF_C_TYPE_MESSAGE &&
        misas__field_count(entry, value_field) == 0) {
        return write_empty(writer, type->fields[1].type, place);
    }
    return misas__json_write_field(writer, type, 1, entry, place);
}

static misas__json_place place_of(const misas__json_place *parent, const map_key *key)
{
    return key->string != NULL ? misas__json_key_place(parent, key->string)
                               : misas__json_element_place(parent, key->index);
}

static misas_error *write_entries(misas__json_writer *writer, const misas_type *entry_type,
                                  const ProtobufCFieldDescriptor *field,
                                  const ProtobufCMessage *message, const map_key *keys,
                                  const misas__json_place *place)
{
    size_t count = misas__field_count(message, field);
    misas_error *error = NULL;
    bool is_empty = true;

    misas__json_open(writer, '{');
    for (size_t i = 0; i < count && error == NULL; i++) {
        misas__json_place entry_place = place_of(place, &keys[i]);

        if (i + 1 == count || compare_keys(&keys[i], &keys[i + 1]) != 0) {
            misas__json_next(writer, &is_empty);
            error = write_entry(writer, entry_type, entry_at(message, field, keys[i].index),
                                &entry_place);
        }
    }
    misas__json_close(writer, '}', is_empty);
    return error;
}

misas_error *misas__json_write_map(misas__json_writer *writer, const misas_type *entry_type,
                                   const ProtobufCFieldDescriptor *field,
                                   const ProtobufCMessage *message, const misas__json_place *place)
{
    map_key *keys = NULL;
    misas_error *error = sorted_keys(&keys, message, field);

    if (error == NULL) {
        error = write_entries(writer, entry_type, field, message, keys, place);
    }
    free(keys);
    return error;
}
