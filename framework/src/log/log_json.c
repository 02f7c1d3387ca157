#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log/log.h"
#include "text/names.h"

static void append_string(misas__text *line, const char *string)
{
    misas__text_append_json_string(line, string, strlen(string));
}

static void append_name(misas__text *line, const char *separator, const char *name)
{
    misas__text_append_string(line, separator);
    append_string(line, name);
    misas__text_append(line, ":", 1);
}

static void append_member(misas__text *line, const char *separator, const char *name,
                          const char *value)
{
    append_name(line, separator, name);
    append_string(line, value);
}

static void append_tags(misas__text *line, const char *tags)
{
    const char *separator = "";

    append_name(line, ",", "tags");
    misas__text_append(line, "[", 1);
    for (tags += strspn(tags, " "); *tags != '\0'; tags += strspn(tags, " ")) {
        size_t length = strcspn(tags, " ");

        misas__text_append_string(line, separator);
        misas__text_append_json_string(line, tags, length);
        separator = ",";
        tags += length;
    }
    misas__text_append(line, "]", 1);
}

static void append_error(misas__text *line, const misas__log_record *record)
{
    const misas_field *data = misas_error_data_fields(record->error);

    append_name(line, ",", "error");
    append_member(line, "{", "type", misas_error_type(record->error));
    append_member(line, ",", "message", record->error_text);
    append_tags(line, misas_error_tags(record->error));
    append_name(line, ",", "data");
    misas__text_append(line, "{", 1);
    for (size_t i = 0; data[i].name != NULL; i++) {
        append_member(line, i > 0 ? "," : "", data[i].name, data[i].value);
    }
    misas__text_append(line, "}}", 2);
}

/* A field does not hide what every record has. */
static void append_field_name(misas__text *line, const char *name)
{
    static const char *const reserved[] = {"time",           "level", "message",
                                           "correlation_id", "error", NULL};
    char renamed[32];

    if (misas__names_contain(reserved, name)) {
        snprintf(renamed, sizeof renamed, "%s_", name);
        name = renamed;
    }
    append_name(line, ",", name);
}

static void append_field(misas__text *line, const misas_log_field *field)
{
    append_field_name(line, field->name);
    if (field->kind == MISAS_LOG_KIND_NUMBER) {
        misas__text_append_format(line, "%" PRId64, field->number);
    } else if (field->kind == MISAS_LOG_KIND_BOOL) {
        misas__text_append_string(line, field->number != 0 ? "true" : "false");
    } else if (field->text == NULL) {
        misas__text_append_string(line, "null");
    } else {
        append_string(line, field->text);
    }
}

void misas__log_append_json(misas__text *line, const misas__log_record *record)
{
    char time[MISAS_TIME_TEXT_SIZE];

    append_member(line, "{", "time", misas_time_write(time, record->time_us));
    append_member(line, ",", "level", record->level);
    append_member(line, ",", "message", record->message);
    if (record->correlation_id != NULL) {
        append_member(line, ",", "correlation_id", record->correlation_id);
    }
    if (record->error != NULL) {
        append_error(line, record);
    }
    for (const misas_log_field *field = record->fields; field != NULL && field->name != NULL;
         field++) {
        append_field(line, field);
    }
    misas__text_append(line, "}", 1);
}
