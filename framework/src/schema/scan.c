#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "misas/schema.h"
#include "schema/budget.h"
#include "schema/member.h"
#include "text/text.h"

/* The longest forms that protobuf-c reads. */
enum { max_tag_bytes = 5, max_length_bytes = 5, max_varint_bytes = 10 };

/* One bit for each field of each message that is open: a message of 256 fields may nest to the
 * greatest depth. */
enum { seen_words = 4000, seen_word_bits = 64 };

/* What protobuf-c needs for a field besides its content: the notes of its own scan, the slot in a
 * list, the head of an allocation. */
enum { field_overhead = 64 };

typedef struct scanner {
    misas__budget budget;
    const uint8_t *start;
    const uint8_t *at;
    const ProtobufCFieldDescriptor *field; /* at hand; NULL: unknown */
    size_t depth;
    uint64_t seen[seen_words];
    size_t seen_used;
} scanner;

/* A message of which more is to come. */
typedef struct open_message {
    const uint8_t *end;
    size_t seen; /* the index of its first word of bits */
} open_message;

static misas_error *scan_message(scanner *scan, const misas_type *type, const uint8_t *end);

static misas_error *undecodable(const scanner *scan, const char *reason)
{
    const char *type = scan->budget.type->descriptor->name;
    const char *field = scan->field != NULL ? scan->field->name : NULL;
    size_t offset = (size_t)(scan->at - scan->start);
    char offset_text[32];

    snprintf(offset_text, sizeof offset_text, "%zu", offset);
    misas_error_options options = {
        .type_name = MISAS_ERROR_UNDECODABLE,
        .data = (misas_field[]){{"type", type},
                                {"offset", offset_text},
                                {"reason", reason},
                                {field != NULL ? "field" : NULL, field},
                                {NULL, NULL}},
        .tags = MISAS_TAG_VALIDATION,
    };
    return misas_error_new_format(&options, "these bytes are not a %s: at byte %zu%s%s: %s", type,
                                  offset, field != NULL ? ", field " : "",
                                  field != NULL ? field : "", reason);
}

static misas_error *read_varint(scanner *scan, uint64_t *out, const uint8_t *end, int max_bytes)
{
    const uint8_t *at = scan->at;
    uint64_t value = 0;

    for (int i = 0; i < max_bytes; i++) {
        if (at == end) {
            return undecodable(scan, "the bytes end within a number");
        }
        value |= (uint64_t)(*at & 0x7F) << (7 * i);
        if ((*at++ & 0x80) == 0) {
            scan->at = at;
            *out = value;
            return NULL;
        }
    }
    return undecodable(scan, "a number has too many bytes");
}

static misas_error *read_tag(scanner *scan, uint32_t *out_number, uint32_t *out_wire_type,
                             const uint8_t *end)
{
    const uint8_t *start = scan->at;
    uint64_t tag = 0;
    misas_error *error = read_varint(scan, &tag, end, max_tag_bytes);

    if (error == NULL && (tag > UINT32_MAX || tag >> 3 == 0)) {
        scan->at = start;
        error = undecodable(scan, "the number of a field is out of range");
    }
    *out_number = (uint32_t)(tag >> 3);
    *out_wire_type = (uint32_t)(tag & 7);
    return error;
}

static misas_error *read_length(scanner *scan, const uint8_t **out_end, const uint8_t *end)
{
    const uint8_t *start = scan->at;
    uint64_t length = 0;
    misas_error *error = read_varint(scan, &length, end, max_length_bytes);

    if (error == NULL && length > (uint64_t)(end - scan->at)) {
        scan->at = start;
        error = undecodable(scan, "a length exceeds what is left");
    }
    if (error == NULL) {
        *out_end = scan->at + length;
    }
    return error;
}

static misas_error *skip_fixed(scanner *scan, size_t size, const uint8_t *end)
{
    if (size > (size_t)(end - scan->at)) {
        return undecodable(scan, "the bytes end within a number");
    }
    scan->at += size;
    return NULL;
}

