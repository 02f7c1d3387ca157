/** @file
 * What is known of a message besides its content: which conversation it belongs to, which message
 * caused it, and whatever else its sender wants to keep (a user, a trace context).
 */
#ifndef MISAS_METADATA_H
#define MISAS_METADATA_H

#include "misas/error.h"
#include "misas/field.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Metadata is not UTF-8, too long, or has a name twice or none, or a name without a value; data:
 * "name". Tagged validation. */
#define MISAS_ERROR_METADATA_INVALID "misas.metadata.invalid"

#define MISAS_METADATA_NAME_MAX_BYTES 128    /**< of one name */
#define MISAS_METADATA_VALUE_MAX_BYTES 16384 /**< of one value */
#define MISAS_METADATA_MAX_FIELDS 64
#define MISAS_MESSAGE_ID_MAX_BYTES 255 /**< of an id, a correlation id and a causation id */
#define MISAS_TYPE_MAX_BYTES 255       /**< of the full name of a type of messages */

/** A plain record; all texts are borrowed. */
typedef struct misas_metadata {
    const char *correlation_id; /**< shared by all messages of one conversation; NULL: none */
    const char *causation_id;   /**< the id of the message that caused this one; NULL: none */
    const misas_field *fields;  /**< anything else, ending with a NULL name; NULL: none */
} misas_metadata;

/** The metadata of what is recorded or sent while a message is handled: its correlation id is that
 * of the handled message (or `message_id`, when it has none: that starts a conversation), its
 * causation id is `message_id`. The result borrows from both arguments and has no further fields.
 */
misas_metadata misas_metadata_caused_by(const misas_metadata *handled, const char *message_id);

/** The value of the further field called `name`, or NULL. */
const char *misas_metadata_get(const misas_metadata *metadata, const char *name);

/** Errors: MISAS_ERROR_METADATA_INVALID, naming the field. NULL is valid. */
misas_error *misas_metadata_validate(const misas_metadata *metadata);

#ifdef __cplusplus
}
#endif

#endif
