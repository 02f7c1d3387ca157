/* What is said of a storage that is away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/outage.h"
#include "support/test.h"

/* A component, with a log to memory, in the text format. */
typedef struct fixture {
    char *text;
    size_t size;
    FILE *file;
    misas_log *log;
    misas__outage outage;
} fixture;

static void set_up(fixture *it)
{
    *it = (fixture){.text = NULL};
    it->file = open_memstream(&it->text, &it->size);
    assert_non_null(it->file);
    assert_no_error(misas_log_new(&it->log, &(misas_log_options){.file = it->file}));
    it->outage =
        (misas__outage){.logger = {.log = it->log}, .who = misas_log_text("processor", "notes")};
}

static void tear_down(fixture *it)
{
    misas_log_free(it->log);
    fclose(it->file);
    free(it->text);
}

static void fail_with(fixture *it, int64_t now_ms, const char *type, const char *tags)
{
    misas_error *error = misas_error_new(
        &(misas_error_options){.type_name = type, .message = "no answer", .tags = tags});

    misas__outage_fail_at(&it->outage, now_ms, "it waits", error);
    misas_error_free(error);
}

static void fail_at(fixture *it, int64_t now_ms)
{
    fail_with(it, now_ms, "test.away", MISAS_TAG_RETRIABLE);
}

/* Fails unless the records since the last call are one that says all of this; NULL: none. */
static void assert_says(fixture *it, const char *const *texts)
{
    fflush(it->file);
    if (texts == NULL) {
        assert_string_equal(it->text, "");
        return;
    }
    const char *end = strchr(it->text, '\n');

    assert_non_null(end);
    assert_int_equal(end + 1 - it->text, it->size);
    for (size_t i = 0; texts[i] != NULL; i++) {
        if (strstr(it->text, texts[i]) == NULL) {
            print_error("'%s' is not in: %s", texts[i], it->text);
        }
        assert_non_null(strstr(it->text, texts[i]));
    }
    rewind(it->file);
    it->text[0] = '\0';
    it->size = 0;
}

#define SAYS(it, ...) assert_says((it), (const char *const[]){__VA_ARGS__, NULL})
#define SAYS_NOTHING(it) assert_says((it), NULL)

TEST(an_outage_is_said_when_it_begins_and_then_each_10_seconds_with_what_was_left_out)
{
    fixture it;

    set_up(&it);
    fail_at(&it, 100000);
    SAYS(&it, "warning", "it waits", "test.away", "processor=notes");
    for (int64_t now_ms = 100500; now_ms < 110000; now_ms += 500) {
        fail_at(&it, now_ms);
        SAYS_NOTHING(&it);
    }
    fail_at(&it, 110000);
    SAYS(&it, "it waits", "tries_left_out=19", "processor=notes");
    fail_at(&it, 119999);
    SAYS_NOTHING(&it);
    fail_at(&it, 120000);
    SAYS(&it, "it waits", "tries_left_out=1 ");
    tear_down(&it);
}

TEST(another_error_in_an_outage_is_said_after_a_second)
{
    fixture it;

    set_up(&it);
    fail_with(&it, 1000, "test.lost", MISAS_TAG_RETRIABLE);
    SAYS(&it, "test.lost");
    fail_at(&it, 1999);
    SAYS_NOTHING(&it);
    fail_at(&it, 2000);
    SAYS(&it, "test.away", "tries_left_out=1 ");
    fail_at(&it, 11999);
    SAYS_NOTHING(&it);
    tear_down(&it);
}

TEST(that_the_storage_is_back_is_said_once)
{
    fixture it;

    set_up(&it);
    misas__outage_end_at(&it.outage, 500);
    SAYS_NOTHING(&it);
    fail_at(&it, 1000);
    SAYS(&it, "it waits");
    fail_at(&it, 1200);
    misas__outage_end_at(&it.outage, 1500);
    SAYS(&it, "info", "the storage is back", "milliseconds=500", "failed_tries=2",
         "processor=notes");
    misas__outage_end_at(&it.outage, 1600);
    misas__outage_end(&it.outage);
    SAYS_NOTHING(&it);
    fail_at(&it, 60000);
    SAYS(&it, "it waits");
    misas__outage_end_at(&it.outage, 60001);
    SAYS(&it, "milliseconds=1", "failed_tries=1");
    tear_down(&it);
}

TEST(a_storage_that_comes_and_goes_is_said_no_more_often)
{
    fixture it;

    set_up(&it);
    fail_at(&it, 1000);
    SAYS(&it, "it waits");
    misas__outage_end_at(&it.outage, 1010);
    SAYS(&it, "is back");
    for (int64_t now_ms = 1020; now_ms < 11000; now_ms += 20) {
        fail_at(&it, now_ms);
        misas__outage_end_at(&it.outage, now_ms + 10);
    }
    SAYS_NOTHING(&it);
    fail_at(&it, 11000);
    SAYS(&it, "it waits", "tries_left_out=499");
    tear_down(&it);
}

TEST(an_error_that_is_no_outage_is_said_each_time)
{
    fixture it;

    set_up(&it);
    for (int i = 0; i < 2; i++) {
        fail_with(&it, 1000, "test.broken", NULL);
        SAYS(&it, "warning", "it waits", "test.broken", "processor=notes");
    }
    misas__outage_end_at(&it.outage, 1001);
    SAYS_NOTHING(&it);
    tear_down(&it);
}
