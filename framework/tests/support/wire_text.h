/** Protobuf bytes written as text. */
#ifndef MISAS_TESTS_WIRE_TEXT_H
#define MISAS_TESTS_WIRE_TEXT_H

#include "support/wire.h"

/** "1:5 2:{1:'abc' 3:f7} 4:d8": field 1 is a varint, 2 a message of bytes and a fixed32, 4 a
 * fixed64. Freed with misas__text_free. */
wire wire_from_text(const char *text);

#endif
