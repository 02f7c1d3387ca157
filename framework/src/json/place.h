/** Private: where in a message something is, for errors: lines[2].amount. */
#ifndef MISAS_SRC_JSON_PLACE_H
#define MISAS_SRC_JSON_PLACE_H

#include <stddef.h>

#include "misas/schema.h"
#include "text/text.h"

typedef enum misas__json_step {
    MISAS__JSON_ROOT,
    MISAS__JSON_FIELD,
    MISAS__JSON_ELEMENT,
    MISAS__JSON_KEY
} misas__json_step;

/** Lives on the stack of whoever goes there. */
typedef struct misas__json_place {
    const struct misas__json_place *parent; /* NULL: the whole message */
    misas__json_step step;
    const char *name; /* of a field, or a key of a map */
    size_t index;     /* of an element */
} misas__json_place;

misas__json_place misas__json_field_place(const misas__json_place *parent, const char *name);
misas__json_place misas__json_element_place(const misas__json_place *parent, size_t index);
misas__json_place misas__json_key_place(const misas__json_place *parent, const char *key);

/** `*out` is freed with free(). */
misas_error *misas__json_write_place(char **out, const misas__json_place *place);

#endif
