#include "support/wire_text.h"

#include <stdlib.h>
#include <string.h>

static const char *write_fields(wire *out, const char *at);

static const char *write_fixed(wire *out, uint32_t field, const char *at)
{
    size_t size = *at == 'f' ? 4 : 8;
    char *end = NULL;
    uint64_t number = strtoull(at + 1, &end, 10);

    wire_add_tag(out, field, *at == 'f' ? wire_32bit : wire_64bit);
    for (size_t i = 0; i < size; i++) {
        misas__text_append(out, (const char[]){(char)(number >> (8 * i))}, 1);
    }
    return end;
}

static const char *write_value(wire *out, uint32_t field, const char *at)
{
    char *end = NULL;

    if (*at == '\'') {
        const char *close = strchr(at + 1, '\'');

        wire_add_bytes(out, field, at + 1, (size_t)(close - at) - 1);
        return close + 1;
    }
    if (*at == '{') {
        wire inner = {0};

        at = write_fields(&inner, at + 1);
        wire_add_message(out, field, &inner);
        return at + 1;
    }
    if (*at == 'f' || *at == 'd') {
        return write_fixed(out, field, at);
    }
    wire_add_varint(out, field, strtoull(at, &end, 10));
    return end;
}

static const char *write_fields(wire *out, const char *at)
{
    while (*at != '\0' && *at != '}') {
        char *end = NULL;
        uint32_t field = (uint32_t)strtoul(at, &end, 10);

        at = write_value(out, field, end + 1);
        at += strspn(at, " ");
    }
    return at;
}

wire wire_from_text(const char *text)
{
    wire bytes = {0};

    write_fields(&bytes, text);
    return bytes;
}
