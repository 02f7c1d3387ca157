#include <stdlib.h>
#include <string.h>

#include "misas/options.pb-c.h"
#include "plugin.h"

/* The extension numbers of schemas/misas/options.proto. */
static const struct {
    uint32_t number;
    const char *option;
    const char *kind;
} roles[] = {
    {51001, "command", "MISAS_KIND_COMMAND"},       {51002, "event", "MISAS_KIND_EVENT"},
    {51003, "prediction", "MISAS_KIND_PREDICTION"}, {51004, "query", "MISAS_KIND_QUERY"},
    {51005, "document", "MISAS_KIND_DOCUMENT"},
};

enum { role_count = sizeof roles / sizeof roles[0], personal_number = 51010 };

/* protobuf-c keeps the length before the bytes of an unknown field. */
static size_t length_prefix_size(const ProtobufCMessageUnknownField *field)
{
    size_t size = 0;

    while (size < field->len && (field->data[size] & 0x80) != 0) {
        size++;
    }
    return size < field->len ? size + 1 : size;
}

/* protoc writes an option set in pieces as several fields: one after the other they are the whole
 * message. False if there is none. */
static bool collect_option(misas__text *out, const ProtobufCMessage *options, uint32_t number)
{
    bool is_there = false;

    for (unsigned i = 0; i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *field = &options->unknown_fields[i];

        if (field->tag == number && field->wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
            size_t prefix = length_prefix_size(field);

            misas__text_append(out, (const char *)field->data + prefix, field->len - prefix);
            is_there = true;
        }
    }
    return is_there;
}

static char *copy_or_null(const char *text)
{
    return text != NULL ? strcpy(allocate(strlen(text) + 1), text) : NULL;
}

static char *problem(const char *text)
{
    return copy_or_null(text);
}

static char *check_collection(const message_role *role)
{
    const bool is_document = strcmp(role->option, "document") == 0;

    if (is_document && (role->key == NULL || role->collection == NULL)) {
        return problem("the option of a document states its collection and its key");
    }
    return !is_document && role->collection != NULL
               ? problem("a collection in its role, but only documents are kept in one")
               : NULL;
}

static char *role_fill(message_role *out, size_t index, const misas__text *bytes)
{
    static const uint8_t nothing[1];
    const uint8_t *data = bytes->size > 0 ? (const uint8_t *)bytes->bytes : nothing;
    Misas__Role *read = misas__role__unpack(NULL, bytes->size, data);

    if (read == NULL) {
        return problem("the option of its role is not a misas.Role");
    }
    *out = (message_role){.option = roles[index].option,
                          .kind = roles[index].kind,
                          .subsystem = copy_or_null(read->subsystem),
                          .key = copy_or_null(read->key),
                          .collection = copy_or_null(read->collection),
                          .reply = copy_or_null(read->reply),
                          .version = read->version};
    misas__role__free_unpacked(read, NULL);
    if (out->version == 0) {
        return problem("version 0 in its role: versions begin with 1");
    }
    return check_collection(out);
}

static char *two_roles(const char *first, const char *second)
{
    misas__text text = {0};

    misas__text_append_format(&text, "two roles, %s and %s: a message has at most one", first,
                              second);
    return finish(&text);
}

char *role_read(message_role *out, const message_descriptor *message)
{
    char *wrong = NULL;

    *out = (message_role){.kind = "MISAS_KIND_PART", .version = 1};
    for (size_t i = 0; i < role_count && message->options != NULL && wrong == NULL; i++) {
        misas__text bytes = {0};

        if (collect_option(&bytes, &message->options->base, roles[i].number)) {
            wrong = out->option != NULL ? two_roles(out->option, roles[i].option)
                                        : role_fill(out, i, &bytes);
        }
        misas__text_free(&bytes);
    }
    return wrong;
}

void role_free(message_role *role)
{
    free(role->subsystem);
    free(role->key);
    free(role->collection);
    free(role->reply);
}

bool field_is_personal(const field_descriptor *field)
{
    bool is_personal = false;

    for (unsigned i = 0; field->options != NULL && i < field->options->base.n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *unknown = &field->options->base.unknown_fields[i];

        if (unknown->tag == personal_number) {
            is_personal = unknown->len == 1 && unknown->data[0] == 1;
        }
    }
    return is_personal;
}
