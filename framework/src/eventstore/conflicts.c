#include <inttypes.h>
#include <stdio.h>

#include "eventstore/backend.h"

enum { version_text_size = 24 };

bool misas__expected_version_fits(uint64_t *out_base, const misas_stream_info *info,
                                  misas_expected_version expected)
{
    *out_base = info->last_version;
    switch (expected) {
    case MISAS_ANY_VERSION:
        return true;
    case MISAS_NO_STREAM:
        return !info->exists;
    case MISAS_STREAM_EXISTS:
        return info->exists;
    default:
        return info->exists && info->last_version == (uint64_t)expected;
    }
}

static const char *write_expected(char text[version_text_size], misas_expected_version expected)
{
    switch (expected) {
    case MISAS_ANY_VERSION:
        return "any";
    case MISAS_NO_STREAM:
        return "no stream";
    case MISAS_STREAM_EXISTS:
        return "stream exists";
    default:
        snprintf(text, version_text_size, "%" PRId64, expected);
        return text;
    }
}

misas_error *misas__concurrency_error(const char *stream, misas_expected_version expected,
                                      const misas_stream_info *info)
{
    char expected_text[version_text_size];
    char actual_text[version_text_size] = "no stream";
    const char *wanted = write_expected(expected_text, expected);
    bool may_try_again = expected == MISAS_ANY_VERSION || expected == MISAS_STREAM_EXISTS;

    if (info->exists) {
        snprintf(actual_text, sizeof actual_text, "%" PRIu64, info->last_version);
    }
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_CONCURRENCY,
            .data = (misas_field[]){{"stream", stream},
                                    {"expected", wanted},
                                    {"actual", actual_text},
                                    {NULL, NULL}},
            .tags = may_try_again && info->exists ? MISAS_TAG_CONFLICT " " MISAS_TAG_RETRIABLE
                                                  : MISAS_TAG_CONFLICT,
        },
        "stream %s: expected version %s, but it is %s", stream, wanted, actual_text);
}

misas_error *misas__event_id_conflict_error(const char *stream, misas_uuid id)
{
    char id_text[MISAS_UUID_TEXT_SIZE];

    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_EVENT_ID_CONFLICT,
            .data = (misas_field[]){{"stream", stream},
                                    {"event_id", misas_uuid_write(id_text, id)},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_CONFLICT,
        },
        "stream %s: event %s was appended before, but not as a part of the same events", stream,
        id_text);
}

misas_error *misas__stream_not_found_error(const char *stream)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_STREAM_NOT_FOUND,
            .data = (misas_field[]){{"stream", stream}, {NULL, NULL}},
            .tags = MISAS_TAG_NOT_FOUND,
        },
        "there is no stream %s", stream);
}
