#include <string.h>

#include "postgresql/pool.h"
#include "postgresql/sql.h"
#include "postgresql/storage.h"
#include "postgresql/wire_numbers.h"
#include "storage/batch.h"

bool misas__is_violation(const misas_error *error, const char *constraint)
{
    return misas_error_is(error, MISAS_ERROR_POSTGRESQL) &&
           strcmp(misas_error_data(error, "sqlstate"), "23505") == 0 &&
           strcmp(misas_error_data(error, "constraint"), constraint) == 0;
}

static void add_bytes_or_null(misas__array *array, const void *bytes, size_t size, bool is_there)
{
    if (is_there) {
        misas__array_add_bytes(array, bytes, size);
    } else {
        misas__array_add_null(array);
    }
}

static void add_keys(misas__parameters *parameters, const misas__handled *const *messages,
                     size_t count)
{
    misas__array sources;
    misas__array ids;

    misas__array_start(&sources, MISAS__TEXT, count);
    misas__array_start(&ids, MISAS__TEXT, count);
    for (size_t i = 0; i < count; i++) {
        misas__array_add_text(&sources, messages[i]->source);
        misas__array_add_text(&ids, messages[i]->id);
    }
    misas__parameters_add_array(parameters, &sources);
    misas__parameters_add_array(parameters, &ids);
}

static void add_answers(misas__parameters *parameters, const misas__handled *const *messages,
                        size_t count)
{
    misas__array digests;
    misas__array reply_types;
    misas__array replies;
    misas__array errors;

    misas__array_start(&digests, MISAS__BYTEA, count);
    misas__array_start(&reply_types, MISAS__TEXT, count);
    misas__array_start(&replies, MISAS__BYTEA, count);
    misas__array_start(&errors, MISAS__BYTEA, count);
    for (size_t i = 0; i < count; i++) {
        const misas__handled *message = messages[i];
        const misas_reply *reply = &message->reply;

        misas__array_add_bytes(&digests, message->digest, sizeof message->digest);
        misas__array_add_text(&reply_types, reply->type);
        add_bytes_or_null(&replies, reply->payload, reply->payload_size, reply->type != NULL);
        add_bytes_or_null(&errors, message->error, message->error_size, message->error_size > 0);
    }
    misas__parameters_add_array(parameters, &digests);
    misas__parameters_add_array(parameters, &reply_types);
    misas__parameters_add_array(parameters, &replies);
    misas__parameters_add_array(parameters, &errors);
}

misas_error *misas__insert_handled(misas__connection *connection,
                                   const misas__handled *const *messages, size_t count)
{
    misas__parameters parameters = {0};

    if (count == 0) {
        return NULL;
    }
    add_keys(&parameters, messages, count);
    add_answers(&parameters, messages, count);
    misas_error *error =
        misas__connection_execute(connection, misas__sql_insert_handled_messages, &parameters);

    misas__parameters_free(&parameters);
    if (misas__is_violation(error, "handled_messages_key")) {
        misas_error_free(error);
        error = misas__handled_meanwhile_error();
    }
    return error;
}

/* The columns of find_handled_messages. */
enum { column_place, column_digest, column_reply_type, column_reply, column_error };

static misas_error *copy_column(const void **out, misas__arena *arena, const PGresult *result,
                                int row, int column)
{
    size_t size = (size_t)PQgetlength(result, row, column);

    if (PQgetisnull(result, row, column)) {
        *out = NULL;
        return NULL;
    }
    char *copy = misas__arena_allocate(arena, size + 1);

    if (copy == NULL) {
        return misas_error_out_of_memory();
    }
    memcpy(copy, PQgetvalue(result, row, column), size);
    copy[size] = '\0';
    *out = copy;
    return NULL;
}

static misas_error *read_row(const misas__handled_query *query, const PGresult *result, int row)
{
    uint64_t index = misas__get_uint64(PQgetvalue(result, row, column_place)) - 1;
    misas__handled *message = &query->messages[index];
    const void *reply_type = NULL;

    if (PQgetlength(result, row, column_digest) == sizeof message->digest) {
        memcpy(message->digest, PQgetvalue(result, row, column_digest), sizeof message->digest);
    }
    message->reply.payload_size = (size_t)PQgetlength(result, row, column_reply);
    message->error_size = (size_t)PQgetlength(result, row, column_error);
    misas_error *error = copy_column(&reply_type, query->arena, result, row, column_reply_type);

    message->reply.type = reply_type;
    if (error == NULL) {
        error = copy_column(&message->reply.payload, query->arena, result, row, column_reply);
    }
    if (error == NULL) {
        error = copy_column(&message->error, query->arena, result, row, column_error);
    }
    query->out_found[index] = true;
    return error;
}

misas_error *misas__find_handled(misas__connection *connection, const misas__handled_query *query)
{
    misas__parameters parameters = {0};
    misas__array sources;
    misas__array ids;
    PGresult *result = NULL;

    misas__array_start(&sources, MISAS__TEXT, query->count);
    misas__array_start(&ids, MISAS__TEXT, query->count);
    for (size_t i = 0; i < query->count; i++) {
        misas__array_add_text(&sources, query->messages[i].source);
        misas__array_add_text(&ids, query->messages[i].id);
    }
    misas__parameters_add_array(&parameters, &sources);
    misas__parameters_add_array(&parameters, &ids);
    misas_error *error =
        misas__connection_run(&result, connection, misas__sql_find_handled_messages, &parameters);

    for (int row = 0; error == NULL && row < PQntuples(result); row++) {
        error = read_row(query, result, row);
    }
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}

static misas_error *forget(uint64_t *out_count, misas__connection *connection, int64_t age_s,
                           uint64_t max)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    misas__parameters_add_bigint(&parameters, age_s);
    misas__parameters_add_bigint(&parameters, (int64_t)max);
    misas_error *error =
        misas__connection_run(&result, connection, misas__sql_forget_handled_messages, &parameters);

    if (error == NULL) {
        *out_count = misas__get_uint64(PQgetvalue(result, 0, 0));
    }
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}

misas_error *misas__postgresql_forget_handled(uint64_t *out_count, misas_storage *storage,
                                              int64_t age_s, uint64_t max)
{
    misas_postgresql *database = ((misas__postgresql_storage *)storage)->database;
    misas__connection *connection = NULL;
    misas_error *error = misas__pool_acquire(&connection, database);

    if (error == NULL) {
        error = forget(out_count, connection, age_s, max);
    }
    misas__pool_release(database, connection);
    return error;
}
