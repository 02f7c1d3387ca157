#include "memory/copy.h"

#include <string.h>

size_t misas__size_of_text(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

const void *misas__copy_bytes(char **cursor, const void *bytes, size_t size)
{
    char *copy = *cursor;

    if (bytes == NULL) {
        return NULL;
    }
    memcpy(copy, bytes, size);
    *cursor += size;
    return copy;
}

const char *misas__copy_text(char **cursor, const char *text)
{
    return misas__copy_bytes(cursor, text, misas__size_of_text(text));
}
