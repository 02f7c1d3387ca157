#include "misas/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/text.h"

enum { file_max_bytes = 64 * 1024 };

struct misas_secret {
    char redacted[sizeof MISAS_REDACTED]; /* first, for whoever prints the object as a text */
    atomic_size_t owners;
    size_t size; /* of the value, with its NUL */
    char value[];
};

static misas_error *new_secret(misas_secret **out, const char *value, size_t length)
{
    misas_secret *secret = malloc(sizeof *secret + length + 1);

    if (secret == NULL) {
        return misas_error_out_of_memory();
    }
    memcpy(secret->redacted, MISAS_REDACTED, sizeof secret->redacted);
    atomic_init(&secret->owners, 1);
    secret->size = length + 1;
    memcpy(secret->value, value, length);
    secret->value[length] = '\0';
    *out = secret;
    return NULL;
}

misas_error *misas_secret_new(misas_secret **out, const char *value)
{
    return new_secret(out, value, strlen(value));
}

static misas_error *unreadable(const char *path, const char *reason)
{
    char quoted[MISAS__QUOTED_SIZE];

    return misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_SECRET_UNREADABLE,
                               .data = (misas_field[]){{"path", path}, {NULL, NULL}},
                               .tags = MISAS_TAG_VALIDATION},
        "can't read a secret from %s: %s", misas__text_quote(quoted, path), reason);
}

static misas_error *unreadable_for_system(const char *path, int number)
{
    char reason[128] = "";

    if (strerror_r(number, reason, sizeof reason) != 0) {
        return unreadable(path, "the system refuses");
    }
    return unreadable(path, reason);
}

/* Reads up to `size` bytes; stays clear of stdio, whose buffers nobody overwrites. Returns 0 or the
 * number of the system's error. */
static int read_file(char *buffer, size_t size, size_t *out_length, const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int number = file < 0 ? errno : 0;
    size_t length = 0;

    while (number == 0 && length < size) {
        ssize_t got = read(file, buffer + length, size - length);

        if (got == 0) {
            break;
        }
        if (got > 0) {
            length += (size_t)got;
        } else if (errno != EINTR) {
            number = errno;
        }
    }
    if (file >= 0) {
        close(file);
    }
    *out_length = length;
    return number;
}

static misas_error *new_from_content(misas_secret **out, const char *path, const char *content,
                                     size_t length)
{
    if (length > file_max_bytes) {
        return unreadable(path, "expected at most 64 KiB");
    }
    if (memchr(content, '\0', length) != NULL) {
        return unreadable(path, "expected a text, but there is a NUL in it");
    }
    if (length > 0 && content[length - 1] == '\n') {
        length--;
    }
    return new_secret(out, content, length);
}

misas_error *misas_secret_new_from_file(misas_secret **out, const char *path)
{
    const size_t size = file_max_bytes + 1;
    char *content = malloc(size);

    if (content == NULL) {
        return misas_error_out_of_memory();
    }
    size_t length = 0;
    int number = read_file(content, size, &length, path);
    misas_error *error = number != 0 ? unreadable_for_system(path, number)
                                     : new_from_content(out, path, content, length);

    explicit_bzero(content, size);
    free(content);
    return error;
}

misas_error *misas_secret_copy(misas_secret **out, const misas_secret *secret)
{
    /* Only the count of owners changes, and every secret lies on the heap. */
    misas_secret *shared = (misas_secret *)(uintptr_t)secret;

    if (shared != NULL) {
        atomic_fetch_add(&shared->owners, 1);
    }
    *out = shared;
    return NULL;
}

void misas_secret_free(misas_secret *secret)
{
    if (secret != NULL && atomic_fetch_sub(&secret->owners, 1) == 1) {
        explicit_bzero(secret->value, secret->size);
        free(secret);
    }
}

const char *misas_secret_text(const misas_secret *secret)
{
    (void)secret;
    return MISAS_REDACTED;
}

const char *misas_secret_reveal(const misas_secret *secret)
{
    return secret != NULL ? secret->value : NULL;
}
