#include <string.h>

#include "error/error.h"
#include "memory/arena.h"
#include "misas/envelope.h"
#include "misas/message/v1/error.misas.h"
#include "misas/schema.h"

typedef Misas__Message__V1__Error encoded_error;

/* `cause` may be NULL, and is taken. */
static misas_error *undecodable(misas_error *cause, const char *reason)
{
    return misas_error_new(&(misas_error_options){
        .type_name = MISAS_ERROR_ERROR_UNDECODABLE,
        .message = "these bytes are not an encoded error",
        .cause = cause,
        .data = (misas_field[]){{"reason", reason}, {NULL, NULL}},
        .tags = MISAS_TAG_VALIDATION,
    });
}

/* NULL when there is no memory. */
static const misas_field *read_data(misas__arena *arena, const encoded_error *encoded)
{
    misas_field *fields = misas__arena_allocate(arena, (encoded->n_data + 1) * sizeof *fields);

    if (fields == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < encoded->n_data; i++) {
        fields[i] = (misas_field){encoded->data[i]->name, encoded->data[i]->value};
    }
    fields[encoded->n_data] = (misas_field){NULL, NULL};
    return fields;
}

/* NULL when there is no memory. */
static const char *read_tags(misas__arena *arena, const encoded_error *encoded)
{
    size_t size = 1;

    for (size_t i = 0; i < encoded->n_tags; i++) {
        size += strlen(encoded->tags[i]) + 1;
    }
    char *tags = misas__arena_allocate(arena, size);
    char *cursor = tags;

    for (size_t i = 0; tags != NULL && i < encoded->n_tags; i++) {
        cursor = stpcpy(cursor, i > 0 ? " " : "");
        cursor = stpcpy(cursor, encoded->tags[i]);
    }
    if (cursor != NULL) {
        *cursor = '\0';
    }
    return tags;
}

/* Takes `cause`, also when there is no memory; then it returns NULL. */
static misas_error *build(misas__arena *arena, const encoded_error *encoded, misas_error *cause)
{
    misas_error_options options = {.message = encoded->message, .cause = cause};
    bool has_memory = true;

    if (encoded->kind_case == MISAS__MESSAGE__V1__ERROR__KIND_TYPE) {
        options.type_name = encoded->type;
        options.data = read_data(arena, encoded);
        options.tags = read_tags(arena, encoded);
        has_memory = options.data != NULL && options.tags != NULL;
    }
    misas_error *error = has_memory ? misas__error_build(&options) : NULL;

    if (error == NULL) {
        misas_error_free(cause);
    }
    return error;
}

/* Recursive, as deep as decoding allows messages to be. */
static misas_error *read_error(misas_error **out, misas__arena *arena, const encoded_error *encoded)
{
    misas_error *cause = NULL;
    misas_error *failure = NULL;

    if (encoded->cause != NULL) {
        failure = read_error(&cause, arena, encoded->cause);
    } else if (encoded->kind_case != MISAS__MESSAGE__V1__ERROR__KIND_TYPE) {
        failure = undecodable(NULL, "an error has neither a type nor a cause");
    }
    if (failure != NULL) {
        return failure;
    }
    misas_error *error = build(arena, encoded, cause);

    if (error == NULL) {
        return misas_error_out_of_memory();
    }
    *out = error;
    return NULL;
}

misas_error *misas_error_decode(misas_error **out, const void *bytes, size_t size)
{
    ProtobufCMessage *message = NULL;
    misas__arena arena = {0};
    misas_error *failure =
        misas_message_decode(&message, &misas_message_v1_error_type, bytes, size, NULL);

    if (failure != NULL) {
        return misas_error_is(failure, MISAS_ERROR_OUT_OF_MEMORY)
                   ? failure
                   : undecodable(failure, misas_error_message(failure));
    }
    failure = read_error(out, &arena, (const encoded_error *)message);
    misas__arena_free(&arena);
    misas_message_free(message);
    return failure;
}
