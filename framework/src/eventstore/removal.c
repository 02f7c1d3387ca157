#include "eventstore/backend.h"
#include "misas/eventstore/v1/events.misas.h"

static misas_error *write_event(misas_new_event *out, const char *stream, uint64_t before_version,
                                uint64_t last_version)
{
    char *name = (char *)(uintptr_t)stream; /* protobuf-c knows no const texts, but only reads it */

    if (before_version == MISAS__REMOVE_ALL) {
        Misas__Eventstore__V1__StreamDeleted deleted = MISAS__EVENTSTORE__V1__STREAM_DELETED__INIT;

        deleted.stream = name;
        deleted.last_version = last_version;
        return misas_eventstore_v1_stream_deleted_new_event(out, &deleted);
    }
    Misas__Eventstore__V1__StreamTruncated truncated =
        MISAS__EVENTSTORE__V1__STREAM_TRUNCATED__INIT;

    truncated.stream = name;
    truncated.before_version = before_version;
    truncated.last_version = last_version;
    return misas_eventstore_v1_stream_truncated_new_event(out, &truncated);
}

misas_error *misas__removal_event(misas_new_event *out, const char *stream, uint64_t before_version,
                                  uint64_t last_version)
{
    misas_error *error = write_event(out, stream, before_version, last_version);

    if (error == NULL) {
        out->id = misas_uuid_new_v7();
    }
    return error;
}
