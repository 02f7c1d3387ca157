/** Private: names, and lists of them that end with NULL. */
#ifndef MISAS_SRC_EVENTSTORE_NAMES_H
#define MISAS_SRC_EVENTSTORE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/** How many there are; 0 for NULL. */
size_t misas__names_count(const char *const *names);

/** A copy in one allocation, freed with free(). NULL when there is no memory, or `names` is NULL.
 */
const char **misas__names_copy(const char *const *names);

bool misas__names_contain(const char *const *names, const char *name);

/** Whether a filter of selected or excluded names (NULL: none) lets `name` pass. */
bool misas__names_pass(const char *const *selected, const char *const *excluded, const char *name);

/** NULL, or what is wrong with a name: empty, too long, not UTF-8, with a control character or a
 * quote. */
const char *misas__name_problem(const char *name, size_t max_bytes);

/** NULL, or what is wrong with a line of text: empty, too long, not UTF-8, with a control
 * character. */
const char *misas__line_problem(const char *line, size_t max_bytes);

/** NULL, or what is wrong with a protobuf full name: identifiers joined by dots. */
const char *misas__type_problem(const char *type, size_t max_bytes);

#endif
