/** Private: what is made of messages by SHA-256: digests, by which a message is known again, and
 * ids that are the same however often they are made. */
#ifndef MISAS_SRC_ENVELOPE_DIGEST_H
#define MISAS_SRC_ENVELOPE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "misas/uuid.h"

/** libcrypto could not make a SHA-256: it has no memory, or its configuration forbids it. Tagged
 * retriable. */
#define MISAS__ERROR_DIGEST_FAILED "misas.envelope.digest_failed"

enum { misas__digest_size = 32 };

/** Of the type, a NUL, and the payload. Errors: MISAS__ERROR_DIGEST_FAILED. */
misas_error *misas__envelope_digest(uint8_t out[misas__digest_size], const char *type,
                                    const void *payload, size_t size);

/** The id of the `counter`th message that the handling of the message (source, id) causes: a UUIDv8
 * (RFC 9562, section 5.8 and appendix B.2). Errors: MISAS__ERROR_DIGEST_FAILED. */
misas_error *misas__derived_uuid(misas_uuid *out, const char *source, const char *id,
                                 uint32_t counter);

#endif
