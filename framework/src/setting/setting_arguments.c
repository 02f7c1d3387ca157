#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "setting/setting.h"

/* A setting that an option may be of. */
typedef struct known_setting {
    const misas_setting *setting;
    const char *prefix;
} known_setting;

/* A command line that is taken apart. */
typedef struct parsing {
    known_setting *known; /* those of all groups */
    size_t known_count;
    misas_command_line *line;
    misas__given_setting *given; /* one for each known */
    int next;                    /* the argument to be looked at */
    int kept;                    /* so many are left */
} parsing;

void misas__setting_append_option(misas__text *text, const misas_setting *setting,
                                  const char *prefix)
{
    size_t prefix_size = prefix != NULL ? strlen(prefix) : 0;
    const char *name = setting->variable;

    if (prefix_size > 0 && strncmp(name, prefix, prefix_size) == 0) {
        name += prefix_size;
    }
    misas__text_append_string(text, "--");
    for (; *name != '\0'; name++) {
        char letter = *name == '_' ? '-' : (char)tolower((unsigned char)*name);

        misas__text_append(text, &letter, 1);
    }
    if (setting->type == MISAS_SETTING_SECRET) {
        misas__text_append_string(text, "-file");
    }
}

static misas_error *name_option(char **out, const known_setting *known)
{
    misas__text text = {0};

    misas__setting_append_option(&text, known->setting, known->prefix);
    return misas__text_finish(out, NULL, &text);
}

/* Takes `expected`; NULL: there was no memory for it. */
static misas_error *usage_error(const char *argument, const char *problem, char *expected)
{
    char quoted[MISAS__QUOTED_SIZE];

    if (expected == NULL) {
        return misas_error_out_of_memory();
    }
    misas_error *error = misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_USAGE,
            .data = (misas_field[]){{"argument", argument}, {"expected", expected}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION},
        "%s %s: expected %s", misas__text_quote(quoted, argument), problem, expected);

    free(expected);
    return error;
}

/* Only the name of an option is told: what follows it may be a secret. */
static misas_error *option_error(const char *argument, const char *problem, char *expected)
{
    char *name = strndup(argument, strcspn(argument, "="));
    misas_error *error = name != NULL ? usage_error(name, problem, expected) : NULL;

    if (name == NULL) {
        free(expected);
        error = misas_error_out_of_memory();
    }
    free(name);
    return error;
}

static char *finish(misas__text *text)
{
    char *bytes = NULL;
    misas_error *error = misas__text_finish(&bytes, NULL, text);

    misas_error_free(error);
    return error == NULL ? bytes : NULL;
}

static misas_error *unknown(const parsing *self, const char *argument)
{
    misas__text text = {0};
    const misas_flag *flag = self->line->flags;

    misas__text_append_string(&text, "one of ");
    for (size_t i = 0; i < self->known_count; i++) {
        misas__text_append_string(&text, i > 0 ? ", " : "");
        misas__setting_append_option(&text, self->known[i].setting, self->known[i].prefix);
    }
    for (; flag != NULL && flag->option != NULL; flag++) {
        misas__text_append_format(&text, ", %s", flag->option);
    }
    return option_error(argument, "is no option", finish(&text));
}

static misas_error *told_secret(const char *argument, const misas_setting *setting,
                                const char *option)
{
    misas__text text = {0};

    misas__text_append_format(&text, "%s PATH, or the variable %s", option, setting->variable);
    return option_error(argument, "would tell a secret to whoever lists the processes",
                        finish(&text));
}

static misas_error *without_value(const char *argument, const misas_setting *setting)
{
    misas__text text = {0};

    if (setting->type == MISAS_SETTING_SECRET) {
        misas__text_append_string(&text, "the path of a file");
    } else {
        misas__setting_append_expected(&text, setting);
    }
    return option_error(argument, "has no value", finish(&text));
}

static misas_error *given_twice(const char *argument)
{
    return option_error(argument, "is given twice", strdup("it once"));
}

static bool is_named(const char *argument, const char *option, size_t size)
{
    return strncmp(argument, option, size) == 0 &&
           (argument[size] == '\0' || argument[size] == '=');
}

/* The next argument, unless it looks like an option: such a value follows a sign. */
static const char *next_value(parsing *self)
{
    const char *next = self->next + 1 < self->line->argc ? self->line->argv[self->next + 1] : NULL;

    if (next == NULL || strncmp(next, "--", 2) == 0) {
        return NULL;
    }
    self->next++;
    return next;
}

static misas_error *take_value(parsing *self, size_t index, const char *option)
{
    misas__given_setting *given = &self->given[index];
    const char *argument = self->line->argv[self->next];
    const char *sign = strchr(argument, '=');

    if (given->value != NULL) {
        return given_twice(argument);
    }
    given->value = sign != NULL ? sign + 1 : next_value(self);
    if (given->value == NULL || *given->value == '\0') {
        return without_value(argument, self->known[index].setting);
    }
    given->option = strdup(option);
    return given->option != NULL ? NULL : misas_error_out_of_memory();
}

