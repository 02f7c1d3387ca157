/** @file
 * Structured logging: one record a line, as JSON or as text.
 *
 * A JSON record has the members time, level, message, correlation_id (if any), error (if any: type,
 * message, tags, data), and a member for each field; a field that is called like one of those gets
 * an underscore after its name. Every record is one line and valid UTF-8, whatever the fields hold:
 * controls and U+2028/U+2029 are escaped, broken bytes become U+FFFD.
 */
#ifndef MISAS_LOG_H
#define MISAS_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "misas/clock.h"
#include "misas/error.h"
#include "misas/secret.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum misas_log_level {
    MISAS_LOG_DEFAULT, /**< in options: MISAS_LOG_INFO */
    MISAS_LOG_DEBUG,
    MISAS_LOG_INFO,
    MISAS_LOG_WARNING,
    MISAS_LOG_ERROR,
    MISAS_LOG_OFF /**< in options: write nothing */
} misas_log_level;

typedef enum misas_log_format {
    MISAS_LOG_TEXT, /**< for people: time level message name=value ... */
    MISAS_LOG_JSON  /**< for machines: a JSON object a line */
} misas_log_format;

typedef struct misas_log_options {
    FILE *file; /**< borrowed; NULL: standard error */
    misas_log_level level;
    misas_log_format format;
    const misas_clock *clock; /**< borrowed; NULL: the machine's clock */
} misas_log_options;

/** Where records go; shared by many threads, each record is written whole. */
typedef struct misas_log misas_log;

/** What is handed around: a log and the conversation at hand. A plain record, passed by value or
 * pointer. A NULL `misas_logger *`, or one with a NULL log, is the default log: text to standard
 * error from level info on. */
typedef struct misas_logger {
    misas_log *log;             /**< borrowed */
    const char *correlation_id; /**< borrowed; NULL: none */
} misas_logger;

typedef enum misas_log_kind {
    MISAS_LOG_KIND_TEXT,
    MISAS_LOG_KIND_NUMBER,
    MISAS_LOG_KIND_BOOL
} misas_log_kind;

/** One field of a record; made by the functions below. A list of fields ends with misas_log_end().
 */
typedef struct misas_log_field {
    const char *name;
    const char *text;
    int64_t number;
    misas_log_kind kind;
} misas_log_field;

misas_log_field misas_log_text(const char *name, const char *value); /**< NULL value: null */
misas_log_field misas_log_number(const char *name, int64_t value);
misas_log_field misas_log_bool(const char *name, bool value);
misas_log_field misas_log_secret(const char *name, const misas_secret *value); /**< REDACTED */
misas_log_field misas_log_end(void);

/** Errors: out of memory. */
misas_error *misas_log_new(misas_log **out, const misas_log_options *options);
void misas_log_free(misas_log *log);

/** Whether a record of this level would be written: to save the work of preparing it. */
bool misas_log_is_enabled(const misas_logger *logger, misas_log_level level);

/** Writes one record; `fields` may be NULL. Logging never fails: what can't be written is dropped.
 * Any thread. */
void misas_log_write(const misas_logger *logger, misas_log_level level, const char *message,
                     const misas_log_field *fields);

/** As misas_log_write, with the whole of `error` (still the caller's) in the record. */
void misas_log_write_error(const misas_logger *logger, misas_log_level level, const char *message,
                           const misas_error *error, const misas_log_field *fields);

/** "debug", "info", "warning", "error", "off" and "text", "json": false when it is none of these.
 */
bool misas_log_level_parse(misas_log_level *out, const char *text);
bool misas_log_format_parse(misas_log_format *out, const char *text);

#ifdef __cplusplus
}
#endif

#endif
