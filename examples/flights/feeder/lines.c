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

misas_error *lines_begin(lines *out, int file)
{
    *out = (lines){.file = file, .stop_pipe = {-1, -1}, .capacity = (size_t)max_line_bytes};
    out->bytes = malloc(out->capacity);
    if (out->bytes == NULL) {
        return misas_error_out_of_memory();
    }
    return pipe(out->stop_pipe) == 0 ? NULL : input_error("no pipe: ", errno);
}

void lines_end(lines *self)
{
    free(self->bytes);
    for (int i = 0; i < 2; i++) {
        if (self->stop_pipe[i] >= 0) {
            close(self->stop_pipe[i]);
        }
    }
}

void lines_stop(lines *self)
{
    ssize_t written = write(self->stop_pipe[1], "", 1);

    (void)written; /* it is readable already, if this does not fit */
}

/* What is there of a line, put where there is room for the rest of it. */
static void make_room(lines *self)
{
    memmove(self->bytes, self->bytes + self->begin, self->end - self->begin);
    self->end -= self->begin;
    self->begin = 0;
}

typedef enum more { MORE_CAME, MORE_LATER, MORE_NEVER } more;

static misas_error *read_more(more *out, lines *self)
{
    ssize_t size = read(self->file, self->bytes + self->end, self->capacity - self->end);

    if (size < 0 && errno != EINTR && errno != EAGAIN) {
        return input_error("can't read: ", errno);
    }
    *out = size == 0 ? MORE_NEVER : MORE_CAME;
    self->end += size > 0 ? (size_t)size : 0;
    return NULL;
}

static misas_error *wait_for_more(more *out, lines *self, int timeout_ms)
{
    struct pollfd polled[] = {{.fd = self->file, .events = POLLIN},
                              {.fd = self->stop_pipe[0], .events = POLLIN}};
    int ready = 0;

    make_room(self);
    if (self->end == self->capacity) {
        return input_error("a line is longer than 1 MiB", 0);
    }
    ready = poll(polled, 2, timeout_ms);
    *out = polled[1].revents != 0 ? MORE_NEVER : MORE_LATER;
    if (ready <= 0 || polled[1].revents != 0) {
        return ready < 0 && errno != EINTR ? input_error("can't wait: ", errno) : NULL;
    }
    return read_more(out, self);
}

misas_error *lines_next(const char **out, size_t *out_size, lines *self, int timeout_ms)
{
    const char *line_end = NULL;
    more came = MORE_CAME;

    *out = NULL;
    for (;;) {
        line_end = memchr(self->bytes + self->begin, '\n', self->end - self->begin);
        if (line_end != NULL || came != MORE_CAME) {
            break;
        }
        misas_error *error = wait_for_more(&came, self, timeout_ms);

        if (error != NULL) {
            return error;
        }
    }
    if (line_end == NULL) {
        *out = came == MORE_LATER ? "" : NULL;
        *out_size = 0;
        return NULL;
    }
    *out = self->bytes + self->begin;
    *out_size = (size_t)(line_end - *out);
    self->begin += *out_size + 1;
    self->bytes[self->begin - 1] = '\0';
    return NULL;
}
