#include "eventstore/validate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text/names.h"
#include "text/text.h"

misas_error *misas__invalid_argument(const char *field, const char *value, const char *reason)
{
    char shown[MISAS__QUOTED_SIZE];

    misas__text_quote(shown, value != NULL ? value : "");
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_INVALID_ARGUMENT,
            .data =
                (misas_field[]){
                    {"field", field}, {"value", shown}, {"reason", reason}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "%s %s is not valid: %s", field, shown, reason);
}

misas_error *misas__check_readable_stream(const char *stream)
{
    const char *problem = misas__name_problem(stream, MISAS_STREAM_MAX_BYTES);

    if (problem == NULL && strcmp(stream, "$all") == 0) {
        problem = "it is no stream; leave the stream out, or use misas_event_store_read_all";
    }
    return problem != NULL ? misas__invalid_argument("stream", stream, problem) : NULL;
}

misas_error *misas__check_own_stream(const char *stream)
{
    misas_error *error = misas__check_readable_stream(stream);

    if (error == NULL && stream[0] == '$') {
        error = misas__invalid_argument("stream", stream,
                                        "names that begin with $ are the store's own, read-only");
    }
    return error;
}

misas_error *misas__check_expected_version(const char *stream, misas_expected_version expected)
{
    if (expected >= MISAS_STREAM_EXISTS) {
        return NULL;
    }
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, expected);
    return misas_error_wrap(
        misas__invalid_argument("expected_version", text,
                                "it must be a version or one of the MISAS_... constants"),
        "appending to %s", stream);
}

static misas_error *too_large(const char *stream, const misas_new_event *event, size_t maximum)
{
    char size_text[24];
    char maximum_text[24];

    snprintf(size_text, sizeof size_text, "%zu", event->payload_size);
    snprintf(maximum_text, sizeof maximum_text, "%zu", maximum);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_EVENT_TOO_LARGE,
            .data = (misas_field[]){{"stream", stream},
                                    {"type", event->type},
                                    {"size", size_text},
                                    {"maximum", maximum_text},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "an event of type %s has %zu bytes; at most %zu are allowed", event->type,
        event->payload_size, maximum);
}

static misas_error *check_event(const char *stream, const misas_new_event *event,
                                size_t max_event_bytes)
{
    const char *problem = misas__type_problem(event->type, MISAS_TYPE_MAX_BYTES);

    if (problem != NULL) {
        return misas__invalid_argument("type", event->type, problem);
    }
    if (event->payload == NULL && event->payload_size > 0) {
        return misas__invalid_argument("payload", event->type, "it is NULL, but has a size");
    }
    if (event->type_version > INT32_MAX) {
        return misas__invalid_argument("type_version", event->type, "it is over 2147483647");
    }
    if (event->payload_size > max_event_bytes) {
        return too_large(stream, event, max_event_bytes);
    }
    return misas_metadata_validate(&event->metadata);
}

misas_error *misas__check_events(const char *stream, const misas_new_event *events,
                                 size_t event_count, size_t max_event_bytes)
{
    if (event_count == 0) {
        return misas__invalid_argument("events", stream, "there are none to append");
    }
    for (size_t i = 0; i < event_count; i++) {
        misas_error *error = check_event(stream, &events[i], max_event_bytes);

        if (error != NULL) {
            return misas_error_wrap(error, "appending event %zu of %zu to %s", i + 1, event_count,
                                    stream);
        }
    }
    return NULL;
}

misas_error *misas__check_filter(const char *const *select_types, const char *const *exclude_types)
{
    if (select_types != NULL && exclude_types != NULL) {
        return misas__invalid_argument("select_types", "exclude_types",
                                       "the two can't be combined");
    }
    const char *const *types = select_types != NULL ? select_types : exclude_types;

    for (size_t i = 0; types != NULL && types[i] != NULL; i++) {
        const char *problem = misas__type_problem(types[i], MISAS_TYPE_MAX_BYTES);

        if (problem != NULL) {
            return misas__invalid_argument("type", types[i], problem);
        }
    }
    return NULL;
}
