/** @file
 * Settings: the options of a part of the program, read from the environment and the command line.
 *
 * A part declares its settings as one table over its options struct; the table reads the
 * environment and the command line and writes the help text, so that they can't disagree. A
 * variable that is empty counts as not set. For a secret NAME, the variable NAME_FILE may name a
 * file that holds it instead; on the command line, which others can read, only the file is named.
 */
#ifndef MISAS_SETTING_H
#define MISAS_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "misas/error.h"
#include "misas/secret.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A setting has a value that it can't have, or is required and missing; data: "setting", "value"
 * (not for secrets), "expected". Tagged validation. */
#define MISAS_ERROR_SETTING_INVALID "misas.setting.invalid"
#define MISAS_ERROR_SETTING_MISSING "misas.setting.missing"
/** The command line is not understood; data: "argument", "expected". Tagged validation. */
#define MISAS_ERROR_USAGE "misas.setting.usage"

typedef enum misas_setting_type {
    MISAS_SETTING_TEXT,   /**< char *, allocated by misas_settings_read */
    MISAS_SETTING_SECRET, /**< misas_secret * */
    MISAS_SETTING_NUMBER, /**< int64_t, within `minimum` and `maximum` */
    MISAS_SETTING_CHOICE  /**< int, the index in `choices` */
} misas_setting_type;

typedef struct misas_setting {
    const char *variable; /**< "MISAS_LOG_LEVEL" */
    misas_setting_type type;
    size_t offset;             /**< of the member in the struct */
    const char *default_value; /**< as it would be written in the environment; NULL: none */
    const char *sentence;      /**< what it does, for --help */
    bool is_required;
    int64_t minimum;
    int64_t maximum;            /**< 0: no bounds */
    const char *const *choices; /**< ends with NULL */
} misas_setting;

/** Fills the members of `settings_struct` (zeroed first where a setting points) from the
 * environment. `table` ends with a NULL variable. On an error nothing is left allocated. Errors:
 * MISAS_ERROR_SETTING_INVALID, MISAS_ERROR_SETTING_MISSING, MISAS_ERROR_SECRET_UNREADABLE. */
misas_error *misas_settings_read(void *settings_struct, const misas_setting *table);

/** An option that is no setting and has no value, as in "--json". */
typedef struct misas_flag {
    const char *option; /**< with its dashes */
    bool is_given;      /**< filled in */
} misas_flag;

/** A command line, whose options are settings: for the variable MISAS_LOG_LEVEL and the prefix
 * "MISAS_" that is `--log-level debug`, or `--log-level=debug`; for a secret, `--postgresql-file
 * PATH`. All that follows a `--` are words. */
typedef struct misas_command_line {
    int argc;    /**< as `main` has it; then that of what is left: the program's name and the words
                    that are no options */
    char **argv; /**< likewise; ends with NULL */
    const char *prefix; /**< of variables, which their options leave out; NULL: none */
    misas_flag *flags;  /**< what else is understood; ends with a NULL option; NULL: nothing */
    bool ignores_environment;
} misas_command_line;

/** As misas_settings_read, but what is on the command line counts more than the environment. After
 * an error the command line is not to be used. Errors: MISAS_ERROR_USAGE for an option that is not
 * known, given twice, or without its value, and for a secret that is given itself; and as above. */
misas_error *misas_settings_read_arguments(void *settings_struct, const misas_setting *table,
                                           misas_command_line *line);

/** Settings that are read with others: a table, and the struct that it fills. */
typedef struct misas_setting_group {
    const misas_setting *table; /**< NULL ends a list of groups */
    void *settings_struct;
    const char *prefix; /**< of variables, which their options leave out; NULL: none */
} misas_setting_group;

/** As misas_settings_read_arguments, for several tables, of which no two have a variable in common;
 * `line->prefix` is not looked at. After an error nothing is left allocated in any of them. */
misas_error *misas_settings_read_groups(const misas_setting_group *groups,
                                        misas_command_line *line);

/** Frees the texts and secrets that were allocated by reading. */
void misas_settings_clear(void *settings_struct, const misas_setting *table);

/** Writes one paragraph a setting: its variable, its sentence, its default and its choices. */
void misas_settings_write_help(FILE *file, const misas_setting *table);

/** As misas_settings_write_help, with the option of each setting beside its variable. */
void misas_settings_write_options_help(FILE *file, const misas_setting *table, const char *prefix);

#ifdef __cplusplus
}
#endif

#endif
