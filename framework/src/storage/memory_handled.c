#define _GNU_SOURCE /* tdestroy */
#include "storage/memory_handled.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "storage/batch.h"

static int compare(const void *left, const void *right)
{
    return misas__handled_compare(left, right);
}

static size_t text_size(const char *text)
{
    return text != NULL ? strlen(text) + 1 : 0;
}

static size_t size_of(const misas__handled *message)
{
    return sizeof *message + text_size(message->source) + text_size(message->id) +
           text_size(message->reply.type) + message->reply.payload_size + message->error_size;
}

/* NULL for nothing. */
static const void *copy_bytes(char **cursor, const void *bytes, size_t size)
{
    char *copy = *cursor;

    if (size == 0) {
        return NULL;
    }
    memcpy(copy, bytes, size);
    *cursor += size;
    return copy;
}

static const char *copy_text(char **cursor, const char *text)
{
    return copy_bytes(cursor, text, text_size(text));
}

/* Copies into `room`, which is of size_of(message). */
static misas__handled *copy_into(void *room, const misas__handled *message)
{
    misas__handled *copy = room;
    char *cursor = (char *)(copy + 1);

    *copy = *message;
    copy->source = copy_text(&cursor, message->source);
    copy->id = copy_text(&cursor, message->id);
    copy->reply.type = copy_text(&cursor, message->reply.type);
    copy->reply.payload = copy_bytes(&cursor, message->reply.payload, message->reply.payload_size);
    copy->error = copy_bytes(&cursor, message->error, message->error_size);
    return copy;
}

static misas__handled *find(const misas__memory_handled *handled, const misas__handled *message)
{
    void *found = tfind(message, &handled->messages, compare);

    return found != NULL ? *(misas__handled **)found : NULL;
}

misas_error *misas__memory_handled_find(bool *out_found, misas__handled *message,
                                        const misas__memory_handled *handled, misas__arena *arena)
{
    const misas__handled *found = find(handled, message);

    *out_found = found != NULL;
    if (found == NULL) {
        return NULL;
    }
    void *room = misas__arena_allocate(arena, size_of(found));

    if (room == NULL) {
        return misas_error_out_of_memory();
    }
    const misas__handled *copy = copy_into(room, found);

    memcpy(message->digest, copy->digest, sizeof message->digest);
    message->reply = copy->reply;
    message->error = copy->error;
    message->error_size = copy->error_size;
    return NULL;
}

static misas_error *add_one(misas__memory_handled *handled, const misas__handled *message)
{
    if (find(handled, message) != NULL) {
        return misas__handled_meanwhile_error();
    }
    void *room = malloc(size_of(message));

    if (room == NULL) {
        return misas_error_out_of_memory();
    }
    if (tsearch(copy_into(room, message), &handled->messages, compare) == NULL) {
        free(room);
        return misas_error_out_of_memory();
    }
    return NULL;
}

misas_error *misas__memory_handled_add(misas__memory_handled *handled,
                                       const misas__handled *const *messages, size_t count)
{
    misas_error *error = NULL;
    size_t added = 0;

    while (added < count && error == NULL) {
        error = add_one(handled, messages[added]);
        added += error == NULL ? 1 : 0;
    }
    if (error != NULL) {
        misas__memory_handled_take_back(handled, messages, added);
    }
    return error;
}

void misas__memory_handled_take_back(misas__memory_handled *handled,
                                     const misas__handled *const *messages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        misas__handled *kept = find(handled, messages[i]);

        tdelete(messages[i], &handled->messages, compare);
        free(kept);
    }
}

void misas__memory_handled_free(misas__memory_handled *handled)
{
    tdestroy(handled->messages, free);
    *handled = (misas__memory_handled){0};
}
