#include "eventstore/backend.h"
#include "postgresql/sql.h"
#include "postgresql/storage.h"
#include "postgresql/wire_numbers.h"

static misas_error *unconfirmed_error(const PGresult *result,
                                      const misas__confirmation *confirmations)
{
    const misas__confirmation *failed =
        &confirmations[misas__get_uint64(PQgetvalue(result, 0, 0)) - 1];
    uint64_t actual = misas__get_uint64(PQgetvalue(result, 0, 1));

    return misas__concurrency_error(
        failed->stream, (misas_expected_version)failed->version,
        &(misas_stream_info){.exists = actual > 0, .last_version = actual});
}

misas_error *misas__check_confirmations(misas__connection *connection,
                                        const misas__confirmation *confirmations, size_t count)
{
    misas__parameters parameters = {0};
    misas__array streams;
    misas__array versions;
    PGresult *result = NULL;

    if (count == 0) {
        return NULL;
    }
    misas__array_start(&streams, MISAS__TEXT, count);
    misas__array_start(&versions, MISAS__BIGINT, count);
    for (size_t i = 0; i < count; i++) {
        misas__array_add_text(&streams, confirmations[i].stream);
        misas__array_add_bigint(&versions, (int64_t)confirmations[i].version);
    }
    misas__parameters_add_array(&parameters, &streams);
    misas__parameters_add_array(&parameters, &versions);
    misas_error *error =
        misas__connection_run(&result, connection, misas__sql_find_unconfirmed, &parameters);

    if (error == NULL && PQntuples(result) > 0) {
        error = unconfirmed_error(result, confirmations);
    }
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}
