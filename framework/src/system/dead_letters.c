/* Dead letters as operators see them: list, retry, drop. */
#include <inttypes.h>
#include <stdio.h>

#include "processing/prediction_letter.h"
#include "system/dead_letter.h"
#include "system/operations.h"
#include "system/table.h"
#include "system/usage.h"

enum { letters_at_once = 500 };

/* A list in the making, as a table or as JSON. */
typedef struct letter_list {
    misas__table table;
    misas__text json;
    bool is_json;
    size_t count;
} letter_list;

static const char *const titles[] = {"ID",       "PROCESSOR", "POSITION",      "TYPE",
                                     "ATTEMPTS", "SET ASIDE", "TO BE RETRIED", "ERROR"};

static void add_row(misas__table *table, const misas__dead_letter *letter, const char *error_type)
{
    char time[MISAS_TIME_TEXT_SIZE];

    misas__table_add_number(table, letter->id);
    misas__table_add(table, letter->processor);
    misas__table_add_number(table, (int64_t)letter->event.position);
    misas__table_add(table, letter->event.type);
    misas__table_add_number(table, letter->attempts);
    misas__table_add(table, misas_time_write(time, letter->set_aside_at_us));
    misas__table_add(table, letter->is_to_be_retried ? "yes" : "no");
    misas__table_add(table, error_type);
}

static void add_json(misas__text *text, const misas__dead_letter *letter, const misas_error *error)
{
    misas__text_append_string(text, "{");
    misas__append_json_number(text, "id", letter->id);
    misas__append_json_text(text, "processor", letter->processor);
    misas__append_json_number(text, "position", (int64_t)letter->event.position);
    misas__append_json_text(text, "stream", letter->event.stream);
    misas__append_json_number(text, "version", (int64_t)letter->event.version);
    misas__append_json_text(text, "type", letter->event.type);
    misas__append_json_number(text, "attempts", letter->attempts);
    misas__append_json_time(text, "set_aside_at", letter->set_aside_at_us);
    misas__append_json_bool(text, "to_be_retried", letter->is_to_be_retried);
    misas__append_json_text(text, "error", misas_error_type(error));
    misas__append_json_text(text, "message", misas_error_message(error));
    misas__text_append_string(text, "}");
}

static void add_letter(letter_list *list, const misas__dead_letter *letter)
{
    misas_error *error = misas__dead_letter_error(letter);

    if (list->is_json) {
        misas__text_append_string(&list->json, list->count > 0 ? ",\n " : "");
        add_json(&list->json, letter, error);
    } else {
        add_row(&list->table, letter, misas_error_type(error));
    }
    list->count++;
    misas_error_free(error);
}

/* `*next` is where the next look begins; 0: there are no more. */
static misas_error *add_some(letter_list *list, misas_storage *storage,
                             misas__dead_letter_query *next, misas__arena *arena)
{
    const misas__dead_letter *letters = NULL;
    size_t count = 0;
    misas_error *error =
        storage->backend->checkpoints.list_dead_letters(&letters, &count, storage, next, arena);

    for (size_t i = 0; i < count && error == NULL; i++) {
        add_letter(list, &letters[i]);
    }
    next->from = count == letters_at_once ? letters[count - 1].id + 1 : 0;
    return error;
}

static misas_error *add_all(letter_list *list, misas_storage *storage, const char *processor)
{
    misas__dead_letter_query next = {.processor = processor, .from = 1, .max = letters_at_once};
    misas__arena arena = {0};
    misas_error *error = NULL;

    do {
        error = add_some(list, storage, &next, &arena);
        misas__arena_reset(&arena);
    } while (error == NULL && next.from > 0);
    misas__arena_free(&arena);
    return error;
}

static misas_error *write_list(letter_list *list, FILE *file)
{
    if (list->is_json) {
        misas__text_append_string(&list->json, "]");
        return misas__write_text(&list->json, file);
    }
    return misas__table_write(&list->table, file);
}

static misas_error *list_letters(misas_system *system, FILE *file, const char *processor,
                                 bool as_json)
{
    letter_list list = {.table = {.column_count = sizeof titles / sizeof *titles},
                        .is_json = as_json};

    if (as_json) {
        misas__text_append_string(&list.json, "[");
    }
    for (size_t i = 0; i < list.table.column_count && !as_json; i++) {
        misas__table_add(&list.table, titles[i]);
    }
    misas_error *error = add_all(&list, system->storage, processor);

    if (error == NULL) {
        error = write_list(&list, file);
    }
    misas__table_free(&list.table);
    misas__text_free(&list.json);
    return error;
}

