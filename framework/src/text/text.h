/** Private: text that grows, and UTF-8. */
#ifndef MISAS_SRC_TEXT_H
#define MISAS_SRC_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "misas/error.h"

/** Starts zeroed: `misas__text text = {0};`. Keeps its first failure and reports it at the end. */
typedef struct misas__text {
    char *bytes;
    size_t size; /* without the closing NUL */
    size_t capacity;
    bool failed;
} misas__text;

void misas__text_append(misas__text *text, const char *bytes, size_t size);
void misas__text_append_string(misas__text *text, const char *string);
void misas__text_append_format(misas__text *text, const char *format, ...) MISAS_PRINTF_LIKE(2, 3);

/** Appends a JSON string with its quotes: controls, quote, backslash, U+2028 and U+2029 escaped,
 * each broken byte as U+FFFD. */
void misas__text_append_json_string(misas__text *text, const char *bytes, size_t size);

#define MISAS__QUOTED_SIZE 100

/** A text as the message of an error shows it: quoted and escaped as a JSON string, and cut with an
 * ellipsis where it is long, so that the message stays one line. Needs no memory; returns `buffer`.
 */
const char *misas__text_quote(char buffer[MISAS__QUOTED_SIZE], const char *string);

/** Hands over the bytes, NUL-terminated (free them with free()), and resets; out of memory if any
 * append failed. */
misas_error *misas__text_finish(char **out, size_t *out_size, misas__text *text);

void misas__text_free(misas__text *text);

/** The length of the longest prefix that is valid UTF-8 (RFC 3629: no surrogates, no overlong
 * forms). */
size_t misas__utf8_valid_prefix(const char *bytes, size_t size);
bool misas__utf8_is_valid(const char *bytes, size_t size);

#define MISAS__UTF8_REPAIRED_FACTOR 3 /* U+FFFD has three bytes */

/** Copies with each broken byte as U+FFFD, and with a closing NUL: `out` has room for
 * MISAS__UTF8_REPAIRED_FACTOR * size + 1. Returns the size without the NUL. */
size_t misas__utf8_repair(char *out, const char *bytes, size_t size);

#endif
