#include "system/usage.h"

#include <stdlib.h>
#include <string.h>

#include "subsystem/subsystem.h"

misas_error *misas__usage_expects(const char *argument, const char *expected)
{
    char quoted[MISAS__QUOTED_SIZE];

    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_USAGE,
            .data = (misas_field[]){{"argument", argument}, {"expected", expected}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION},
        "%s is not understood: expected %s", misas__text_quote(quoted, argument), expected);
}

misas_error *misas__usage_error(const char *argument, misas__text *expected)
{
    char *text = NULL;
    misas_error *error = misas__text_finish(&text, NULL, expected);

    if (error == NULL) {
        error = misas__usage_expects(argument, text);
    }
    free(text);
    return error;
}

void misas__append_choice(misas__text *text, size_t begin, const char *choice)
{
    misas__text_append_string(text, text->size > begin ? ", " : "");
    misas__text_append_string(text, choice);
}

bool misas__handles_commands(const misas_subsystem *subsystem)
{
    for (size_t i = 0; i < subsystem->handler_count; i++) {
        if (subsystem->handlers[i].type->kind == MISAS_KIND_COMMAND) {
            return true;
        }
    }
    return false;
}

void misas__append_entry_points(misas__text *text, const misas_system *system)
{
    size_t begin = text->size;

    for (size_t i = 0; i < system->part_count; i++) {
        misas__append_choice(text, begin, misas_subsystem_name(system->parts[i].subsystem));
    }
    misas__append_choice(text, begin, MISAS__PREDICTOR);
    for (size_t i = 0; i < system->entry_point_count; i++) {
        misas__append_choice(text, begin, system->entry_points[i].name);
    }
}

/* What is to be set so that the entry point starts; NULL: there is none of this name. */
static bool *find_choice(misas_system *system, const char *name)
{
    for (size_t i = 0; i < system->part_count; i++) {
        if (strcmp(misas_subsystem_name(system->parts[i].subsystem), name) == 0) {
            return &system->parts[i].is_chosen;
        }
    }
    for (size_t i = 0; i < system->entry_point_count; i++) {
        if (strcmp(system->entry_points[i].name, name) == 0) {
            return &system->entry_points[i].is_chosen;
        }
    }
    return strcmp(name, MISAS__PREDICTOR) == 0 ? &system->is_predictor_chosen : NULL;
}

static void choose_all(misas_system *system, bool is_chosen)
{
    for (size_t i = 0; i < system->part_count; i++) {
        system->parts[i].is_chosen = is_chosen;
    }
    for (size_t i = 0; i < system->entry_point_count; i++) {
        system->entry_points[i].is_chosen = is_chosen;
    }
    system->is_predictor_chosen = is_chosen;
}

misas_error *misas__system_choose(misas_system *system, const char *const *names, size_t count)
{
    choose_all(system, count == 0);
    for (size_t i = 0; i < count; i++) {
        bool *choice = find_choice(system, names[i]);
        misas__text expected = {0};

        if (choice == NULL) {
            misas__text_append_string(&expected, "an entry point: ");
            misas__append_entry_points(&expected, system);
            return misas__usage_error(names[i], &expected);
        }
        *choice = true;
    }
    return NULL;
}
