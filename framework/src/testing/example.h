/** Private: messages of scenarios, made of examples, and compared. */
#ifndef MISAS_SRC_TESTING_EXAMPLE_H
#define MISAS_SRC_TESTING_EXAMPLE_H

#include "misas/testing.h"
#include "text/text.h"

/** The name of its type. */
const char *misas__example_name(const misas_example *example);

/** Packs it; `*out` is freed with free(). Errors: those of misas_message_encode. */
misas_error *misas__example_pack(void **out, size_t *out_size, const misas_example *example);

/** Makes the message, freed with misas_message_free. Errors: as above. */
misas_error *misas__example_message(ProtobufCMessage **out, const misas_example *example);

/** A message that was found, as it was packed. */
typedef struct misas__found_message {
    const char *type;
    uint32_t type_version;
    const void *payload;
    size_t payload_size;
} misas__found_message;

/** Appends to `text` what is different, value by value; nothing if nothing is. `*out_count` is the
 * number of differences. Errors: those of decoding. */
misas_error *misas__example_compare(size_t *out_count, misas__text *text,
                                    const misas_example *expected,
                                    const misas__found_message *found);

/** Appends the type's name, and the example as JSON. Errors: those of misas_message_encode. */
misas_error *misas__example_describe(misas__text *text, const misas_example *example);

#endif
