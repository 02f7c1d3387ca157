/** Private: the types whose JSON is not an object of their fields. */
#ifndef MISAS_SRC_JSON_WELL_KNOWN_H
#define MISAS_SRC_JSON_WELL_KNOWN_H

#include "json/reader.h"
#include "json/writer.h"

typedef struct misas__json_form {
    const misas_type *type;
    misas_error *(*write)(misas__json_writer *writer, const misas_type *type,
                          const ProtobufCMessage *message, const misas__json_place *place);
    /** Fills in a message that was just made. */
    misas_error *(*read)(misas__json_reader *reader, ProtobufCMessage *message,
                         const misas_type *type, const misas__json_node *node);
} misas__json_form;

/** NULL: it has no form of its own. */
const misas__json_form *misas__json_form_of(const misas_type *type);

misas_error *misas__json_write_timestamp(misas__json_writer *writer, const misas_type *type,
                                         const ProtobufCMessage *message,
                                         const misas__json_place *place);
misas_error *misas__json_read_timestamp(misas__json_reader *reader, ProtobufCMessage *message,
                                        const misas_type *type, const misas__json_node *node);
misas_error *misas__json_write_duration(misas__json_writer *writer, const misas_type *type,
                                        const ProtobufCMessage *message,
                                        const misas__json_place *place);
misas_error *misas__json_read_duration(misas__json_reader *reader, ProtobufCMessage *message,
                                       const misas_type *type, const misas__json_node *node);
misas_error *misas__json_write_field_mask(misas__json_writer *writer, const misas_type *type,
                                          const ProtobufCMessage *message,
                                          const misas__json_place *place);
misas_error *misas__json_read_field_mask(misas__json_reader *reader, ProtobufCMessage *message,
                                         const misas_type *type, const misas__json_node *node);
misas_error *misas__json_write_value(misas__json_writer *writer, const misas_type *type,
                                     const ProtobufCMessage *message,
                                     const misas__json_place *place);
misas_error *misas__json_read_value(misas__json_reader *reader, ProtobufCMessage *message,
                                    const misas_type *type, const misas__json_node *node);

#endif
