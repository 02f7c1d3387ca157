#include "upcaster/wire.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "misas/schema.h"

typedef struct cursor {
    const uint8_t *at;
    const uint8_t *end;
} cursor;

static bool read_varint(uint64_t *out, cursor *from)
{
    *out = 0;
    for (unsigned shift = 0; shift < 64 && from->at < from->end; shift += 7) {
        uint8_t byte = *from->at++;

        *out |= (uint64_t)(byte & 0x7FU) << shift;
        if (byte < 0x80) {
            return true;
        }
    }
    return false;
}

static bool read_fixed(uint64_t *out, cursor *from, size_t size)
{
    if ((size_t)(from->end - from->at) < size) {
        return false;
    }
    *out = 0;
    for (size_t i = 0; i < size; i++) {
        *out |= (uint64_t)from->at[i] << (8 * i);
    }
    from->at += size;
    return true;
}

static bool read_bytes(misas_wire_value *value, cursor *from)
{
    uint64_t size = 0;

    if (!read_varint(&size, from) || size > (uint64_t)(from->end - from->at)) {
        return false;
    }
    value->bytes = from->at;
    value->size = (size_t)size;
    from->at += size;
    return true;
}

static bool read_value(misas_wire_value *value, cursor *from)
{
    switch (value->wire_type) {
    case misas__wire_varint:
        return read_varint(&value->number, from);
    case misas__wire_fixed64:
        return read_fixed(&value->number, from, 8);
    case misas__wire_bytes:
        return read_bytes(value, from);
    case misas__wire_fixed32:
        return read_fixed(&value->number, from, 4);
    default:
        return false;
    }
}

static bool read_field(misas__wire_field *out, cursor *from)
{
    uint64_t tag = 0;

    if (!read_varint(&tag, from) || tag >> 3 == 0 || tag >> 3 > MISAS__WIRE_MAX_NUMBER) {
        return false;
    }
    *out = (misas__wire_field){.number = (uint32_t)(tag >> 3)};
    out->value.wire_type = (uint8_t)(tag & 7);
    return read_value(&out->value, from);
}

static misas_error *undecodable(size_t offset)
{
    char text[24];

    snprintf(text, sizeof text, "%zu", offset);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_UNDECODABLE,
            .data = (misas_field[]){{"offset", text}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the bytes are not a protobuf message without groups: broken at offset %s", text);
}

misas_error *misas__wire_add(misas__wire_message *message, misas__arena *arena, uint32_t number,
                             const misas_wire_value *value)
{
    if (message->count == message->capacity) {
        size_t capacity = message->capacity > 0 ? 2 * message->capacity : 8;
        misas__wire_field *fields = misas__arena_allocate(arena, capacity * sizeof *fields);

        if (fields == NULL) {
            return misas_error_out_of_memory();
        }
        if (message->count > 0) {
            memcpy(fields, message->fields, message->count * sizeof *fields);
        }
        message->fields = fields;
        message->capacity = capacity;
    }
    message->fields[message->count++] = (misas__wire_field){.number = number, .value = *value};
    return NULL;
}

misas_error *misas__wire_parse(misas__wire_message *out, misas__arena *arena, const void *bytes,
                               size_t size)
{
    const uint8_t *start = bytes;
    cursor from = {.at = start, .end = size > 0 ? start + size : start};
    misas_error *error = NULL;

    *out = (misas__wire_message){0};
    while (from.at < from.end && error == NULL) {
        size_t offset = (size_t)(from.at - start);
        misas__wire_field field;

        error = read_field(&field, &from) ? misas__wire_add(out, arena, field.number, &field.value)
                                          : undecodable(offset);
    }
    return error;
}

static uint8_t *write_varint(uint8_t *at, uint64_t number)
{
    while (number >= 0x80) {
        *at++ = (uint8_t)(number | 0x80);
        number >>= 7;
    }
    *at++ = (uint8_t)number;
    return at;
}

static uint8_t *write_fixed(uint8_t *at, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        *at++ = (uint8_t)(number >> (8 * i));
    }
    return at;
}

static uint8_t *write_value(uint8_t *at, const misas_wire_value *value)
{
    switch (value->wire_type) {
    case misas__wire_varint:
        return write_varint(at, value->number);
    case misas__wire_bytes:
        at = write_varint(at, value->size);
        if (value->size > 0) {
            memcpy(at, value->bytes, value->size);
        }
        return at + value->size;
    case misas__wire_fixed64:
        return write_fixed(at, value->number, 8);
    case misas__wire_fixed32:
        return write_fixed(at, value->number, 4);
    default:
        return NULL;
    }
}

misas_error *misas__wire_write(const void **out, size_t *out_size, misas__arena *arena,
                               const misas__wire_message *message)
{
    size_t room = 1;

    for (size_t i = 0; i < message->count; i++) {
        room +=
            20 + message->fields[i].value.size; /* a tag and a length or number, at their longest */
    }
    uint8_t *bytes = misas__arena_allocate(arena, room);
    if (bytes == NULL) {
        return misas_error_out_of_memory();
    }
    uint8_t *at = bytes;

    for (size_t i = 0; i < message->count && at != NULL; i++) {
        const misas__wire_field *field = &message->fields[i];

        at = write_varint(at, (uint64_t)field->number << 3 | field->value.wire_type);
        at = write_value(at, &field->value);
    }
    if (at == NULL) {
        return misas_error_new(&(misas_error_options){
            .type_name = MISAS_ERROR_UNENCODABLE,
            .message = "a field was given a wire type other than 0, 1, 2 and 5",
            .tags = MISAS_TAG_VALIDATION,
        });
    }
    *out = bytes;
    *out_size = (size_t)(at - bytes);
    return NULL;
}
