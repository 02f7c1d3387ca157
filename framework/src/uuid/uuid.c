#include "misas/uuid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "text/text.h"

static const size_t group_ends[] = {4, 6, 8, 10, 16};

static void fill_randomly(uint8_t *bytes, size_t size)
{
    ssize_t got;

    do {
        got = getrandom(bytes, size, 0);
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)size) {
        fprintf(stderr, "misas: the kernel has no randomness to make a UUID of\n");
        abort();
    }
}

/* Milliseconds in the upper 48 of 60 bits, and the 4096ths of a millisecond in the lower 12. */
static uint64_t read_ticks(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec < 0) {
        return 0;
    }
    uint64_t milliseconds = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;

    return milliseconds << 12 | ((uint64_t)now.tv_nsec % 1000000 * 4096 / 1000000);
}

/* A thread that is faster than the clock, or whose clock was set back, counts on from its last. */
static uint64_t next_ticks(void)
{
    static _Thread_local uint64_t last;
    uint64_t now = read_ticks();

    last = now > last ? now : last + 1;
    return last;
}

misas_uuid misas_uuid_new_v7(void)
{
    misas_uuid uuid;
    uint64_t ticks = next_ticks();
    uint64_t milliseconds = ticks >> 12;

    for (size_t i = 0; i < 6; i++) {
        uuid.bytes[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
    }
    uuid.bytes[6] = (uint8_t)(0x70 | (ticks >> 8 & 0x0F));
    uuid.bytes[7] = (uint8_t)ticks;
    fill_randomly(uuid.bytes + 8, 8);
    uuid.bytes[8] = (uint8_t)(0x80 | (uuid.bytes[8] & 0x3F));
    return uuid;
}

bool misas_uuid_is_none(misas_uuid uuid)
{
    return misas_uuid_equal(uuid, (misas_uuid){{0}});
}

bool misas_uuid_equal(misas_uuid left, misas_uuid right)
{
    return memcmp(left.bytes, right.bytes, sizeof left.bytes) == 0;
}

const char *misas_uuid_write(char buffer[MISAS_UUID_TEXT_SIZE], misas_uuid uuid)
{
    static const char digits[] = "0123456789abcdef";
    char *cursor = buffer;
    size_t i = 0;

    for (size_t group = 0; group < 5; group++) {
        if (group > 0) {
            *cursor++ = '-';
        }
        for (; i < group_ends[group]; i++) {
            *cursor++ = digits[uuid.bytes[i] >> 4];
            *cursor++ = digits[uuid.bytes[i] & 0x0F];
        }
    }
    *cursor = '\0';
    return buffer;
}

/* -1 when it is none. */
static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static bool parse(misas_uuid *out, const char *text)
{
    size_t i = 0;

    for (size_t group = 0; group < 5; group++) {
        if (group > 0 && *text++ != '-') {
            return false;
        }
        for (; i < group_ends[group]; i++) {
            int high = digit_value(text[0]);
            int low = high < 0 ? -1 : digit_value(text[1]);

            if (low < 0) {
                return false;
            }
            out->bytes[i] = (uint8_t)(high << 4 | low);
            text += 2;
        }
    }
    return *text == '\0';
}

misas_error *misas_uuid_parse(misas_uuid *out, const char *text)
{
    misas_uuid uuid;

    if (parse(&uuid, text)) {
        *out = uuid;
        return NULL;
    }
    char quoted[MISAS__QUOTED_SIZE];

    return misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_UUID_INVALID,
                               .data = (misas_field[]){{"value", text}, {NULL, NULL}},
                               .tags = MISAS_TAG_VALIDATION},
        "%s is not a UUID: expected 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12, joined by"
        " hyphens",
        misas__text_quote(quoted, text));
}
