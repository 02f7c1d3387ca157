#include "misas/setting.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/test.h"
#include "text/text.h"

typedef struct options {
    char *name;
    misas_secret *password;
    int64_t port;
    int level;
} options;

static const char *const levels[] = {"debug", "info", "off", NULL};

/* The table most tests read: each may change its own copy. */
enum { name_setting, password_setting, port_setting, level_setting, setting_count };

static const misas_setting settings[setting_count + 1] = {
    {.variable = "TEST_NAME",
     .type = MISAS_SETTING_TEXT,
     .offset = offsetof(options, name),
     .sentence = "What the system is called."},
    {.variable = "TEST_PASSWORD",
     .type = MISAS_SETTING_SECRET,
     .offset = offsetof(options, password),
     .sentence = "How it proves that."},
    {.variable = "TEST_PORT",
     .type = MISAS_SETTING_NUMBER,
     .offset = offsetof(options, port),
     .minimum = 1,
     .maximum = 65535,
     .default_value = "8080",
     .sentence = "Where it listens."},
    {.variable = "TEST_LEVEL",
     .type = MISAS_SETTING_CHOICE,
     .offset = offsetof(options, level),
     .choices = levels,
     .default_value = "info",
     .sentence = "What it tells."},
    {.variable = NULL},
};

/* A struct full of what a caller might have left there. */
static options garbage(void)
{
    options filled;

    memset(&filled, 0xA5, sizeof filled);
    return filled;
}

static void set_environment(const char *name, const char *password, const char *password_file,
                            const char *port, const char *level)
{
    const char *const variables[][2] = {{"TEST_NAME", name},
                                        {"TEST_PASSWORD", password},
                                        {"TEST_PASSWORD_FILE", password_file},
                                        {"TEST_PORT", port},
                                        {"TEST_LEVEL", level}};

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        if (variables[i][1] != NULL) {
            setenv(variables[i][0], variables[i][1], 1);
        } else {
            unsetenv(variables[i][0]);
        }
    }
}

static misas_error *read_port(int64_t *out, const char *value, int64_t minimum, int64_t maximum)
{
    options read = garbage();
    misas_setting table[] = {settings[port_setting], {.variable = NULL}};

    set_environment(NULL, NULL, NULL, value, NULL);
    table[0].minimum = minimum;
    table[0].maximum = maximum;
    misas_error *error = misas_settings_read(&read, table);

    *out = read.port;
    return error;
}

static char *write_help(const misas_setting *table)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    misas_settings_write_help(file, table);
    fclose(file);
    return text;
}

TEST(settings_are_read_from_the_environment_by_their_types)
{
    options read = garbage();

    set_environment("bank of a", "hunter2", NULL, "443", "off");
    assert_no_error(misas_settings_read(&read, settings));
    assert_string_equal(read.name, "bank of a");
    assert_string_equal(misas_secret_reveal(read.password), "hunter2");
    assert_int_equal(read.port, 443);
    assert_int_equal(read.level, 2);
    misas_settings_clear(&read, settings);
    assert_null(read.name);
    assert_null(read.password);
    misas_settings_clear(&read, settings);
}

TEST(what_is_not_set_has_its_default_or_nothing)
{
    options read = garbage();

    set_environment(NULL, NULL, NULL, NULL, NULL);
    assert_no_error(misas_settings_read(&read, settings));
    assert_null(read.name);
    assert_null(read.password);
    assert_int_equal(read.port, 8080);
    assert_int_equal(read.level, 1);
    misas_settings_clear(&read, settings);
}

TEST(without_a_default_a_number_is_zero_and_a_choice_the_first)
{
    options read = garbage();
    misas_setting table[] = {settings[port_setting], settings[level_setting], {.variable = NULL}};

    table[0].default_value = NULL;
    table[1].default_value = NULL;
    set_environment(NULL, NULL, NULL, NULL, NULL);
    assert_no_error(misas_settings_read(&read, table));
    assert_int_equal(read.port, 0);
    assert_int_equal(read.level, 0);
}

TEST(a_text_and_a_secret_may_have_defaults_too)
{
    options read = garbage();
    misas_setting table[] = {
        settings[name_setting], settings[password_setting], {.variable = NULL}};

    table[0].default_value = "bank";
    table[1].default_value = "guest";
    table[1].is_required = true;
    set_environment(NULL, NULL, NULL, NULL, NULL);
    assert_no_error(misas_settings_read(&read, table));
    assert_string_equal(read.name, "bank");
    assert_string_equal(misas_secret_reveal(read.password), "guest");
    misas_settings_clear(&read, table);
}

