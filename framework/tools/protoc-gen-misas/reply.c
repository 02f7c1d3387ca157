#include <stdlib.h>
#include <string.h>

#include "plugin.h"

/* Whether code of the file can include that of the other one. */
static bool knows_file(const file_descriptor *file, const file_descriptor *other)
{
    if (other == file) {
        return true;
    }
    for (size_t i = 0; i < file->n_dependency; i++) {
        if (strcmp(file->dependency[i], other->name) == 0) {
            return true;
        }
    }
    return false;
}

static const message_type *find_in_package(const message_list *list, const file_descriptor *file,
                                           const char *name)
{
    misas__text text = {0};

    misas__text_append_format(&text, "%s%s%s", file->package != NULL ? file->package : "",
                              file->package != NULL ? "." : "", name);
    char *full_name = finish(&text);
    const message_type *found = message_list_find(list, full_name);

    free(full_name);
    return found;
}

static const message_type *find(const message_list *list, const message_type *query)
{
    const message_type *found = find_in_package(list, query->file, query->role.reply);

    if (found == NULL) {
        found = message_list_find(list, query->role.reply);
    }
    return found != NULL && knows_file(query->file, found->file) ? found : NULL;
}

static char *problem(const char *before, const char *name, const char *after)
{
    misas__text text = {0};

    misas__text_append_format(&text, "%s%s%s", before, name, after);
    return finish(&text);
}

/* The roles of another file's messages are not known yet, nor are those of messages further on. */
static char *check_reply(const message_type *reply)
{
    message_type read = *reply;
    char *wrong = role_read(&read.role, reply->descriptor);

    if (wrong == NULL && !message_is_reply(&read)) {
        wrong = problem("its role has the reply ", reply->full_name,
                        ", which can't be one: it has another role, stands within a message, or "
                        "is protobuf's own");
    }
    role_free(&read.role);
    return wrong;
}

char *reply_find(const message_type **out, const message_list *list, const message_type *query)
{
    if (query->role.reply == NULL) {
        return NULL;
    }
    if (strcmp(query->role.option, "query") != 0) {
        return problem("its role states a reply, and it is of the kind ", query->role.option,
                       ": only a query does");
    }
    const message_type *found = find(list, query);

    if (found == NULL) {
        return problem("its role has the reply ", query->role.reply,
                       ", but there is no such message in this file or one that it imports");
    }
    *out = found;
    return check_reply(found);
}
