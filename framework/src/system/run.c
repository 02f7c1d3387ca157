/* The command line of a system's program. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/log.h"
#include "system/signals.h"
#include "system/usage.h"

/* A subcommand, and the words after it. */
typedef struct invocation {
    misas_system *system;
    const char *const *words;
    size_t count;
    bool as_json;
} invocation;

typedef struct subcommand {
    const char *group; /* "" : it stands alone */
    const char *name;
    misas_error *(*carry_out)(const invocation *with);
    size_t min_words;
    size_t max_words;
    const char *expected; /* the words */
    bool takes_json;
} subcommand;

static void log_running(const misas_system *system)
{
    misas_log_write(&system->logger, MISAS_LOG_INFO, "the system runs",
                    (misas_log_field[]){misas_log_text("system", system->name),
                                        misas_log_text("version", system->version),
                                        misas_log_end()});
}

/* What is open; closes it. */
static misas_error *run_open(misas_system *system)
{
    misas_error *error = misas__system_start_chosen(system);

    if (error == NULL) {
        log_running(system);
        misas__system_wait(system);
        misas__system_stop_chosen(system);
        error = misas__system_take_reason(system);
    }
    misas__system_close(system);
    return error;
}

static misas_error *run(const invocation *with)
{
    misas_system *system = with->system;
    misas__signals signals;
    misas_error *error = misas__system_choose(system, with->words, with->count);

    if (error == NULL) {
        error = misas__signals_begin(&signals, system);
    }
    if (error != NULL) {
        return error;
    }
    error = misas__system_open(system, true);
    if (error == NULL) {
        error = run_open(system);
    }
    misas__signals_end(&signals);
    return error;
}

static misas_error *migrate(const invocation *with)
{
    return misas_system_migrate(with->system);
}

static misas_error *list_processors(const invocation *with)
{
    return misas_system_list_processors(with->system, stdout, with->as_json);
}

static misas_error *reset_processor(const invocation *with)
{
    return misas_system_reset_processor(with->system, with->words[0]);
}

static misas_error *pause_processor(const invocation *with)
{
    return misas_system_pause_processor(with->system, with->words[0], true);
}

static misas_error *resume_processor(const invocation *with)
{
    return misas_system_pause_processor(with->system, with->words[0], false);
}

static misas_error *list_dead_letters(const invocation *with)
{
    return misas_system_list_dead_letters(with->system, stdout,
                                          with->count > 0 ? with->words[0] : NULL, with->as_json);
}

static misas_error *read_id(int64_t *out, const char *word)
{
    bool is_number = *word != '\0' && word[strspn(word, "0123456789")] == '\0';

    errno = 0;
    *out = is_number ? strtoll(word, NULL, 10) : 0;
    return is_number && errno == 0
               ? NULL
               : misas__usage_expects(word, "the id of a dead letter, as they are listed");
}

static misas_error *show_dead_letter(const invocation *with)
{
    int64_t id = 0;
    misas_error *error = read_id(&id, with->words[0]);

    return error != NULL ? error : misas_system_show_dead_letter(with->system, stdout, id);
}

/* All words are looked at first. */
static misas_error *for_each_id(const invocation *with,
                                misas_error *(*function)(misas_system *system, int64_t id))
{
    int64_t id = 0;
    misas_error *error = NULL;

    for (size_t i = 0; i < with->count && error == NULL; i++) {
        error = read_id(&id, with->words[i]);
    }
    for (size_t i = 0; i < with->count && error == NULL; i++) {
        error = read_id(&id, with->words[i]);
        error = error == NULL ? function(with->system, id) : error;
    }
    return error;
}

static misas_error *retry_dead_letters(const invocation *with)
{
    return for_each_id(with, misas_system_retry_dead_letter);
}

static misas_error *drop_dead_letters(const invocation *with)
{
    return for_each_id(with, misas_system_drop_dead_letter);
}

