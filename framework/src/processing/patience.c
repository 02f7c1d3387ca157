#include "processing/patience.h"

enum {
    first_pause_ms = 20,
    longest_pause_ms = 5000,
    most_doublings = 8,
    longest_outage_pause_ms = 500
};

int misas__pause_ms(int failures)
{
    int pause_ms = first_pause_ms << (failures < most_doublings ? failures : most_doublings);

    return pause_ms < longest_pause_ms ? pause_ms : longest_pause_ms;
}

int misas__outage_pause_ms(int failures)
{
    int pause_ms = misas__pause_ms(failures);

    return pause_ms < longest_outage_pause_ms ? pause_ms : longest_outage_pause_ms;
}

bool misas__is_storage_away(misas_storage *storage, const misas_error *error)
{
    bool exists = false;

    if (!misas_error_has_tag(error, MISAS_TAG_RETRIABLE)) {
        return false;
    }
    misas_error *answer = misas_event_store_stream_exists(
        &exists, misas_storage_event_store(storage), MISAS_SYSTEM_STREAM);
    bool is_away = misas_error_has_tag(answer, MISAS_TAG_RETRIABLE);

    misas_error_free(answer);
    return is_away;
}
