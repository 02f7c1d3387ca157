/** Protobuf bytes written by hand, also wrong ones. They begin zeroed: `wire bytes = {0};`. */
#ifndef MISAS_TESTS_WIRE_H
#define MISAS_TESTS_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "text/text.h"

typedef misas__text wire;

enum { wire_varint = 0, wire_64bit = 1, wire_delimited = 2, wire_group = 3, wire_32bit = 5 };

void wire_add_number(wire *bytes, uint64_t number);
void wire_add_tag(wire *bytes, uint32_t field, uint32_t wire_type);
void wire_add_varint(wire *bytes, uint32_t field, uint64_t number);
void wire_add_bytes(wire *bytes, uint32_t field, const void *content, size_t size);
void wire_add_text(wire *bytes, uint32_t field, const char *text);

/** Adds a message, and frees it. */
void wire_add_message(wire *bytes, uint32_t field, wire *message);

/** Levels of one message in another by this field: `depth` of them, the innermost empty. */
wire wire_nested(uint32_t field, size_t depth);

#endif