static const subcommand subcommands[] = {
    {"", "run", run, 0, SIZE_MAX, "", false},
    {"", "migrate", migrate, 0, 0, "nothing after migrate", false},
    {"processors", "list", list_processors, 0, 0, "nothing after list", true},
    {"processors", "reset", reset_processor, 1, 1, "the name of a processor after reset", false},
    {"processors", "pause", pause_processor, 1, 1, "the name of a processor after pause", false},
    {"processors", "resume", resume_processor, 1, 1, "the name of a processor after resume", false},
    {"dead-letters", "list", list_dead_letters, 0, 1, "one processor after list", true},
    {"dead-letters", "show", show_dead_letter, 1, 1, "one id after show", false},
    {"dead-letters", "retry", retry_dead_letters, 1, SIZE_MAX, "ids after retry", false},
    {"dead-letters", "drop", drop_dead_letters, 1, SIZE_MAX, "ids after drop", false},
    {.group = NULL},
};

/* NULL: there is none. */
static const subcommand *find(const char *group, const char *name)
{
    for (const subcommand *each = subcommands; each->group != NULL; each++) {
        if (strcmp(each->group, group) == 0 && strcmp(each->name, name) == 0) {
            return each;
        }
    }
    return NULL;
}

static bool is_group(const char *word)
{
    for (const subcommand *each = subcommands; each->group != NULL; each++) {
        if (each->group[0] != '\0' && strcmp(each->group, word) == 0) {
            return true;
        }
    }
    return false;
}

static misas_error *unknown_in(const char *group, const char *word)
{
    misas__text expected = {0};

    misas__text_append_format(&expected, "%s and one of ", group);
    size_t begin = expected.size;

    for (const subcommand *each = subcommands; each->group != NULL; each++) {
        if (strcmp(each->group, group) == 0) {
            misas__append_choice(&expected, begin, each->name);
        }
    }
    return misas__usage_error(word, &expected);
}

/* Finds the subcommand, and has the invocation begin after it. NULL: `*out_error` says why. */
static const subcommand *choose(misas_error **out_error, invocation *with)
{
    const char *first = with->count > 0 ? with->words[0] : "run";
    bool has_group = is_group(first);
    size_t size = has_group ? 2 : 1;
    const char *last = with->count >= size ? with->words[size - 1] : first;
    const subcommand *found = find(has_group ? first : "", last);

    if (found == NULL) {
        *out_error =
            has_group
                ? unknown_in(first, last)
                : misas__usage_expects(first, "one of run, migrate, processors, dead-letters");
        return NULL;
    }
    size = with->count < size ? with->count : size;
    with->words += size;
    with->count -= size;
    return found;
}

static misas_error *carry_out(invocation *with)
{
    misas_error *error = NULL;
    const subcommand *chosen = choose(&error, with);

    if (chosen == NULL) {
        return error;
    }
    if (with->count < chosen->min_words) {
        return misas__usage_expects(chosen->name, chosen->expected);
    }
    if (with->count > chosen->max_words) {
        return misas__usage_expects(with->words[chosen->max_words], chosen->expected);
    }
    if (with->as_json && !chosen->takes_json) {
        return misas__usage_expects("--json", "it with list");
    }
    return chosen->carry_out(with);
}

static bool has_word(char **argv, const char *word)
{
    for (size_t i = 1; argv[0] != NULL && argv[i] != NULL && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static misas_error *run_as_told(misas_system *system, int argc, char **argv)
{
    misas_flag flags[] = {
        {.option = "--json"}, {.option = "--help"}, {.option = "--version"}, {.option = NULL}};
    misas_command_line line = {.argc = argc, .argv = argv, .flags = flags};
    misas_error *error = misas__system_check(system);

    if (error == NULL) {
        error = misas__system_read_settings(system, &line);
    }
    if (error != NULL) {
        return error;
    }
    const misas_log_options options = misas__log_options(&system->settings);

    misas__log_set_default(&options); /* which tells of the error that this ends with */
    return carry_out(&(invocation){
        .system = system,
        .words = line.argc > 0 ? (const char *const *)line.argv + 1 : NULL,
        .count = line.argc > 0 ? (size_t)line.argc - 1 : 0,
        .as_json = flags[0].is_given,
    });
}

misas_error *misas_system_run(misas_system *system, int argc, char **argv)
{
    if (has_word(argv, "--help")) {
        misas__write_help(stdout, system);
        return NULL;
    }
    if (has_word(argv, "--version")) {
        printf("%s %s\n", system->name, system->version);
        return NULL;
    }
    return run_as_told(system, argc, argv);
}