static misas_error *check_processor(misas_system *system, const char *name)
{
    const misas__known_processor *known = NULL;
    misas__known_processors processors;
    misas_error *error = name != NULL ? misas__find_processors(&processors, system) : NULL;

    if (error != NULL || name == NULL) {
        return error;
    }
    error = misas__add_prediction_processors(&processors, system);
    if (error == NULL) {
        error = misas__get_processor(&known, &processors, name);
    }
    misas__free_processors(&processors);
    return error;
}

misas_error *misas_system_list_dead_letters(misas_system *system, FILE *file, const char *processor,
                                            bool as_json)
{
    bool was_opened = false;
    misas_error *error = misas__begin_operation(&was_opened, system);

    if (error == NULL) {
        error = check_processor(system, processor);
    }
    if (error == NULL) {
        error = list_letters(system, file, processor, as_json);
    }
    misas__end_operation(system, was_opened);
    return error;
}

static misas_error *unknown(int64_t id)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, id);
    return misas__usage_expects(text, "the id of a dead letter, as they are listed");
}

/* NULL: there is none of that id. */
static misas_error *find(const misas__dead_letter **out, misas_storage *storage, int64_t id,
                         misas__arena *arena)
{
    const misas__dead_letter *letters = NULL;
    size_t count = 0;
    misas_error *error = storage->backend->checkpoints.list_dead_letters(
        &letters, &count, storage, &(misas__dead_letter_query){.from = id, .max = 1}, arena);

    *out = error == NULL && count == 1 && letters[0].id == id ? letters : NULL;
    return error;
}

misas_error *misas_system_show_dead_letter(misas_system *system, FILE *file, int64_t id)
{
    const misas__dead_letter *letter = NULL;
    misas__arena arena = {0};
    bool was_opened = false;
    misas_error *error = misas__begin_operation(&was_opened, system);

    if (error == NULL) {
        error = find(&letter, system->storage, id, &arena);
    }
    if (error == NULL) {
        error = letter != NULL ? misas__write_dead_letter(file, system, letter) : unknown(id);
    }
    misas__arena_free(&arena);
    misas__end_operation(system, was_opened);
    return error;
}

/* What is done with one; false when there is none of that id. */
typedef misas_error *(*letter_action)(bool *out_found, misas_storage *storage, int64_t id);

static misas_error *drop(bool *out_found, misas_storage *storage, int64_t id)
{
    return storage->backend->checkpoints.drop_dead_letter(out_found, storage, id);
}

/* False also when another has seen to it meanwhile. */
static misas_error *predict_again(bool *out_found, misas_storage *storage,
                                  const misas__dead_letter *letter)
{
    misas_error *error = misas__predict_again(storage, letter);

    *out_found = !misas_error_is(error, MISAS__ERROR_LEASE_LOST);
    if (!*out_found) {
        misas_error_free(error);
        return NULL;
    }
    return error;
}

/* A processor looks for those that are to be retried; of a prediction it is enough that it is there
 * again. */
static misas_error *retry(bool *out_found, misas_storage *storage, int64_t id)
{
    const misas__dead_letter *letter = NULL;
    misas__arena arena = {0};
    misas_error *error = find(&letter, storage, id, &arena);

    if (error == NULL && letter != NULL && misas__is_prediction_letter(letter)) {
        error = predict_again(out_found, storage, letter);
    } else if (error == NULL) {
        error = storage->backend->checkpoints.retry_dead_letter(out_found, storage, id);
    }
    misas__arena_free(&arena);
    return error;
}

static misas_error *act(misas_system *system, int64_t id, letter_action action)
{
    bool is_found = false;
    bool was_opened = false;
    misas_error *error = misas__begin_operation(&was_opened, system);

    if (error == NULL) {
        error = action(&is_found, system->storage, id);
    }
    if (error == NULL && !is_found) {
        error = unknown(id);
    }
    misas__end_operation(system, was_opened);
    return error;
}

misas_error *misas_system_retry_dead_letter(misas_system *system, int64_t id)
{
    return act(system, id, retry);
}

misas_error *misas_system_drop_dead_letter(misas_system *system, int64_t id)
{
    return act(system, id, drop);
}
