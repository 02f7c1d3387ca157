/** @file
 * Errors are values: every fallible call returns a `misas_error *`, and NULL is success.
 *
 * An error is immutable, so that it may cross threads. Whoever receives one returns it, wraps it or
 * frees it. What an accessor returns lives as long as the error. All functions may be called from
 * any thread and accept a NULL error unless they say otherwise.
 *
 * An error with a type says what happened; a wrap adds where it happened. The questions (`_type`,
 * `_is`, `_has_tag`, `_tags`, `_data`) look through wraps to the first error that has a type, never
 * at the causes behind it: a retriable cause must not turn a refusal into a retry.
 */
#ifndef MISAS_ERROR_H
#define MISAS_ERROR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "misas/field.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MISAS_PRINTF_LIKE(format_index, first_argument) \
    __attribute__((format(printf, format_index, first_argument)))
/** Of a function that never returns NULL: compilers and analysers then know that an error is one.
 */
#define MISAS_NEVER_NULL __attribute__((returns_nonnull))
#else
#define MISAS_PRINTF_LIKE(format_index, first_argument)
#define MISAS_NEVER_NULL
#endif

/** The tags by which the framework decides. A type may carry further tags of its own. */
#define MISAS_TAG_NOT_FOUND "not_found"
#define MISAS_TAG_ALREADY_EXISTS "already_exists"
#define MISAS_TAG_VALIDATION "validation"
#define MISAS_TAG_CONFLICT "conflict"
#define MISAS_TAG_RETRIABLE "retriable" /**< roll back and try again */
#define MISAS_TAG_FATAL "fatal"         /**< stop the process */

/** The type of the error that every function may return when memory runs out. */
#define MISAS_ERROR_OUT_OF_MEMORY "misas.out_of_memory"

typedef struct misas_error misas_error;

/** What a new error says. Everything is copied, but for `cause`, which the new error takes. */
typedef struct misas_error_options {
    const char *type_name;   /**< what happened, as in "bank.account_not_found"; required */
    const char *message;     /**< one line for a person; required */
    misas_error *cause;      /**< the error behind this one, or NULL; taken */
    const misas_field *data; /**< ends with a NULL name; NULL: none */
    const char *tags;        /**< words separated by one space; NULL: none */
} misas_error_options;

/** Never NULL: returns the out-of-memory error (and frees `cause`) when there is no memory. Aborts
 * when `type_name` or `message` is missing. */
misas_error *misas_error_new(const misas_error_options *options) MISAS_NEVER_NULL;

/** As misas_error_new, with the message made from `format`; `options->message` is not used. */
misas_error *misas_error_new_format(const misas_error_options *options, const char *format, ...)
    MISAS_PRINTF_LIKE(2, 3) MISAS_NEVER_NULL;

/** Takes `cause` and says in which context it happened. Returns `cause` itself when there is no
 * memory; aborts when `cause` is NULL. */
misas_error *misas_error_wrap(misas_error *cause, const char *format, ...)
    MISAS_PRINTF_LIKE(2, 3) MISAS_NEVER_NULL;

/** A copy of the error and all its causes; NULL for NULL. The out-of-memory error when there is no
 * memory. */
misas_error *misas_error_copy(const misas_error *error);

/** A constant of type MISAS_ERROR_OUT_OF_MEMORY, tagged retriable; freeing it does nothing. */
misas_error *misas_error_out_of_memory(void) MISAS_NEVER_NULL;

/** Frees the error and its causes. */
void misas_error_free(misas_error *error);

/** "" for NULL. */
const char *misas_error_type(const misas_error *error);

/** The message of this very error, without its causes; "" for NULL. */
const char *misas_error_message(const misas_error *error);

/** The error behind this one, or NULL; still owned by `error`. */
const misas_error *misas_error_cause(const misas_error *error);

bool misas_error_is(const misas_error *error, const char *type_name);
bool misas_error_has_tag(const misas_error *error, const char *tag);

/** All tags, separated by one space; "" when there are none. */
const char *misas_error_tags(const misas_error *error);

/** The value of the datum called `name`, or NULL. */
const char *misas_error_data(const misas_error *error, const char *name);

/** All data, ending with a NULL name; never NULL. */
const misas_field *misas_error_data_fields(const misas_error *error);

/** Writes the message and those of all causes, as "outer: inner: innermost", with a closing NUL.
 * Returns the length of the whole text, as snprintf does. */
size_t misas_error_write(char *buffer, size_t size, const misas_error *error);

/** Logs the error to the default logger and frees it. Returns the exit status for `main`: 0 for
 * NULL, 2 for an error with the tag "validation" (wrong settings or arguments), 1 for any other. */
int misas_error_exit_status(misas_error *error);

#ifdef __cplusplus
}
#endif

#endif
