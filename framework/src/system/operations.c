#include "system/operations.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "processing/prediction_letter.h"
#include "subsystem/event_processor.h"
#include "system/usage.h"

misas_error *misas__begin_operation(bool *out_opened, misas_system *system)
{
    misas_error *error = misas__system_check(system);

    *out_opened = false;
    if (error != NULL || system->storage != NULL) {
        return error;
    }
    error = misas__system_read_settings(system, NULL);
    if (error == NULL) {
        error = misas__system_open(system, false);
    }
    *out_opened = error == NULL;
    return error;
}

void misas__end_operation(misas_system *system, bool was_opened)
{
    if (was_opened) {
        misas__system_close(system);
    }
}

misas_error *misas_system_migrate(misas_system *system)
{
    misas_logger logger = {0};
    misas_error *error = misas__system_read_settings(system, NULL);

    if (error != NULL) {
        return error;
    }
    if (system->settings.storage == MISAS__STORAGE_MEMORY) {
        return misas__usage_expects("migrate", "it where MISAS_STORAGE is postgresql");
    }
    const misas_log_options options = misas__log_options(&system->settings);

    error = misas_log_new(&logger.log, &options);
    if (error == NULL) {
        error = misas__migrate_database(&system->settings, logger);
    }
    misas_log_free(logger.log);
    return error;
}

static misas__known_processor *find(const misas__known_processors *processors, const char *name)
{
    for (size_t i = 0; i < processors->count; i++) {
        if (strcmp(processors->items[i].name, name) == 0) {
            return &processors->items[i];
        }
    }
    return NULL;
}

/* There is room for it. */
static void add_registered(misas__known_processors *to, const char *name,
                           const misas_event_processor *processor)
{
    misas__known_processor *known = find(to, name);

    if (known == NULL) {
        known = &to->items[to->count++];
        *known = (misas__known_processor){.name = name};
    }
    known->processor = processor;
}

static misas_error *add_by_ending(misas__known_processors *to, const misas_subsystem *subsystem,
                                  const char *ending)
{
    size_t size = strlen(subsystem->name) + strlen(ending) + 1;
    char *name = misas__arena_allocate(&to->arena, size);

    if (name == NULL) {
        return misas_error_out_of_memory();
    }
    snprintf(name, size, "%s%s", subsystem->name, ending);
    add_registered(to, name, NULL);
    return NULL;
}

static misas_error *add_part(misas__known_processors *to, const misas_subsystem *subsystem)
{
    for (size_t i = 0; i < subsystem->processor_count; i++) {
        add_registered(to, subsystem->processors[i]->name, subsystem->processors[i]);
    }
    return misas__handles_commands(subsystem) ? add_by_ending(to, subsystem, ".commands") : NULL;
}

/* With room for those by ending. */
static size_t count_registered(const misas_system *system)
{
    size_t count = 0;

    for (size_t i = 0; i < system->part_count; i++) {
        count += system->parts[i].subsystem->processor_count + 2;
    }
    return count;
}

static int compare(const void *left, const void *right)
{
    return strcmp(((const misas__known_processor *)left)->name,
                  ((const misas__known_processor *)right)->name);
}

static misas_error *find_processors(misas__known_processors *out, misas_system *system)
{
    const misas__checkpoint_info *infos = NULL;
    size_t info_count = 0;
    misas_error *error = system->storage->backend->checkpoints.list(&infos, &info_count,
                                                                    system->storage, &out->arena);

    if (error != NULL) {
        return error;
    }
    out->items = misas__arena_allocate(&out->arena, (info_count + count_registered(system)) *
                                                        sizeof *out->items);
    if (out->items == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < info_count; i++) {
        out->items[out->count++] =
            (misas__known_processor){.name = infos[i].key.processor, .info = &infos[i]};
    }
    for (size_t i = 0; i < system->part_count && error == NULL; i++) {
        error = add_part(out, system->parts[i].subsystem);
    }
    qsort(out->items, out->count, sizeof *out->items, compare);
    return error;
}

misas_error *misas__find_processors(misas__known_processors *out, misas_system *system)
{
    *out = (misas__known_processors){.items = NULL};
    misas_error *error = find_processors(out, system);

    if (error != NULL) {
        misas__free_processors(out);
    }
    return error;
}

misas_error *misas__add_prediction_processors(misas__known_processors *to,
                                              const misas_system *system)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < system->part_count && error == NULL; i++) {
        error = add_by_ending(to, system->parts[i].subsystem, MISAS__PREDICTIONS_ENDING);
    }
    return error;
}

void misas__free_processors(misas__known_processors *processors)
{
    misas__arena_free(&processors->arena);
    *processors = (misas__known_processors){.items = NULL};
}

misas_error *misas__get_processor(const misas__known_processor **out,
                                  const misas__known_processors *processors, const char *name)
{
    static const char what[] = "a processor: ";
    misas__text expected = {0};

    *out = find(processors, name);
    if (*out != NULL) {
        return NULL;
    }
    if (processors->count == 0) {
        return misas__usage_expects(name, "a processor, but there is none");
    }
    misas__text_append_string(&expected, what);
    for (size_t i = 0; i < processors->count; i++) {
        misas__append_choice(&expected, sizeof what - 1, processors->items[i].name);
    }
    return misas__usage_error(name, &expected);
}

static void append_name(misas__text *text, const char *name)
{
    bool is_first = text->size == 0 || text->bytes[text->size - 1] == '{';

    misas__text_append_format(text, "%s\"%s\":", is_first ? "" : ",", name);
}

void misas__append_json_text(misas__text *text, const char *name, const char *value)
{
    append_name(text, name);
    if (value != NULL) {
        misas__text_append_json_string(text, value, strlen(value));
    } else {
        misas__text_append_string(text, "null");
    }
}

void misas__append_json_number(misas__text *text, const char *name, int64_t value)
{
    append_name(text, name);
    misas__text_append_format(text, "%" PRId64, value);
}

void misas__append_json_bool(misas__text *text, const char *name, bool value)
{
    append_name(text, name);
    misas__text_append_string(text, value ? "true" : "false");
}

void misas__append_json_time(misas__text *text, const char *name, int64_t time_us)
{
    char buffer[MISAS_TIME_TEXT_SIZE];

    misas__append_json_text(text, name, misas_time_write(buffer, time_us));
}

misas_error *misas__write_text(misas__text *text, FILE *file)
{
    char *bytes = NULL;
    misas_error *error = misas__text_finish(&bytes, NULL, text);

    if (error == NULL) {
        fprintf(file, "%s\n", bytes);
    }
    free(bytes);
    return error;
}
