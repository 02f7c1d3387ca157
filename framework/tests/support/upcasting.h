/** A store in memory that upcasts, for tests of upcasters. */
#ifndef MISAS_TESTS_UPCASTING_H
#define MISAS_TESTS_UPCASTING_H

#include "misas/event_store.h"
#include "support/test.h"

typedef struct upcasting {
    misas_upcasters *upcasters;
    misas_event_store *store;
    misas_event_reader *reader;
} upcasting;

/** A list of steps, with its end. */
#define STEPS(...) ((const misas_upcast_step[]){__VA_ARGS__, {.kind = MISAS_STEP_END}})

/** With an array of upcasters, which are without mistakes. */
#define UPCASTING_OPEN(upcasters) \
    upcasting_open((upcasters), sizeof(upcasters) / sizeof((upcasters)[0]))

upcasting upcasting_open(const misas_upcaster *upcasters, size_t count);
void upcasting_close(upcasting *made);

/** Appends to the stream account-1, with a payload as wire_from_text has it. */
void upcasting_append(upcasting *to, const char *type, uint32_t type_version, const char *text);
void upcasting_append_bytes(upcasting *to, const char *type, uint32_t type_version,
                            const void *bytes, size_t size);

/** The next of all events. */
misas_error *upcasting_try_next(const misas_event **out, upcasting *from);

/** Fails unless there is a next event, of this type and version; it lives until the next call. */
const misas_event *upcasting_assert_next(upcasting *from, const char *type, uint32_t type_version);

void upcasting_assert_end(upcasting *from);

/** Fails unless the next read fails, for the reason of an error of this type. */
void upcasting_assert_fails(upcasting *from, const char *cause_type);

/** Fails unless these are the types and versions read, in order: "a.B/2 a.C/1". */
void upcasting_assert_types_read(upcasting *from, const misas_read_options *options,
                                 const char *expected);

/** The payload as wire_from_text has it. */
void upcasting_assert_payload(const misas_event *event, const char *text);

#endif
