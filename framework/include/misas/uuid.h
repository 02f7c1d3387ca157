/** @file
 * UUIDs of version 7 (RFC 9562, section 5.7): ordered by the time they were made.
 */
#ifndef MISAS_UUID_H
#define MISAS_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "misas/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A text is not a UUID; data: "value". Tagged validation. */
#define MISAS_ERROR_UUID_INVALID "misas.uuid.invalid"

#define MISAS_UUID_TEXT_SIZE 37 /**< 36 characters and a NUL */

/** In network byte order; all zero is "none". */
typedef struct misas_uuid {
    uint8_t bytes[16];
} misas_uuid;

/** A new UUIDv7 by the machine's clock. Those made by one thread ascend, also within a millisecond
 * and when the clock is set back. Any thread; safe after fork. Aborts when the kernel has no
 * randomness. */
misas_uuid misas_uuid_new_v7(void);

bool misas_uuid_is_none(misas_uuid uuid);
bool misas_uuid_equal(misas_uuid left, misas_uuid right);

/** Lower case with hyphens; returns `buffer`. */
const char *misas_uuid_write(char buffer[MISAS_UUID_TEXT_SIZE], misas_uuid uuid);

/** Reads 36 characters with hyphens, either case, any version. Errors: MISAS_ERROR_UUID_INVALID. */
misas_error *misas_uuid_parse(misas_uuid *out, const char *text);

#ifdef __cplusplus
}
#endif

#endif
