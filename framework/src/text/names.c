#include "text/names.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

size_t misas__names_count(const char *const *names)
{
    size_t count = 0;

    while (names != NULL && names[count] != NULL) {
        count++;
    }
    return count;
}

const char **misas__names_copy(const char *const *names)
{
    size_t count = misas__names_count(names);
    size_t size = (count + 1) * sizeof(char *);

    for (size_t i = 0; i < count; i++) {
        size += strlen(names[i]) + 1;
    }
    const char **copy = names != NULL ? malloc(size) : NULL;
    if (copy == NULL) {
        return NULL;
    }
    char *cursor = (char *)(copy + count + 1);

    for (size_t i = 0; i < count; i++) {
        copy[i] = strcpy(cursor, names[i]);
        cursor += strlen(names[i]) + 1;
    }
    copy[count] = NULL;
    return copy;
}

bool misas__names_contain(const char *const *names, const char *name)
{
    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

bool misas__names_pass(const char *const *selected, const char *const *excluded, const char *name)
{
    return (selected == NULL || misas__names_contain(selected, name)) &&
           !misas__names_contain(excluded, name);
}

static bool is_control_or_quote(unsigned char byte)
{
    return byte < 0x20 || byte == 0x7F || byte == '\'' || byte == '"' || byte == '`';
}

const char *misas__name_problem(const char *name, size_t max_bytes)
{
    if (name == NULL || name[0] == '\0') {
        return "it must not be empty";
    }
    size_t size = strlen(name);

    if (size > max_bytes) {
        return "it is too long";
    }
    if (!misas__utf8_is_valid(name, size)) {
        return "it must be UTF-8";
    }
    for (size_t i = 0; i < size; i++) {
        if (is_control_or_quote((unsigned char)name[i])) {
            return "it must have no control characters and no quotes";
        }
    }
    return NULL;
}
