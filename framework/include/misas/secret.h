/** @file
 * Secrets: passwords, tokens, connection strings. A secret is printed as REDACTED wherever it ends
 * up and its memory is overwritten when it is freed.
 *
 * Even `printf("%s", (const char *)secret)` prints REDACTED: the object begins with that text.
 */
#ifndef MISAS_SECRET_H
#define MISAS_SECRET_H

#include "misas/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What every formatter, log, JSON text and error shows in place of a secret. */
#define MISAS_REDACTED "REDACTED"

/** The file of a secret can't be read; data: "path". Tagged validation. */
#define MISAS_ERROR_SECRET_UNREADABLE "misas.secret.unreadable"

/** Immutable: may be used by many threads at once. */
typedef struct misas_secret misas_secret;

/** Copies `value`. Errors: out of memory. */
misas_error *misas_secret_new(misas_secret **out, const char *value);

/** Reads a secret from a file, as container platforms mount them; one closing newline is dropped.
 * Errors: MISAS_ERROR_SECRET_UNREADABLE (missing, a directory, over 64 KiB, or with a NUL in it).
 */
misas_error *misas_secret_new_from_file(misas_secret **out, const char *path);

/** A second owner of the same secret. Errors: out of memory. */
misas_error *misas_secret_copy(misas_secret **out, const misas_secret *secret);

/** Overwrites and frees. NULL is accepted. */
void misas_secret_free(misas_secret *secret);

/** Always MISAS_REDACTED, also for NULL: for texts of any kind. */
const char *misas_secret_text(const misas_secret *secret);

/** The value itself, for the one call that needs it; lives as long as the secret. NULL for NULL. */
const char *misas_secret_reveal(const misas_secret *secret);

#ifdef __cplusplus
}
#endif

#endif
