#include "flights/feeder/publication.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { shown_bytes = 80 };

static misas_error *not_understood(const char *line, const char *reason, misas_error *cause)
{
    char beginning[shown_bytes + 1];

    snprintf(beginning, sizeof beginning, "%s", line);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = FLIGHTS_ERROR_NOT_UNDERSTOOD,
            .data = (misas_field[]){{"line", beginning}, {"reason", reason}, {NULL, NULL}},
            .cause = cause,
            .tags = MISAS_TAG_VALIDATION,
        },
        "a line is no command and no time: %s", reason);
}

static misas_error *read_time(int64_t *out_us, const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? misas_time_parse(out_us, text) : NULL;
}

static misas_error *read_data(publication *out, const json_t *object)
{
    const json_t *data = json_object_get(object, "data");
    char *text = json_is_object(data) ? json_dumps(data, JSON_COMPACT) : NULL;

    if (text == NULL) {
        return not_understood("", "expected an object as its data", NULL);
    }
    misas_error *error = misas_json_decode(&out->message, out->type, text, strlen(text), NULL);

    free(text);
    return error;
}

static misas_error *copy(char **out, const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    if (text == NULL) {
        return not_understood("", "expected an id and a source", NULL);
    }
    *out = strdup(text);
    return *out != NULL ? NULL : misas_error_out_of_memory();
}

static misas_error *read_command(publication *out, const misas_type_registry *types,
                                 const json_t *object)
{
    const char *type = json_string_value(json_object_get(object, "type"));
    misas_error *error = NULL;

    if (type == NULL) {
        return NULL;
    }
    error = misas_type_registry_get(&out->type, types, type);
    if (error == NULL) {
        error = copy(&out->id, object, "id");
    }
    if (error == NULL) {
        error = copy(&out->source, object, "source");
    }
    return error == NULL ? read_data(out, object) : error;
}

misas_error *publication_read(publication *out, const misas_type_registry *types, const char *line,
                              size_t size)
{
    json_error_t trouble;
    json_t *object = json_loadb(line, size, JSON_REJECT_DUPLICATES, &trouble);
    misas_error *error = NULL;

    *out = (publication){.time_us = MISAS_TIME_MIN_US};
    if (!json_is_object(object)) {
        json_decref(object);
        return not_understood(line, "expected a JSON object", NULL);
    }
    error = read_time(&out->time_us, object, "time");
    if (error == NULL) {
        error = read_time(&out->until_us, object, "until");
    }
    if (error == NULL) {
        error = read_command(out, types, object);
    }
    json_decref(object);
    if (error != NULL) {
        publication_free(out);
        return not_understood(line, "see its cause", error);
    }
    return NULL;
}

void publication_free(publication *self)
{
    if (self->message != NULL) {
        misas_message_free(self->message);
    }
    free(self->id);
    free(self->source);
    *self = (publication){0};
}
