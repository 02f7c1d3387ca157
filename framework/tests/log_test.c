#include "misas/log.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/test.h"
#include "text/text.h"

/* 2023-11-14T22:13:20Z */
static const int64_t some_time_us = INT64_C(1700000000000000);

/* A log to memory, by a clock that stands still. */
typedef struct fixture {
    char *text;
    size_t size;
    FILE *file;
    misas_clock *clock;
    misas_logger logger;
} fixture;

static void set_up(fixture *it, misas_log_format format, misas_log_level level)
{
    *it = (fixture){.text = NULL};
    it->file = open_memstream(&it->text, &it->size);
    assert_non_null(it->file);
    assert_no_error(misas_clock_new_fixed(&it->clock, some_time_us));
    assert_no_error(misas_log_new(&it->logger.log, &(misas_log_options){.file = it->file,
                                                                        .level = level,
                                                                        .format = format,
                                                                        .clock = it->clock}));
}

static void tear_down(fixture *it)
{
    misas_log_free(it->logger.log);
    misas_clock_free(it->clock);
    fclose(it->file);
    free(it->text);
}

/* The one line that was written, which must be one and UTF-8, without its end; then forgets it. */
static char *take_line(fixture *it)
{
    char *line = strdup(it->text);
    char *end = strchr(line, '\n');

    assert_non_null(end);
    assert_int_equal(end + 1 - line, it->size);
    *end = '\0';
    assert_true(misas__utf8_is_valid(line, strlen(line)));
    for (const char *at = line; *at != '\0'; at++) {
        assert_true((unsigned char)*at >= 0x20 && *at != 0x7F);
    }
    assert_null(strstr(line, "\xE2\x80\xA8"));
    assert_null(strstr(line, "\xC2\x85"));
    rewind(it->file);
    return line;
}

static void assert_line(fixture *it, const char *expected)
{
    char *line = take_line(it);

    assert_string_equal(line, expected);
    free(line);
}

static json_t *take_json(fixture *it)
{
    char *line = take_line(it);
    json_error_t mistake;
    json_t *record = json_loads(line, JSON_REJECT_DUPLICATES, &mistake);

    if (record == NULL) {
        fail_msg("%s in %s", mistake.text, line);
    }
    free(line);
    return record;
}

static const char *text_at(const json_t *record, const char *name)
{
    return json_string_value(json_object_get(record, name));
}

static misas_error *some_error(void)
{
    misas_error *refused = misas_error_new(&(misas_error_options){
        .type_name = "net.refused", .message = "refused by \"db\"", .tags = "net_only"});

    return misas_error_wrap(
        misas_error_new(&(misas_error_options){
            .type_name = "bank.account_not_found",
            .message = "there is no account 17",
            .cause = refused,
            .data = (misas_field[]){{"account", "17"}, {"owner", "Ada L."}, {NULL, NULL}},
            .tags = "not_found retriable"}),
        "depositing");
}

TEST(a_text_record_has_its_columns_where_they_always_are)
{
    fixture it;

    set_up(&it, MISAS_LOG_TEXT, MISAS_LOG_DEBUG);
    misas_log_write(&it.logger, MISAS_LOG_INFO, "account opened", NULL);
    assert_line(&it, "2023-11-14T22:13:20.000Z  info     account opened");
    misas_clock_advance(it.clock, 120000);
    misas_log_write(&it.logger, MISAS_LOG_WARNING, "slow", NULL);
    assert_line(&it, "2023-11-14T22:13:20.120Z  warning  slow");
    misas_clock_advance(it.clock, 3999);
    misas_log_write(&it.logger, MISAS_LOG_ERROR, "gone", NULL);
    assert_line(&it, "2023-11-14T22:13:20.123Z  error    gone");
    misas_log_write(&it.logger, MISAS_LOG_DEBUG, "tried", NULL);
    assert_line(&it, "2023-11-14T22:13:20.123Z  debug    tried");
    tear_down(&it);
}

