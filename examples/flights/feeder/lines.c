#include "flights/feeder/lines.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { max_line_bytes = 1 << 20 };

static misas_error *input_error(const char *what, int number)
{
    return misas_error_new_format(&(misas_error_options){.type_name = FLIGHTS_ERROR_INPUT}, "%s%s",
                                  what, number != 0 ? strerror(number) : "");
}

misas_error *lines_begin(lines *out, int file, const misas_stop *stop)
{
    *out = (lines){.file = file, .stop = stop, .capacity = (size_t)max_line_bytes};
    out->bytes = malloc(out->capacity);
    return out->bytes != NULL ? NULL : misas_error_out_of_memory();
}

void lines_end(lines *self)
{
    free(self->bytes);
}

/* What is there of a line, put where there is room for the rest of it. */
static void make_room(lines *self)
{
    memmove(self->bytes, self->bytes + self->begin, self->end - self->begin);
    self->end -= self->begin;
    self->begin = 0;
}

static misas_error *read_more(bool *out_has_ended, lines *self)
{
    ssize_t size = read(self->file, self->bytes + self->end, self->capacity - self->end);

    if (size < 0 && errno != EINTR && errno != EAGAIN) {
        return input_error("can't read: ", errno);
    }
    *out_has_ended = size == 0;
    self->end += size > 0 ? (size_t)size : 0;
    return NULL;
}

static misas_error *wait_for_more(bool *out_has_ended, lines *self)
{
    struct pollfd polled[] = {{.fd = self->file, .events = POLLIN},
                              {.fd = misas_stop_file(self->stop), .events = POLLIN}};

    make_room(self);
    if (self->end == self->capacity) {
        return input_error("a line is longer than 1 MiB", 0);
    }
    if (poll(polled, 2, -1) < 0) {
        return errno != EINTR ? input_error("can't wait: ", errno) : NULL;
    }
    *out_has_ended = polled[1].revents != 0;
    return *out_has_ended ? NULL : read_more(out_has_ended, self);
}

misas_error *lines_next(const char **out, size_t *out_size, lines *self)
{
    char *line_end = memchr(self->bytes + self->begin, '\n', self->end - self->begin);
    bool has_ended = false;

    *out = NULL;
    *out_size = 0;
    while (line_end == NULL && !has_ended) {
        misas_error *error = wait_for_more(&has_ended, self);

        if (error != NULL) {
            return error;
        }
        line_end = memchr(self->bytes + self->begin, '\n', self->end - self->begin);
    }
    if (line_end != NULL) {
        *line_end = '\0';
        *out = self->bytes + self->begin;
        *out_size = (size_t)(line_end - *out);
        self->begin += *out_size + 1;
    }
    return NULL;
}
