#include "system/dead_letter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "misas/json.h"
#include "subsystem/event_processor.h"
#include "system/operations.h"
#include "json/base64.h"

enum { name_width = 14 };

misas_error *misas__dead_letter_error(const misas__dead_letter *letter)
{
    misas_error *error = NULL;
    misas_error *failure = misas_error_decode(&error, letter->error, letter->error_size);

    return failure != NULL ? failure : error;
}

/* Without what would move a terminal's cursor. */
static void append_line(misas__text *text, const char *name, const char *value)
{
    misas__text_append_format(text, "%-*s ", name_width, name);
    for (; *value != '\0'; value++) {
        bool is_control = (unsigned char)*value < ' ' || *value == 0x7F;

        misas__text_append(text, is_control ? "?" : value, 1);
    }
    misas__text_append_string(text, "\n");
}

static void append_number_line(misas__text *text, const char *name, uint64_t value)
{
    char buffer[24];

    snprintf(buffer, sizeof buffer, "%" PRIu64, value);
    append_line(text, name, buffer);
}

static void append_time_line(misas__text *text, const char *name, int64_t time_us)
{
    char buffer[MISAS_TIME_TEXT_SIZE];

    append_line(text, name, misas_time_write(buffer, time_us));
}

static void append_known_line(misas__text *text, const char *name, const char *value)
{
    if (value != NULL) {
        append_line(text, name, value);
    }
}

static void append_event(misas__text *text, const misas_event *event)
{
    char id[MISAS_UUID_TEXT_SIZE];

    append_line(text, "event", misas_uuid_write(id, event->id));
    append_line(text, "type", event->type);
    append_number_line(text, "type version", event->type_version);
    append_line(text, "stream", event->stream);
    append_number_line(text, "version", event->version);
    append_number_line(text, "position", event->position);
    append_time_line(text, "recorded at", event->recorded_at_us);
    append_known_line(text, "correlation", event->metadata.correlation_id);
    append_known_line(text, "causation", event->metadata.causation_id);
    for (const misas_field *field = event->metadata.fields; field != NULL && field->name != NULL;
         field++) {
        append_line(text, field->name, field->value);
    }
}

static const misas_type *type_of_handlers(const misas__handler *handlers, size_t count,
                                          const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(handlers[i].type->descriptor->name, name) == 0) {
            return handlers[i].type;
        }
    }
    return NULL;
}

static const misas_type *type_of_subsystem(const misas_subsystem *subsystem, const char *name)
{
    const misas_type *type = misas_type_registry_find(subsystem->types, name);

    if (type == NULL) {
        type = type_of_handlers(subsystem->handlers, subsystem->handler_count, name);
    }
    for (size_t i = 0; i < subsystem->processor_count && type == NULL; i++) {
        type = type_of_handlers(subsystem->processors[i]->handlers,
                                subsystem->processors[i]->handler_count, name);
    }
    return type;
}

static const misas_type *find_type(const misas_system *system, const char *name)
{
    const misas_type *type = NULL;

    for (size_t i = 0; i < system->part_count && type == NULL; i++) {
        type = type_of_subsystem(system->parts[i].subsystem, name);
    }
    return type;
}

/* `*out` is freed with free(). */
static misas_error *payload_as_json(char **out, const misas_type *type, const misas_event *event)
{
    ProtobufCMessage *message = NULL;
    misas_error *error =
        misas_message_decode(&message, type, event->payload, event->payload_size, NULL);

    if (error == NULL) {
        error =
            misas_json_encode(out, NULL, type, message, &(misas_json_options){.is_indented = true});
        misas_message_free(message);
    }
    return error;
}

/* What nobody can read is shown as it is. */
static void append_payload(misas__text *text, const misas_system *system, const misas_event *event)
{
    const misas_type *type = find_type(system, event->type);
    char *json = NULL;
    misas_error *error = type != NULL ? payload_as_json(&json, type, event) : NULL;

    if (json != NULL) {
        misas__text_append_format(text, "payload\n%s\n", json);
    } else {
        misas__text_append_format(
            text, "payload, %zu bytes of %s, as base64\n", event->payload_size,
            type == NULL ? "a type that no subsystem here knows" : "which can't be decoded");
        misas__base64_append(text, event->payload, event->payload_size);
        misas__text_append_string(text, "\n");
    }
    misas_error_free(error);
    free(json);
}

static void append_error(misas__text *text, const misas_error *error)
{
    const misas_error *cause = misas_error_cause(error);

    append_line(text, "error", misas_error_message(error));
    if (cause == NULL || strcmp(misas_error_type(error), misas_error_type(cause)) != 0) {
        append_line(text, "  type", misas_error_type(error));
        append_line(text, "  tags", misas_error_tags(error));
        for (const misas_field *datum = misas_error_data_fields(error); datum->name != NULL;
             datum++) {
            misas__text_append_string(text, "  ");
            append_line(text, datum->name, datum->value);
        }
    }
}

misas_error *misas__write_dead_letter(FILE *file, const misas_system *system,
                                      const misas__dead_letter *letter)
{
    misas_error *error = misas__dead_letter_error(letter);
    misas__text text = {0};

    append_number_line(&text, "dead letter", (uint64_t)letter->id);
    append_line(&text, "processor", letter->processor);
    append_number_line(&text, "attempts", (uint64_t)letter->attempts);
    append_time_line(&text, "set aside at", letter->set_aside_at_us);
    append_line(&text, "to be retried", letter->is_to_be_retried ? "yes" : "no");
    for (const misas_error *each = error; each != NULL; each = misas_error_cause(each)) {
        append_error(&text, each);
    }
    append_event(&text, &letter->event);
    append_payload(&text, system, &letter->event);
    misas_error_free(error);
    if (!text.failed && text.size > 0) {
        text.bytes[--text.size] = '\0'; /* the last newline is that of writing */
    }
    return misas__write_text(&text, file);
}