TEST(a_variable_that_is_empty_counts_as_not_set)
{
    options read = garbage();

    set_environment("", "", "", "", "");
    assert_no_error(misas_settings_read(&read, settings));
    assert_null(read.name);
    assert_null(read.password);
    assert_int_equal(read.port, 8080);
    assert_int_equal(read.level, 1);
}

TEST(a_required_setting_that_is_missing_is_named)
{
    static const char *const expected[setting_count] = {
        "TEST_NAME is not set: expected a text",
        "TEST_PASSWORD is not set: expected a secret, or TEST_PASSWORD_FILE to name a file that "
        "holds it",
        "TEST_PORT is not set: expected a whole number from 1 to 65535",
        "TEST_LEVEL is not set: expected one of debug, info, off"};

    set_environment("", NULL, NULL, NULL, NULL);
    for (size_t i = 0; i < setting_count; i++) {
        options read = garbage();
        misas_setting table[] = {settings[i], {.variable = NULL}};

        table[0].is_required = true;
        table[0].default_value = NULL;
        misas_error *error = misas_settings_read(&read, table);
        assert_string_equal(misas_error_data(error, "setting"), settings[i].variable);
        assert_non_null(strstr(expected[i], misas_error_data(error, "expected")));
        assert_null(misas_error_data(error, "value"));
        assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
        assert_error_says(error, MISAS_ERROR_SETTING_MISSING, expected[i]);
    }
}

TEST(an_error_leaves_nothing_allocated)
{
    options read = garbage();

    set_environment("bank", "hunter2", NULL, "443", "loud");
    assert_error_is(misas_settings_read(&read, settings), MISAS_ERROR_SETTING_INVALID);
    assert_null(read.name);
    assert_null(read.password);

    read = garbage();
    set_environment("bank", NULL, "/nowhere/at/all", NULL, NULL);
    assert_error_is(misas_settings_read(&read, settings), MISAS_ERROR_SECRET_UNREADABLE);
    assert_null(read.name);
    assert_null(read.password);
}

TEST(numbers_are_read_up_to_their_bounds)
{
    int64_t number = 0;

    assert_no_error(read_port(&number, "1", 1, 65535));
    assert_int_equal(number, 1);
    assert_no_error(read_port(&number, "65535", 1, 65535));
    assert_int_equal(number, 65535);
    assert_no_error(read_port(&number, "-5", -5, -1));
    assert_int_equal(number, -5);
    assert_no_error(read_port(&number, "010", 1, 65535));
    assert_int_equal(number, 10);
    assert_error_says(read_port(&number, "0", 1, 65535), MISAS_ERROR_SETTING_INVALID,
                      "TEST_PORT is \"0\": expected a whole number from 1 to 65535");
    assert_error_is(read_port(&number, "65536", 1, 65535), MISAS_ERROR_SETTING_INVALID);
    assert_error_is(read_port(&number, "0", -5, -1), MISAS_ERROR_SETTING_INVALID);
}

TEST(a_number_without_bounds_may_be_any_that_fits)
{
    int64_t number = 0;

    assert_no_error(read_port(&number, "9223372036854775807", 0, 0));
    assert_int_equal(number, INT64_MAX);
    assert_no_error(read_port(&number, "-9223372036854775808", 0, 0));
    assert_int_equal(number, INT64_MIN);
    assert_error_says(read_port(&number, "9223372036854775808", 0, 0), MISAS_ERROR_SETTING_INVALID,
                      "expected a whole number");
    assert_error_is(read_port(&number, "-9223372036854775809", 0, 0), MISAS_ERROR_SETTING_INVALID);
}

TEST(what_is_not_a_whole_number_is_refused)
{
    static const char *const wrong[] = {"x",   "8080x", "80 80", " 80",   "80 ",
                                        "+80", "0x50",  "8.0",   "8e1",   "-",
                                        "--8", "8-",    "\n",    "1_000", "1,000"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t number = 0;
        misas_error *error = read_port(&number, wrong[i], 0, 0);

        assert_string_equal(misas_error_data(error, "setting"), "TEST_PORT");
        assert_string_equal(misas_error_data(error, "value"), wrong[i]);
        assert_string_equal(misas_error_data(error, "expected"), "a whole number");
        assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
        assert_error_is(error, MISAS_ERROR_SETTING_INVALID);
    }
}

