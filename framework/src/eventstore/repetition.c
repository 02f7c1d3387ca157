#include "eventstore/repetition.h"

#include <string.h>

#include "eventstore/backend.h"

void misas__repetition_add(misas__repetition *repetition, misas_append_result *out,
                           const misas_append *append, size_t i, const misas__event_place *found)
{
    repetition->added++;
    if (found->stream == NULL) {
        return;
    }
    bool is_next = i == 0 || found->version == repetition->last_version + 1;

    repetition->repeated += is_next && strcmp(found->stream, append->stream) == 0 ? 1 : 0;
    repetition->known_stream = append->stream;
    repetition->known_id = append->events[i].id;
    repetition->last_version = found->version;
    *out = (misas_append_result){found->version, found->position, true};
}

misas_error *misas__repetition_judge(bool *out_is_repeated, const misas__repetition *repetition)
{
    *out_is_repeated = repetition->repeated == repetition->added;
    return *out_is_repeated || repetition->known_stream == NULL
               ? NULL
               : misas__event_id_conflict_error(repetition->known_stream, repetition->known_id);
}
