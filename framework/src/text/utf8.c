#include <string.h>

#include "text/text.h"

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

static void append_escaped(misas__text *text, const unsigned char *at, size_t length)
{
    if (*at == '"' || *at == '\\') {
        misas__text_append_format(text, "\\%c", *at);
    } else if (*at < 0x20 || *at == 0x7F) {
        misas__text_append_format(text, "\\u%04x", *at);
    } else if (length == 3 && at[0] == 0xE2 && at[1] == 0x80 && (at[2] == 0xA8 || at[2] == 0xA9)) {
        misas__text_append_format(text, "\\u%04x", 0x2000U + (at[2] & 0x3FU));
    } else {
        misas__text_append(text, (const char *)at, length);
    }
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

        while (at < end && is_plain(*at)) {
            at++;
        }
        misas__text_append(text, (const char *)plain, (size_t)(at - plain));
        if (at == end) {
            break;
        }
        size_t length = sequence_length(at, (size_t)(end - at));
        if (length == 0) {
            misas__text_append_string(text, "\xEF\xBF\xBD");
            at++;
        } else {
            append_escaped(text, at, length);
            at += length;
        }
    }
    misas__text_append(text, "\"", 1);
}
