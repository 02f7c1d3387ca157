#include "storage/predictions.h"

#include <stdlib.h>
#include <string.h>

#include "postgresql/message_arrays.h"
#include "postgresql/sql.h"
#include "postgresql/storage.h"
#include "postgresql/wire_numbers.h"
#include "storage/batch.h"

/* What a batch comes to, in the order of the ids: so two batches that concern the same ones wait
 * for each other in the same order. */
typedef struct prediction_list {
    const misas_new_prediction **items;
    size_t count;
} prediction_list;

static int compare_ids(const void *left, const void *right)
{
    const misas_new_prediction *const *a = left;
    const misas_new_prediction *const *b = right;

    return strcmp((*a)->id, (*b)->id);
}

static void sort_by_id(const prediction_list *list)
{
    if (list->count > 1) {
        qsort(list->items, list->count, sizeof(const misas_new_prediction *), compare_ids);
    }
}

static misas_error *write_list(misas__connection *connection, const char *sql,
                               const prediction_list *list)
{
    misas__parameters parameters = {0};
    misas__message_arrays messages;
    misas__array ids;
    misas__array keys;
    misas__array times;
    misas_error *error = NULL;

    misas__array_start(&ids, MISAS__TEXT, list->count);
    misas__array_start(&keys, MISAS__TEXT, list->count);
    misas__array_start(&times, MISAS__TIMESTAMPTZ, list->count);
    misas__message_arrays_start(&messages, list->count);
    for (size_t i = 0; i < list->count && error == NULL; i++) {
        misas__array_add_text(&ids, list->items[i]->id);
        misas__array_add_text(&keys, list->items[i]->key);
        misas__array_add_timestamp(&times, list->items[i]->due_at_us);
        error = misas__message_arrays_add_prediction(&messages, list->items[i]);
    }
    misas__parameters_add_array(&parameters, &ids);
    misas__parameters_add_array(&parameters, &keys);
    misas__parameters_add_array(&parameters, &times);
    misas__parameters_add_message_arrays(&parameters, &messages);
    if (error == NULL) {
        error = misas__connection_execute(connection, sql, &parameters);
    }
    misas__parameters_free(&parameters);
    return error;
}

/* The detail has the key in one form in all languages: (id)=(value). */
static bool names_id(const char *detail, const char *id)
{
    static const char before[] = "(id)=(";
    const char *at = strstr(detail, before);
    size_t size = strlen(id);

    return at != NULL && strncmp(at + sizeof before - 1, id, size) == 0 &&
           at[sizeof before - 1 + size] == ')';
}

/* Of a list that has one at least; when the detail does not tell, the first stands for all. */
static misas_error *exists_error(const misas_error *violation, const prediction_list *list)
{
    const char *detail = misas_error_data(violation, "detail");
    const char *id = list->items[0]->id;

    for (size_t i = 0; i < list->count; i++) {
        if (names_id(detail, list->items[i]->id)) {
            id = list->items[i]->id;
        }
    }
    return misas__prediction_exists_error(id);
}

static misas_error *add_all(misas__connection *connection, const prediction_list *list)
{
    misas_error *error =
        list->count > 0 ? write_list(connection, misas__sql_add_predictions, list) : NULL;

    if (misas__is_violation(error, "predictions_key")) {
        misas_error *exists = exists_error(error, list);

        misas_error_free(error);
        error = exists;
    }
    return error;
}

static misas_error *cancel_all(misas__connection *connection, const prediction_list *list)
{
    misas__parameters parameters = {0};
    misas__array ids;

    if (list->count == 0) {
        return NULL;
    }
    misas__array_start(&ids, MISAS__TEXT, list->count);
    for (size_t i = 0; i < list->count; i++) {
        misas__array_add_text(&ids, list->items[i]->id);
    }
    misas__parameters_add_array(&parameters, &ids);
    misas_error *error =
        misas__connection_execute(connection, misas__sql_cancel_predictions, &parameters);

    misas__parameters_free(&parameters);
    return error;
}

/* The usual case: nothing but additions. */
static misas_error *only_add(misas__connection *connection, const misas__prediction_change *changes,
                             size_t count)
{
    prediction_list list = {calloc(count, sizeof(const misas_new_prediction *)), count};
    misas_error *error = NULL;

    if (list.items == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < count; i++) {
        list.items[i] = &changes[i].prediction;
    }
    sort_by_id(&list);
    for (size_t i = 1; i < count && error == NULL; i++) {
        if (strcmp(list.items[i - 1]->id, list.items[i]->id) == 0) {
            error = misas__prediction_exists_error(list.items[i]->id);
        }
    }
    if (error == NULL) {
        error = add_all(connection, &list);
    }
    free(list.items);
    return error;
}

