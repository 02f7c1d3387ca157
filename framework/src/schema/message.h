/** Private: decoding what this library encoded. */
#ifndef MISAS_SRC_SCHEMA_MESSAGE_H
#define MISAS_SRC_SCHEMA_MESSAGE_H

#include "misas/schema.h"

/** As misas_message_decode. What could be encoded must be readable: no more is refused than
 * encoding does. */
misas_error *misas__message_decode_unlimited(ProtobufCMessage **out, const misas_type *type,
                                             const void *bytes, size_t size);

#endif
