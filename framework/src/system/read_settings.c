/* The settings of a system, and those that its program has added. */
#include <stdlib.h>
#include <string.h>

#include "system/system.h"

/* NULL: no other has it. */
static const misas_setting *find(const misas_system *system, const char *variable)
{
    for (size_t i = 0; i < system->added_settings_count; i++) {
        for (const misas_setting *each = system->added_settings[i].table; each->variable != NULL;
             each++) {
            if (strcmp(each->variable, variable) == 0) {
                return each;
            }
        }
    }
    return NULL;
}

static misas_error *check_variable(const misas_system *system, const char *variable)
{
    if (strncmp(variable, MISAS__SETTING_PREFIX, strlen(MISAS__SETTING_PREFIX)) == 0) {
        return misas__system_invalid(variable, "settings of this prefix are the system's own");
    }
    return find(system, variable) != NULL
               ? misas__system_invalid(variable, "there is a setting of this name already")
               : NULL;
}

static misas_error *add(misas_system *system, const misas_setting_group *group)
{
    const size_t count = system->added_settings_count;
    misas_error *error = NULL;

    for (const misas_setting *each = group->table; each->variable != NULL && error == NULL;
         each++) {
        error = check_variable(system, each->variable);
    }
    if (error != NULL) {
        return error;
    }
    misas_setting_group *grown =
        realloc(system->added_settings, (count + 2) * sizeof *system->added_settings);

    if (grown == NULL) {
        return misas_error_out_of_memory();
    }
    grown[count] = *group;
    grown[count + 1] = (misas_setting_group){.table = NULL};
    system->added_settings = grown;
    system->added_settings_count++;
    return NULL;
}

void misas_system_add_settings(misas_system *system, void *settings_struct,
                               const misas_setting *table)
{
    misas__system_keep_mistake(
        system,
        add(system, &(misas_setting_group){.table = table, .settings_struct = settings_struct}));
}

static misas_error *read_all(misas_system *system, misas_command_line *line)
{
    const size_t count = system->added_settings_count;
    misas_setting_group *groups = calloc(count + 2, sizeof *groups);

    if (groups == NULL) {
        return misas_error_out_of_memory();
    }
    groups[0] = (misas_setting_group){.table = misas__system_setting_table,
                                      .settings_struct = &system->settings,
                                      .prefix = MISAS__SETTING_PREFIX};
    if (count > 0) {
        memcpy(groups + 1, system->added_settings, count * sizeof *groups);
    }
    misas_error *error = misas_settings_read_groups(groups, line);

    free(groups);
    return error;
}

misas_error *misas__system_read_settings(misas_system *system, misas_command_line *line)
{
    char *no_arguments[] = {NULL};
    misas_command_line none = {.argc = 0, .argv = no_arguments};
    misas_command_line *chosen = line != NULL ? line : &none;

    if (system->has_settings) {
        return NULL;
    }
    chosen->ignores_environment = system->options.is_in_memory;
    misas_error *error = read_all(system, chosen);

    if (error != NULL) {
        return error;
    }
    system->has_settings = true;
    if (system->options.is_in_memory) {
        system->settings.storage = MISAS__STORAGE_MEMORY;
    }
    return NULL;
}

void misas__system_clear_settings(misas_system *system)
{
    if (system->has_settings) {
        misas_settings_clear(&system->settings, misas__system_setting_table);
    }
    for (size_t i = 0; i < system->added_settings_count && system->has_settings; i++) {
        misas_settings_clear(system->added_settings[i].settings_struct,
                             system->added_settings[i].table);
    }
    free(system->added_settings);
}