TEST(a_text_record_quotes_only_the_values_that_need_it)
{
    fixture it;
    misas_log_field fields[] = {misas_log_text("account", "17"),
                                misas_log_text("owner", "Ada L."),
                                misas_log_text("empty", ""),
                                misas_log_text("none", NULL),
                                misas_log_text("pair", "a=b"),
                                misas_log_text("quote", "a\"b"),
                                misas_log_text("path", "a\\b"),
                                misas_log_text("lines", "a\nb"),
                                misas_log_text("word", "gr\xC3\xB6\xC3\x9F"),
                                misas_log_text("broken", "\xFF"),
                                misas_log_number("least", INT64_MIN),
                                misas_log_bool("yes", true),
                                misas_log_bool("no", false),
                                misas_log_end()};

    set_up(&it, MISAS_LOG_TEXT, MISAS_LOG_INFO);
    it.logger.correlation_id = "c 1";
    misas_log_write(&it.logger, MISAS_LOG_INFO, "m", fields);
    assert_line(&it, "2023-11-14T22:13:20.000Z  info     m  correlation_id=\"c 1\" account=17 "
                     "owner=\"Ada L.\" empty=\"\" none=null pair=\"a=b\" quote=\"a\\\"b\" "
                     "path=\"a\\\\b\" lines=\"a\\nb\" word=gr\xC3\xB6\xC3\x9F "
                     "broken=\"\xEF\xBF\xBD\" least=-9223372036854775808 yes=true no=false");
    tear_down(&it);
}

TEST(a_text_message_is_quoted_only_when_it_would_break_the_line)
{
    fixture it;

    set_up(&it, MISAS_LOG_TEXT, MISAS_LOG_INFO);
    misas_log_write(&it.logger, MISAS_LOG_INFO, "the name \"ada\" = %s%n", NULL);
    assert_line(&it, "2023-11-14T22:13:20.000Z  info     the name \"ada\" = %s%n");
    misas_log_write(&it.logger, MISAS_LOG_INFO, "two \"lines\"\nhere", NULL);
    assert_line(&it, "2023-11-14T22:13:20.000Z  info     \"two \\\"lines\\\"\\nhere\"");
    misas_log_write(&it.logger, MISAS_LOG_INFO, "", NULL);
    assert_line(&it, "2023-11-14T22:13:20.000Z  info     ");
    tear_down(&it);
}

TEST(a_text_record_tells_an_error_with_all_its_causes)
{
    fixture it;
    misas_error *error = some_error();
    misas_log_field fields[] = {misas_log_number("attempt", 2), misas_log_end()};

    set_up(&it, MISAS_LOG_TEXT, MISAS_LOG_INFO);
    misas_log_write_error(&it.logger, MISAS_LOG_ERROR, "failed", error, fields);
    assert_line(&it, "2023-11-14T22:13:20.000Z  error    failed: depositing: there is no account "
                     "17: refused by \"db\"  error.type=bank.account_not_found "
                     "error.tags=\"not_found retriable\" error.data.account=17 "
                     "error.data.owner=\"Ada L.\" attempt=2");
    misas_error_free(error);
    tear_down(&it);
}

TEST(a_text_record_stays_one_line_whatever_the_error_says)
{
    fixture it;
    misas_error *error = misas_error_new(&(misas_error_options){
        .type_name = "a.b",
        .message = "line\nbreak",
        .data = (misas_field[]){{"a name\n", "\x1B[31m\xC2\x85"}, {NULL, NULL}}});

    set_up(&it, MISAS_LOG_TEXT, MISAS_LOG_INFO);
    misas_log_write_error(&it.logger, MISAS_LOG_ERROR, "failed", error, NULL);
    assert_line(&it, "2023-11-14T22:13:20.000Z  error    failed: \"line\\nbreak\"  error.type=a.b "
                     "error.data.\"a name\\n\"=\"\\u001b[31m\\u0085\"");
    misas_error_free(error);
    tear_down(&it);
}

