/** Private: whether protobuf-c can pack a message without crashing or writing what nobody can
 * read. */
#ifndef MISAS_SRC_SCHEMA_ENCODABLE_H
#define MISAS_SRC_SCHEMA_ENCODABLE_H

#include "misas/schema.h"

/** Errors: MISAS_ERROR_UNENCODABLE. */
misas_error *misas__check_encodable(const ProtobufCMessageDescriptor *descriptor,
                                    const ProtobufCMessage *message);

/** `field` may be NULL. */
misas_error *misas__unencodable(const ProtobufCMessageDescriptor *descriptor, const char *field,
                                const char *reason);

#endif
