#include <stdlib.h>
#include <string.h>

#include "postgresql/sql.h"
#include "postgresql/storage.h"
#include "postgresql/wire_numbers.h"
#include "storage/batch.h"

static int compare(const void *left, const void *right)
{
    const misas__prediction_reference *a = left;
    const misas__prediction_reference *b = right;

    return strcmp(a->id, b->id);
}

static misas_error *run(PGresult **out, misas__connection *connection, const char *sql,
                        const misas__prediction_reference *references, size_t count)
{
    misas__parameters parameters = {0};
    misas__array ids;
    misas__array times;

    misas__array_start(&ids, MISAS__TEXT, count);
    misas__array_start(&times, MISAS__TIMESTAMPTZ, count);
    for (size_t i = 0; i < count; i++) {
        misas__array_add_text(&ids, references[i].id);
        if (references[i].added_at_us != 0) {
            misas__array_add_timestamp(&times, references[i].added_at_us);
        } else {
            misas__array_add_null(&times);
        }
    }
    misas__parameters_add_array(&parameters, &ids);
    misas__parameters_add_array(&parameters, &times);
    misas_error *error = misas__connection_run(out, connection, sql, &parameters);

    misas__parameters_free(&parameters);
    return error;
}

misas_error *misas__find_predictions(bool *out_found, misas__connection *connection,
                                     const misas__prediction_reference *predictions, size_t count)
{
    PGresult *result = NULL;
    misas_error *error = run(&result, connection, misas__sql_find_predictions, predictions, count);

    if (error == NULL) {
        memset(out_found, 0, count * sizeof *out_found);
    }
    for (int row = 0; error == NULL && row < PQntuples(result); row++) {
        out_found[misas__get_uint64(PQgetvalue(result, row, 0)) - 1] = true;
    }
    PQclear(result);
    return error;
}

misas_error *misas__fire_predictions(misas__connection *connection,
                                     const misas__prediction_reference *fired, size_t count)
{
    misas__prediction_reference *sorted = malloc(count * sizeof *sorted);
    PGresult *result = NULL;

    if (sorted == NULL) {
        return misas_error_out_of_memory();
    }
    memcpy(sorted, fired, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare);
    misas_error *error = run(&result, connection, misas__sql_fire_predictions, sorted, count);

    if (error == NULL && misas__get_uint64(PQgetvalue(result, 0, 0)) != count) {
        error = misas__prediction_gone_error();
    }
    PQclear(result);
    free(sorted);
    return error;
}