static ProtobufCWireType wire_type_of(ProtobufCType type)
{
    static const ProtobufCWireType wire_types[] = {
        [PROTOBUF_C_TYPE_INT32] = PROTOBUF_C_WIRE_TYPE_VARINT,
        [PROTOBUF_C_TYPE_SINT32] = PROTOBUF_C_WIRE_TYPE_VARINT,
        [PROTOBUF_C_TYPE_SFIXED32] = PROTOBUF_C_WIRE_TYPE_32BIT,
        [PROTOBUF_C_TYPE_INT64] = PROTOBUF_C_WIRE_TYPE_VARINT,
        [PROTOBUF_C_TYPE_SINT64] = PROTOBUF_C_WIRE_TYPE_VARINT,
        [PROTOBUF_C_TYPE_SFIXED64] = PROTOBUF_C_WIRE_TYPE_64BIT,
        [PROTOBUF_C_TYPE_UINT32] = PROTOBUF_C_WIRE_TYPE_VARINT,
        [PROTOBUF_C_TYPE_FIXED32] = PROTOBUF_C_WIRE_TYPE_32BIT,
        [PROTOBUF_C_TYPE_UINT64] = PROTOBUF_C_WIRE_TYPE_VARINT,
        [PROTOBUF_C_TYPE_FIXED64] = PROTOBUF_C_WIRE_TYPE_64BIT,
        [PROTOBUF_C_TYPE_FLOAT] = PROTOBUF_C_WIRE_TYPE_32BIT,
        [PROTOBUF_C_TYPE_DOUBLE] = PROTOBUF_C_WIRE_TYPE_64BIT,
        [PROTOBUF_C_TYPE_BOOL] = PROTOBUF_C_WIRE_TYPE_VARINT,
        [PROTOBUF_C_TYPE_ENUM] = PROTOBUF_C_WIRE_TYPE_VARINT,
        [PROTOBUF_C_TYPE_STRING] = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
        [PROTOBUF_C_TYPE_BYTES] = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
        [PROTOBUF_C_TYPE_MESSAGE] = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
    };

    return wire_types[type];
}

/* A number, or anything of a field that the type does not know. */
static misas_error *skip_value(scanner *scan, uint32_t wire_type, const uint8_t *end)
{
    uint64_t number = 0;

    switch (wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return read_varint(scan, &number, end, max_varint_bytes);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return skip_fixed(scan, 8, end);
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return skip_fixed(scan, 4, end);
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        return read_length(scan, &scan->at, end);
    default:
        return undecodable(scan, wire_type == 3 || wire_type == 4 ? "groups are not supported"
                                                                  : "there is no such wire type");
    }
}

static misas_error *scan_packed(scanner *scan, const uint8_t *end)
{
    misas_error *error = NULL;
    uint32_t wire_type = wire_type_of(scan->field->type);
    size_t size = misas__element_size(scan->field->type);

    while (error == NULL && scan->at < end) {
        error = skip_value(scan, wire_type, end);
        if (error == NULL) {
            error = misas__budget_spend(&scan->budget, 1, size);
        }
    }
    return error;
}

static misas_error *scan_text(scanner *scan, const uint8_t *end)
{
    const char *text = (const char *)scan->at;
    size_t size = (size_t)(end - scan->at);
    size_t valid = misas__utf8_valid_prefix(text, size);
    const char *nul = size > 0 ? memchr(text, '\0', size) : NULL;

    if (valid < size) {
        scan->at += valid;
        return undecodable(scan, "a text is not UTF-8");
    }
    if (nul != NULL) {
        scan->at = (const uint8_t *)nul;
        return undecodable(scan, "a text has a NUL");
    }
    return NULL;
}

/* What a length-delimited field of a known type holds. */
static misas_error *scan_content(scanner *scan, const misas_type *type, const uint8_t *end)
{
    if (type != NULL) {
        return scan_message(scan, type, end);
    }
    misas_error *error = misas__budget_spend(&scan->budget, 0, (size_t)(end - scan->at));

    if (error == NULL && scan->field->type == PROTOBUF_C_TYPE_STRING) {
        error = scan_text(scan, end);
    } else if (error == NULL && misas__type_is_packable(scan->field->type)) {
        error = scan_packed(scan, end);
    }
    scan->at = error == NULL ? end : scan->at;
    return error;
}

static misas_error *check_wire_type(const scanner *scan, uint32_t wire_type)
{
    const ProtobufCFieldDescriptor *field = scan->field;
    bool is_packed = field->label == PROTOBUF_C_LABEL_REPEATED &&
                     wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED &&
                     misas__type_is_packable(field->type);

    if (wire_type == wire_type_of(field->type) || is_packed) {
        return NULL;
    }
    return undecodable(scan, "the wire type is not that of the field's type");
}

