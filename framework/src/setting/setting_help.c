/* MISAS_LOG_LEVEL, --log-level
 *     From which level on records are written.
 *     Takes one of debug, info, warning, error, off.
 *     Default: info
 */
#include <string.h>

#include "setting/setting.h"

enum { line_width = 80, indent_width = 4 };

/* Of UTF-8, where only the first byte of a character counts. */
static size_t count_columns(const char *text, size_t size)
{
    size_t columns = 0;

    for (size_t i = 0; i < size; i++) {
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return columns;
}

/* A word that is longer than a line stays in one piece, on a line of its own. */
static void write_wrapped(FILE *file, const char *text)
{
    size_t column = 0;

    for (text += strspn(text, " \n"); *text != '\0'; text += strspn(text, " \n")) {
        size_t size = strcspn(text, " \n");
        size_t columns = count_columns(text, size);

        if (column > 0 && column + 1 + columns > line_width) {
            fputc('\n', file);
            column = 0;
        }
        fprintf(file, "%*s", column == 0 ? indent_width : 1, "");
        fwrite(text, 1, size, file);
        column += (column == 0 ? (size_t)indent_width : 1) + columns;
        text += size;
    }
    if (column > 0) {
        fputc('\n', file);
    }
}

/* As it would be written in the environment, in one piece. */
static void write_default(FILE *file, const misas_setting *setting)
{
    bool is_secret = setting->type == MISAS_SETTING_SECRET;

    if (setting->default_value != NULL) {
        fprintf(file, "%*sDefault: %s\n", indent_width, "",
                is_secret ? MISAS_REDACTED : setting->default_value);
    } else if (setting->is_required) {
        fprintf(file, "%*sRequired.\n", indent_width, "");
    }
}

/* How one table is described. */
typedef struct description {
    FILE *file;
    bool has_options;
    const char *prefix; /* of the variables; NULL: none */
} description;

static void write_names(const description *self, const misas_setting *setting)
{
    misas__text text = {0};

    if (self->has_options) {
        misas__text_append_string(&text, ", ");
        misas__setting_append_option(&text, setting, self->prefix);
    }
    fprintf(self->file, "%s%s\n", setting->variable,
            text.bytes != NULL && !text.failed ? text.bytes : "");
    misas__text_free(&text);
}

static void write_paragraph(const description *self, const misas_setting *setting)
{
    FILE *file = self->file;
    misas__text text = {0};

    write_names(self, setting);
    if (setting->sentence != NULL) {
        write_wrapped(file, setting->sentence);
    }
    misas__text_append_string(&text, "Takes ");
    misas__setting_append_expected(&text, setting);
    misas__text_append(&text, ".", 1);
    if (!text.failed) {
        write_wrapped(file, text.bytes);
    }
    misas__text_free(&text);
    write_default(file, setting);
}

static void write_all(const description *self, const misas_setting *table)
{
    for (const misas_setting *setting = table; setting->variable != NULL; setting++) {
        if (setting != table) {
            fputc('\n', self->file);
        }
        write_paragraph(self, setting);
    }
}

void misas_settings_write_help(FILE *file, const misas_setting *table)
{
    write_all(&(description){.file = file}, table);
}

void misas_settings_write_options_help(FILE *file, const misas_setting *table, const char *prefix)
{
    write_all(&(description){.file = file, .has_options = true, .prefix = prefix}, table);
}
