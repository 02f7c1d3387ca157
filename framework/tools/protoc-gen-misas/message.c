#include <stdlib.h>
#include <string.h>

#include "plugin.h"

static size_t count_messages(message_descriptor *const *descriptors, size_t count)
{
    size_t total = count;

    for (size_t i = 0; i < count; i++) {
        total += count_messages(descriptors[i]->nested_type, descriptors[i]->n_nested_type);
    }
    return total;
}

static char *join_names(const char *scope, const char *name)
{
    misas__text text = {0};

    misas__text_append_format(&text, "%s%s%s", scope, scope[0] != '\0' ? "." : "", name);
    return finish(&text);
}

static int compare_numbers(const void *left, const void *right)
{
    const field_descriptor *const *first = left;
    const field_descriptor *const *second = right;

    return ((*first)->number > (*second)->number) - ((*first)->number < (*second)->number);
}

static const field_descriptor **sort_fields(const message_descriptor *descriptor)
{
    const field_descriptor **fields = allocate((descriptor->n_field + 1) * sizeof(void *));

    for (size_t i = 0; i < descriptor->n_field; i++) {
        fields[i] = descriptor->field[i];
    }
    qsort(fields, descriptor->n_field, sizeof(void *), compare_numbers);
    return fields;
}

static void add_messages(message_list *list, const file_descriptor *file, const char *scope,
                         message_descriptor *const *descriptors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const message_descriptor *descriptor = descriptors[i];
        char *full_name = join_names(scope, descriptor->name);

        list->messages[list->count++] = (message_type){
            .file = file,
            .descriptor = descriptor,
            .fields = sort_fields(descriptor),
            .full_name = full_name,
            .prefix = name_of_prefix(full_name),
            .macro = name_of_macro(full_name),
            .c_type = name_of_c_type(full_name),
            .c_descriptor = name_of_descriptor(full_name),
        };
        add_messages(list, file, full_name, descriptor->nested_type, descriptor->n_nested_type);
    }
}

void message_list_fill(message_list *out, const generator_request *request)
{
    size_t total = 0;

    for (size_t i = 0; i < request->n_proto_file; i++) {
        const file_descriptor *file = request->proto_file[i];

        total += count_messages(file->message_type, file->n_message_type);
    }
    *out = (message_list){.messages = allocate((total + 1) * sizeof(message_type))};
    for (size_t i = 0; i < request->n_proto_file; i++) {
        const file_descriptor *file = request->proto_file[i];
        const char *package = file->package != NULL ? file->package : "";

        add_messages(out, file, package, file->message_type, file->n_message_type);
    }
}

void message_list_free(message_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        message_type *message = &list->messages[i];

        free(message->fields);
        free(message->full_name);
        free(message->prefix);
        free(message->macro);
        free(message->c_type);
        free(message->c_descriptor);
        role_free(&message->role);
    }
    free(list->messages);
}

const message_type *message_list_find(const message_list *list, const char *full_name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->messages[i].full_name, full_name) == 0) {
            return &list->messages[i];
        }
    }
    return NULL;
}

bool message_is_nested(const message_type *message)
{
    for (size_t i = 0; i < message->file->n_message_type; i++) {
        if (message->file->message_type[i] == message->descriptor) {
            return false;
        }
    }
    return true;
}

bool message_is_map_entry(const message_type *message)
{
    return message->descriptor->options != NULL && message->descriptor->options->map_entry;
}

const message_type *field_message(const message_list *list, const field_descriptor *field)
{
    if (field->type != GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE) {
        return NULL;
    }
    return message_list_find(list, field->type_name + 1); /* after the leading dot */
}
