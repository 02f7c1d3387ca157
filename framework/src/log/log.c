#include "log/log.h"

#include <stdlib.h>
#include <string.h>

struct misas_log {
    FILE *file; /* NULL: standard error */
    misas_log_level level;
    misas_log_format format;
    const misas_clock *clock;
};

static misas_log default_log = {.level = MISAS_LOG_INFO, .format = MISAS_LOG_TEXT};

static const char *const level_names[] = {NULL, "debug", "info", "warning", "error", "off", NULL};
static const char *const format_names[] = {"text", "json", NULL};

misas_log_field misas_log_text(const char *name, const char *value)
{
    return (misas_log_field){.name = name, .text = value, .kind = MISAS_LOG_KIND_TEXT};
}

misas_log_field misas_log_number(const char *name, int64_t value)
{
    return (misas_log_field){.name = name, .number = value, .kind = MISAS_LOG_KIND_NUMBER};
}

misas_log_field misas_log_bool(const char *name, bool value)
{
    return (misas_log_field){.name = name, .number = value, .kind = MISAS_LOG_KIND_BOOL};
}

misas_log_field misas_log_secret(const char *name, const misas_secret *value)
{
    return misas_log_text(name, misas_secret_text(value));
}

misas_log_field misas_log_end(void)
{
    return (misas_log_field){.name = NULL};
}

static misas_log_level effective(misas_log_level level)
{
    return level == MISAS_LOG_DEFAULT ? MISAS_LOG_INFO : level;
}

static misas_log log_like(const misas_log_options *options)
{
    static const misas_log_options defaults;
    const misas_log_options *chosen = options != NULL ? options : &defaults;

    return (misas_log){.file = chosen->file,
                       .level = effective(chosen->level),
                       .format = chosen->format,
                       .clock = chosen->clock};
}

void misas__log_set_default(const misas_log_options *options)
{
    default_log = log_like(options);
}

misas_error *misas_log_new(misas_log **out, const misas_log_options *options)
{
    misas_log *log = malloc(sizeof *log);

    if (log == NULL) {
        return misas_error_out_of_memory();
    }
    *log = log_like(options);
    *out = log;
    return NULL;
}

void misas_log_free(misas_log *log)
{
    free(log);
}

static const misas_log *log_of(const misas_logger *logger)
{
    return logger != NULL && logger->log != NULL ? logger->log : &default_log;
}

bool misas_log_is_enabled(const misas_logger *logger, misas_log_level level)
{
    return effective(level) >= log_of(logger)->level && level < MISAS_LOG_OFF;
}

/* The whole record in one call, and no other thread's between it and the flush. */
static void write_line(FILE *file, const misas__text *line)
{
    flockfile(file);
    fwrite(line->bytes, 1, line->size, file);
    fflush(file);
    funlockfile(file);
}

static void write_record(const misas_log *log, const misas__log_record *record)
{
    misas__text line = {0};

    if (log->format == MISAS_LOG_JSON) {
        misas__log_append_json(&line, record);
    } else {
        misas__log_append_text(&line, record);
    }
    misas__text_append(&line, "\n", 1);
    if (!line.failed) {
        write_line(log->file != NULL ? log->file : stderr, &line);
    }
    misas__text_free(&line);
}

void misas_log_write(const misas_logger *logger, misas_log_level level, const char *message,
                     const misas_log_field *fields)
{
    misas_log_write_error(logger, level, message, NULL, fields);
}

void misas_log_write_error(const misas_logger *logger, misas_log_level level, const char *message,
                           const misas_error *error, const misas_log_field *fields)
{
    if (!misas_log_is_enabled(logger, level)) {
        return;
    }
    const misas_log *log = log_of(logger);
    size_t size = misas_error_write(NULL, 0, error) + 1;
    char *error_text = malloc(size);

    if (error_text == NULL) {
        return;
    }
    misas_error_write(error_text, size, error);
    write_record(log, &(misas__log_record){
                          .time_us = misas_clock_now_us(log->clock),
                          .level = level_names[effective(level)],
                          .message = message,
                          .correlation_id = logger != NULL ? logger->correlation_id : NULL,
                          .error = error,
                          .error_text = error_text,
                          .fields = fields,
                      });
    free(error_text);
}

/* -1 when `text` is none of `names`, of which those from `first` on count. */
static int find_name(const char *const *names, int first, const char *text)
{
    for (int i = first; names[i] != NULL; i++) {
        if (strcmp(names[i], text) == 0) {
            return i;
        }
    }
    return -1;
}

bool misas_log_level_parse(misas_log_level *out, const char *text)
{
    int found = find_name(level_names, MISAS_LOG_DEBUG, text);

    if (found >= 0) {
        *out = (misas_log_level)found;
    }
    return found >= 0;
}

bool misas_log_format_parse(misas_log_format *out, const char *text)
{
    int found = find_name(format_names, MISAS_LOG_TEXT, text);

    if (found >= 0) {
        *out = (misas_log_format)found;
    }
    return found >= 0;
}
