/** @file
 * Envelopes: a command, prediction, query or event on its way, with what is said about it.
 *
 * The attributes are those of CloudEvents 1.0: a message is known by (source, id), and the same
 * pair never stands for another content.
 */
#ifndef MISAS_ENVELOPE_H
#define MISAS_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "misas/metadata.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An attribute is missing, too long, not UTF-8, has control characters, or is otherwise not what
 * it must be; data: "attribute", "reason". Tagged validation. */
#define MISAS_ERROR_ENVELOPE_INVALID "misas.envelope.invalid"
/** Bytes are not an encoded error; data: "reason". Tagged validation. */
#define MISAS_ERROR_ERROR_UNDECODABLE "misas.envelope.error_undecodable"

#define MISAS_SOURCE_MAX_BYTES 255 /**< of a source */
#define MISAS_KEY_MAX_BYTES 512    /**< of a key */

/** A plain record; everything pointed to is borrowed. */
typedef struct misas_envelope {
    const char *id;        /**< at most MISAS_MESSAGE_ID_MAX_BYTES; unique within its source */
    const char *source;    /**< who sent it, as in "/bank/accounts" */
    const char *type;      /**< the full name of its protobuf message */
    uint32_t type_version; /**< of the content of that type; 0: 1 */
    const char *key;       /**< messages of one key are handled in the order they were sent; NULL:
                              no order matters */
    int64_t time_us;       /**< when it was sent, see clock.h; 0: not stated */
    int64_t due_at_us;     /**< of a prediction: the time that it was made for */
    const void *payload;   /**< protobuf bytes; may be NULL when `payload_size` is 0 */
    size_t payload_size;
    misas_metadata metadata;
} misas_envelope;

/** Errors: MISAS_ERROR_ENVELOPE_INVALID, MISAS_ERROR_METADATA_INVALID. */
misas_error *misas_envelope_validate(const misas_envelope *envelope);

/** Copies an envelope with all that it points to, in one allocation; freed with free(). */
misas_error *misas_envelope_copy(misas_envelope **out, const misas_envelope *envelope);

/** What a handler answers, besides that it succeeded. A plain record. */
typedef struct misas_reply {
    const char *type; /**< the full name of its protobuf message; NULL: there is no content */
    const void *payload;
    size_t payload_size;
} misas_reply;

/** Copies a reply with all that it points to, in one allocation; freed with free(). */
misas_error *misas_reply_copy(misas_reply **out, const misas_reply *reply);

/** Writes an error with its types, messages, data, tags and causes as a misas.message.v1.Error, so
 * that it crosses borders whole; `*out` is freed with free(). What is not UTF-8 in it is written
 * as U+FFFD. So that it fits into any message, a text is cut after 16 KiB, data and causes after
 * 512 KiB in all, and a chain of causes after 50: the last one written is then the next that has a
 * type. Of NULL, there are no bytes. */
misas_error *misas_error_encode(void **out, size_t *out_size, const misas_error *error);

/** Reads what misas_error_encode wrote. `*out` is the error read, the caller's. No bytes are no
 * error, and refused as anything else that is none. Errors: MISAS_ERROR_ERROR_UNDECODABLE. */
misas_error *misas_error_decode(misas_error **out, const void *bytes, size_t size);

#ifdef __cplusplus
}
#endif

#endif
