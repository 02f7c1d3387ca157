#include "misas/envelope.h"

#include <stdlib.h>

#include "memory/copy.h"
#include "metadata/copy.h"
#include "text/names.h"

static misas_error *invalid(const char *attribute, const char *reason)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_ENVELOPE_INVALID,
            .data = (misas_field[]){{"attribute", attribute}, {"reason", reason}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION},
        "the %s of this envelope is not valid: %s", attribute, reason);
}

static const char *key_problem(const char *key)
{
    return key != NULL ? misas__line_problem(key, MISAS_KEY_MAX_BYTES) : NULL;
}

static const char *version_problem(uint32_t version)
{
    return version > INT32_MAX ? "it is over 2147483647" : NULL;
}

static const char *payload_problem(const misas_envelope *envelope)
{
    return envelope->payload == NULL && envelope->payload_size > 0 ? "it is NULL, but has a size"
                                                                   : NULL;
}

misas_error *misas_envelope_validate(const misas_envelope *envelope)
{
    const struct {
        const char *attribute;
        const char *problem;
    } checks[] = {
        {"id", misas__line_problem(envelope->id, MISAS_MESSAGE_ID_MAX_BYTES)},
        {"source", misas__line_problem(envelope->source, MISAS_SOURCE_MAX_BYTES)},
        {"type", misas__type_problem(envelope->type, MISAS_TYPE_MAX_BYTES)},
        {"type_version", version_problem(envelope->type_version)},
        {"key", key_problem(envelope->key)},
        {"payload", payload_problem(envelope)},
    };

    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        if (checks[i].problem != NULL) {
            return invalid(checks[i].attribute, checks[i].problem);
        }
    }
    return misas_metadata_validate(&envelope->metadata);
}

static size_t size_of_envelope(const misas_envelope *envelope)
{
    return sizeof *envelope + misas__size_of_metadata(&envelope->metadata) +
           envelope->payload_size + misas__size_of_text(envelope->id) +
           misas__size_of_text(envelope->source) + misas__size_of_text(envelope->type) +
           misas__size_of_text(envelope->key);
}

misas_error *misas_envelope_copy(misas_envelope **out, const misas_envelope *envelope)
{
    misas_envelope *copy = malloc(size_of_envelope(envelope));

    if (copy == NULL) {
        return misas_error_out_of_memory();
    }
    char *cursor = (char *)(copy + 1);

    *copy = *envelope;
    copy->metadata = misas__copy_metadata(&cursor, &envelope->metadata);
    copy->payload = misas__copy_bytes(&cursor, envelope->payload, envelope->payload_size);
    copy->id = misas__copy_text(&cursor, envelope->id);
    copy->source = misas__copy_text(&cursor, envelope->source);
    copy->type = misas__copy_text(&cursor, envelope->type);
    copy->key = misas__copy_text(&cursor, envelope->key);
    *out = copy;
    return NULL;
}

misas_error *misas_reply_copy(misas_reply **out, const misas_reply *reply)
{
    misas_reply *copy =
        malloc(sizeof *copy + reply->payload_size + misas__size_of_text(reply->type));

    if (copy == NULL) {
        return misas_error_out_of_memory();
    }
    char *cursor = (char *)(copy + 1);

    *copy = *reply;
    copy->payload = misas__copy_bytes(&cursor, reply->payload, reply->payload_size);
    copy->type = misas__copy_text(&cursor, reply->type);
    *out = copy;
    return NULL;
}
