/** Lines of a file descriptor, until it ends or the reader is to stop. */
#ifndef FLIGHTS_FEEDER_LINES_H
#define FLIGHTS_FEEDER_LINES_H

#include <misas/misas.h>

/** A line is longer than 1 MiB, or reading fails. */
#define FLIGHTS_ERROR_INPUT "flights.feeder.input"

typedef struct lines {
    int file;
    const misas_stop *stop;
    char *bytes;
    size_t capacity;
    size_t begin; /* of what was not given yet */
    size_t end;
} lines;

/** `file` stays the caller's; it and `stop` must outlive the lines. */
misas_error *lines_begin(lines *out, int file, const misas_stop *stop);
void lines_end(lines *self);

/** The next line, without its end, which lives until the next call; NULL: there is none any more.
 * Waits for it until it is to stop. */
misas_error *lines_next(const char **out, size_t *out_size, lines *self);

#endif
