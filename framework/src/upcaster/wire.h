/** Private: a protobuf message as a list of its fields, in the order of the bytes
 * (https://protobuf.dev/programming-guides/encoding/). */
#ifndef MISAS_SRC_UPCASTER_WIRE_H
#define MISAS_SRC_UPCASTER_WIRE_H

#include "memory/arena.h"
#include "misas/upcaster.h"

enum {
    misas__wire_varint = 0,
    misas__wire_fixed64 = 1,
    misas__wire_bytes = 2,
    misas__wire_fixed32 = 5
};

#define MISAS__WIRE_MAX_NUMBER 0x1FFFFFFFU /* of a field */

typedef struct misas__wire_field {
    uint32_t number;
    misas_wire_value value;
} misas__wire_field;

typedef struct misas__wire_message {
    misas__wire_field *fields;
    size_t count;
    size_t capacity;
} misas__wire_message;

/** The fields point into `bytes`. Errors: MISAS_ERROR_UNDECODABLE (also for groups). */
misas_error *misas__wire_parse(misas__wire_message *out, misas__arena *arena, const void *bytes,
                               size_t size);

misas_error *misas__wire_add(misas__wire_message *message, misas__arena *arena, uint32_t number,
                             const misas_wire_value *value);

/** Errors: MISAS_ERROR_UNENCODABLE for a wire type that there is not. */
misas_error *misas__wire_write(const void **out, size_t *out_size, misas__arena *arena,
                               const misas__wire_message *message);

#endif
