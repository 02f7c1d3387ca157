/** The documents of the statistics, as messages: what was read, changed, and will be written. */
#ifndef FLIGHTS_STATISTICS_RECORDS_H
#define FLIGHTS_STATISTICS_RECORDS_H

#include <misas/misas.h>

#include "flights/statistics/statistics.misas.h"

typedef Flights__Statistics__V1__Airport airport_record;
typedef Flights__Statistics__V1__Carrier carrier_record;
typedef Flights__Statistics__V1__Movement movement_record;

/** Those at hand of one collection; all belong to it. */
typedef struct record_shelf {
    const char *collection;
    const misas_type *type; /* its first field is the code, the id of the document */
    ProtobufCMessage **items;
    size_t count;
} record_shelf;

typedef struct records {
    misas_documents *documents;
    record_shelf airports;
    record_shelf carriers;
} records;

/** None at hand. `documents` must outlive them. */
void records_begin(records *out, misas_documents *documents);
void records_end(records *self);

/** The record of this code: at hand, or read, or new. Belongs to the records. */
misas_error *records_airport(airport_record **out, records *self, const char *code);
misas_error *records_carrier(carrier_record **out, records *self, const char *code);

/** Reads all, by their codes. */
misas_error *records_read_all(records *self);

/** Writes those at hand. */
misas_error *records_write(records *self);

#endif
