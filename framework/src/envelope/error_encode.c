#include <string.h>

#include "error/error.h"
#include "memory/arena.h"
#include "misas/envelope.h"
#include "misas/message/v1/error.misas.h"
#include "misas/schema.h"
#include "text/text.h"

/* What is written of an error at most, so that it always fits into a message and can be decoded.
 * `max_bytes` ends the data and the causes; what is written already stays. */
enum { max_levels = 50, max_text_bytes = 16 * 1024, max_bytes = 512 * 1024 };

/* Of each text, besides its bytes, about. */
enum { text_overhead = 8 };

static const char ellipsis[] = "\xE2\x80\xA6";

typedef Misas__Message__V1__Error encoded_error;
typedef Misas__Message__V1__Error__Datum encoded_datum;

typedef struct error_encoder {
    misas__arena arena;
    size_t used; /* bytes */
    bool failed; /* there was no memory */
} error_encoder;

static void *allocate(error_encoder *encoder, size_t size)
{
    void *memory = misas__arena_allocate(&encoder->arena, size);

    encoder->failed = encoder->failed || memory == NULL;
    return memory;
}

/* Cuts valid UTF-8 before a character; the ellipsis still fits. */
static size_t cut(char *text)
{
    size_t size = max_text_bytes - (sizeof ellipsis - 1);

    while ((text[size] & 0xC0) == 0x80) {
        size--;
    }
    memcpy(text + size, ellipsis, sizeof ellipsis);
    return size + sizeof ellipsis - 1;
}

/* NULL when there is no memory. A character that the limit cuts in two is cut away afterwards. */
static char *add_text(error_encoder *encoder, const char *text)
{
    size_t size = strnlen(text, max_text_bytes + 1);
    char *copy = allocate(encoder, size * MISAS__UTF8_REPAIRED_FACTOR + 1);

    if (copy == NULL) {
        return NULL;
    }
    size = misas__utf8_repair(copy, text, size);
    encoder->used += text_overhead + (size > max_text_bytes ? cut(copy) : size);
    return copy;
}

static void add_data(error_encoder *encoder, encoded_error *out, const misas_field *fields)
{
    size_t count = 0;

    while (fields[count].name != NULL) {
        count++;
    }
    out->data = allocate(encoder, count * sizeof *out->data);
    for (size_t i = 0; i < count && !encoder->failed && encoder->used < max_bytes; i++) {
        encoded_datum *datum = allocate(encoder, sizeof *datum);

        if (datum != NULL) {
            misas__message__v1__error__datum__init(datum);
            datum->name = add_text(encoder, fields[i].name);
            datum->value = add_text(encoder, fields[i].value);
            out->data[out->n_data++] = datum;
        }
    }
}

static size_t count_words(const char *text)
{
    size_t count = 1;

    for (; *text != '\0'; text++) {
        count += *text == ' ' ? 1 : 0;
    }
    return count;
}

/* Two spaces have an empty word between them, so that joining the words gives the same text. */
static void add_tags(error_encoder *encoder, encoded_error *out, const char *tags)
{
    char *rest = tags[0] != '\0' ? add_text(encoder, tags) : NULL;

    if (rest == NULL) {
        return;
    }
    out->tags = allocate(encoder, count_words(rest) * sizeof *out->tags);
    while (out->tags != NULL && rest != NULL) {
        out->tags[out->n_tags++] = strsep(&rest, " ");
    }
}

static void add_error(error_encoder *encoder, encoded_error *out, const misas_error *error)
{
    misas__message__v1__error__init(out);
    out->message = add_text(encoder, misas_error_message(error));
    if (misas__error_typed(error) == error) {
        out->kind_case = MISAS__MESSAGE__V1__ERROR__KIND_TYPE;
        out->type = add_text(encoder, misas_error_type(error));
        add_tags(encoder, out, misas_error_tags(error));
        add_data(encoder, out, misas_error_data_fields(error));
    }
}

/* The last one must have a type: where the chain is cut, the wraps around that are left out. */
static void add_errors(error_encoder *encoder, encoded_error *out, const misas_error *error)
{
    for (size_t count = 1; out != NULL && error != NULL; count++) {
        bool is_last = count == max_levels || encoder->used >= max_bytes;

        error = is_last ? misas__error_typed(error) : error;
        add_error(encoder, out, error);
        error = is_last ? NULL : misas_error_cause(error);
        out->cause = error != NULL ? allocate(encoder, sizeof *out) : NULL;
        out = out->cause;
    }
}

misas_error *misas_error_encode(void **out, size_t *out_size, const misas_error *error)
{
    error_encoder encoder = {0};
    encoded_error encoded = MISAS__MESSAGE__V1__ERROR__INIT;

    add_errors(&encoder, &encoded, error);
    misas_error *failure =
        encoder.failed
            ? misas_error_out_of_memory()
            : misas_message_encode(out, out_size, &misas_message_v1_error_type, &encoded.base);

    misas__arena_free(&encoder.arena);
    return failure;
}
