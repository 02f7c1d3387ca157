#include "misas/uuid.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/test.h"

/* The clock and the randomness of this program, in place of those of the C library. */
static const struct timespec *fake_now;
static int interruptions;
static bool has_no_randomness;

int clock_gettime(clockid_t id, struct timespec *now)
{
    if (fake_now != NULL && id == CLOCK_REALTIME) {
        *now = *fake_now;
        return 0;
    }
    return (int)syscall(SYS_clock_gettime, id, now);
}

ssize_t getrandom(void *buffer, size_t size, unsigned flags)
{
    if (interruptions > 0) {
        interruptions--;
        errno = EINTR;
        return -1;
    }
    if (has_no_randomness) {
        errno = ENOSYS;
        return -1;
    }
    return (ssize_t)syscall(SYS_getrandom, buffer, size, flags);
}

static uint64_t milliseconds_of(misas_uuid uuid)
{
    uint64_t milliseconds = 0;

    for (size_t i = 0; i < 6; i++) {
        milliseconds = milliseconds << 8 | uuid.bytes[i];
    }
    return milliseconds;
}

static unsigned fraction_of(misas_uuid uuid)
{
    return (uuid.bytes[6] & 0x0FU) << 8 | uuid.bytes[7];
}

static bool ascends(misas_uuid left, misas_uuid right)
{
    return memcmp(left.bytes, right.bytes, sizeof left.bytes) < 0;
}

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(misas_uuid));
}

static bool has_duplicates(misas_uuid *uuids, size_t count)
{
    qsort(uuids, count, sizeof *uuids, compare);
    for (size_t i = 1; i < count; i++) {
        if (misas_uuid_equal(uuids[i - 1], uuids[i])) {
            return true;
        }
    }
    return false;
}

/* A thread of its own has made no UUID yet, so that its first shows the clock. */
typedef struct making {
    struct timespec times[3];
    misas_uuid uuids[3];
} making;

static void *make_at_times(void *argument)
{
    making *made = argument;

    for (size_t i = 0; i < 3; i++) {
        fake_now = &made->times[i];
        made->uuids[i] = misas_uuid_new_v7();
    }
    fake_now = NULL;
    return NULL;
}

static void make_in_new_thread(making *made)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, make_at_times, made), 0);
    pthread_join(thread, NULL);
}

TEST(a_new_uuid_is_of_version_7_and_of_the_rfc_variant)
{
    for (int i = 0; i < 1000; i++) {
        misas_uuid uuid = misas_uuid_new_v7();

        assert_int_equal(uuid.bytes[6] >> 4, 7);
        assert_int_equal(uuid.bytes[8] >> 6, 2);
        assert_false(misas_uuid_is_none(uuid));
    }
}

TEST(a_uuid_begins_with_the_time_down_to_a_fraction_of_the_millisecond)
{
    making made = {
        .times = {{1700000000, 123000000}, {1700000000, 123500000}, {1700000000, 123999999}}};

    make_in_new_thread(&made);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(milliseconds_of(made.uuids[i]), 1700000000123);
    }
    assert_int_equal(fraction_of(made.uuids[0]), 0);
    assert_int_equal(fraction_of(made.uuids[1]), 2048);
    assert_int_equal(fraction_of(made.uuids[2]), 4095);
}

TEST(uuids_ascend_while_the_clock_stands_still)
{
    making made = {
        .times = {{1700000000, 999999999}, {1700000000, 999999999}, {1700000000, 999999999}}};

    make_in_new_thread(&made);
    assert_int_equal(fraction_of(made.uuids[0]), 4095);
    assert_int_equal(milliseconds_of(made.uuids[1]), 1700000001000);
    assert_true(ascends(made.uuids[0], made.uuids[1]));
    assert_true(ascends(made.uuids[1], made.uuids[2]));
}

TEST(uuids_ascend_when_the_clock_is_set_back)
{
    making made = {.times = {{1700000000, 0}, {1600000000, 0}, {-5, 0}}};

    make_in_new_thread(&made);
    assert_true(ascends(made.uuids[0], made.uuids[1]));
    assert_true(ascends(made.uuids[1], made.uuids[2]));
    assert_int_equal(milliseconds_of(made.uuids[2]), 1700000000000);
}

TEST(a_clock_before_1970_counts_as_1970)
{
    making made = {.times = {{-1, 999999999}, {-5, 0}, {-5, 0}}};

    make_in_new_thread(&made);
    assert_int_equal(milliseconds_of(made.uuids[0]), 0);
    assert_true(ascends(made.uuids[0], made.uuids[1]));
}

TEST(many_uuids_of_one_thread_ascend)
{
    misas_uuid last = misas_uuid_new_v7();

    for (int i = 0; i < 20000; i++) {
        misas_uuid next = misas_uuid_new_v7();

        assert_true(ascends(last, next));
        last = next;
    }
}

enum { thread_count = 4, uuids_per_thread = 2000 };

