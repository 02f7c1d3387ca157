#include "setting/setting.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void *member_of(void *settings_struct, const misas_setting *setting)
{
    return (char *)settings_struct + setting->offset;
}

/* A setting to be read, and what is said of it. */
typedef struct reading {
    const misas_setting *setting;
    const char *name;  /* as messages call it: the variable or the option */
    const char *given; /* on the command line; NULL: nothing */
    bool ignores_environment;
} reading;

/* NULL when it is not set. */
static const char *read_variable(const reading *self, const char *name)
{
    const char *value = self->ignores_environment ? NULL : getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

void misas__setting_append_expected(misas__text *text, const misas_setting *setting)
{
    if (setting->type == MISAS_SETTING_TEXT) {
        misas__text_append_string(text, "a text");
    } else if (setting->type == MISAS_SETTING_SECRET) {
        misas__text_append_format(text, "a secret, or %s_FILE to name a file that holds it",
                                  setting->variable);
    } else if (setting->type == MISAS_SETTING_CHOICE) {
        for (size_t i = 0; setting->choices[i] != NULL; i++) {
            misas__text_append_string(text, i == 0 ? "one of " : ", ");
            misas__text_append_string(text, setting->choices[i]);
        }
    } else if (setting->maximum != 0) {
        misas__text_append_format(text, "a whole number from %" PRId64 " to %" PRId64,
                                  setting->minimum, setting->maximum);
    } else {
        misas__text_append_string(text, "a whole number");
    }
}

static misas_error *missing(const misas_setting *setting)
{
    misas__text text = {0};
    char *expected = NULL;

    misas__setting_append_expected(&text, setting);
    misas_error *error = misas__text_finish(&expected, NULL, &text);
    if (error != NULL) {
        return error;
    }
    error = misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_SETTING_MISSING,
                               .data = (misas_field[]){{"setting", setting->variable},
                                                       {"expected", expected},
                                                       {NULL, NULL}},
                               .tags = MISAS_TAG_VALIDATION},
        "%s is not set: expected %s", setting->variable, expected);
    free(expected);
    return error;
}

/* Never for a secret, whose value must not be told. */
static misas_error *invalid(const reading *self, const char *value)
{
    const misas_setting *setting = self->setting;
    misas__text text = {0};
    char *expected = NULL;
    char quoted[MISAS__QUOTED_SIZE];

    misas__setting_append_expected(&text, setting);
    misas_error *error = misas__text_finish(&expected, NULL, &text);
    if (error != NULL) {
        return error;
    }
    error = misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_SETTING_INVALID,
                               .data = (misas_field[]){{"setting", setting->variable},
                                                       {"value", value},
                                                       {"expected", expected},
                                                       {NULL, NULL}},
                               .tags = MISAS_TAG_VALIDATION},
        "%s is %s: expected %s", self->name, misas__text_quote(quoted, value), expected);
    free(expected);
    return error;
}

static misas_error *set_twice(const misas_setting *setting, const char *file_variable)
{
    return misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_SETTING_INVALID,
                               .data = (misas_field[]){{"setting", setting->variable},
                                                       {"expected", "only one of the two"},
                                                       {NULL, NULL}},
                               .tags = MISAS_TAG_VALIDATION},
        "%s and %s are both set: expected only one of the two", setting->variable, file_variable);
}

static misas_error *read_text(char **out, const char *value)
{
    *out = strdup(value);
    return *out != NULL ? NULL : misas_error_out_of_memory();
}

/* Digits, with a minus before them or not: no blanks, no plus, no other base. */
static bool parse_number(int64_t *out, const char *text)
{
    const char *digits = *text == '-' ? text + 1 : text;

    if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    *out = strtoll(text, NULL, 10);
    return errno == 0;
}

static misas_error *read_number(int64_t *out, const reading *self, const char *value)
{
    const misas_setting *setting = self->setting;
    int64_t number = 0;
    bool is_bounded = setting->maximum != 0;

    if (!parse_number(&number, value) ||
        (is_bounded && (number < setting->minimum || number > setting->maximum))) {
        return invalid(self, value);
    }
    *out = number;
    return NULL;
}

static misas_error *read_choice(int *out, const reading *self, const char *value)
{
    const char *const *choices = self->setting->choices;

    for (int i = 0; choices[i] != NULL; i++) {
        if (strcmp(choices[i], value) == 0) {
            *out = i;
            return NULL;
        }
    }
    return invalid(self, value);
}

