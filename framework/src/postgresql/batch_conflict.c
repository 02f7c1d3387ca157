#include <stdlib.h>

#include "postgresql/event_store.h"
#include "postgresql/sql.h"

/* Also the answer when all streams are as expected by now: somebody was faster, and a stream of
 * which any version would have done is the likeliest. */
static misas_error *first_conflict(const misas_stream_info *infos, const misas__event_batch *batch,
                                   bool is_lost_race)
{
    for (size_t i = 0; i < batch->stream_count; i++) {
        const misas__batch_stream *each = &batch->streams[i];
        uint64_t base = 0;
        bool is_lost = is_lost_race && each->expected < 0;

        if (is_lost || !misas__expected_version_fits(&base, &infos[i], each->expected)) {
            return misas__concurrency_error(each->stream, each->expected, &infos[i]);
        }
    }
    return is_lost_race ? misas__concurrency_error(batch->streams[0].stream,
                                                   batch->streams[0].expected, &infos[0])
                        : NULL;
}

static misas_error *check_ids(misas__connection *connection, const misas__event_batch *batch)
{
    misas__parameters parameters = {0};
    misas__array ids;
    PGresult *result = NULL;

    misas__array_start(&ids, MISAS__UUID, batch->event_count);
    for (size_t i = 0; i < batch->event_count; i++) {
        const misas_uuid *id = &batch->events[i].event.id;

        misas__array_add_bytes(&ids, id->bytes, sizeof id->bytes);
    }
    misas__parameters_add_array(&parameters, &ids);
    misas_error *error =
        misas__connection_run(&result, connection, misas__sql_find_events, &parameters);

    for (size_t i = 0; i < batch->event_count && error == NULL; i++) {
        const misas__batch_event *each = &batch->events[i];

        if (!PQgetisnull(result, (int)i, 0)) {
            error = misas__event_id_conflict_error(batch->streams[each->stream_index].stream,
                                                   each->event.id);
        }
    }
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}

misas_error *misas__batch_conflict_on_connection(misas__connection *connection,
                                                 const misas__event_batch *batch)
{
    misas_stream_info *infos = calloc(batch->stream_count, sizeof *infos);

    if (infos == NULL) {
        return misas_error_out_of_memory();
    }
    misas_error *error =
        misas__stream_infos_on_connection(infos, connection, batch->streams, batch->stream_count);

    if (error == NULL) {
        error = first_conflict(infos, batch, false);
    }
    if (error == NULL) {
        error = check_ids(connection, batch);
    }
    if (error == NULL) {
        error = first_conflict(infos, batch, true);
    }
    free(infos);
    return error;
}