static void *make_many(void *argument)
{
    misas_uuid *uuids = argument;

    for (int i = 0; i < uuids_per_thread; i++) {
        uuids[i] = misas_uuid_new_v7();
    }
    return NULL;
}

TEST(threads_make_different_uuids_each_in_its_own_order)
{
    static misas_uuid uuids[thread_count * uuids_per_thread];
    pthread_t threads[thread_count];

    for (size_t i = 0; i < thread_count; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, make_many, uuids + i * uuids_per_thread),
                         0);
    }
    for (size_t i = 0; i < thread_count; i++) {
        pthread_join(threads[i], NULL);
        for (size_t j = 1; j < uuids_per_thread; j++) {
            assert_true(
                ascends(uuids[i * uuids_per_thread + j - 1], uuids[i * uuids_per_thread + j]));
        }
    }
    assert_false(has_duplicates(uuids, thread_count * uuids_per_thread));
}

TEST(after_a_fork_both_processes_make_different_uuids)
{
    misas_uuid uuids[200];
    int ends[2];
    int status = 0;

    misas_uuid_new_v7();
    assert_int_equal(pipe(ends), 0);
    fake_now = &(struct timespec){1700000000, 0};
    pid_t child = fork();
    for (size_t i = 0; i < 100; i++) {
        uuids[i] = misas_uuid_new_v7();
    }
    if (child == 0) {
        _exit(write(ends[1], uuids, sizeof uuids / 2) == (ssize_t)sizeof uuids / 2 ? 0 : 1);
    }
    fake_now = NULL;
    close(ends[1]);
    assert_int_equal(read(ends[0], uuids + 100, sizeof uuids / 2), sizeof uuids / 2);
    close(ends[0]);
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_false(has_duplicates(uuids, 200));
}

TEST(an_interrupted_draw_of_randomness_is_done_again)
{
    interruptions = 2;
    assert_false(misas_uuid_is_none(misas_uuid_new_v7()));
    assert_int_equal(interruptions, 0);
}

static void make_without_randomness(void)
{
    has_no_randomness = true;
    misas_uuid_new_v7();
}

TEST(without_randomness_no_uuid_is_made)
{
    assert_aborts(make_without_randomness, "no randomness");
}

TEST(only_the_uuid_of_zeros_is_none)
{
    misas_uuid none = {{0}};

    assert_true(misas_uuid_is_none(none));
    for (size_t i = 0; i < sizeof none.bytes; i++) {
        misas_uuid some = none;

        some.bytes[i] = 1;
        assert_false(misas_uuid_is_none(some));
        assert_false(misas_uuid_equal(some, none));
        assert_true(misas_uuid_equal(some, some));
    }
}

TEST(a_uuid_is_written_in_lower_case_with_hyphens_and_read_in_either_case)
{
    const char *text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    char buffer[MISAS_UUID_TEXT_SIZE];
    misas_uuid lower;
    misas_uuid upper;

    assert_no_error(misas_uuid_parse(&lower, text));
    assert_no_error(misas_uuid_parse(&upper, "017F22E2-79B0-7CC3-98C4-DC0C0C07398F"));
    assert_int_equal(lower.bytes[0], 0x01);
    assert_int_equal(lower.bytes[15], 0x8f);
    assert_true(misas_uuid_equal(lower, upper));
    assert_ptr_equal(misas_uuid_write(buffer, lower), buffer);
    assert_string_equal(buffer, text);
}

TEST(a_uuid_of_any_version_is_read)
{
    misas_uuid uuid;

    assert_no_error(misas_uuid_parse(&uuid, "00000000-0000-0000-0000-000000000000"));
    assert_true(misas_uuid_is_none(uuid));
    assert_no_error(misas_uuid_parse(&uuid, "ffffffff-ffff-ffff-ffff-ffffffffffff"));
    assert_no_error(misas_uuid_parse(&uuid, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"));
}

TEST(what_is_not_a_uuid_is_refused_and_named)
{
    const char *const wrong[] = {
        "",
        "0",
        "017f22e2",
        "017f22e279b07cc398c4dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f ",
        " 017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "017f22e2-79b0-7cc3-98c4-dc0c0c0739:f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c0739`f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c0739@f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c0739/f",
        "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
        "017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2 79b0 7cc3 98c4 dc0c0c07398f",
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        misas_uuid uuid = {{42}};
        misas_error *error = misas_uuid_parse(&uuid, wrong[i]);

        assert_non_null(error);
        assert_string_equal(misas_error_data(error, "value"), wrong[i]);
        assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
        assert_non_null(strstr(misas_error_message(error), "expected 32 hexadecimal digits"));
        assert_int_equal(uuid.bytes[0], 42);
        assert_error_is(error, MISAS_ERROR_UUID_INVALID);
    }
}

TEST(the_error_for_no_uuid_is_one_line_and_no_format)
{
    misas_uuid uuid;

    assert_error_says(misas_uuid_parse(&uuid, "%s%n\n"), MISAS_ERROR_UUID_INVALID,
                      "\"%s%n\\n\" is not a UUID");
}