static misas_error *read_value(void *member, const reading *self)
{
    const misas_setting *setting = self->setting;
    const char *value = self->given != NULL ? self->given : read_variable(self, setting->variable);

    if (value == NULL) {
        value = setting->default_value;
    }
    if (value == NULL) {
        return setting->is_required ? missing(setting) : NULL;
    }
    switch (setting->type) {
    case MISAS_SETTING_TEXT:
        return read_text(member, value);
    case MISAS_SETTING_SECRET:
        return misas_secret_new(member, value);
    case MISAS_SETTING_NUMBER:
        return read_number(member, self, value);
    case MISAS_SETTING_CHOICE:
        return read_choice(member, self, value);
    }
    return NULL;
}

static misas_error *read_file(misas_secret **out, const char *name, const char *path)
{
    misas_error *error = misas_secret_new_from_file(out, path);

    return error != NULL ? misas_error_wrap(error, "%s", name) : NULL;
}

static misas_error *read_secret_variable(misas_secret **out, const reading *self,
                                         const char *file_variable)
{
    const char *path = read_variable(self, file_variable);

    if (path == NULL) {
        return read_value(out, self);
    }
    if (read_variable(self, self->setting->variable) != NULL) {
        return set_twice(self->setting, file_variable);
    }
    return read_file(out, file_variable, path);
}

static misas_error *read_secret(misas_secret **out, const reading *self)
{
    misas__text text = {0};
    char *file_variable = NULL;

    if (self->given != NULL) { /* it is a path */
        return read_file(out, self->name, self->given);
    }
    misas__text_append_format(&text, "%s_FILE", self->setting->variable);
    misas_error *error = misas__text_finish(&file_variable, NULL, &text);

    if (error == NULL) {
        error = read_secret_variable(out, self, file_variable);
    }
    free(file_variable);
    return error;
}

static misas_error *read_setting(void *member, const reading *self)
{
    return self->setting->type == MISAS_SETTING_SECRET ? read_secret(member, self)
                                                       : read_value(member, self);
}

static void set_zero(void *member, misas_setting_type type)
{
    switch (type) {
    case MISAS_SETTING_TEXT:
        *(char **)member = NULL;
        break;
    case MISAS_SETTING_SECRET:
        *(misas_secret **)member = NULL;
        break;
    case MISAS_SETTING_NUMBER:
        *(int64_t *)member = 0;
        break;
    case MISAS_SETTING_CHOICE:
        *(int *)member = 0;
        break;
    }
}

static reading reading_of(const misas_setting *setting, const misas__setting_sources *sources,
                          size_t index)
{
    const misas__given_setting *given = sources->given != NULL ? &sources->given[index] : NULL;
    bool is_given = given != NULL && given->value != NULL;

    return (reading){
        .setting = setting,
        .name = is_given ? given->option : setting->variable,
        .given = is_given ? given->value : NULL,
        .ignores_environment = sources->ignores_environment,
    };
}

misas_error *misas__settings_read(void *settings_struct, const misas_setting *table,
                                  const misas__setting_sources *sources)
{
    misas_error *error = NULL;

    for (const misas_setting *setting = table; setting->variable != NULL; setting++) {
        set_zero(member_of(settings_struct, setting), setting->type);
    }
    for (size_t i = 0; error == NULL && table[i].variable != NULL; i++) {
        const reading next = reading_of(&table[i], sources, i);

        error = read_setting(member_of(settings_struct, &table[i]), &next);
    }
    if (error != NULL) {
        misas_settings_clear(settings_struct, table);
    }
    return error;
}

misas_error *misas_settings_read(void *settings_struct, const misas_setting *table)
{
    return misas__settings_read(settings_struct, table, &(misas__setting_sources){.given = NULL});
}

void misas_settings_clear(void *settings_struct, const misas_setting *table)
{
    for (const misas_setting *setting = table; setting->variable != NULL; setting++) {
        void *member = member_of(settings_struct, setting);

        if (setting->type == MISAS_SETTING_TEXT) {
            free(*(char **)member);
            set_zero(member, setting->type);
        } else if (setting->type == MISAS_SETTING_SECRET) {
            misas_secret_free(*(misas_secret **)member);
            set_zero(member, setting->type);
        }
    }
}