TEST(a_wrong_choice_is_told_all_choices)
{
    static const char *const wrong[] = {"loud", "INFO", "inf", "infos", " info", "0"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        options read = garbage();

        set_environment(NULL, NULL, NULL, NULL, wrong[i]);
        misas_error *error = misas_settings_read(&read, settings);
        assert_string_equal(misas_error_data(error, "setting"), "TEST_LEVEL");
        assert_string_equal(misas_error_data(error, "value"), wrong[i]);
        assert_error_says(error, MISAS_ERROR_SETTING_INVALID, ": expected one of debug, info, off");
    }
}

TEST(a_wrong_value_is_shown_on_one_line_and_is_no_format)
{
    options read = garbage();

    set_environment(NULL, NULL, NULL, NULL, "%n\n%s");
    assert_error_says(misas_settings_read(&read, settings), MISAS_ERROR_SETTING_INVALID,
                      "TEST_LEVEL is \"%n\\n%s\": expected");
}

TEST(a_secret_may_come_from_a_file)
{
    options read = garbage();
    char path[] = "/tmp/misas-setting-XXXXXX";
    int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, "hunter2\n", 8), 8);
    close(file);
    set_environment(NULL, "", path, NULL, NULL);
    assert_no_error(misas_settings_read(&read, settings));
    assert_string_equal(misas_secret_reveal(read.password), "hunter2");
    misas_settings_clear(&read, settings);
    unlink(path);
}

TEST(a_file_of_a_secret_that_can_not_be_read_is_named_with_its_variable)
{
    options read = garbage();

    set_environment(NULL, NULL, "/nowhere/at/all", NULL, NULL);
    misas_error *error = misas_settings_read(&read, settings);
    assert_string_equal(misas_error_data(error, "path"), "/nowhere/at/all");
    assert_error_says(error, MISAS_ERROR_SECRET_UNREADABLE,
                      "TEST_PASSWORD_FILE: can't read a secret from \"/nowhere/at/all\"");
}

TEST(a_secret_set_twice_is_refused_and_not_told)
{
    options read = garbage();
    char said[500];

    set_environment(NULL, "hunter2", "/nowhere", NULL, NULL);
    misas_error *error = misas_settings_read(&read, settings);
    misas_error_write(said, sizeof said, error);
    assert_string_equal(misas_error_data(error, "setting"), "TEST_PASSWORD");
    assert_non_null(misas_error_data(error, "expected"));
    for (const misas_field *datum = misas_error_data_fields(error); datum->name != NULL; datum++) {
        assert_null(strstr(datum->value, "hunter2"));
    }
    assert_null(strstr(said, "hunter2"));
    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_error_says(error, MISAS_ERROR_SETTING_INVALID,
                      "TEST_PASSWORD and TEST_PASSWORD_FILE are both set");
}

TEST(only_a_secret_is_read_from_a_file)
{
    options read = garbage();

    set_environment(NULL, NULL, NULL, NULL, NULL);
    setenv("TEST_NAME_FILE", "/nowhere", 1);
    assert_no_error(misas_settings_read(&read, settings));
    assert_null(read.name);
    unsetenv("TEST_NAME_FILE");
}

TEST(a_default_that_the_setting_does_not_take_is_an_error)
{
    options read = garbage();
    misas_setting table[] = {settings[level_setting], {.variable = NULL}};

    table[0].default_value = "loud";
    set_environment(NULL, NULL, NULL, NULL, NULL);
    assert_error_is(misas_settings_read(&read, table), MISAS_ERROR_SETTING_INVALID);
}

TEST(the_help_has_a_paragraph_for_each_setting)
{
    misas_setting table[setting_count + 1];

    memcpy(table, settings, sizeof settings);
    table[name_setting].is_required = true;
    table[password_setting].default_value = "hunter2";
    char *help = write_help(table);

    assert_string_equal(help,
                        "TEST_NAME\n"
                        "    What the system is called.\n"
                        "    Takes a text.\n"
                        "    Required.\n"
                        "\n"
                        "TEST_PASSWORD\n"
                        "    How it proves that.\n"
                        "    Takes a secret, or TEST_PASSWORD_FILE to name a file that holds it.\n"
                        "    Default: REDACTED\n"
                        "\n"
                        "TEST_PORT\n"
                        "    Where it listens.\n"
                        "    Takes a whole number from 1 to 65535.\n"
                        "    Default: 8080\n"
                        "\n"
                        "TEST_LEVEL\n"
                        "    What it tells.\n"
                        "    Takes one of debug, info, off.\n"
                        "    Default: info\n");
    free(help);
}