TEST(a_json_record_has_a_member_for_each_thing_it_says)
{
    fixture it;
    misas_log_field fields[] = {misas_log_text("owner", "Ada \"L.\"\n"),
                                misas_log_text("none", NULL),
                                misas_log_number("least", INT64_MIN),
                                misas_log_bool("yes", true),
                                misas_log_bool("no", false),
                                misas_log_end()};

    set_up(&it, MISAS_LOG_JSON, MISAS_LOG_INFO);
    misas_clock_advance(it.clock, 123456);
    it.logger.correlation_id = "c 1";
    misas_log_write(&it.logger, MISAS_LOG_WARNING, "%s\r\n", fields);
    json_t *record = take_json(&it);

    assert_int_equal(json_object_size(record), 9);
    assert_string_equal(text_at(record, "time"), "2023-11-14T22:13:20.123456Z");
    assert_string_equal(text_at(record, "level"), "warning");
    assert_string_equal(text_at(record, "message"), "%s\r\n");
    assert_string_equal(text_at(record, "correlation_id"), "c 1");
    assert_string_equal(text_at(record, "owner"), "Ada \"L.\"\n");
    assert_true(json_is_null(json_object_get(record, "none")));
    assert_int_equal(json_integer_value(json_object_get(record, "least")), INT64_MIN);
    assert_true(json_is_true(json_object_get(record, "yes")));
    assert_true(json_is_false(json_object_get(record, "no")));
    json_decref(record);
    tear_down(&it);
}

TEST(a_field_of_a_json_record_does_not_hide_what_every_record_has)
{
    fixture it;

    set_up(&it, MISAS_LOG_JSON, MISAS_LOG_INFO);
    misas_log_write(&it.logger, MISAS_LOG_INFO, "hello",
                    (misas_log_field[]){misas_log_text("level", "shelf 3"),
                                        misas_log_number("time", 7), misas_log_end()});
    char *line = take_line(&it);
    json_t *record = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(record);
    assert_string_equal(json_string_value(json_object_get(record, "level")), "info");
    assert_string_equal(json_string_value(json_object_get(record, "level_")), "shelf 3");
    assert_int_equal(json_integer_value(json_object_get(record, "time_")), 7);
    json_decref(record);
    free(line);
    tear_down(&it);
}

TEST(a_json_record_says_nothing_of_what_there_is_not)
{
    fixture it;

    set_up(&it, MISAS_LOG_JSON, MISAS_LOG_INFO);
    misas_log_write_error(&it.logger, MISAS_LOG_INFO, "m", NULL, NULL);
    assert_line(&it, "{\"time\":\"2023-11-14T22:13:20Z\",\"level\":\"info\",\"message\":\"m\"}");
    tear_down(&it);
}

TEST(a_json_record_tells_an_error_with_its_type_message_tags_and_data)
{
    fixture it;
    misas_error *error = some_error();

    set_up(&it, MISAS_LOG_JSON, MISAS_LOG_INFO);
    misas_log_write_error(&it.logger, MISAS_LOG_ERROR, "failed", error, NULL);
    assert_line(&it,
                "{\"time\":\"2023-11-14T22:13:20Z\",\"level\":\"error\",\"message\":\"failed\","
                "\"error\":{\"type\":\"bank.account_not_found\",\"message\":\"depositing: there "
                "is no account 17: refused by \\\"db\\\"\",\"tags\":[\"not_found\","
                "\"retriable\"],\"data\":{\"account\":\"17\",\"owner\":\"Ada L.\"}}}");
    misas_error_free(error);

    error = misas_error_new(&(misas_error_options){.type_name = "a.b", .message = "m"});
    misas_log_write_error(&it.logger, MISAS_LOG_ERROR, "failed", error, NULL);
    json_t *record = take_json(&it);
    assert_int_equal(json_array_size(json_object_get(json_object_get(record, "error"), "tags")), 0);
    assert_int_equal(json_object_size(json_object_get(json_object_get(record, "error"), "data")),
                     0);
    json_decref(record);
    misas_error_free(error);
    tear_down(&it);
}

