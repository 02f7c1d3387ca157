#include "setting/setting.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void *member_of(void *settings_struct, const misas_setting *setting)
{
    return (char *)settings_struct + setting->offset;
}

/* NULL when it is not set. */
static const char *read_variable(const char *name)
{
    const char *value = getenv(name);

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
static misas_error *invalid(const misas_setting *setting, const char *value)
{
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
        "%s is %s: expected %s", setting->variable, misas__text_quote(quoted, value), expected);
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

static misas_error *read_number(int64_t *out, const misas_setting *setting, const char *value)
{
    int64_t number = 0;
    bool is_bounded = setting->maximum != 0;

    if (!parse_number(&number, value) ||
        (is_bounded && (number < setting->minimum || number > setting->maximum))) {
        return invalid(setting, value);
    }
    *out = number;
    return NULL;
}

static misas_error *read_choice(int *out, const misas_setting *setting, const char *value)
{
    for (int i = 0; setting->choices[i] != NULL; i++) {
        if (strcmp(setting->choices[i], value) == 0) {
            *out = i;
            return NULL;
        }
    }
    return invalid(setting, value);
}

static misas_error *read_value(void *member, const misas_setting *setting)
{
    const char *value = read_variable(setting->variable);

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
        return read_number(member, setting, value);
    case MISAS_SETTING_CHOICE:
        return read_choice(member, setting, value);
    }
    return NULL;
}

static misas_error *read_secret(misas_secret **out, const misas_setting *setting,
                                const char *file_variable)
{
    const char *path = read_variable(file_variable);

    if (path == NULL) {
        return read_value(out, setting);
    }
    if (read_variable(setting->variable) != NULL) {
        return set_twice(setting, file_variable);
    }
    misas_error *error = misas_secret_new_from_file(out, path);

    return error != NULL ? misas_error_wrap(error, "%s", file_variable) : NULL;
}

static misas_error *read_setting(void *member, const misas_setting *setting)
{
    if (setting->type != MISAS_SETTING_SECRET) {
        return read_value(member, setting);
    }
    misas__text text = {0};
    char *file_variable = NULL;

    misas__text_append_format(&text, "%s_FILE", setting->variable);
    misas_error *error = misas__text_finish(&file_variable, NULL, &text);
    if (error == NULL) {
        error = read_secret(member, setting, file_variable);
    }
    free(file_variable);
    return error;
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

misas_error *misas_settings_read(void *settings_struct, const misas_setting *table)
{
    misas_error *error = NULL;

    for (const misas_setting *setting = table; setting->variable != NULL; setting++) {
        set_zero(member_of(settings_struct, setting), setting->type);
    }
    for (const misas_setting *setting = table; error == NULL && setting->variable != NULL;
         setting++) {
        error = read_setting(member_of(settings_struct, setting), setting);
    }
    if (error != NULL) {
        misas_settings_clear(settings_struct, table);
    }
    return error;
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
