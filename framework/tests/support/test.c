#include "support/test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { max_tests = 500 };

static struct CMUnitTest tests[max_tests];
static size_t test_count;

void test_register(const char *name, test_function function)
{
    if (test_count == max_tests) {
        fprintf(stderr, "more than %d tests in one file\n", max_tests);
        abort();
    }
    tests[test_count++] = (struct CMUnitTest){.name = name, .test_func = function};
}

static void keep_tests_containing(const char *text)
{
    size_t kept = 0;

    for (size_t i = 0; i < test_count; i++) {
        if (strstr(tests[i].name, text) != NULL) {
            tests[kept++] = tests[i];
        }
    }
    test_count = kept;
}

void test_assert_no_error(misas_error *error, const char *file, int line)
{
    if (error == NULL) {
        return;
    }
    char text[2000];

    misas_error_write(text, sizeof text, error);
    print_error("unexpected error %s: %s\n", misas_error_type(error), text);
    misas_error_free(error);
    _fail(file, line);
}

void test_assert_error_says(misas_error *error, const char *type_name, const char *text,
                            const char *file, int line)
{
    char said[2000];
    bool matches = misas_error_is(error, type_name);

    misas_error_write(said, sizeof said, error);
    matches = matches && strstr(said, text) != NULL;
    if (!matches) {
        print_error("expected %s saying '%s', got %s: %s\n", type_name, text,
                    error != NULL ? misas_error_type(error) : "no error", said);
    }
    misas_error_free(error);
    if (!matches) {
        _fail(file, line);
    }
}

void test_assert_error_is(misas_error *error, const char *type_name, const char *file, int line)
{
    test_assert_error_says(error, type_name, "", file, line);
}

int64_t test_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool test_wait_until(bool (*condition)(void *argument), void *argument, int timeout_ms)
{
    int64_t deadline_ms = test_now_ms() + timeout_ms;

    while (!condition(argument)) {
        if (test_now_ms() > deadline_ms) {
            return false;
        }
        poll(NULL, 0, 5);
    }
    return true;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        keep_tests_containing(argv[1]);
    }
    return _cmocka_run_group_tests(argv[0], tests, test_count, NULL, NULL) == 0 ? 0 : 1;
}
