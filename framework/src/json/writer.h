/** Private: JSON being written. */
#ifndef MISAS_SRC_JSON_WRITER_H
#define MISAS_SRC_JSON_WRITER_H

#include "misas/json.h"
#include "text/text.h"
#include "json/place.h"

typedef struct misas__json_writer {
    misas__text text;
    misas_json_options options;
    const misas_type *type; /* of the whole, for errors */
    size_t depth;           /* of open objects and arrays */
} misas__json_writer;

/** Begins an object or array with its bracket. */
void misas__json_open(misas__json_writer *writer, char bracket);

/** Before each of its members or elements; `is_first` begins as true. */
void misas__json_next(misas__json_writer *writer, bool *is_first);

void misas__json_close(misas__json_writer *writer, char bracket, bool is_empty);

void misas__json_write_string(misas__json_writer *writer, const char *string);
void misas__json_write_name(misas__json_writer *writer, const char *name);

misas_error *misas__json_unencodable(const misas__json_writer *writer,
                                     const misas__json_place *place, const char *reason);

/** A value of any type but a message. */
void misas__json_write_scalar(misas__json_writer *writer, const ProtobufCFieldDescriptor *field,
                              const void *value);

/** The shortest text that reads back as the same number; quoted when it is not finite. */
void misas__json_write_double(misas__json_writer *writer, double value);
void misas__json_write_float(misas__json_writer *writer, float value);

void misas__json_write_base64(misas__json_writer *writer, const ProtobufCBinaryData *bytes);

/** A message, in its own form if it has one. */
misas_error *misas__json_write_message(misas__json_writer *writer, const misas_type *type,
                                       const ProtobufCMessage *message,
                                       const misas__json_place *place);

/** The field at this index: one value, a list or a map. The field has presence, or is written
 * whatever it holds. */
misas_error *misas__json_write_field(misas__json_writer *writer, const misas_type *type,
                                     size_t index, const ProtobufCMessage *message,
                                     const misas__json_place *place);

misas_error *misas__json_write_map(misas__json_writer *writer, const misas_type *entry_type,
                                   const ProtobufCFieldDescriptor *field,
                                   const ProtobufCMessage *message, const misas__json_place *place);

#endif
