#include "postgresql/event_store.h"
#include "postgresql/sql.h"
#include "postgresql/wire_numbers.h"

/* 0 for null. */
static uint64_t get_number(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? 0
                                            : misas__get_uint64(PQgetvalue(result, row, column));
}

static void fill(misas_stream_info *out, const PGresult *result, int row)
{
    bool has_events = PQgetisnull(result, row, 1) == 0;
    bool has_mark = PQgetisnull(result, row, 3) == 0;
    bool is_deleted = has_mark && PQgetvalue(result, row, 4)[0] != 0;
    uint64_t marked_version = get_number(result, row, 3);

    out->first_version = get_number(result, row, 0);
    out->last_version = get_number(result, row, 1);
    out->last_position = get_number(result, row, 2);
    if (marked_version > out->last_version) {
        out->last_version = marked_version;
    }
    out->exists = has_events || (has_mark && !is_deleted);
    out->was_deleted = !has_events && is_deleted;
}

misas_error *misas__stream_infos_on_connection(misas_stream_info *out,
                                               misas__connection *connection,
                                               const misas__batch_stream *streams, size_t count)
{
    misas__parameters parameters = {0};
    misas__array names;
    PGresult *result = NULL;

    misas__array_start(&names, MISAS__TEXT, count);
    for (size_t i = 0; i < count; i++) {
        misas__array_add_text(&names, streams[i].stream);
        out[i] = (misas_stream_info){0};
    }
    misas__parameters_add_array(&parameters, &names);
    misas_error *error =
        misas__connection_run(&result, connection, misas__sql_stream_info, &parameters);

    for (size_t i = 0; i < count && error == NULL; i++) {
        fill(&out[i], result, (int)i);
    }
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}

misas_error *misas__stream_info_on_connection(misas_stream_info *out, misas__connection *connection,
                                              const char *stream)
{
    return misas__stream_infos_on_connection(out, connection, &(misas__batch_stream){stream, 0}, 1);
}