TEST(the_help_of_nothing_is_nothing)
{
    char *help = write_help(&settings[setting_count]);

    assert_string_equal(help, "");
    free(help);
}

TEST(the_help_is_wrapped_at_80_columns)
{
    misas_setting table[] = {settings[name_setting], {.variable = NULL}};

    table[0].sentence =
        "One line of this text is exactly eighty columns wide with the indent, as it is:x "
        "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
        "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9 counts "
        "by "
        "what is seen, so that all of it fits on a line "
        "https://example.org/a/word/that/is/longer/than/a/line/stays/in/one/piece/and/can/be/"
        "copied "
        "end.";
    char *help = write_help(table);

    assert_string_equal(
        help,
        "TEST_NAME\n"
        "    One line of this text is exactly eighty columns wide with the indent, as it\n"
        "    is:x "
        "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"
        "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9 counts "
        "by "
        "what is seen, so that all of it fits on\n"
        "    a line\n"
        "    https://example.org/a/word/that/is/longer/than/a/line/stays/in/one/piece/and/can/be/"
        "copied\n"
        "    end.\n"
        "    Takes a text.\n");
    free(help);
}

TEST(a_line_of_the_help_may_fill_the_80_columns)
{
    misas_setting table[] = {settings[name_setting], {.variable = NULL}};
    char sentence[200];
    char expected[300];

    for (size_t size = 70; size <= 80; size++) {
        /* "a " and a word, which together with the indent are size + 4 columns. */
        memset(sentence, 'w', size);
        memcpy(sentence, "a ", 2);
        sentence[size] = '\0';
        table[0].sentence = sentence;
        char *help = write_help(table);

        snprintf(expected, sizeof expected, "TEST_NAME\n    a%s%s\n    Takes a text.\n",
                 size + 4 <= 80 ? " " : "\n    ", sentence + 2);
        assert_string_equal(help, expected);
        free(help);
    }
}

/* A command line: what is left of its words, as "a b ". */
typedef struct command_line {
    char words[200];
    bool is_json;
    misas_error *error;
} command_line;

static command_line read_words(options *out, const char *const *words)
{
    misas_flag flags[] = {{.option = "--json"}, {.option = NULL}};
    char *argv[12] = {NULL};
    misas_command_line line = {.argv = argv, .prefix = "TEST_", .flags = flags};
    command_line read = {.words = ""};

    for (; words[line.argc] != NULL; line.argc++) {
        argv[line.argc] = (char *)(uintptr_t)words[line.argc];
    }
    *out = garbage();
    read.error = misas_settings_read_arguments(out, settings, &line);
    read.is_json = flags[0].is_given;
    for (int i = 0; read.error == NULL && i < line.argc; i++) {
        strcat(strcat(read.words, argv[i]), " ");
    }
    assert_true(read.error != NULL || argv[line.argc] == NULL);
    return read;
}

#define READ(out, ...) read_words((out), (const char *const[]){"program", __VA_ARGS__, NULL})

TEST(an_option_on_the_command_line_counts_more_than_its_variable)
{
    options read;

    set_environment("a", NULL, NULL, "wrong", "off");
    command_line line = READ(&read, "--port", "443", "--level=debug");

    assert_no_error(line.error);
    assert_string_equal(line.words, "program ");
    assert_int_equal(read.port, 443);
    assert_int_equal(read.level, 0);
    assert_string_equal(read.name, "a");
    misas_settings_clear(&read, settings);
}

TEST(words_that_are_no_options_are_left_in_order)
{
    options read;

    set_environment(NULL, NULL, NULL, NULL, NULL);
    command_line line = READ(&read, "list", "--port=1", "a", "--json", "-", "--", "--port", "--");

    assert_no_error(line.error);
    assert_string_equal(line.words, "program list a - --port -- ");
    assert_true(line.is_json);
    assert_int_equal(read.port, 1);
    misas_settings_clear(&read, settings);
}

