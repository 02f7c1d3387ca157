#include "json/writer.h"

#include <stdlib.h>
#include <string.h>

static void break_line(misas__json_writer *writer)
{
    if (writer->options.is_indented) {
        misas__text_append(&writer->text, "\n", 1);
        for (size_t i = 0; i < writer->depth; i++) {
            misas__text_append(&writer->text, "  ", 2);
        }
    }
}

void misas__json_open(misas__json_writer *writer, char bracket)
{
    misas__text_append(&writer->text, &bracket, 1);
    writer->depth++;
}

void misas__json_next(misas__json_writer *writer, bool *is_first)
{
    if (!*is_first) {
        misas__text_append(&writer->text, ",", 1);
    }
    *is_first = false;
    break_line(writer);
}

void misas__json_close(misas__json_writer *writer, char bracket, bool is_empty)
{
    writer->depth--;
    if (!is_empty) {
        break_line(writer);
    }
    misas__text_append(&writer->text, &bracket, 1);
}

void misas__json_write_string(misas__json_writer *writer, const char *string)
{
    misas__text_append_json_string(&writer->text, string, strlen(string));
}

void misas__json_write_name(misas__json_writer *writer, const char *name)
{
    misas__json_write_string(writer, name);
    misas__text_append_string(&writer->text, writer->options.is_indented ? ": " : ":");
}

misas_error *misas__json_unencodable(const misas__json_writer *writer,
                                     const misas__json_place *place, const char *reason)
{
    char *path = NULL;
    misas_error *error = misas__json_write_place(&path, place);

    if (error != NULL) {
        return error;
    }
    error = misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_UNENCODABLE,
            .data = (misas_field[]){{"type", writer->type->descriptor->name},
                                    {"field", path},
                                    {"reason", reason},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "this %s can't be written: %s%s%s", writer->type->descriptor->name, path,
        path[0] != '\0' ? ": " : "", reason);
    free(path);
    return error;
}
