#include <stdio.h>
#include <string.h>

#include "text/text.h"

enum { escape_size = sizeof "\\u0000" };

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* The length of the UTF-8 sequence at `bytes`, or 0 if there is no valid one (RFC 3629, section 4).
 */
static size_t sequence_length(const unsigned char *bytes, size_t size)
{
    unsigned char lead = bytes[0];
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    size_t length = 0;

    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        low = lead == 0xE0 ? 0xA0 : low;   /* no overlong forms */
        high = lead == 0xED ? 0x9F : high; /* no surrogates */
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        low = lead == 0xF0 ? 0x90 : low;
        high = lead == 0xF4 ? 0x8F : high; /* up to U+10FFFF */
    }
    if (length == 0 || length > size || bytes[1] < low || bytes[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

size_t misas__utf8_valid_prefix(const char *bytes, size_t size)
{
    const unsigned char *at = (const unsigned char *)bytes;
    size_t done = 0;

    while (done < size) {
        size_t length = sequence_length(at + done, size - done);

        if (length == 0) {
            break;
        }
        done += length;
    }
    return done;
}

bool misas__utf8_is_valid(const char *bytes, size_t size)
{
    return misas__utf8_valid_prefix(bytes, size) == size;
}

size_t misas__utf8_repair(char *out, const char *bytes, size_t size)
{
    char *cursor = out;
    size_t done = 0;

    while (done < size) {
        size_t valid = misas__utf8_valid_prefix(bytes + done, size - done);

        memcpy(cursor, bytes + done, valid);
        cursor += valid;
        done += valid;
        if (done < size) {
            memcpy(cursor, replacement, sizeof replacement - 1);
            cursor += sizeof replacement - 1;
            done++;
        }
    }
    *cursor = '\0';
    return (size_t)(cursor - out);
}

/* The letter that stands for a control after a backslash; NUL when there is none. */
static char short_escape(unsigned char control)
{
    switch (control) {
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '"':
    case '\\':
        return (char)control;
    default:
        return '\0';
    }
}

/* Writes the JSON form of the character at `at`, and returns how many bytes it took of `at`. */
static size_t escape(char escaped[escape_size], const unsigned char *at, size_t size)
{
    size_t length = sequence_length(at, size);

    if (length == 0) {
        memcpy(escaped, replacement, sizeof replacement);
        return 1;
    }
    if (short_escape(*at) != '\0') {
        snprintf(escaped, escape_size, "\\%c", short_escape(*at));
    } else if (*at < 0x20 || *at == 0x7F) {
        snprintf(escaped, escape_size, "\\u%04x", *at);
    } else if (length == 2 && at[0] == 0xC2 && at[1] < 0xA0) {
        snprintf(escaped, escape_size, "\\u%04x", at[1]); /* U+0085 ends a line for some */
    } else if (length == 3 && at[0] == 0xE2 && at[1] == 0x80 && (at[2] == 0xA8 || at[2] == 0xA9)) {
        snprintf(escaped, escape_size, "\\u20%02x", at[2] & 0x3FU);
    } else {
        memcpy(escaped, at, length);
        escaped[length] = '\0';
    }
    return length;
}

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
}

void misas__text_append_json_string(misas__text *text, const char *bytes, size_t size)
{
    const unsigned char *at = (const unsigned char *)bytes;
    const unsigned char *end = at + size;

    misas__text_append(text, "\"", 1);
    while (at < end) {
        const unsigned char *plain = at;
        char escaped[escape_size];

        while (at < end && is_plain(*at)) {
            at++;
        }
        misas__text_append(text, (const char *)plain, (size_t)(at - plain));
        if (at < end) {
            at += escape(escaped, at, (size_t)(end - at));
            misas__text_append_string(text, escaped);
        }
    }
    misas__text_append(text, "\"", 1);
}

const char *misas__text_quote(char buffer[MISAS__QUOTED_SIZE], const char *string)
{
    const unsigned char *at = (const unsigned char *)string;
    size_t left = strlen(string);
    char *cursor = buffer;
    const char *end = buffer + MISAS__QUOTED_SIZE - sizeof "\xE2\x80\xA6\"";

    *cursor++ = '"';
    while (left > 0) {
        char escaped[escape_size];
        size_t taken = escape(escaped, at, left);
        size_t length = strlen(escaped);

        if (length > (size_t)(end - cursor)) {
            memcpy(cursor, "\xE2\x80\xA6", 3);
            cursor += 3;
            break;
        }
        memcpy(cursor, escaped, length);
        cursor += length;
        at += taken;
        left -= taken;
    }
    memcpy(cursor, "\"", 2);
    return buffer;
}
