#include <stdlib.h>
#include <string.h>

#include "memory/growth.h"
#include "postgresql/checkpoints.h"
#include "postgresql/event_query.h"
#include "postgresql/event_rows.h"
#include "postgresql/message_arrays.h"
#include "postgresql/pool.h"
#include "postgresql/sql.h"
#include "postgresql/storage.h"
#include "postgresql/wire_numbers.h"
#include "storage/dead_letter_copy.h"

static void add_places(misas__parameters *parameters, const misas__dead_letter *letters,
                       size_t count)
{
    misas__array processors;
    misas__array positions;
    misas__array parts;
    misas__array part_counts;

    misas__array_start(&processors, MISAS__TEXT, count);
    misas__array_start(&positions, MISAS__BIGINT, count);
    misas__array_start(&parts, MISAS__INTEGER, count);
    misas__array_start(&part_counts, MISAS__INTEGER, count);
    for (size_t i = 0; i < count; i++) {
        misas__array_add_text(&processors, letters[i].processor);
        misas__array_add_bigint(&positions, (int64_t)letters[i].event.position);
        misas__array_add_integer(&parts, (int32_t)letters[i].event.part);
        misas__array_add_integer(&part_counts, (int32_t)letters[i].event.part_count);
    }
    misas__parameters_add_array(parameters, &processors);
    misas__parameters_add_array(parameters, &positions);
    misas__parameters_add_array(parameters, &parts);
    misas__parameters_add_array(parameters, &part_counts);
}

static void add_records(misas__parameters *parameters, const misas__dead_letter *letters,
                        size_t count)
{
    misas__array streams;
    misas__array versions;
    misas__array ids;
    misas__array times;

    misas__array_start(&streams, MISAS__TEXT, count);
    misas__array_start(&versions, MISAS__BIGINT, count);
    misas__array_start(&ids, MISAS__UUID, count);
    misas__array_start(&times, MISAS__TIMESTAMPTZ, count);
    for (size_t i = 0; i < count; i++) {
        const misas_event *event = &letters[i].event;

        misas__array_add_text(&streams, event->stream);
        misas__array_add_bigint(&versions, (int64_t)event->version);
        misas__array_add_bytes(&ids, event->id.bytes, sizeof event->id.bytes);
        misas__array_add_timestamp(&times, event->recorded_at_us);
    }
    misas__parameters_add_array(parameters, &streams);
    misas__parameters_add_array(parameters, &versions);
    misas__parameters_add_array(parameters, &ids);
    misas__parameters_add_array(parameters, &times);
}

static misas_error *add_messages(misas__parameters *parameters, const misas__dead_letter *letters,
                                 size_t count)
{
    misas__message_arrays messages;
    misas_error *error = NULL;

    misas__message_arrays_start(&messages, count);
    for (size_t i = 0; i < count && error == NULL; i++) {
        const misas_event *event = &letters[i].event;

        error = misas__message_arrays_add_event(
            &messages, &(misas_new_event){.type = event->type,
                                          .type_version = event->type_version,
                                          .payload = event->payload,
                                          .payload_size = event->payload_size,
                                          .metadata = event->metadata});
    }
    misas__parameters_add_message_arrays(parameters, &messages);
    return error;
}

static void add_failures(misas__parameters *parameters, const misas__dead_letter *letters,
                         size_t count)
{
    misas__array errors;
    misas__array attempts;
    misas__array are_to_be_retried;

    misas__array_start(&errors, MISAS__BYTEA, count);
    misas__array_start(&attempts, MISAS__INTEGER, count);
    misas__array_start(&are_to_be_retried, MISAS__BOOLEAN, count);
    for (size_t i = 0; i < count; i++) {
        misas__array_add_bytes(&errors, letters[i].error, letters[i].error_size);
        misas__array_add_integer(&attempts, letters[i].attempts);
        misas__array_add_bool(&are_to_be_retried, letters[i].is_to_be_retried);
    }
    misas__parameters_add_array(parameters, &errors);
    misas__parameters_add_array(parameters, &attempts);
    misas__parameters_add_array(parameters, &are_to_be_retried);
}

static misas_error *set_aside(misas__connection *connection, const misas__dead_letter *letters,
                              size_t count)
{
    misas__parameters parameters = {0};

    add_places(&parameters, letters, count);
    add_records(&parameters, letters, count);
    misas_error *error = add_messages(&parameters, letters, count);

    add_failures(&parameters, letters, count);
    if (error == NULL) {
        error =
            misas__connection_execute(connection, misas__sql_set_aside_dead_letters, &parameters);
    }
    misas__parameters_free(&parameters);
    return error;
}

static misas_error *settle(misas__connection *connection, const int64_t *ids, size_t count)
{
    misas__parameters parameters = {0};
    misas__array array;
    PGresult *result = NULL;

    misas__array_start(&array, MISAS__BIGINT, count);
    for (size_t i = 0; i < count; i++) {
        misas__array_add_bigint(&array, ids[i]);
    }
    misas__parameters_add_array(&parameters, &array);
    misas_error *error =
        misas__connection_run(&result, connection, misas__sql_settle_dead_letters, &parameters);

    if (error == NULL && (size_t)PQntuples(result) < count) {
        error = misas__dead_letter_gone_error();
    }
    PQclear(result);
    misas__parameters_free(&parameters);
    return error;
}

