#include "error/error.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One allocation: the struct, then the data fields, then all the texts. A wrap has a NULL type
 * name. */
struct misas_error {
    const char *type_name;
    const char *message;
    const char *tags;
    misas_error *cause;
    const misas_field *data; /* ends with a NULL name */
};

static const misas_field no_fields[] = {{NULL, NULL}};

static const misas_error out_of_memory = {
    .type_name = MISAS_ERROR_OUT_OF_MEMORY,
    .message = "there is no memory left",
    .tags = MISAS_TAG_RETRIABLE,
    .data = no_fields,
};

misas_error *misas_error_out_of_memory(void)
{
    /* Nothing writes through the pointer: errors are immutable, and freeing this one does nothing.
     */
    return (misas_error *)(uintptr_t)&out_of_memory;
}

static void require(const void *value, const char *what)
{
    if (value == NULL) {
        fprintf(stderr, "misas: an error was made without %s\n", what);
        abort();
    }
}

static char *copy_text(char **cursor, const char *text)
{
    char *copy = *cursor;
    size_t size = strlen(text) + 1;

    memcpy(copy, text, size);
    *cursor += size;
    return copy;
}

static size_t count_fields(const misas_field *fields)
{
    size_t count = 0;

    while (fields != NULL && fields[count].name != NULL) {
        count++;
    }
    return count;
}

static const char *text_or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static size_t size_of_texts(const misas_error_options *options, size_t field_count)
{
    size_t size = strlen(options->message) + 1 + strlen(text_or_empty(options->tags)) + 1;

    if (options->type_name != NULL) {
        size += strlen(options->type_name) + 1;
    }
    for (size_t i = 0; i < field_count; i++) {
        size +=
            strlen(options->data[i].name) + 1 + strlen(text_or_empty(options->data[i].value)) + 1;
    }
    return size;
}

misas_error *misas__error_build(const misas_error_options *options)
{
    size_t field_count = count_fields(options->data);
    size_t fields_size = (field_count + 1) * sizeof(misas_field);
    misas_error *error = malloc(sizeof *error + fields_size + size_of_texts(options, field_count));

    if (error == NULL) {
        return NULL;
    }
    misas_field *fields = (misas_field *)(error + 1);
    char *cursor = (char *)fields + fields_size;

    error->type_name = options->type_name != NULL ? copy_text(&cursor, options->type_name) : NULL;
    error->message = copy_text(&cursor, options->message);
    error->tags = copy_text(&cursor, text_or_empty(options->tags));
    error->cause = options->cause;
    error->data = fields;
    for (size_t i = 0; i < field_count; i++) {
        fields[i].name = copy_text(&cursor, options->data[i].name);
        fields[i].value = copy_text(&cursor, text_or_empty(options->data[i].value));
    }
    fields[field_count] = (misas_field){NULL, NULL};
    return error;
}

misas_error *misas_error_new(const misas_error_options *options)
{
    require(options->type_name, "a type");
    require(options->message, "a message");
    misas_error *error = misas__error_build(options);

    if (error == NULL) {
        misas_error_free(options->cause);
        return misas_error_out_of_memory();
    }
    return error;
}

/* NULL when there is no memory. */
static char *format_text(const char *format, va_list arguments)
{
    va_list measured;
    va_copy(measured, arguments);
    int size = vsnprintf(NULL, 0, format, measured);
    va_end(measured);

    char *text = size < 0 ? NULL : malloc((size_t)size + 1);
    if (text != NULL) {
        vsnprintf(text, (size_t)size + 1, format, arguments);
    }
    return text;
}

misas_error *misas_error_new_format(const misas_error_options *options, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *message = format_text(format, arguments);
    va_end(arguments);

    if (message == NULL) {
        misas_error_free(options->cause);
        return misas_error_out_of_memory();
    }
    misas_error_options complete = *options;
    complete.message = message;
    misas_error *error = misas_error_new(&complete);

    free(message);
    return error;
}

misas_error *misas_error_wrap(misas_error *cause, const char *format, ...)
{
    require(cause, "the cause that it wraps");
    va_list arguments;
    va_start(arguments, format);
    char *message = format_text(format, arguments);
    va_end(arguments);

    if (message == NULL) {
        return cause;
    }
    misas_error *error =
        misas__error_build(&(misas_error_options){.message = message, .cause = cause});

    free(message);
    return error != NULL ? error : cause;
}

misas_error *misas_error_copy(const misas_error *error)
{
    if (error == NULL) {
        return NULL;
    }
    if (error == &out_of_memory) {
        return misas_error_out_of_memory();
    }
    misas_error *cause = misas_error_copy(error->cause);
    misas_error *copy = misas__error_build(&(misas_error_options){.type_name = error->type_name,
                                                                  .message = error->message,
                                                                  .cause = cause,
                                                                  .data = error->data,
                                                                  .tags = error->tags});

    if (copy == NULL) {
        misas_error_free(cause);
        return misas_error_out_of_memory();
    }
    return copy;
}

void misas_error_free(misas_error *error)
{
    while (error != NULL && error != &out_of_memory) {
        misas_error *cause = error->cause;

        free(error);
        error = cause;
    }
}

const misas_error *misas__error_typed(const misas_error *error)
{
    while (error != NULL && error->type_name == NULL) {
        error = error->cause;
    }
    return error;
}

const char *misas_error_type(const misas_error *error)
{
    const misas_error *found = misas__error_typed(error);

    return found != NULL ? found->type_name : "";
}

const char *misas_error_message(const misas_error *error)
{
    return error != NULL ? error->message : "";
}

const misas_error *misas_error_cause(const misas_error *error)
{
    return error != NULL ? error->cause : NULL;
}

bool misas_error_is(const misas_error *error, const char *type_name)
{
    const misas_error *found = misas__error_typed(error);

    return found != NULL && strcmp(found->type_name, type_name) == 0;
}

bool misas_error_has_tag(const misas_error *error, const char *tag)
{
    size_t size = strlen(tag);
    const char *tags = misas_error_tags(error);

    while (*tags != '\0') {
        size_t length = strcspn(tags, " ");

        if (length == size && memcmp(tags, tag, size) == 0) {
            return true;
        }
        tags += length;
        tags += strspn(tags, " ");
    }
    return false;
}

const char *misas_error_tags(const misas_error *error)
{
    const misas_error *found = misas__error_typed(error);

    return found != NULL ? found->tags : "";
}

const char *misas_error_data(const misas_error *error, const char *name)
{
    for (const misas_field *field = misas_error_data_fields(error); field->name != NULL; field++) {
        if (strcmp(field->name, name) == 0) {
            return field->value;
        }
    }
    return NULL;
}

const misas_field *misas_error_data_fields(const misas_error *error)
{
    const misas_error *found = misas__error_typed(error);

    return found != NULL ? found->data : no_fields;
}

size_t misas_error_write(char *buffer, size_t size, const misas_error *error)
{
    size_t length = 0;

    if (size > 0) {
        buffer[0] = '\0';
    }
    for (const misas_error *at = error; at != NULL; at = at->cause) {
        const char *separator = at == error ? "" : ": ";
        size_t room = length < size ? size - length : 0;
        int written =
            snprintf(room > 0 ? buffer + length : NULL, room, "%s%s", separator, at->message);

        length += written > 0 ? (size_t)written : 0;
    }
    return length;
}
