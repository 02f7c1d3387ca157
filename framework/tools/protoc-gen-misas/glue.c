#include <string.h>

#include "plugin.h"

static const struct {
    unsigned kinds; /* of glue, that need it */
    const char *header;
} headers[] = {
    {GLUE_EVENT, "aggregate"},
    {GLUE_COMMAND | GLUE_QUERY | GLUE_REPLIED_QUERY, "bus"},
    {GLUE_EVENT | GLUE_HANDLED | GLUE_REPLY | GLUE_DOCUMENT, "context"},
    {GLUE_EVENT | GLUE_REPLY | GLUE_REPLIED_QUERY | GLUE_DOCUMENT, "generated"},
    {GLUE_NONE, "schema"}, /* whatever there is */
    {GLUE_COMMAND, "sender"},
    {GLUE_EVENT | GLUE_HANDLED | GLUE_DOCUMENT, "subsystem"},
};

/* Protobuf's own types are parts of messages, and no answer to anything. */
static bool is_well_known(const message_type *message)
{
    static const char folder[] = "google/protobuf/";

    return strncmp(message->file->name, folder, sizeof folder - 1) == 0;
}

bool message_is_reply(const message_type *message)
{
    const char *option = message->role.option;

    return (option == NULL || strcmp(option, "document") == 0) && !message_is_nested(message) &&
           !is_well_known(message);
}

/* One of enum glue_kind. */
static unsigned kind_of(const message_type *message)
{
    static const struct {
        const char *option;
        unsigned kind;
    } kinds[] = {
        {"command", GLUE_COMMAND}, {"event", GLUE_EVENT},       {"prediction", GLUE_PREDICTION},
        {"query", GLUE_QUERY},     {"document", GLUE_DOCUMENT},
    };
    const char *option = message->role.option;

    if (message->reply != NULL) {
        return GLUE_REPLIED_QUERY;
    }
    for (size_t i = 0; option != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].option, option) == 0) {
            return kinds[i].kind;
        }
    }
    return message_is_reply(message) ? GLUE_REPLY : GLUE_NONE;
}

void append_glue_includes(misas__text *text, const message_list *list, const file_descriptor *file)
{
    unsigned kinds = GLUE_NONE;

    for (size_t i = 0; i < list->count; i++) {
        if (list->messages[i].file == file) {
            kinds |= kind_of(&list->messages[i]);
        }
    }
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        if (headers[i].kinds == GLUE_NONE || (headers[i].kinds & kinds) != 0) {
            misas__text_append_format(text, "#include \"misas/%s.h\"\n", headers[i].header);
        }
    }
}

/* What stands in a piece for @word@. */
static const char *word_of(const message_type *message, const char *word, size_t length)
{
    const message_type *reply = message->reply;
    const struct {
        const char *word;
        const char *meaning;
    } words[] = {
        {"name", message->full_name},
        {"prefix", message->prefix},
        {"c_type", message->c_type},
        {"macro", message->macro},
        {"role", message->role.option},
        {"reply_name", reply != NULL ? reply->full_name : NULL},
        {"reply_prefix", reply != NULL ? reply->prefix : NULL},
        {"reply_c_type", reply != NULL ? reply->c_type : NULL},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strncmp(words[i].word, word, length) == 0) {
            return words[i].meaning;
        }
    }
    return ""; /* the pieces have no other words */
}

static void append_piece(misas__text *text, const message_type *message, const char *piece)
{
    const char *at = piece;

    for (const char *mark = strchr(at, '@'); mark != NULL; mark = strchr(at, '@')) {
        const char *word = mark + 1;
        size_t length = strcspn(word, "@");

        misas__text_append(text, at, (size_t)(mark - at));
        misas__text_append_string(text, word_of(message, word, length));
        at = word + length + 1;
    }
    misas__text_append_string(text, at);
}

void append_glue(misas__text *text, const message_type *message)
{
    unsigned kind = kind_of(message);

    for (const glue_piece *piece = glue_pieces; piece->suffix != NULL; piece++) {
        if ((piece->kinds & kind) != 0) {
            misas__text_append_string(text, "\n");
            append_piece(text, message, piece->text);
        }
    }
    /* Without a package, NULL or EOF might be the name. */
    if (kind != GLUE_NONE && strchr(message->full_name, '.') != NULL) {
        misas__text_append_string(text, "\n");
        append_piece(text, message, glue_example);
    }
}

static bool has_piece(const message_type *message, const char *suffix)
{
    unsigned kind = kind_of(message);

    for (const glue_piece *piece = glue_pieces; piece->suffix != NULL; piece++) {
        if ((piece->kinds & kind) != 0 && strcmp(piece->suffix, suffix) == 0) {
            return true;
        }
    }
    return false;
}

char *find_glue_clash(const message_type *first, const message_type *second)
{
    bool is_first_longer = strlen(first->prefix) > strlen(second->prefix);
    const message_type *longer = is_first_longer ? first : second;
    const message_type *shorter = is_first_longer ? second : first;
    const char *rest = longer->prefix + strlen(shorter->prefix);
    size_t length = strlen(rest);

    if (strncmp(longer->prefix, shorter->prefix, strlen(shorter->prefix)) != 0) {
        return NULL;
    }
    for (const glue_piece *piece = glue_pieces; piece->suffix != NULL; piece++) {
        if (has_piece(shorter, piece->suffix) && strncmp(piece->suffix, rest, length) == 0 &&
            has_piece(longer, piece->suffix + length)) {
            misas__text name = {0};

            misas__text_append_format(&name, "%s%s", shorter->prefix, piece->suffix);
            return finish(&name);
        }
    }
    return NULL;
}
