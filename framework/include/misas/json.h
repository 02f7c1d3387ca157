/** @file
 * Protobuf messages as JSON and back, by the proto3 JSON mapping
 * (https://protobuf.dev/programming-guides/json/), without Any.
 *
 * Out: lowerCamelCase or json_name; enums by name (number when unknown); 64-bit integers as
 * strings; bytes as padded base64; maps in the order of their keys; Timestamp, Duration, FieldMask,
 * wrappers, Struct in their own forms; default values of fields without presence left out. In: also
 * proto names, enum numbers, 64-bit integers as numbers (beyond 2^63-1 only as strings; a real that
 * large only with a point or exponent), base64 of either alphabet with or without padding, null as
 * "not set" (not within a list or map). Refused, each by name: an unknown field, a wrong type, a
 * value out of range, a duplicate key, broken UTF-8, NUL, a lone surrogate, nesting beyond the
 * limit.
 */
#ifndef MISAS_JSON_H
#define MISAS_JSON_H

#include "misas/schema.h"

#ifdef __cplusplus
extern "C" {
#endif

/** JSON is not a message of the type; data: "type", "path" (as in "lines[2].amount"), "reason". For
 * text that is not JSON at all also "line" and "column". Tagged validation. */
#define MISAS_ERROR_JSON_INVALID "misas.json.invalid"

typedef struct misas_json_options {
    bool redact_personal; /**< write "REDACTED" for fields marked personal: for logs; can't be read
                             back */
    bool write_defaults;  /**< also write fields that hold their default value */
    bool is_indented;     /**< for people */
    bool write_numbers;   /**< 64-bit integers as numbers, which order as such, and not as strings;
                             but for those beyond 2^63-1 */
} misas_json_options;

/** Writes a message; `*out` ends with a NUL and is freed with free(); `out_size` may be NULL and
 * does not count the NUL. Errors: MISAS_ERROR_UNENCODABLE (broken UTF-8, a Timestamp out of range,
 * …). */
misas_error *misas_json_encode(char **out, size_t *out_size, const misas_type *type,
                               const ProtobufCMessage *message, const misas_json_options *options);

/** Reads a message; free it with misas_message_free. Errors: MISAS_ERROR_JSON_INVALID,
 * MISAS_ERROR_LIMIT_EXCEEDED. */
misas_error *misas_json_decode(ProtobufCMessage **out, const misas_type *type, const char *json,
                               size_t size, const misas_decode_limits *limits);

#ifdef __cplusplus
}
#endif

#endif