TEST(a_record_is_one_line_of_utf8_whatever_its_parts_hold)
{
    static const char *const formats[] = {"text", "json"};

    for (unsigned seed = 0; seed < 400; seed++) {
        fixture it;
        misas_log_format format;
        char bytes[4][30] = {{0}};

        for (size_t i = 0; i < sizeof bytes; i++) {
            unsigned mixed = (seed * 7919U + (unsigned)i * 104729U + 12345U) * 2654435761U >> 16;

            bytes[i / 30][i % 30] = (char)(i % 30 == 29 ? 0 : 1 + mixed % 255);
        }
        misas_log_field fields[] = {misas_log_text(bytes[2], bytes[3]), misas_log_end()};

        assert_true(misas_log_format_parse(&format, formats[seed % 2]));
        set_up(&it, format, MISAS_LOG_INFO);
        it.logger.correlation_id = bytes[1];
        misas_log_write(&it.logger, MISAS_LOG_INFO, bytes[0], fields);
        if (format == MISAS_LOG_JSON) {
            json_decref(take_json(&it));
        } else {
            free(take_line(&it));
        }
        tear_down(&it);
    }
}

TEST(a_secret_is_redacted_in_every_format)
{
    static const misas_log_format formats[] = {MISAS_LOG_TEXT, MISAS_LOG_JSON};
    misas_secret *secret = NULL;

    assert_no_error(misas_secret_new(&secret, "hunter2"));
    for (size_t i = 0; i < 2; i++) {
        fixture it;

        set_up(&it, formats[i], MISAS_LOG_INFO);
        misas_log_field fields[] = {misas_log_secret("password", secret),
                                    misas_log_secret("other", NULL), misas_log_end()};
        misas_log_write(&it.logger, MISAS_LOG_INFO, "m", fields);
        char *line = take_line(&it);
        assert_null(strstr(line, "hunter2"));
        assert_non_null(strstr(strstr(line, "REDACTED") + 1, "REDACTED"));
        free(line);
        tear_down(&it);
    }
    misas_secret_free(secret);
}

TEST(records_below_the_level_are_not_written)
{
    static const misas_log_level levels[] = {MISAS_LOG_DEBUG, MISAS_LOG_INFO, MISAS_LOG_WARNING,
                                             MISAS_LOG_ERROR};

    for (size_t i = 0; i < 4; i++) {
        fixture it;

        set_up(&it, MISAS_LOG_TEXT, levels[i]);
        for (size_t j = 0; j < 4; j++) {
            misas_log_write(&it.logger, levels[j], "m", NULL);
            assert_int_equal(misas_log_is_enabled(&it.logger, levels[j]), j >= i);
            fflush(it.file);
            assert_int_equal(it.size > 0, j >= i);
            rewind(it.file);
            fflush(it.file);
        }
        tear_down(&it);
    }
}

TEST(a_log_that_is_off_writes_nothing_and_off_is_no_level_of_a_record)
{
    fixture it;

    set_up(&it, MISAS_LOG_TEXT, MISAS_LOG_OFF);
    misas_log_write(&it.logger, MISAS_LOG_ERROR, "m", NULL);
    misas_log_write(&it.logger, MISAS_LOG_OFF, "m", NULL);
    assert_false(misas_log_is_enabled(&it.logger, MISAS_LOG_ERROR));
    assert_false(misas_log_is_enabled(&it.logger, MISAS_LOG_OFF));
    fflush(it.file);
    assert_int_equal(it.size, 0);
    tear_down(&it);
}

