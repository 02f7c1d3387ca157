#include "json/place.h"

#include <stdlib.h>
#include <string.h>

misas__json_place misas__json_field_place(const misas__json_place *parent, const char *name)
{
    return (misas__json_place){.parent = parent, .step = MISAS__JSON_FIELD, .name = name};
}

misas__json_place misas__json_element_place(const misas__json_place *parent, size_t index)
{
    return (misas__json_place){.parent = parent, .step = MISAS__JSON_ELEMENT, .index = index};
}

misas__json_place misas__json_key_place(const misas__json_place *parent, const char *key)
{
    return (misas__json_place){.parent = parent, .step = MISAS__JSON_KEY, .name = key};
}

static void append_step(misas__text *text, const misas__json_place *place)
{
    char quoted[MISAS__QUOTED_SIZE];

    switch (place->step) {
    case MISAS__JSON_ROOT:
        break;
    case MISAS__JSON_FIELD:
        misas__text_append_string(text, text->size > 0 ? "." : "");
        misas__text_append_string(text, place->name);
        break;
    case MISAS__JSON_ELEMENT:
        misas__text_append_format(text, "[%zu]", place->index);
        break;
    case MISAS__JSON_KEY:
        misas__text_append_format(text, "[%s]", misas__text_quote(quoted, place->name));
        break;
    }
}

/* Recursive, as deep as the place is. */
static void append_place(misas__text *text, const misas__json_place *place)
{
    if (place->parent != NULL) {
        append_place(text, place->parent);
    }
    append_step(text, place);
}

misas_error *misas__json_write_place(char **out, const misas__json_place *place)
{
    misas__text text = {0};

    append_place(&text, place);
    return misas__text_finish(out, NULL, &text);
}
