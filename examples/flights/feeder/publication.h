/** A line of what is published: a command, as a CloudEvent in JSON, or only the time. */
#ifndef FLIGHTS_FEEDER_PUBLICATION_H
#define FLIGHTS_FEEDER_PUBLICATION_H

#include <misas/misas.h>

/** A line is neither; data: "line" (its beginning), "reason". Tagged validation. */
#define FLIGHTS_ERROR_NOT_UNDERSTOOD "flights.feeder.not_understood"

typedef struct publication {
    int64_t time_us;        /* of the data */
    int64_t until_us;       /* when it will end; 0: not said */
    const misas_type *type; /* NULL: only the time */
    ProtobufCMessage *message;
    char *id;
    char *source;
} publication;

/** Reads a line; `types` has the commands that may come. */
misas_error *publication_read(publication *out, const misas_type_registry *types, const char *line,
                              size_t size);

/** Accepts one that was not read. */
void publication_free(publication *self);

#endif
