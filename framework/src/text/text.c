#include "text/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(misas__text *text, size_t more)
{
    if (text->failed || more > SIZE_MAX / 2 - text->size - 1) {
        text->failed = true;
        return false;
    }
    size_t needed = text->size + more + 1;
    size_t capacity = text->capacity > 0 ? text->capacity : 64;

    if (needed <= text->capacity) {
        return true;
    }
    while (capacity < needed) {
        capacity *= 2;
    }
    char *bytes = realloc(text->bytes, capacity);
    if (bytes == NULL) {
        text->failed = true;
        return false;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

void misas__text_append(misas__text *text, const char *bytes, size_t size)
{
    if (size > 0 && reserve(text, size)) {
        memcpy(text->bytes + text->size, bytes, size);
        text->size += size;
        text->bytes[text->size] = '\0';
    }
}

void misas__text_append_string(misas__text *text, const char *string)
{
    misas__text_append(text, string, strlen(string));
}

void misas__text_append_format(misas__text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);

    if (size < 0 || !reserve(text, (size_t)size)) {
        text->failed = true;
        return;
    }
    va_start(arguments, format);
    vsnprintf(text->bytes + text->size, (size_t)size + 1, format, arguments);
    va_end(arguments);
    text->size += (size_t)size;
}

misas_error *misas__text_finish(char **out, size_t *out_size, misas__text *text)
{
    if (!reserve(text, 0)) {
        misas__text_free(text);
        return misas_error_out_of_memory();
    }
    text->bytes[text->size] = '\0';
    *out = text->bytes;
    if (out_size != NULL) {
        *out_size = text->size;
    }
    *text = (misas__text){0};
    return NULL;
}

void misas__text_free(misas__text *text)
{
    free(text->bytes);
    *text = (misas__text){0};
}
