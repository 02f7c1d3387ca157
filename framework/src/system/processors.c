/* Processors as operators see them: list, reset, pause. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "processing/reset.h"
#include "subsystem/event_processor.h"
#include "system/operations.h"
#include "system/table.h"
#include "system/usage.h"

/* What is shown of one that was never taken. */
static misas__checkpoint_info info_of(const misas__known_processor *known)
{
    return known->info != NULL
               ? *known->info
               : (misas__checkpoint_info){.key = {known->name, MISAS__SOURCE_LOG, 0}};
}

static int64_t lag_of(const misas__checkpoint_info *info, uint64_t last)
{
    return info->checkpoint.position < last ? (int64_t)(last - info->checkpoint.position) : 0;
}

static misas_error *write_table(FILE *file, const misas__known_processors *processors,
                                uint64_t last)
{
    static const char *const titles[] = {"PROCESSOR", "POSITION", "LAG",
                                         "OWNER",     "PAUSED",   "EPOCH"};
    misas__table table = {.column_count = sizeof titles / sizeof *titles};

    for (size_t i = 0; i < table.column_count; i++) {
        misas__table_add(&table, titles[i]);
    }
    for (size_t i = 0; i < processors->count; i++) {
        const misas__checkpoint_info info = info_of(&processors->items[i]);

        misas__table_add(&table, info.key.processor);
        misas__table_add_number(&table, (int64_t)info.checkpoint.position);
        misas__table_add_number(&table, lag_of(&info, last));
        misas__table_add(&table, info.owner != NULL ? info.owner : "-");
        misas__table_add(&table, info.checkpoint.is_paused ? "yes" : "no");
        misas__table_add_number(&table, info.checkpoint.epoch);
    }
    return misas__table_write(&table, file);
}

static void append_json(misas__text *text, const misas__checkpoint_info *info, uint64_t last)
{
    misas__text_append_string(text, "{");
    misas__append_json_text(text, "processor", info->key.processor);
    misas__append_json_text(text, "source", info->key.source);
    misas__append_json_number(text, "partition", info->key.partition);
    misas__append_json_number(text, "position", (int64_t)info->checkpoint.position);
    misas__append_json_number(text, "lag", lag_of(info, last));
    misas__append_json_text(text, "owner", info->owner);
    misas__append_json_bool(text, "paused", info->checkpoint.is_paused);
    misas__append_json_number(text, "epoch", info->checkpoint.epoch);
    if (info->moved_at_us != 0) {
        misas__append_json_time(text, "moved_at", info->moved_at_us);
    } else {
        misas__append_json_text(text, "moved_at", NULL);
    }
    misas__text_append_string(text, "}");
}

static misas_error *write_json(FILE *file, const misas__known_processors *processors, uint64_t last)
{
    misas__text text = {0};

    misas__text_append_string(&text, "[");
    for (size_t i = 0; i < processors->count; i++) {
        const misas__checkpoint_info info = info_of(&processors->items[i]);

        misas__text_append_string(&text, i == 0 ? "" : ",\n ");
        append_json(&text, &info, last);
    }
    misas__text_append_string(&text, "]");
    return misas__write_text(&text, file);
}

static misas_error *list(misas_system *system, FILE *file, bool as_json)
{
    misas__known_processors processors;
    uint64_t last = 0;
    misas_error *error = misas__find_processors(&processors, system);

    if (error != NULL) {
        return error;
    }
    error = misas__storage_last_position(&last, system->storage);
    if (error == NULL) {
        error =
            as_json ? write_json(file, &processors, last) : write_table(file, &processors, last);
    }
    misas__free_processors(&processors);
    return error;
}

misas_error *misas_system_list_processors(misas_system *system, FILE *file, bool as_json)
{
    bool was_opened = false;
    misas_error *error = misas__begin_operation(&was_opened, system);

    if (error == NULL) {
        error = list(system, file, as_json);
    }
    misas__end_operation(system, was_opened);
    return error;
}

static bool can_be_reset(const misas__known_processor *known)
{
    return known->processor != NULL && known->processor->reset_count > 0;
}

/* Of one that was not made to be reset nobody knows what handling all events again would do. */
static misas_error *not_resettable(const char *name, const misas__known_processors *processors)
{
    static const char what[] = "a processor of this program that can be reset: ";
    misas__text expected = {0};

    misas__text_append_string(&expected, what);
    for (size_t i = 0; i < processors->count; i++) {
        if (can_be_reset(&processors->items[i])) {
            misas__append_choice(&expected, sizeof what - 1, processors->items[i].name);
        }
    }
    if (expected.size == sizeof what - 1) {
        misas__text_append_string(&expected, "there is none");
    }
    return misas__usage_error(name, &expected);
}

static misas_error *reset(misas_system *system, const char *name)
{
    const misas__known_processor *known = NULL;
    misas__known_processors processors;
    misas_error *error = misas__find_processors(&processors, system);

    if (error != NULL) {
        return error;
    }
    error = misas__get_processor(&known, &processors, name);
    if (error == NULL && !can_be_reset(known)) {
        error = not_resettable(name, &processors);
    }
    if (error == NULL) {
        error = misas__reset_processor(&(misas__reset_options){.processor = known->processor,
                                                               .storage = system->storage,
                                                               .clock = system->clock,
                                                               .logger = system->logger});
    }
    misas__free_processors(&processors);
    return error;
}

misas_error *misas_system_reset_processor(misas_system *system, const char *name)
{
    bool was_opened = false;
    misas_error *error = misas__begin_operation(&was_opened, system);

    if (error == NULL) {
        error = reset(system, name);
    }
    misas__end_operation(system, was_opened);
    return error;
}

static misas_error *pause_processor(misas_system *system, const char *name, bool is_paused)
{
    const misas__known_processor *known = NULL;
    misas__known_processors processors;
    misas_error *error = misas__find_processors(&processors, system);

    if (error != NULL) {
        return error;
    }
    error = misas__get_processor(&known, &processors, name);
    if (error == NULL) {
        error = system->storage->backend->checkpoints.pause(system->storage, name, is_paused);
    }
    misas__free_processors(&processors);
    return error;
}

misas_error *misas_system_pause_processor(misas_system *system, const char *name, bool is_paused)
{
    bool was_opened = false;
    misas_error *error = misas__begin_operation(&was_opened, system);

    if (error == NULL) {
        error = pause_processor(system, name, is_paused);
    }
    misas__end_operation(system, was_opened);
    return error;
}
