#include "misas/secret.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/test.h"

/* A file of this content, gone with remove_file. */
static char *make_file(const void *content, size_t size)
{
    char *path = strdup("/tmp/misas-secret-XXXXXX");
    int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, content, size), size);
    close(file);
    return path;
}

static void remove_file(char *path)
{
    unlink(path);
    free(path);
}

static void assert_read_as(const char *content, const char *expected)
{
    char *path = make_file(content, strlen(content));
    misas_secret *secret = NULL;

    assert_no_error(misas_secret_new_from_file(&secret, path));
    assert_string_equal(misas_secret_reveal(secret), expected);
    misas_secret_free(secret);
    remove_file(path);
}

/* Reads memory that may have been freed, which only the kernel may do. */
static bool memory_holds(uintptr_t address, const char *bytes, size_t size)
{
    char found[200] = "";
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

    assert_true(memory >= 0);
    assert_in_range(size, 1, sizeof found);
    assert_int_equal(pread(memory, found, size, (off_t)address), size);
    close(memory);
    return memcmp(found, bytes, size) == 0;
}

TEST(a_secret_is_a_copy_and_shown_only_on_request)
{
    char value[] = "hunter2";
    misas_secret *secret = NULL;

    assert_no_error(misas_secret_new(&secret, value));
    memset(value, 'x', sizeof value - 1);
    assert_string_equal(misas_secret_reveal(secret), "hunter2");
    assert_string_equal(misas_secret_text(secret), "REDACTED");
    misas_secret_free(secret);
}

TEST(a_secret_printed_by_mistake_shows_nothing)
{
    misas_secret *secret = NULL;
    char printed[100];

    assert_no_error(misas_secret_new(&secret, "hunter2"));
    snprintf(printed, sizeof printed, "%s", (const char *)secret);
    assert_string_equal(printed, "REDACTED");
    assert_memory_equal(secret, "REDACTED\0", 9);
    misas_secret_free(secret);
}

TEST(no_secret_is_redacted_too)
{
    misas_secret *copy = (misas_secret *)&copy;

    assert_string_equal(misas_secret_text(NULL), "REDACTED");
    assert_null(misas_secret_reveal(NULL));
    assert_no_error(misas_secret_copy(&copy, NULL));
    assert_null(copy);
    misas_secret_free(NULL);
}

TEST(a_secret_lives_until_its_last_owner_frees_it)
{
    misas_secret *first = NULL;
    misas_secret *second = NULL;

    assert_no_error(misas_secret_new(&first, "hunter2"));
    assert_no_error(misas_secret_copy(&second, first));
    misas_secret_free(first);
    assert_string_equal(misas_secret_reveal(second), "hunter2");
    misas_secret_free(second);
}

TEST(the_memory_of_a_secret_is_overwritten_when_the_last_owner_frees_it)
{
    static const char value[] = "correct horse battery staple, and then some more of it";
    misas_secret *first = NULL;
    misas_secret *second = NULL;

    assert_no_error(misas_secret_new(&first, value));
    assert_no_error(misas_secret_copy(&second, first));
    uintptr_t address = (uintptr_t)misas_secret_reveal(second);

    misas_secret_free(first);
    assert_true(memory_holds(address, value, sizeof value));
    misas_secret_free(second);
    for (size_t i = 0; i < sizeof value - 1; i++) {
        assert_false(memory_holds(address + i, value + i, 1));
    }
}

enum { thread_count = 4, rounds = 2000 };

static void *copy_often(void *argument)
{
    misas_secret *secret = argument;

    for (int i = 0; i < rounds; i++) {
        misas_secret *copy = NULL;

        misas_error_free(misas_secret_copy(&copy, secret));
        if (strcmp(misas_secret_reveal(copy), "hunter2") != 0) {
            abort();
        }
        misas_secret_free(copy);
    }
    misas_secret_free(secret);
    return NULL;
}

TEST(many_threads_may_own_one_secret)
{
    misas_secret *secret = NULL;
    pthread_t threads[thread_count];

    assert_no_error(misas_secret_new(&secret, "hunter2"));
    for (size_t i = 0; i < thread_count; i++) {
        misas_secret *owned = NULL;

        assert_no_error(misas_secret_copy(&owned, secret));
        assert_int_equal(pthread_create(&threads[i], NULL, copy_often, owned), 0);
    }
    misas_secret_free(secret);
    for (size_t i = 0; i < thread_count; i++) {
        pthread_join(threads[i], NULL);
    }
}

TEST(a_secret_is_read_from_a_file_without_its_one_closing_newline)
{
    assert_read_as("hunter2", "hunter2");
    assert_read_as("hunter2\n", "hunter2");
    assert_read_as("hunter2\n\n", "hunter2\n");
    assert_read_as("\nhunter2 \n", "\nhunter2 ");
    assert_read_as("\n", "");
    assert_read_as("", "");
}

TEST(a_file_of_64_kib_is_read_and_a_larger_one_refused)
{
    char *content = malloc(65537);
    misas_secret *secret = NULL;

    assert_non_null(content);
    memset(content, 's', 65537);
    char *path = make_file(content, 65536);
    assert_no_error(misas_secret_new_from_file(&secret, path));
    assert_int_equal(strlen(misas_secret_reveal(secret)), 65536);
    misas_secret_free(secret);
    remove_file(path);

    path = make_file(content, 65537);
    assert_error_says(misas_secret_new_from_file(&secret, path), MISAS_ERROR_SECRET_UNREADABLE,
                      "expected at most 64 KiB");
    remove_file(path);
    assert_error_says(misas_secret_new_from_file(&secret, "/dev/zero"),
                      MISAS_ERROR_SECRET_UNREADABLE, "expected at most 64 KiB");
    free(content);
}

TEST(a_missing_file_is_named)
{
    misas_secret *secret = NULL;
    misas_error *error = misas_secret_new_from_file(&secret, "/nowhere/at all");

    assert_null(secret);
    assert_string_equal(misas_error_data(error, "path"), "/nowhere/at all");
    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_error_says(error, MISAS_ERROR_SECRET_UNREADABLE,
                      "can't read a secret from \"/nowhere/at all\": No such file or directory");
}

TEST(a_directory_is_no_file_of_a_secret)
{
    misas_secret *secret = NULL;

    assert_error_says(misas_secret_new_from_file(&secret, "/tmp"), MISAS_ERROR_SECRET_UNREADABLE,
                      "Is a directory");
}

TEST(a_file_with_a_nul_in_it_is_refused_without_its_content)
{
    char *path = make_file("hun\0ter2\n", 9);
    misas_secret *secret = NULL;
    misas_error *error = misas_secret_new_from_file(&secret, path);

    assert_null(secret);
    assert_null(strstr(misas_error_message(error), "hun"));
    assert_error_says(error, MISAS_ERROR_SECRET_UNREADABLE, "there is a NUL in it");
    remove_file(path);
}

TEST(a_secret_is_read_from_a_pipe_as_its_pieces_come)
{
    char path[40];
    int ends[2];
    misas_secret *secret = NULL;

    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_int_equal(write(ends[1], "hunt", 4), 4);
    assert_int_equal(write(ends[1], "er2\n", 4), 4);
    close(ends[1]);
    assert_no_error(misas_secret_new_from_file(&secret, path));
    assert_string_equal(misas_secret_reveal(secret), "hunter2");
    misas_secret_free(secret);
    close(ends[0]);
}