TEST(the_default_level_is_info)
{
    fixture it;
    misas_log *log = NULL;

    set_up(&it, MISAS_LOG_TEXT, MISAS_LOG_DEFAULT);
    assert_false(misas_log_is_enabled(&it.logger, MISAS_LOG_DEBUG));
    assert_true(misas_log_is_enabled(&it.logger, MISAS_LOG_INFO));
    assert_false(misas_log_is_enabled(NULL, MISAS_LOG_DEBUG));
    assert_true(misas_log_is_enabled(NULL, MISAS_LOG_INFO));
    assert_true(misas_log_is_enabled(&(misas_logger){.log = NULL}, MISAS_LOG_INFO));
    assert_no_error(misas_log_new(&log, NULL));
    assert_false(misas_log_is_enabled(&(misas_logger){.log = log}, MISAS_LOG_DEBUG));
    misas_log_free(log);
    misas_log_free(NULL);
    tear_down(&it);
}

TEST(levels_and_formats_are_known_by_name)
{
    misas_log_level level = MISAS_LOG_DEFAULT;
    misas_log_format format = MISAS_LOG_TEXT;
    static const char *const names[] = {"debug", "info", "warning", "error", "off"};

    for (size_t i = 0; i < 5; i++) {
        assert_true(misas_log_level_parse(&level, names[i]));
        assert_int_equal(level, MISAS_LOG_DEBUG + i);
    }
    assert_false(misas_log_level_parse(&level, ""));
    assert_false(misas_log_level_parse(&level, "INFO"));
    assert_false(misas_log_level_parse(&level, "infos"));
    assert_int_equal(level, MISAS_LOG_OFF);
    assert_true(misas_log_format_parse(&format, "json"));
    assert_int_equal(format, MISAS_LOG_JSON);
    assert_false(misas_log_format_parse(&format, "xml"));
    assert_int_equal(format, MISAS_LOG_JSON);
    assert_true(misas_log_format_parse(&format, "text"));
    assert_int_equal(format, MISAS_LOG_TEXT);
}

TEST(each_record_leaves_at_once_and_in_one_piece)
{
    int ends[2];
    misas_log *log = NULL;
    char received[200];

    /* A packet is what one write sends. */
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    FILE *file = fdopen(ends[0], "w");
    assert_non_null(file);
    assert_no_error(misas_log_new(&log, &(misas_log_options){.file = file}));
    for (int i = 0; i < 3; i++) {
        misas_log_field fields[] = {misas_log_number("i", i), misas_log_end()};

        misas_log_write(&(misas_logger){.log = log}, MISAS_LOG_INFO, "m", fields);
        ssize_t size = recv(ends[1], received, sizeof received, MSG_DONTWAIT);
        assert_in_range(size, 30, sizeof received);
        assert_int_equal(received[size - 2], '0' + i);
        assert_int_equal(received[size - 1], '\n');
        assert_int_equal(recv(ends[1], received, sizeof received, MSG_DONTWAIT), -1);
    }
    misas_log_free(log);
    fclose(file);
    close(ends[1]);
}

TEST(a_record_that_can_not_be_written_is_dropped)
{
    FILE *full = fopen("/dev/full", "w");
    misas_log *log = NULL;

    assert_non_null(full);
    assert_no_error(misas_log_new(&log, &(misas_log_options){.file = full}));
    misas_log_write(&(misas_logger){.log = log}, MISAS_LOG_INFO, "m", NULL);
    misas_log_write(&(misas_logger){.log = log}, MISAS_LOG_INFO, "m", NULL);
    misas_log_free(log);
    fclose(full);
}

enum { thread_count = 4, records_per_thread = 200 };

static void *write_often(void *argument)
{
    const misas_logger *logger = argument;
    char filling[301];

    memset(filling, 'x', 300);
    filling[300] = '\0';
    for (int i = 0; i < records_per_thread; i++) {
        misas_log_field fields[] = {misas_log_number("i", i), misas_log_text("filling", filling),
                                    misas_log_end()};

        misas_log_write(logger, MISAS_LOG_INFO, "m", fields);
    }
    return NULL;
}

