/* 2026-01-31T23:59:59.123Z  info     account opened  account=17 owner="Ada L."
 *
 * For eyes: every column begins where it began in the line above, and only what needs quotes has
 * them. */
#include <inttypes.h>
#include <string.h>

#include "log/log.h"

static size_t count_quotes(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++) {
        count += *text == '"';
    }
    return count;
}

/* As it is when nothing in it must be escaped but `harmless` quotes; else as a JSON string. */
static void append_escaped(misas__text *line, const char *text, size_t harmless)
{
    size_t start = line->size;
    size_t size = strlen(text);

    misas__text_append_json_string(line, text, size);
    if (!line->failed && line->size - start == size + harmless + sizeof "\"\"" - 1) {
        line->size = start;
        misas__text_append(line, text, size);
    }
}

static void append_value(misas__text *line, const char *value)
{
    if (*value == '\0' || strpbrk(value, " =") != NULL) {
        misas__text_append_json_string(line, value, strlen(value));
    } else {
        append_escaped(line, value, 0);
    }
}

/* name=value pairs: the first stands a little apart from the message. */
typedef struct pair_list {
    misas__text *line;
    const char *separator;
} pair_list;

static void append_name(pair_list *pairs, const char *prefix, const char *name)
{
    misas__text_append_string(pairs->line, pairs->separator);
    misas__text_append_string(pairs->line, prefix);
    append_value(pairs->line, name);
    misas__text_append(pairs->line, "=", 1);
    pairs->separator = " ";
}

static void append_pair(pair_list *pairs, const char *prefix, const char *name, const char *value)
{
    append_name(pairs, prefix, name);
    append_value(pairs->line, value);
}

static void append_error(pair_list *pairs, const misas_error *error)
{
    const misas_field *data = misas_error_data_fields(error);

    append_pair(pairs, "error.", "type", misas_error_type(error));
    if (*misas_error_tags(error) != '\0') {
        append_pair(pairs, "error.", "tags", misas_error_tags(error));
    }
    for (; data->name != NULL; data++) {
        append_pair(pairs, "error.data.", data->name, data->value);
    }
}

static void append_field(pair_list *pairs, const misas_log_field *field)
{
    append_name(pairs, "", field->name);
    if (field->kind == MISAS_LOG_KIND_NUMBER) {
        misas__text_append_format(pairs->line, "%" PRId64, field->number);
    } else if (field->kind == MISAS_LOG_KIND_BOOL) {
        misas__text_append_string(pairs->line, field->number != 0 ? "true" : "false");
    } else if (field->text == NULL) {
        misas__text_append_string(pairs->line, "null");
    } else {
        append_value(pairs->line, field->text);
    }
}

static void append_message(misas__text *line, const misas__log_record *record)
{
    append_escaped(line, record->message, count_quotes(record->message));
    if (record->error != NULL) {
        misas__text_append_string(line, ": ");
        append_escaped(line, record->error_text, count_quotes(record->error_text));
    }
}

void misas__log_append_text(misas__text *line, const misas__log_record *record)
{
    pair_list pairs = {.line = line, .separator = "  "};
    char time[MISAS_TIME_TEXT_SIZE];

    misas_time_write(time, record->time_us);
    misas__text_append_format(line, "%.19s.%.3sZ  %-7s  ", time,
                              time[19] == '.' ? time + 20 : "000", record->level);
    append_message(line, record);
    if (record->correlation_id != NULL) {
        append_pair(&pairs, "", "correlation_id", record->correlation_id);
    }
    if (record->error != NULL) {
        append_error(&pairs, record->error);
    }
    for (const misas_log_field *field = record->fields; field != NULL && field->name != NULL;
         field++) {
        append_field(&pairs, field);
    }
}
