/** What every test file includes.
 *
 * TEST(name) defines a test and registers it before `main` runs, so that there is no list to keep.
 * The name is a sentence about behaviour: TEST(an_append_to_a_deleted_stream_is_refused) { ... } An
 * argument on the command line runs only the tests whose names contain it.
 */
#ifndef MISAS_TESTS_TEST_H
#define MISAS_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "misas/error.h"

typedef void (*test_function)(void **state);

void test_register(const char *name, test_function function);

#define TEST(test_name)                                                 \
    static void test_name(void **state);                                \
    __attribute__((constructor)) static void register_##test_name(void) \
    {                                                                   \
        test_register(#test_name, test_name);                           \
    }                                                                   \
    static void test_name(void **state __attribute__((unused)))

/** Fails with the error's whole text unless it is NULL. */
#define assert_no_error(error) test_assert_no_error((error), __FILE__, __LINE__)

/** Fails unless `error` has this type; frees it. */
#define assert_error_is(error, type_name) \
    test_assert_error_is((error), (type_name), __FILE__, __LINE__)

/** As assert_error_is; also its text must contain `text`. */
#define assert_error_says(error, type_name, text) \
    test_assert_error_says((error), (type_name), (text), __FILE__, __LINE__)

void test_assert_no_error(misas_error *error, const char *file, int line);
void test_assert_error_is(misas_error *error, const char *type_name, const char *file, int line);
void test_assert_error_says(misas_error *error, const char *type_name, const char *text,
                            const char *file, int line);

/** Fails unless `function` aborts, saying `text` on standard error; runs it in a process of its
 * own. */
#define assert_aborts(function, text) test_assert_aborts((function), (text), __FILE__, __LINE__)

void test_assert_aborts(void (*function)(void), const char *text, const char *file, int line);

/** Calls `function` after the last test, also when tests failed; in main, since what libraries tidy
 * up at exit (OpenSSL, which libpq needs to connect) is gone in an atexit function. */
void test_at_end(void (*function)(void));

/** How much of something: the environment variable's number if it is set, for a proof, or
 * `otherwise`, for an ordinary test. */
int test_amount(const char *variable, int otherwise);

/** Monotonic time, for deadlines. */
int64_t test_now_ms(void);

/** Calls `condition` every few milliseconds until it is true; false after `timeout_ms`. */
bool test_wait_until(bool (*condition)(void *argument), void *argument, int timeout_ms);

#endif
