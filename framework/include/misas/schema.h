/** @file
 * Types of messages: what the .proto files say that protobuf-c's descriptors do not.
 *
 * protoc-gen-misas writes a `misas_type` for each message and a `misas_schema` for each .proto
 * file; a type registry collects schemas and finds a type by its full name. Decoding received bytes
 * always goes through misas_message_decode, which scans them first: protobuf-c itself has no limit
 * of depth, and crashes on deep nesting.
 */
#ifndef MISAS_SCHEMA_H
#define MISAS_SCHEMA_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "misas/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The registry has no type of this name; data: "type". Tagged not_found. */
#define MISAS_ERROR_UNKNOWN_TYPE "misas.schema.unknown_type"
/** Two different types have one name; data: "type". Tagged validation. */
#define MISAS_ERROR_DUPLICATE_TYPE "misas.schema.duplicate_type"
/** Bytes are not a message of the type; data: "type", "offset", "field" (if known), "reason".
 * Tagged validation. */
#define MISAS_ERROR_UNDECODABLE "misas.schema.undecodable"
/** Bytes or JSON exceed a limit; data: "type", "limit" (a member of misas_decode_limits, or
 * "memory"), "maximum". Tagged validation. */
#define MISAS_ERROR_LIMIT_EXCEEDED "misas.schema.limit_exceeded"
/** A message can't be written: a text that is not UTF-8, a required field that is missing; data:
 * "type", "field" if known. Tagged validation. */
#define MISAS_ERROR_UNENCODABLE "misas.schema.unencodable"

/** What a message is, from its (misas.command), (misas.event), … option. */
typedef enum misas_kind {
    MISAS_KIND_PART, /**< none of the others: a part of a message, or a reply */
    MISAS_KIND_COMMAND,
    MISAS_KIND_EVENT,
    MISAS_KIND_PREDICTION,
    MISAS_KIND_QUERY,
    MISAS_KIND_DOCUMENT
} misas_kind;

typedef struct misas_type misas_type;

/** What a type knows of a field, at the index of the field in `descriptor->fields`. */
typedef struct misas_type_field {
    const char *json_name;  /**< lowerCamelCase, or as the .proto says */
    const misas_type *type; /**< of a field that is a message or a map; else NULL */
    bool is_map;            /**< `type` is the entry: fields key and value */
    bool is_personal;       /**< marked [(misas.personal) = true] */
} misas_type_field;

/** Written by protoc-gen-misas; constant, shared by all threads. */
struct misas_type {
    const ProtobufCMessageDescriptor *descriptor; /**< `descriptor->name` is the full name */
    const misas_type_field *fields;
    misas_kind kind;
    const char *subsystem; /**< that owns it; NULL: none stated */
    const char
        *key_field; /**< the field that names the stream, or the document; NULL: none stated */
    const char *collection; /**< of documents; NULL of all else */
    uint32_t version;       /**< of the content, for upcasting; 1 unless stated */
};

/** The types of one .proto file, those of nested messages included. */
typedef struct misas_schema {
    const char *file;
    const misas_type *const *types;
    size_t type_count;
} misas_schema;

/** Filled before it is used; from then on constant, and shared by all threads. */
typedef struct misas_type_registry misas_type_registry;

misas_error *misas_type_registry_new(misas_type_registry **out);
void misas_type_registry_free(misas_type_registry *registry);

/** Adds the types of a schema, which must outlive the registry. Adding a schema twice changes
 * nothing. Errors: MISAS_ERROR_DUPLICATE_TYPE. */
misas_error *misas_type_registry_add(misas_type_registry *registry, const misas_schema *schema);

/** NULL when there is no such type. */
const misas_type *misas_type_registry_find(const misas_type_registry *registry,
                                           const char *full_name);

/** As _find, with an error for what is not there. Errors: MISAS_ERROR_UNKNOWN_TYPE. */
misas_error *misas_type_registry_get(const misas_type **out, const misas_type_registry *registry,
                                     const char *full_name);

/** What received bytes and JSON may use. NULL or zero members mean the defaults. What they unpack
 * to may need 40 times `max_bytes` of memory, and 1 MiB. */
typedef struct misas_decode_limits {
    size_t max_bytes;    /**< default 4 MiB */
    size_t max_depth;    /**< of nested messages, also map entries; default 100, at most 1,000 */
    size_t max_elements; /**< fields, list elements and submessages in all; default 1,000,000 */
} misas_decode_limits;

#define MISAS_DEFAULT_MAX_BYTES (4U * 1024U * 1024U)
#define MISAS_DEFAULT_MAX_DEPTH 100U
#define MISAS_DEFAULT_MAX_ELEMENTS 1000000U

/** Walks protobuf bytes without unpacking: structure, lengths, depth, count, required fields, and
 * that every string field is UTF-8 without NUL (which a C string can't hold). Uses no memory of the
 * heap. Fields that the type does not know are checked for structure only. Two things that protobuf
 * allows are refused, because protobuf-c can't do them: groups, and one message in several pieces
 * (a message field that is not repeated, twice). Errors: MISAS_ERROR_UNDECODABLE,
 * MISAS_ERROR_LIMIT_EXCEEDED. */
misas_error *misas_message_scan(const misas_type *type, const void *bytes, size_t size,
                                const misas_decode_limits *limits);

/** Scans and unpacks; free the message with misas_message_free. Unknown fields are kept. Errors: as
 * misas_message_scan. */
misas_error *misas_message_decode(ProtobufCMessage **out, const misas_type *type, const void *bytes,
                                  size_t size, const misas_decode_limits *limits);

void misas_message_free(ProtobufCMessage *message);

/** Packs a message into memory that the caller frees with free(). An empty message has size 0 and
 * non-NULL bytes. Errors: MISAS_ERROR_UNENCODABLE. */
misas_error *misas_message_encode(void **out, size_t *out_size, const misas_type *type,
                                  const ProtobufCMessage *message);

/** A copy of its own; free with misas_message_free. Errors: those of misas_message_encode. */
misas_error *misas_message_copy(ProtobufCMessage **out, const misas_type *type,
                                const ProtobufCMessage *message);

/** Puts a copy of `text` into a string field, `&message->field`, of a message that
 * misas_message_free is for, in place of what is there. Not for a field of proto2 that has a
 * default. */
misas_error *misas_message_set_text(char **field, const char *text);

/** The text of the message's key field (a string field), still owned by the message. Errors:
 * MISAS_ERROR_UNENCODABLE when the type states no key field, or it is empty. */
misas_error *misas_message_key(const char **out, const misas_type *type,
                               const ProtobufCMessage *message);

/** The well-known types: google.protobuf Timestamp, Duration, Struct, Value, ListValue, the
 * wrappers, FieldMask, Empty. Part of every registry. */
extern const misas_schema *const misas_well_known_schemas[]; /**< ends with NULL */

#ifdef __cplusplus
}
#endif

#endif