TEST(a_command_line_may_be_empty)
{
    options read = garbage();
    char *argv[] = {NULL};
    misas_command_line line = {.argc = 0, .argv = argv};

    set_environment(NULL, NULL, NULL, "443", NULL);
    assert_no_error(misas_settings_read_arguments(&read, settings, &line));
    assert_int_equal(read.port, 443);
    line.ignores_environment = true;
    assert_no_error(misas_settings_read_arguments(&read, settings, &line));
    assert_int_equal(read.port, 8080);
}

TEST(an_unknown_option_is_named_with_those_there_are)
{
    static const char *const unknown[] = {"--prt", "--ports", "--por=1", "--PORT", "-port", "-p"};
    options read;

    set_environment(NULL, NULL, NULL, NULL, NULL);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        command_line line = READ(&read, unknown[i], "1");

        assert_non_null(strstr(unknown[i], misas_error_data(line.error, "argument")));
        assert_string_equal(misas_error_data(line.error, "expected"),
                            "one of --name, --password-file, --port, --level, --json");
        assert_true(misas_error_has_tag(line.error, MISAS_TAG_VALIDATION));
        assert_error_is(line.error, MISAS_ERROR_USAGE);
    }
}

TEST(an_option_without_its_value_is_refused)
{
    options read;

    set_environment(NULL, NULL, NULL, NULL, NULL);
    assert_error_says(READ(&read, "--port").error, MISAS_ERROR_USAGE,
                      "\"--port\" has no value: expected a whole number from 1 to 65535");
    assert_error_is(READ(&read, "--port=", "1").error, MISAS_ERROR_USAGE);
    assert_error_is(READ(&read, "--name", "--port", "1").error, MISAS_ERROR_USAGE);
    assert_error_is(READ(&read, "--json=yes").error, MISAS_ERROR_USAGE);
    command_line line = READ(&read, "--name=--port");

    assert_no_error(line.error);
    assert_string_equal(read.name, "--port");
    misas_settings_clear(&read, settings);
}

TEST(an_option_given_twice_is_refused)
{
    options read;

    set_environment(NULL, NULL, NULL, NULL, NULL);
    assert_error_says(READ(&read, "--port", "1", "--port=1").error, MISAS_ERROR_USAGE,
                      "\"--port\" is given twice");
    assert_error_says(READ(&read, "--json", "--json").error, MISAS_ERROR_USAGE,
                      "\"--json\" is given twice");
}

TEST(a_wrong_value_is_said_of_its_option)
{
    options read;

    set_environment("a", NULL, NULL, NULL, NULL);
    command_line line = READ(&read, "--port", "x");

    assert_string_equal(misas_error_data(line.error, "setting"), "TEST_PORT");
    assert_error_says(line.error, MISAS_ERROR_SETTING_INVALID, "--port is \"x\": expected");
}

TEST(a_secret_is_never_an_argument_itself)
{
    options read;

    set_environment(NULL, NULL, NULL, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        command_line line =
            i == 0 ? READ(&read, "--password", "hunter2") : READ(&read, "--password=hunter2");
        char said[500];

        misas_error_write(said, sizeof said, line.error);
        assert_null(strstr(said, "hunter2"));
        assert_string_equal(misas_error_data(line.error, "argument"), "--password");
        assert_error_says(line.error, MISAS_ERROR_USAGE,
                          "expected --password-file PATH, or the variable TEST_PASSWORD");
    }
}

TEST(an_option_names_the_file_of_a_secret_and_counts_more_than_both_variables)
{
    options read;
    char path[] = "/tmp/misas-setting-XXXXXX";
    int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, "hunter2\n", 8), 8);
    close(file);
    set_environment(NULL, "other", "/nowhere", NULL, NULL);
    command_line line = READ(&read, "--password-file", path);

    assert_no_error(line.error);
    assert_string_equal(misas_secret_reveal(read.password), "hunter2");
    misas_settings_clear(&read, settings);
    unlink(path);
    assert_error_says(READ(&read, "--password-file", "/nowhere").error,
                      MISAS_ERROR_SECRET_UNREADABLE, "--password-file: ");
}

TEST(the_help_may_show_options_beside_variables)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    misas_settings_write_options_help(file, settings, "TEST_");
    fclose(file);
    assert_non_null(strstr(text, "TEST_PASSWORD, --password-file\n    How it proves that.\n"));
    assert_non_null(strstr(text, "TEST_PORT, --port\n"));
    free(text);
}
