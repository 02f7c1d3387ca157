#include <stdlib.h>
#include <string.h>

#include "postgresql/pool.h"
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

static void add_references(misas__parameters *parameters,
                           const misas__prediction_reference *references, size_t count)
{
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
    misas__parameters_add_array(parameters, &ids);
    misas__parameters_add_array(parameters, &times);
}

static misas_error *run(PGresult **out, misas__connection *connection, const char *sql,
                        const misas__prediction_reference *references, size_t count)
{
    misas__parameters parameters = {0};

    add_references(&parameters, references, count);
    misas_error *error = misas__connection_run(out, connection, sql, &parameters);

    misas__parameters_free(&parameters);
    return error;
}

/* Whoever locks several does it in the order of their ids. NULL: there is no memory. */
static misas__prediction_reference *sort(const misas__prediction_reference *references,
                                         size_t count)
{
    misas__prediction_reference *sorted = malloc(count * sizeof *sorted);

    if (sorted != NULL) {
        memcpy(sorted, references, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, compare);
    }
    return sorted;
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
    misas__prediction_reference *sorted = sort(fired, count);
    PGresult *result = NULL;

    if (sorted == NULL) {
        return misas_error_out_of_memory();
    }
    misas_error *error = run(&result, connection, misas__sql_fire_predictions, sorted, count);

    if (error == NULL && misas__get_uint64(PQgetvalue(result, 0, 0)) != count) {
        error = misas__prediction_gone_error();
    }
    PQclear(result);
    free(sorted);
    return error;
}

static misas_error *run_note(int32_t *out_attempts, misas__connection *connection,
                             const misas__claim_note *note)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    add_references(&parameters, note->predictions, note->count);
    misas__parameters_add_integer(&parameters, note->claim_ms);
    misas__parameters_add_bool(&parameters, note->are_answered);
    misas__parameters_add_bool(&parameters, note->is_attempt);
    misas_error *error =
        misas__connection_run(&result, connection, misas__sql_note_claims, &parameters);

    if (error == NULL) {
        *out_attempts = (int32_t)misas__get_uint32(PQgetvalue(result, 0, 0));
    }
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}

misas_error *misas__postgresql_note_claims(int32_t *out_attempts, misas_storage *storage,
                                           const misas__claim_note *note)
{
    misas_postgresql *database = ((misas__postgresql_storage *)storage)->database;
    misas__prediction_reference *sorted = sort(note->predictions, note->count);
    misas__claim_note ordered = *note;
    misas__connection *connection = NULL;

    if (sorted == NULL) {
        return misas_error_out_of_memory();
    }
    ordered.predictions = sorted;
    misas_error *error = misas__pool_acquire(&connection, database);

    if (error == NULL) {
        error = run_note(out_attempts, connection, &ordered);
    }
    misas__pool_release(database, connection);
    free(sorted);
    return error;
}