TEST(records_of_many_threads_are_each_whole)
{
    FILE *file = tmpfile();
    misas_log *log = NULL;
    pthread_t threads[thread_count];
    char line[1000];
    int counts[records_per_thread] = {0};

    assert_non_null(file);
    assert_no_error(
        misas_log_new(&log, &(misas_log_options){.file = file, .format = MISAS_LOG_JSON}));
    misas_logger logger = {.log = log};
    for (size_t i = 0; i < thread_count; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_often, &logger), 0);
    }
    for (size_t i = 0; i < thread_count; i++) {
        pthread_join(threads[i], NULL);
    }
    rewind(file);
    while (fgets(line, sizeof line, file) != NULL) {
        json_t *record = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

        assert_non_null(record);
        assert_int_equal(strlen(text_at(record, "filling")), 300);
        counts[json_integer_value(json_object_get(record, "i"))]++;
        json_decref(record);
    }
    for (size_t i = 0; i < records_per_thread; i++) {
        assert_int_equal(counts[i], thread_count);
    }
    misas_log_free(log);
    fclose(file);
}

/* Runs with standard error in a file, of which it returns the content. */
static char *catch_standard_error(void (*function)(void *argument), void *argument)
{
    FILE *file = tmpfile();
    char *content = calloc(1, 2000);
    int kept = dup(STDERR_FILENO);

    assert_non_null(file);
    assert_non_null(content);
    dup2(fileno(file), STDERR_FILENO);
    function(argument);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(file);
    assert_int_equal(ferror(file), 0);
    size_t size = fread(content, 1, 1999, file);
    content[size] = '\0';
    fclose(file);
    return content;
}

static void write_to_default_log(void *argument)
{
    (void)argument;
    misas_log_write(NULL, MISAS_LOG_DEBUG, "unseen", NULL);
    misas_log_write(NULL, MISAS_LOG_INFO, "first", NULL);
    misas_log_write(&(misas_logger){.correlation_id = "c"}, MISAS_LOG_INFO, "second", NULL);
}

TEST(the_default_log_is_text_on_standard_error)
{
    char *content = catch_standard_error(write_to_default_log, NULL);
    char *second = strchr(content, '\n');

    assert_non_null(second);
    *second++ = '\0';
    assert_string_equal(content + 24, "  info     first");
    assert_string_equal(second + 24, "  info     second  correlation_id=c\n");
    free(content);
}

typedef struct ending {
    misas_error *error;
    int status;
} ending;

static void end(void *argument)
{
    ending *it = argument;

    it->status = misas_error_exit_status(it->error);
}

TEST(a_program_that_succeeds_ends_with_0_and_in_silence)
{
    ending it = {.status = 17};
    char *content = catch_standard_error(end, &it);

    assert_int_equal(it.status, 0);
    assert_string_equal(content, "");
    free(content);
}

TEST(a_program_that_fails_says_why_and_ends_with_1)
{
    ending it = {.error = some_error()};
    char *content = catch_standard_error(end, &it);

    assert_int_equal(it.status, 1);
    assert_non_null(
        strstr(content, "  error    the program ends with an error: depositing: there "));
    assert_non_null(strstr(content, " error.type=bank.account_not_found"));
    free(content);
}

TEST(a_program_with_wrong_settings_ends_with_2)
{
    ending it = {.error = misas_error_wrap(
                     misas_error_new(&(misas_error_options){
                         .type_name = "a.b", .message = "no port", .tags = MISAS_TAG_VALIDATION}),
                     "starting")};
    char *content = catch_standard_error(end, &it);

    assert_int_equal(it.status, 2);
    assert_non_null(strstr(content, "starting: no port"));
    free(content);
}
