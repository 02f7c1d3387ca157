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

static const char *text_problem(const char *text, size_t max_bytes)
{
    if (text == NULL || text[0] == '\0') {
        return "it must not be empty";
    }
    size_t size = strlen(text);

    if (size > max_bytes) {
        return "it is too long";
    }
    return misas__utf8_is_valid(text, size) ? NULL : "it must be UTF-8";
}

const char *misas__name_problem(const char *name, size_t max_bytes)
{
    const char *problem = text_problem(name, max_bytes);

    for (const char *at = name; problem == NULL && *at != '\0'; at++) {
        if (is_control_or_quote((unsigned char)*at)) {
            problem = "it must have no control characters and no quotes";
        }
    }
    return problem;
}

/* Of valid UTF-8: C0, DEL and C1. */
static bool is_control(const unsigned char *at)
{
    return at[0] < 0x20 || at[0] == 0x7F || (at[0] == 0xC2 && at[1] < 0xA0);
}

const char *misas__line_problem(const char *line, size_t max_bytes)
{
    const char *problem = text_problem(line, max_bytes);

    for (const char *at = line; problem == NULL && *at != '\0'; at++) {
        if (is_control((const unsigned char *)at)) {
            problem = "it must have no control characters";
        }
    }
    return problem;
}

const char *misas__type_problem(const char *type, size_t max_bytes)
{
    const char *problem = misas__name_problem(type, max_bytes);

    if (problem != NULL) {
        return problem;
    }
    bool at_start = true;
    for (const char *at = type; *at != '\0'; at++) {
        bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_';
        bool is_digit = *at >= '0' && *at <= '9';

        if (!is_letter && (at_start || (!is_digit && *at != '.'))) {
            return "it must be the full name of a protobuf message, as in bank.v1.Deposited";
        }
        at_start = *at == '.';
    }
    return at_start ? "it must not end with a dot" : NULL;
}
