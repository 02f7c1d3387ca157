/** Lines of a file descriptor, until it ends or somebody wants to stop. */
#ifndef FLIGHTS_FEEDER_LINES_H
#define FLIGHTS_FEEDER_LINES_H

#include <misas/misas.h>

/** A line is longer than 1 MiB, or reading fails. */
#define FLIGHTS_ERROR_INPUT "flights.feeder.input"

typedef struct lines {
    int file;
    int stop_pipe[2]; /* readable: somebody wants to stop */
    char *bytes;
    size_t capacity;
    size_t begin; /* of what was not given yet */
    size_t end;
} lines;

/** `file` stays the caller's. */
misas_error *lines_begin(lines *out, int file);
void lines_end(lines *self);

/** The next line, without its end, which lives until the next call; NULL: there is none any more.
 * Waits at most `timeout_ms` (-1: for ever): then `*out` is an empty line. */
misas_error *lines_next(const char **out, size_t *out_size, lines *self, int timeout_ms);

/** Makes lines_next give NULL from now on; any thread. */
void lines_stop(lines *self);

#endif
