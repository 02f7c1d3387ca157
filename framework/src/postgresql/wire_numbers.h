/** Private: numbers in network byte order, and constants of PostgreSQL's binary formats. */
#ifndef MISAS_SRC_POSTGRESQL_WIRE_NUMBERS_H
#define MISAS_SRC_POSTGRESQL_WIRE_NUMBERS_H

#include <stdint.h>

#define MISAS__POSTGRESQL_EPOCH_US INT64_C(946684800000000) /* 2000-01-01T00:00:00Z */
#define MISAS__JSONB_FORMAT 1                               /* the byte before a jsonb's text */

static inline void misas__put_uint32(uint8_t out[4], uint32_t number)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(number >> (24 - 8 * i));
    }
}

static inline void misas__put_uint64(uint8_t out[8], uint64_t number)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(number >> (56 - 8 * i));
    }
}

static inline uint32_t misas__get_uint32(const void *bytes)
{
    const uint8_t *at = bytes;

    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint64_t misas__get_uint64(const void *bytes)
{
    const uint8_t *at = bytes;

    return (uint64_t)misas__get_uint32(at) << 32 | misas__get_uint32(at + 4);
}

#endif
