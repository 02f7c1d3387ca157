#include <ctype.h>
#include <string.h>

#include "plugin.h"

static void append_character(misas__text *text, int character)
{
    char byte = (char)character;

    misas__text_append(text, &byte, 1);
}

/* As protobuf-c: an underscore before a capital letter that does not follow another. */
static void append_snake_case(misas__text *text, const char *full_name, const char *separator)
{
    bool was_upper = true;

    for (const char *at = full_name; *at != '\0'; at++) {
        bool is_upper = isupper((unsigned char)*at) != 0;

        if (*at == '.') {
            misas__text_append_string(text, separator);
            was_upper = true;
            continue;
        }
        if (is_upper && !was_upper) {
            append_character(text, '_');
        }
        append_character(text, tolower((unsigned char)*at));
        was_upper = is_upper;
    }
}

char *name_of_prefix(const char *full_name)
{
    misas__text text = {0};

    append_snake_case(&text, full_name, "_");
    return finish(&text);
}

char *name_of_macro(const char *full_name)
{
    char *name = name_of_prefix(full_name);

    for (char *at = name; *at != '\0'; at++) {
        *at = (char)toupper((unsigned char)*at);
    }
    return name;
}

char *name_of_descriptor(const char *full_name)
{
    misas__text text = {0};

    append_snake_case(&text, full_name, "__");
    misas__text_append_string(&text, "__descriptor");
    return finish(&text);
}

/* As protobuf-c: no underscores within a part of the name, a capital letter after each. */
char *name_of_c_type(const char *full_name)
{
    misas__text text = {0};
    bool is_first = true;

    for (const char *at = full_name; *at != '\0'; at++) {
        if (*at == '.') {
            misas__text_append_string(&text, "__");
        } else if (*at != '_') {
            append_character(&text, is_first ? toupper((unsigned char)*at) : *at);
        }
        is_first = *at == '.' || *at == '_';
    }
    return finish(&text);
}

static size_t length_without_ending(const char *file)
{
    size_t length = strlen(file);
    size_t ending = strlen(".proto");

    return length > ending && strcmp(file + length - ending, ".proto") == 0 ? length - ending
                                                                            : length;
}

char *name_of_file(const char *file, const char *ending)
{
    misas__text text = {0};

    misas__text_append(&text, file, length_without_ending(file));
    misas__text_append_string(&text, ending);
    return finish(&text);
}

char *name_of_schema(const char *file)
{
    misas__text text = {0};
    size_t length = length_without_ending(file);

    if (isdigit((unsigned char)file[0])) {
        append_character(&text, '_');
    }
    for (size_t i = 0; i < length; i++) {
        append_character(&text, isalnum((unsigned char)file[i]) ? file[i] : '_');
    }
    misas__text_append_string(&text, "_schema");
    return finish(&text);
}

void append_c_string(misas__text *text, const char *string)
{
    if (string == NULL) {
        misas__text_append_string(text, "NULL");
        return;
    }
    append_character(text, '"');
    for (const char *at = string; *at != '\0'; at++) {
        /* A question mark could begin a trigraph. */
        if (isalnum((unsigned char)*at) || strchr(" _.,:;/-+*()[]{}<>=!#$%&'@^`|~", *at) != NULL) {
            append_character(text, *at);
        } else {
            misas__text_append_format(text, "\\%03o", (unsigned)(unsigned char)*at);
        }
    }
    append_character(text, '"');
}