/* protobuf-c loses content when it merges two messages of one field. */
static misas_error *note_field(scanner *scan, const misas_type *type, size_t seen)
{
    size_t index = (size_t)(scan->field - type->descriptor->fields);
    uint64_t *word = &scan->seen[seen + index / seen_word_bits];
    uint64_t bit = (uint64_t)1 << (index % seen_word_bits);

    if ((*word & bit) != 0 && scan->field->type == PROTOBUF_C_TYPE_MESSAGE &&
        scan->field->label != PROTOBUF_C_LABEL_REPEATED) {
        return undecodable(scan, "a message that is not repeated occurs twice");
    }
    *word |= bit;
    return NULL;
}

static misas_error *scan_known_field(scanner *scan, const misas_type *type, uint32_t wire_type,
                                     const open_message *open)
{
    size_t index = (size_t)(scan->field - type->descriptor->fields);
    const uint8_t *end = NULL;
    misas_error *error = check_wire_type(scan, wire_type);

    if (error == NULL) {
        error = note_field(scan, type, open->seen);
    }
    if (error != NULL) {
        return error;
    }
    if (wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
        return skip_value(scan, wire_type, open->end);
    }
    error = read_length(scan, &end, open->end);
    return error != NULL ? error : scan_content(scan, type->fields[index].type, end);
}

static misas_error *scan_unknown_field(scanner *scan, uint32_t wire_type, const uint8_t *end)
{
    const uint8_t *start = scan->at;
    misas_error *error = skip_value(scan, wire_type, end);

    return error != NULL ? error
                         : misas__budget_spend(&scan->budget, 0, (size_t)(scan->at - start));
}

static misas_error *scan_field(scanner *scan, const misas_type *type, const open_message *open)
{
    uint32_t number = 0;
    uint32_t wire_type = 0;

    scan->field = NULL;
    misas_error *error = read_tag(scan, &number, &wire_type, open->end);

    if (error == NULL) {
        error = misas__budget_spend(&scan->budget, 1, field_overhead);
    }
    if (error != NULL) {
        return error;
    }
    scan->field = protobuf_c_message_descriptor_get_field(type->descriptor, number);
    return scan->field != NULL ? scan_known_field(scan, type, wire_type, open)
                               : scan_unknown_field(scan, wire_type, open->end);
}

static misas_error *check_required(scanner *scan, const misas_type *type, size_t seen)
{
    for (size_t i = 0; i < type->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->descriptor->fields[i];
        uint64_t bit = (uint64_t)1 << (i % seen_word_bits);

        if (field->label == PROTOBUF_C_LABEL_REQUIRED &&
            (scan->seen[seen + i / seen_word_bits] & bit) == 0) {
            scan->field = field;
            return undecodable(scan, "a required field is missing");
        }
    }
    return NULL;
}

/* Recursive, as deep as max_depth. */
static misas_error *scan_message(scanner *scan, const misas_type *type, const uint8_t *end)
{
    size_t words = type->descriptor->n_fields / seen_word_bits + 1;
    open_message open = {.end = end, .seen = scan->seen_used};
    misas_error *error = misas__budget_check_depth(&scan->budget, ++scan->depth);

    if (error == NULL && words > seen_words - scan->seen_used) {
        error = misas__limit_exceeded(scan->budget.type, "max_depth", scan->depth - 1);
    }
    if (error == NULL) {
        error = misas__budget_spend(&scan->budget, 0, type->descriptor->sizeof_message);
    }
    if (error != NULL) {
        return error;
    }
    scan->seen_used += words;
    memset(&scan->seen[open.seen], 0, words * sizeof scan->seen[0]);
    while (error == NULL && scan->at < end) {
        error = scan_field(scan, type, &open);
    }
    if (error == NULL) {
        error = check_required(scan, type, open.seen);
    }
    scan->seen_used = open.seen;
    scan->depth--;
    return error;
}

misas_error *misas_message_scan(const misas_type *type, const void *bytes, size_t size,
                                const misas_decode_limits *limits)
{
    static const uint8_t nothing[1];
    scanner scan; /* not initialised as a whole: most of it is never used */

    scan.start = scan.at = size > 0 ? bytes : nothing;
    scan.field = NULL;
    scan.depth = 0;
    scan.seen_used = 0;
    misas_error *error = misas__budget_begin(&scan.budget, type, size, limits);

    return error != NULL ? error : scan_message(&scan, type, scan.start + size);
}
