#include "support/wire.h"

#include <stdlib.h>
#include <string.h>

void wire_add_number(wire *bytes, uint64_t number)
{
    while (number >= 0x80) {
        misas__text_append(bytes, (const char[]){(char)(number | 0x80)}, 1);
        number >>= 7;
    }
    misas__text_append(bytes, (const char[]){(char)number}, 1);
}

void wire_add_tag(wire *bytes, uint32_t field, uint32_t wire_type)
{
    wire_add_number(bytes, (uint64_t)field << 3 | wire_type);
}

void wire_add_varint(wire *bytes, uint32_t field, uint64_t number)
{
    wire_add_tag(bytes, field, wire_varint);
    wire_add_number(bytes, number);
}

void wire_add_bytes(wire *bytes, uint32_t field, const void *content, size_t size)
{
    wire_add_tag(bytes, field, wire_delimited);
    wire_add_number(bytes, size);
    misas__text_append(bytes, content, size);
}

void wire_add_text(wire *bytes, uint32_t field, const char *text)
{
    wire_add_bytes(bytes, field, text, strlen(text));
}

void wire_add_message(wire *bytes, uint32_t field, wire *message)
{
    wire_add_bytes(bytes, field, message->bytes, message->size);
    misas__text_free(message);
}

static size_t number_size(uint64_t number)
{
    size_t size = 1;

    while (number >= 0x80) {
        number >>= 7;
        size++;
    }
    return size;
}

wire wire_nested(uint32_t field, size_t depth)
{
    wire bytes = {0};
    size_t *sizes = calloc(depth, sizeof *sizes);

    for (size_t i = 1; sizes != NULL && i < depth; i++) {
        sizes[i] = sizes[i - 1] + number_size((uint64_t)field << 3) + number_size(sizes[i - 1]);
    }
    for (size_t i = depth; sizes != NULL && i-- > 1;) {
        wire_add_tag(&bytes, field, wire_delimited);
        wire_add_number(&bytes, sizes[i - 1]);
    }
    free(sizes);
    return bytes;
}
