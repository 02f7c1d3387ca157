#include "support/test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { max_tests = 500 };

static struct CMUnitTest tests[max_tests];
static size_t test_count;
static void (*end_functions[4])(void);
static size_t end_function_count;

void test_register(const char *name, test_function function)
{
    if (test_count == max_tests) {
        fprintf(stderr, "more than %d tests in one file\n", max_tests);
        abort();
    }
    tests[test_count++] = (struct CMUnitTest){.name = name, .test_func = function};
}

void test_at_end(void (*function)(void))
{
    if (end_function_count == sizeof end_functions / sizeof end_functions[0]) {
        abort();
    }
    end_functions[end_function_count++] = function;
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

static void run_to_abort(void (*function)(void), int error_fd)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
    dup2(error_fd, STDERR_FILENO);
    function();
    _exit(0);
}

void test_assert_aborts(void (*function)(void), const char *text, const char *file, int line)
{
    char said[2000] = "";
    size_t size = 0;
    int ends[2];
    int status = 0;

    _assert_true(pipe(ends) == 0, "pipe", file, line);
    pid_t child = fork();

    if (child == 0) {
        run_to_abort(function, ends[1]);
    }
    close(ends[1]);
    for (ssize_t got = 1; got > 0 && size < sizeof said - 1; size += got > 0 ? (size_t)got : 0) {
        got = read(ends[0], said + size, sizeof said - 1 - size);
    }
    close(ends[0]);
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT || strstr(said, text) == NULL) {
        print_error("expected an abort saying '%s', got status %d: %s\n", text, status, said);
        _fail(file, line);
    }
}

int test_amount(const char *variable, int otherwise)
{
    const char *text = getenv(variable);

    return text != NULL ? (int)strtol(text, NULL, 10) : otherwise;
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
    int failed = _cmocka_run_group_tests(argv[0], tests, test_count, NULL, NULL);

    while (end_function_count > 0) {
        end_functions[--end_function_count]();
    }
    return failed == 0 ? 0 : 1;
}
