#include "postgresql/event_store.h"
#include "postgresql/sql.h"
#include "postgresql/wire_numbers.h"

/* 0 for null. */
static uint64_t get_number(const PGresult *result, int column)
{
    return PQgetisnull(result, 0, column) ? 0 : misas__get_uint64(PQgetvalue(result, 0, column));
}

static void fill(misas_stream_info *out, const PGresult *result)
{
    bool has_events = PQgetisnull(result, 0, 1) == 0;
    bool has_mark = PQgetisnull(result, 0, 3) == 0;
    bool is_deleted = has_mark && PQgetvalue(result, 0, 4)[0] != 0;
    uint64_t marked_version = get_number(result, 3);

    out->first_version = get_number(result, 0);
    out->last_version = get_number(result, 1);
    out->last_position = get_number(result, 2);
    if (marked_version > out->last_version) {
        out->last_version = marked_version;
    }
    out->exists = has_events || (has_mark && !is_deleted);
    out->was_deleted = !has_events && is_deleted;
}

misas_error *misas__stream_info_on_connection(misas_stream_info *out, misas__connection *connection,
                                              const char *stream)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    misas__parameters_add_text(&parameters, stream);
    misas_error *error =
        misas__connection_run(&result, connection, misas__sql_stream_info, &parameters);

    *out = (misas_stream_info){0};
    if (error == NULL) {
        fill(out, result);
    }
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}