misas_error *misas__write_dead_letters(misas__connection *connection, const misas__batch *batch)
{
    misas_error *error =
        batch->settled_dead_letter_count > 0
            ? settle(connection, batch->settled_dead_letters, batch->settled_dead_letter_count)
            : NULL;

    if (error == NULL && batch->dead_letter_count > 0) {
        error = set_aside(connection, batch->dead_letters, batch->dead_letter_count);
    }
    return error;
}

/* The columns of list_dead_letters after those of the event. */
enum {
    column_id = 11,
    column_processor,
    column_part,
    column_part_count,
    column_error,
    column_attempts,
    column_set_aside_at,
    column_is_to_be_retried
};

/* What is being read. */
typedef struct letter_list {
    misas__dead_letter *letters;
    size_t count;
    size_t capacity;
    misas__arena *arena;
} letter_list;

static misas_error *read_letter(misas__dead_letter *out, misas__arena *arena, const PGresult *row)
{
    *out = (misas__dead_letter){
        .id = (int64_t)misas__get_uint64(PQgetvalue(row, 0, column_id)),
        .processor = PQgetvalue(row, 0, column_processor),
        .error = PQgetvalue(row, 0, column_error),
        .error_size = (size_t)PQgetlength(row, 0, column_error),
        .attempts = (int32_t)misas__get_uint32(PQgetvalue(row, 0, column_attempts)),
        .set_aside_at_us = (int64_t)misas__get_uint64(PQgetvalue(row, 0, column_set_aside_at)) +
                           MISAS__POSTGRESQL_EPOCH_US,
        .is_to_be_retried = PQgetvalue(row, 0, column_is_to_be_retried)[0] != 0,
    };
    misas_error *error = misas__event_from_row(&out->event, arena, row);

    out->event.part = misas__get_uint32(PQgetvalue(row, 0, column_part));
    out->event.part_count = misas__get_uint32(PQgetvalue(row, 0, column_part_count));
    return error;
}

static misas_error *add_letter(letter_list *list, const PGresult *row)
{
    misas__dead_letter *letters =
        misas__grow(list->letters, list->count, &list->capacity, sizeof *letters);
    misas__dead_letter letter;
    misas__arena fields = {0};

    if (letters == NULL) {
        return misas_error_out_of_memory();
    }
    list->letters = letters;
    misas_error *error = read_letter(&letter, &fields, row);

    if (error == NULL) {
        error = misas__dead_letter_copy_to_arena(&letters[list->count], list->arena, &letter);
    }
    misas__arena_free(&fields);
    list->count += error == NULL ? 1 : 0;
    return error;
}

static misas_error *take_rows(letter_list *list, misas__connection *connection)
{
    PGresult *row = NULL;
    misas_error *error = misas__event_query_next(&row, connection);

    while (error == NULL && row != NULL) {
        error = add_letter(list, row);
        PQclear(row);
        if (error != NULL) {
            misas__connection_end_stream(connection);
            return error;
        }
        error = misas__event_query_next(&row, connection);
    }
    return error;
}

static misas_error *send_query(misas__connection *connection, const misas__dead_letter_query *query)
{
    misas__parameters parameters = {0};
    const char *sql = misas__sql_list_dead_letters;

    misas__parameters_add_bigint(&parameters, query->from);
    misas__parameters_add_bigint(&parameters,
                                 query->max < INT64_MAX ? (int64_t)query->max : INT64_MAX);
    if (query->processor != NULL) {
        sql = query->only_to_be_retried ? misas__sql_list_dead_letters_to_retry
                                        : misas__sql_list_dead_letters_of;
        misas__parameters_add_text(&parameters, query->processor);
    } else {
        misas__parameters_add_bool(&parameters, query->only_to_be_retried);
    }
    misas_error *error = misas__connection_stream(connection, sql, &parameters);

    misas__parameters_free(&parameters);
    return error;
}

static misas_error *read_list(letter_list *list, misas_storage *storage,
                              const misas__dead_letter_query *query)
{
    misas_postgresql *database = ((misas__postgresql_storage *)storage)->database;
    misas__connection *connection = NULL;
    misas_error *error = misas__pool_acquire(&connection, database);

    if (error == NULL) {
        error = send_query(connection, query);
    }
    if (error == NULL) {
        error = take_rows(list, connection);
    }
    misas__pool_release(database, connection);
    return error;
}

misas_error *misas__postgresql_list_dead_letters(const misas__dead_letter **out, size_t *out_count,
                                                 misas_storage *storage,
                                                 const misas__dead_letter_query *query,
                                                 misas__arena *arena)
{
    letter_list list = {.arena = arena};
    misas_error *error = read_list(&list, storage, query);
    misas__dead_letter *letters = misas__arena_allocate(arena, list.count * sizeof *letters);

    if (error == NULL && letters == NULL) {
        error = misas_error_out_of_memory();
    }
    if (error == NULL && list.count > 0) {
        memcpy(letters, list.letters, list.count * sizeof *letters);
    }
    *out = letters;
    *out_count = list.count;
    free(list.letters);
    return error;
}

misas_error *misas__postgresql_retry_dead_letter(bool *out_found, misas_storage *storage,
                                                 int64_t id)
{
    misas__parameters parameters = {0};

    misas__parameters_add_bigint(&parameters, id);
    return misas__find_on_pool(out_found, storage, misas__sql_retry_dead_letter, &parameters);
}

misas_error *misas__postgresql_drop_dead_letter(bool *out_found, misas_storage *storage, int64_t id)
{
    misas__parameters parameters = {0};

    misas__parameters_add_bigint(&parameters, id);
    return misas__find_on_pool(out_found, storage, misas__sql_drop_dead_letter, &parameters);
}
