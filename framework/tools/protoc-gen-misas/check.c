#include <stdlib.h>
#include <string.h>

#include "plugin.h"

/* What is wrong with a field, or NULL. */
static const char *check_field(const field_descriptor *field)
{
    if (field->proto3_optional) {
        return "is a proto3 `optional`, which protobuf-c does not have: use a wrapper such as "
               "google.protobuf.Int64Value, a oneof, or proto2";
    }
    if (field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_GROUP) {
        return "is a group, which protobuf-c does not have: use a nested message";
    }
    return NULL;
}

static const field_descriptor *find_field(const message_type *message, const char *name)
{
    for (size_t i = 0; i < message->descriptor->n_field; i++) {
        if (strcmp(message->fields[i]->name, name) == 0) {
            return message->fields[i];
        }
    }
    return NULL;
}

/* What is wrong with the field that names the stream, or NULL. */
static const char *check_key(const message_type *message, const char *key)
{
    const field_descriptor *field = find_field(message, key);

    if (field == NULL) {
        return "is the key of its role, but there is no such field";
    }
    if (field->type != GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING ||
        field->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED) {
        return "is the key of its role, and a key must be a string that is not repeated";
    }
    return NULL;
}

static char *field_problem(const char *field, const char *wrong)
{
    misas__text text = {0};

    misas__text_append_format(&text, "field %s %s", field, wrong);
    return finish(&text);
}

static char *check_fields(const message_type *message)
{
    for (size_t i = 0; i < message->descriptor->n_field; i++) {
        const char *wrong = check_field(message->fields[i]);

        if (wrong != NULL) {
            return field_problem(message->fields[i]->name, wrong);
        }
    }
    return NULL;
}

/* Outer.Inner and OuterInner would have one name in C. */
static char *check_name(const message_list *list, const message_type *checked)
{
    for (const message_type *other = list->messages; other < checked; other++) {
        if (other->file == checked->file && strcmp(other->prefix, checked->prefix) == 0) {
            misas__text text = {0};

            misas__text_append_format(&text, "has the name %s in C, and so has message %s",
                                      checked->prefix, other->full_name);
            return finish(&text);
        }
    }
    return NULL;
}

/* As of Balance, which has balance_read_reply, and BalanceRead, which has balance_read_reply. */
static char *check_glue(const message_list *list, const message_type *checked)
{
    for (const message_type *other = list->messages; other < checked; other++) {
        char *name = other->file == checked->file ? find_glue_clash(other, checked) : NULL;

        if (name != NULL) {
            misas__text text = {0};

            misas__text_append_format(&text, "makes %s in C, and so does message %s", name,
                                      other->full_name);
            free(name);
            return finish(&text);
        }
    }
    return NULL;
}

static char *check_message(const message_list *list, message_type *message)
{
    char *wrong = check_name(list, message);

    if (wrong == NULL) {
        wrong = check_fields(message);
    }
    if (wrong == NULL) {
        wrong = role_read(&message->role, message->descriptor);
    }
    if (wrong == NULL && message->role.key != NULL) {
        const char *problem = check_key(message, message->role.key);

        wrong = problem != NULL ? field_problem(message->role.key, problem) : NULL;
    }
    if (wrong == NULL) {
        wrong = reply_find(&message->reply, list, message);
    }
    if (wrong == NULL) { /* the roles of those before it are known */
        wrong = check_glue(list, message);
    }
    return wrong;
}

char *check_file(message_list *list, const file_descriptor *file)
{
    for (size_t i = 0; i < list->count; i++) {
        message_type *message = &list->messages[i];
        char *wrong = message->file == file ? check_message(list, message) : NULL;

        if (wrong != NULL) {
            misas__text text = {0};

            misas__text_append_format(&text, "%s: message %s: %s", file->name, message->full_name,
                                      wrong);
            free(wrong);
            return finish(&text);
        }
    }
    return NULL;
}