/* `*out`: whether the argument is the option of this setting. */
static misas_error *try_setting(bool *out, parsing *self, size_t index)
{
    const misas_setting *setting = self->known[index].setting;
    const char *argument = self->line->argv[self->next];
    char *option = NULL;
    misas_error *error = name_option(&option, &self->known[index]);

    if (error != NULL) {
        return error;
    }
    size_t size = strlen(option);

    *out = is_named(argument, option, size);
    if (*out) {
        error = take_value(self, index, option);
    } else if (setting->type == MISAS_SETTING_SECRET &&
               is_named(argument, option, size - strlen("-file"))) {
        error = told_secret(argument, setting, option);
    }
    free(option);
    return error;
}

static misas_error *take_flag(bool *out, const parsing *self, const char *argument)
{
    for (misas_flag *flag = self->line->flags; flag != NULL && flag->option != NULL; flag++) {
        if (strcmp(flag->option, argument) == 0) {
            bool was_given = flag->is_given;

            *out = true;
            flag->is_given = true;
            return was_given ? given_twice(argument) : NULL;
        }
    }
    return NULL;
}

static misas_error *take_option(parsing *self)
{
    const char *argument = self->line->argv[self->next];
    bool is_taken = false;
    misas_error *error = take_flag(&is_taken, self, argument);

    for (size_t i = 0; error == NULL && !is_taken && i < self->known_count; i++) {
        error = try_setting(&is_taken, self, i);
    }
    return error != NULL || is_taken ? error : unknown(self, argument);
}

static misas_error *parse(parsing *self)
{
    misas_command_line *line = self->line;
    bool has_ended = false;
    misas_error *error = NULL;

    for (; self->next < line->argc && error == NULL; self->next++) {
        char *argument = line->argv[self->next];

        if (has_ended || argument[0] != '-' || argument[1] == '\0') {
            line->argv[self->kept++] = argument;
        } else if (strcmp(argument, "--") == 0) {
            has_ended = true;
        } else {
            error = take_option(self);
        }
    }
    if (error == NULL) {
        line->argc = self->kept;
        line->argv[line->argc] = NULL;
    }
    return error;
}

static size_t count_settings(const misas_setting *table)
{
    size_t count = 0;

    while (table[count].variable != NULL) {
        count++;
    }
    return count;
}

/* Fills the structs; after an error none of them is. */
static misas_error *read_groups(const misas_setting_group *groups, const parsing *self)
{
    const misas__given_setting *given = self->given;
    const bool ignores_environment = self->line->ignores_environment;
    const misas_setting_group *group = groups;
    misas_error *error = NULL;

    for (; group->table != NULL && error == NULL; group++) {
        error = misas__settings_read(group->settings_struct, group->table,
                                     &(misas__setting_sources){given, ignores_environment});
        given += count_settings(group->table);
    }
    if (error != NULL) {
        for (group--; group > groups; group--) { /* the last one is empty by itself */
            misas_settings_clear(group[-1].settings_struct, group[-1].table);
        }
    }
    return error;
}

static misas_error *begin(parsing *out, const misas_setting_group *groups, misas_command_line *line)
{
    const int first = line->argc > 0 ? 1 : 0; /* after the program's name */
    size_t count = 0;

    for (const misas_setting_group *group = groups; group->table != NULL; group++) {
        count += count_settings(group->table);
    }
    *out = (parsing){.line = line, .next = first, .kept = first};
    out->known = calloc(count + 1, sizeof *out->known);
    out->given = calloc(count + 1, sizeof *out->given);
    if (out->known == NULL || out->given == NULL) {
        return misas_error_out_of_memory();
    }
    for (const misas_setting_group *group = groups; group->table != NULL; group++) {
        for (const misas_setting *each = group->table; each->variable != NULL; each++) {
            out->known[out->known_count++] = (known_setting){each, group->prefix};
        }
    }
    return NULL;
}

static void end(parsing *self)
{
    for (size_t i = 0; i < self->known_count; i++) {
        free(self->given[i].option);
    }
    free(self->given);
    free(self->known);
}

misas_error *misas_settings_read_groups(const misas_setting_group *groups, misas_command_line *line)
{
    parsing self;
    misas_error *error = begin(&self, groups, line);

    if (error == NULL) {
        error = parse(&self);
    }
    if (error == NULL) {
        error = read_groups(groups, &self);
    }
    end(&self);
    return error;
}

misas_error *misas_settings_read_arguments(void *settings_struct, const misas_setting *table,
                                           misas_command_line *line)
{
    const misas_setting_group groups[] = {
        {.table = table, .settings_struct = settings_struct, .prefix = line->prefix},
        {.table = NULL},
    };

    return misas_settings_read_groups(groups, line);
}
