/** Private: JSON being read into messages. */
#ifndef MISAS_SRC_JSON_READER_H
#define MISAS_SRC_JSON_READER_H

#include <jansson.h>

#include "misas/json.h"
#include "schema/budget.h"
#include "json/place.h"

typedef struct misas__json_reader {
    misas__budget budget;
    size_t depth; /* of open messages */
} misas__json_reader;

/** A value, and where it is. */
typedef struct misas__json_node {
    json_t *json;
    misas__json_place place;
} misas__json_node;

/** Checks the limits and parses; the result is freed with json_decref. */
misas_error *misas__json_parse(json_t **out, const misas__budget *budget, const char *text,
                               size_t size);

/** Whether jansson failed for want of memory. */
bool misas__json_ran_out_of_memory(json_error_t *failure);

/** Leaves only printable characters in jansson's text, which may quote what it read, also broken
 * UTF-8. */
void misas__json_clean_failure(json_error_t *failure);

misas_error *misas__json_invalid(const misas__json_reader *reader, const misas__json_place *place,
                                 const char *format, ...) MISAS_PRINTF_LIKE(3, 4);

/** "expected <what>, got <the kind of value that is there>". */
misas_error *misas__json_unexpected(const misas__json_reader *reader, const misas__json_node *node,
                                    const char *expected);

/** A value of any type but a message; strings and bytes are allocated. */
misas_error *misas__json_read_scalar(misas__json_reader *reader, void *out,
                                     const ProtobufCFieldDescriptor *field,
                                     const misas__json_node *node);

misas_error *misas__json_read_message(misas__json_reader *reader, ProtobufCMessage **out,
                                      const misas_type *type, const misas__json_node *node);

/** The field at this index: one value, a list or a map. */
misas_error *misas__json_read_field(misas__json_reader *reader, ProtobufCMessage *message,
                                    const misas_type *type, size_t index,
                                    const misas__json_node *node);

/** Elsewhere null means "not set". */
bool misas__json_null_is_value(const ProtobufCFieldDescriptor *field);

misas_error *misas__json_read_map(misas__json_reader *reader, ProtobufCMessage *message,
                                  const misas_type *entry_type,
                                  const ProtobufCFieldDescriptor *field,
                                  const misas__json_node *node);

/** A new message of the type, counted and not too deep; followed by misas__json_leave if there was
 * no error. */
misas_error *misas__json_enter(misas__json_reader *reader, ProtobufCMessage **out,
                               const misas_type *type);
void misas__json_leave(misas__json_reader *reader);

#endif
