#include <stdlib.h>

#include "eventstore/delivery.h"

struct misas_event_reader {
    misas__delivery delivery;
};

misas_error *misas__event_reader_new(misas_event_reader **out,
                                     const misas__delivery_options *options)
{
    misas_event_reader *reader = malloc(sizeof *reader);
    misas_error *error = reader != NULL ? misas__delivery_start(&reader->delivery, options)
                                        : misas_error_out_of_memory();

    if (error != NULL) {
        free(reader);
        return error;
    }
    *out = reader;
    return NULL;
}

misas_error *misas_event_reader_next(const misas_event **out, misas_event_reader *reader)
{
    return misas__delivery_next(out, &reader->delivery, 0);
}

void misas_event_reader_free(misas_event_reader *reader)
{
    if (reader != NULL) {
        misas__delivery_end(&reader->delivery);
        free(reader);
    }
}
