/** What fuzz targets share. */
#ifndef MISAS_TESTS_FUZZ_H
#define MISAS_TESTS_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/struct.misas.h"
#include "misas/json.h"
#include "test/v1/everything.misas.h"
#include "test/v1/legacy.misas.h"

/* As deep as anything may be: what one form may hold, the other may too. */
static const misas_decode_limits fuzz_wide_limits = {.max_depth = 1000};

/* Stops the process, unless there is no error. */
static inline void must_not_fail(misas_error *error, const char *what)
{
    if (error != NULL) {
        char text[1000];

        misas_error_write(text, sizeof text, error);
        fprintf(stderr, "%s: %s\n", what, text);
        abort();
    }
}

static inline void must_be_true(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "not so: %s\n", what);
        abort();
    }
}

/* An error that says that the input is wrong, and nothing else. Frees it. */
static inline void must_be_refusal(misas_error *error)
{
    must_be_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION), "a refusal is a validation");
    misas_error_free(error);
}

/* The first byte says which type the rest is of. */
static inline const misas_type *fuzz_type(uint8_t choice)
{
    static const misas_type *const types[] = {
        &test_v1_everything_type, &test_v1_legacy_type,        &test_v1_nest_type,
        &test_v1_herd_type,       &google_protobuf_value_type,
    };

    return types[choice % (sizeof types / sizeof types[0])];
}

static inline char *fuzz_json(const misas_type *type, const ProtobufCMessage *message)
{
    char *json = NULL;

    must_not_fail(misas_json_encode(&json, NULL, type, message, NULL), "writing JSON");
    return json;
}

/* JSON that was written is read, and written again as the same. */
static inline void fuzz_json_is_stable(const misas_type *type, const char *json)
{
    ProtobufCMessage *message = NULL;

    must_not_fail(misas_json_decode(&message, type, json, strlen(json), &fuzz_wide_limits),
                  "reading the JSON that was written");
    char *again = fuzz_json(type, message);

    must_be_true(strcmp(json, again) == 0, "the same JSON is written again");
    free(again);
    misas_message_free(message);
}

#endif