/* The rows that the changes concern, so that no other can change them until the end. */
static misas_error *lock_rows(PGresult **out, misas__connection *connection,
                              const misas__batch *batch)
{
    const misas__prediction_change *changes = batch->predictions;
    size_t count = batch->prediction_count;
    misas__parameters parameters = {0};
    size_t by_key = 0;
    misas__array ids;
    misas__array types;
    misas__array keys;

    for (size_t i = 0; i < count; i++) {
        by_key += changes[i].kind == MISAS__PREDICTION_CANCEL_KEY ? 1 : 0;
    }
    misas__array_start(&ids, MISAS__TEXT, batch->fired_count + count - by_key);
    misas__array_start(&types, MISAS__TEXT, by_key);
    misas__array_start(&keys, MISAS__TEXT, by_key);
    for (size_t i = 0; i < batch->fired_count; i++) {
        misas__array_add_text(&ids, batch->fired[i].id);
    }
    for (size_t i = 0; i < count; i++) {
        if (changes[i].kind == MISAS__PREDICTION_CANCEL_KEY) {
            misas__array_add_text(&types, changes[i].prediction.type);
            misas__array_add_text(&keys, changes[i].prediction.key);
        } else {
            misas__array_add_text(&ids, changes[i].prediction.id);
        }
    }
    misas__parameters_add_array(&parameters, &ids);
    misas__parameters_add_array(&parameters, &types);
    misas__parameters_add_array(&parameters, &keys);
    misas_error *error =
        misas__connection_run(out, connection, misas__sql_lock_predictions, &parameters);

    misas__parameters_free(&parameters);
    return error;
}

static misas_error *load_rows(misas__predictions *predictions, const PGresult *rows)
{
    misas_error *error = NULL;

    for (int row = 0; row < PQntuples(rows) && error == NULL; row++) {
        misas__prediction known = {
            .content = {.id = PQgetvalue(rows, row, 0),
                        .type = PQgetvalue(rows, row, 1),
                        .key = PQgetisnull(rows, row, 2) ? NULL : PQgetvalue(rows, row, 2)},
            .added_at_us =
                (int64_t)misas__get_uint64(PQgetvalue(rows, row, 3)) + MISAS__POSTGRESQL_EPOCH_US,
        };

        error = misas__predictions_load(predictions, &known);
    }
    return error;
}

/* What is left of the changes. */
typedef struct outcome {
    prediction_list cancelled;
    prediction_list added; /* must not be there */
    prediction_list replaced;
} outcome;

static void put(prediction_list *list, const misas_new_prediction *prediction)
{
    list->items[list->count++] = prediction;
}

static void sort_out(outcome *out, const misas__predictions *predictions)
{
    for (const misas__prediction_slot *slot = predictions->changed; slot != NULL;
         slot = slot->next_changed) {
        if (slot->now == NULL && slot->before != NULL) {
            put(&out->cancelled, &slot->before->prediction);
        } else if (slot->now != NULL && slot->before == NULL && slot->was_added) {
            put(&out->added, &slot->now->prediction);
        } else if (slot->now != NULL) {
            put(&out->replaced, &slot->now->prediction);
        }
    }
    sort_by_id(&out->cancelled);
    sort_by_id(&out->added);
    sort_by_id(&out->replaced);
}

static misas_error *write_outcome(misas__connection *connection,
                                  const misas__predictions *predictions)
{
    size_t count = predictions->changed_count;
    const misas_new_prediction **items = calloc(3 * count, sizeof(const misas_new_prediction *));
    outcome left = {{items, 0}, {items + count, 0}, {items + 2 * count, 0}};

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    sort_out(&left, predictions);
    misas_error *error = cancel_all(connection, &left.cancelled);

    if (error == NULL) {
        error = add_all(connection, &left.added);
    }
    if (error == NULL && left.replaced.count > 0) {
        error = write_list(connection, misas__sql_replace_predictions, &left.replaced);
    }
    free(items);
    return error;
}

/* Plays the changes through on what is there, and writes what has changed in the end. */
static misas_error *play_through(misas__connection *connection, const misas__batch *batch)
{
    misas__predictions predictions = {0};
    PGresult *rows = NULL;
    misas_error *error = lock_rows(&rows, connection, batch);

    if (error == NULL) {
        error = load_rows(&predictions, rows);
    }
    if (error == NULL) {
        error = misas__predictions_fire(&predictions, batch->fired, batch->fired_count);
    }
    if (error == NULL) {
        error =
            misas__predictions_change(&predictions, batch->predictions, batch->prediction_count);
    }
    if (error == NULL && predictions.changed_count > 0) {
        error = write_outcome(connection, &predictions);
    }
    PQclear(rows);
    misas__predictions_free(&predictions);
    return error;
}

static bool has_only_additions(const misas__batch *batch)
{
    bool is_addition = batch->fired_count == 0;

    for (size_t i = 0; i < batch->prediction_count && is_addition; i++) {
        is_addition = batch->predictions[i].kind == MISAS__PREDICTION_ADD;
    }
    return is_addition;
}

misas_error *misas__change_predictions(misas__connection *connection, const misas__batch *batch)
{
    if (batch->fired_count + batch->prediction_count == 0) {
        return NULL;
    }
    if (batch->prediction_count == 0) {
        return misas__fire_predictions(connection, batch->fired, batch->fired_count);
    }
    return has_only_additions(batch)
               ? only_add(connection, batch->predictions, batch->prediction_count)
               : play_through(connection, batch);
}
