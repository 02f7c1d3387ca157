#include "json/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void misas__base64_append(misas__text *text, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        char characters[4] = {
            alphabet[group >> 18],
            alphabet[group >> 12 & 63],
            left > 1 ? alphabet[group >> 6 & 63] : '=',
            left > 2 ? alphabet[group & 63] : '=',
        };

        misas__text_append(text, characters, sizeof characters);
    }
}

size_t misas__base64_max_size(size_t length)
{
    return length / 4 * 3 + 3;
}

/* 0 to 63, or -1. */
static int digit_of(char character)
{
    if (character >= 'A' && character <= 'Z') {
        return character - 'A';
    }
    if (character >= 'a' && character <= 'z') {
        return character - 'a' + 26;
    }
    if (character >= '0' && character <= '9') {
        return character - '0' + 52;
    }
    if (character == '+' || character == '-') {
        return 62;
    }
    return character == '/' || character == '_' ? 63 : -1;
}

/* Without padding; the same length when its padding is wrong, which no digit then matches. */
static size_t length_without_padding(const char *text, size_t length)
{
    size_t padding = 0;

    while (padding < 2 && padding < length && text[length - padding - 1] == '=') {
        padding++;
    }
    return length % 4 == 0 ? length - padding : length;
}

bool misas__base64_decode(uint8_t *out, size_t *out_size, const char *text, size_t length)
{
    uint32_t bits = 0;
    int bit_count = 0;
    size_t size = 0;

    length = length_without_padding(text, length);
    if (length % 4 == 1) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        int digit = digit_of(text[i]);

        if (digit < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)digit;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            out[size++] = (uint8_t)(bits >> bit_count);
        }
    }
    *out_size = size;
    return true;
}
