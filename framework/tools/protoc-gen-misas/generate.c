#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

static void append_top(misas__text *text, const file_descriptor *file)
{
    misas__text_append_format(text, "/* Made by protoc-gen-misas from %s: do not edit. */\n",
                              file->name);
}

static void append_include(misas__text *text, const char *file, const char *ending)
{
    char *name = name_of_file(file, ending);

    misas__text_append_format(text, "#include \"%s\"\n", name);
    free(name);
}

static void append_declarations(misas__text *text, const message_list *list,
                                const file_descriptor *file)
{
    char *schema = name_of_schema(file->name);

    misas__text_append_format(text, "extern const misas_schema %s;\n\n", schema);
    free(schema);
    for (size_t i = 0; i < list->count; i++) {
        const message_type *message = &list->messages[i];

        if (message->file == file) {
            misas__text_append_format(text, "extern const misas_type %s_type;\n", message->prefix);
        }
    }
    for (size_t i = 0; i < list->count; i++) {
        if (list->messages[i].file == file) {
            append_glue(text, &list->messages[i]);
        }
    }
}

/* protoc lists what the file imports, but a type may come from a file imported publicly there. */
static bool uses_file(const message_list *list, const file_descriptor *file,
                      const file_descriptor *used)
{
    for (size_t i = 0; i < list->count; i++) {
        const message_type *user = &list->messages[i];

        for (size_t j = 0; user->file == file && j < user->descriptor->n_field; j++) {
            const message_type *type = field_message(list, user->fields[j]);

            if (type != NULL && type->file == used) {
                return true;
            }
        }
    }
    return false;
}

/* Whether a query of the file is answered by a message of the other one. */
static bool is_answered_by_file(const message_list *list, const file_descriptor *file,
                                const file_descriptor *other)
{
    for (size_t i = 0; i < list->count; i++) {
        const message_type *query = &list->messages[i];

        if (query->file == file && query->reply != NULL && query->reply->file == other) {
            return true;
        }
    }
    return false;
}

/* Whether a file needs the other one. */
typedef bool (*file_test)(const message_list *list, const file_descriptor *file,
                          const file_descriptor *other);

/* The headers of the other files that this one needs. */
static void append_includes(misas__text *text, const message_list *list,
                            const file_descriptor *file, file_test needs)
{
    const file_descriptor *previous = NULL;

    for (size_t i = 0; i < list->count; i++) { /* the messages of a file stand together */
        const file_descriptor *used = list->messages[i].file;

        if (used != previous && used != file && needs(list, file, used)) {
            append_include(text, used->name, ".misas.h");
        }
        previous = used;
    }
}

/* The name of the schema in capitals. */
static char *include_guard(const file_descriptor *file)
{
    char *guard = name_of_schema(file->name);

    for (char *at = guard; *at != '\0'; at++) {
        *at = (char)toupper((unsigned char)*at);
    }
    return guard;
}

char *generate_header(const message_list *list, const file_descriptor *file)
{
    misas__text text = {0};
    char *guard = include_guard(file);

    append_top(&text, file);
    misas__text_append_format(&text, "#ifndef MISAS_GENERATED_%s_H\n#define MISAS_GENERATED_%s_H\n",
                              guard, guard);
    free(guard);
    misas__text_append_string(&text, "\n");
    append_include(&text, file->name, ".pb-c.h");
    append_includes(&text, list, file, is_answered_by_file);
    append_glue_includes(&text, list, file);
    misas__text_append_string(&text, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    append_declarations(&text, list, file);
    misas__text_append_string(&text, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
    return finish(&text);
}

static void append_field(misas__text *text, const message_list *list, const field_descriptor *field)
{
    const message_type *type = field_message(list, field);

    misas__text_append_string(text, "    {");
    append_c_string(text, field->json_name);
    misas__text_append_format(text, ", %s%s%s, %s, %s},\n", type != NULL ? "&" : "",
                              type != NULL ? type->prefix : "NULL", type != NULL ? "_type" : "",
                              type != NULL && message_is_map_entry(type) ? "true" : "false",
                              field_is_personal(field) ? "true" : "false");
}

static void append_type(misas__text *text, const message_list *list, const message_type *message)
{
    const char *prefix = message->prefix;
    size_t field_count = message->descriptor->n_field;

    if (field_count > 0) {
        misas__text_append_format(text, "\nstatic const misas_type_field %s_fields[] = {\n",
                                  prefix);
        for (size_t i = 0; i < field_count; i++) {
            append_field(text, list, message->fields[i]);
        }
        misas__text_append_string(text, "};\n");
    }
    misas__text_append_format(text, "\nconst misas_type %s_type = {\n", prefix);
    misas__text_append_format(text, "    .descriptor = &%s,\n", message->c_descriptor);
    misas__text_append_format(text, "    .fields = %s%s,\n", field_count > 0 ? prefix : "NULL",
                              field_count > 0 ? "_fields" : "");
    misas__text_append_format(text, "    .kind = %s,\n    .subsystem = ", message->role.kind);
    append_c_string(text, message->role.subsystem);
    misas__text_append_string(text, ",\n    .key_field = ");
    append_c_string(text, message->role.key);
    misas__text_append_string(text, ",\n    .collection = ");
    append_c_string(text, message->role.collection);
    misas__text_append_format(text, ",\n    .version = %u,\n};\n", (unsigned)message->role.version);
}

static void append_schema(misas__text *text, const message_list *list, const file_descriptor *file)
{
    char *schema = name_of_schema(file->name);
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (list->messages[i].file == file) {
            misas__text_append_format(text, "%s    &%s_type,\n",
                                      count == 0 ? "\nstatic const misas_type *const types[] = {\n"
                                                 : "",
                                      list->messages[i].prefix);
            count++;
        }
    }
    misas__text_append_format(
        text, "%s\nconst misas_schema %s = {\n    .file = ", count > 0 ? "};\n" : "", schema);
    append_c_string(text, file->name);
    misas__text_append_format(text, ",\n    .types = %s,\n    .type_count = %zu,\n};\n",
                              count > 0 ? "types" : "NULL", count);
    free(schema);
}

char *generate_source(const message_list *list, const file_descriptor *file)
{
    misas__text text = {0};

    append_top(&text, file);
    append_include(&text, file->name, ".misas.h");
    append_includes(&text, list, file, uses_file);
    for (size_t i = 0; i < list->count; i++) {
        if (list->messages[i].file == file) {
            append_type(&text, list, &list->messages[i]);
        }
    }
    append_schema(&text, list, file);
    return finish(&text);
}
