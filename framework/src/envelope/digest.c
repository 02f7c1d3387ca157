#include "envelope/digest.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <string.h>

typedef struct part {
    const void *bytes;
    size_t size;
} part;

static misas_error *digest_failed(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    misas_error *error = misas_error_new_format(
        &(misas_error_options){.type_name = MISAS__ERROR_DIGEST_FAILED,
                               .tags = MISAS_TAG_RETRIABLE},
        "libcrypto can't make a SHA-256: %s", reason != NULL ? reason : "it gives no reason");

    ERR_clear_error();
    return error;
}

/* Looked up once for the process, which takes longer than a digest; but not noted if it fails. */
static const EVP_MD *sha256(void)
{
    static _Atomic(EVP_MD *) known;
    EVP_MD *before = atomic_load(&known);
    EVP_MD *fetched = before == NULL ? EVP_MD_fetch(NULL, "SHA256", NULL) : NULL;

    if (fetched == NULL) {
        return before;
    }
    if (!atomic_compare_exchange_strong(&known, &before, fetched)) {
        EVP_MD_free(fetched);
        return before; /* another thread was faster */
    }
    return fetched;
}

static bool update(EVP_MD_CTX *context, const part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (EVP_DigestUpdate(context, parts[i].bytes, parts[i].size) != 1) {
            return false;
        }
    }
    return true;
}

static misas_error *digest(uint8_t out[misas__digest_size], const part *parts, size_t count)
{
    const EVP_MD *algorithm = sha256();
    EVP_MD_CTX *context = algorithm != NULL ? EVP_MD_CTX_new() : NULL;
    bool is_done = context != NULL && EVP_DigestInit_ex2(context, algorithm, NULL) == 1 &&
                   update(context, parts, count) && EVP_DigestFinal_ex(context, out, NULL) == 1;
    misas_error *error = is_done ? NULL : digest_failed();

    EVP_MD_CTX_free(context);
    return error;
}

/* A text as a part, with its NUL: so no two lists of texts are the same bytes. */
static part text_part(const char *text)
{
    return (part){text, strlen(text) + 1};
}

misas_error *misas__envelope_digest(uint8_t out[misas__digest_size], const char *type,
                                    const void *payload, size_t size)
{
    const part parts[] = {text_part(type), {payload, size}};

    return digest(out, parts, sizeof parts / sizeof parts[0]);
}

misas_error *misas__derived_uuid(misas_uuid *out, const char *source, const char *id,
                                 uint32_t counter)
{
    /* Drawn once, at random. Another would make other ids: a message that was handled half before
     * an upgrade could send its commands twice. */
    static const uint8_t name_space[] = {0xF5, 0x8A, 0xEA, 0x2C, 0x8B, 0x34, 0x4A, 0x84,
                                         0xB4, 0xA6, 0x3B, 0xE2, 0x37, 0x52, 0xD3, 0xB9};
    const uint8_t counted[] = {(uint8_t)(counter >> 24), (uint8_t)(counter >> 16),
                               (uint8_t)(counter >> 8), (uint8_t)counter};
    const part parts[] = {{name_space, sizeof name_space},
                          text_part(source),
                          text_part(id),
                          {counted, sizeof counted}};
    uint8_t hash[misas__digest_size];
    misas_error *error = digest(hash, parts, sizeof parts / sizeof parts[0]);

    if (error != NULL) {
        return error;
    }
    hash[6] = (uint8_t)(0x80 | (hash[6] & 0x0F)); /* version 8 */
    hash[8] = (uint8_t)(0x80 | (hash[8] & 0x3F)); /* the variant of RFC 9562 */
    memcpy(out->bytes, hash, sizeof out->bytes);
    return NULL;
}
