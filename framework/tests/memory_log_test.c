#include "eventstore/memory_log.h"

#include <string.h>

#include "support/test.h"

static void append(misas__memory_log *log, const char *stream)
{
    const misas_new_event event = {.id = misas_uuid_new_v7(), .type = "a.B", .type_version = 1};

    assert_no_error(misas__memory_log_append(log, stream, &event, 0));
}

static misas_stream_info info_of(const misas__memory_log *log, const char *stream)
{
    misas_stream_info info;

    misas__memory_stream_info(&info, misas__memory_log_stream(log, stream));
    return info;
}

static void delete_stream(misas__memory_log *log, const char *name)
{
    misas__memory_stream *stream = misas__memory_log_stream(log, name);

    misas__memory_log_remove(log, stream, UINT64_MAX);
    stream->exists = false;
    stream->was_deleted = true;
}

static void assert_same(misas_stream_info left, misas_stream_info right)
{
    assert_int_equal(left.exists, right.exists);
    assert_int_equal(left.was_deleted, right.was_deleted);
    assert_int_equal(left.first_version, right.first_version);
    assert_int_equal(left.last_version, right.last_version);
    assert_int_equal(left.last_position, right.last_position);
}

/* What an append that runs out of memory half-way leaves behind. */
TEST(an_append_that_is_undone_leaves_every_stream_as_it_was)
{
    static const char *const names[] = {"new", "longer", "back"};
    misas__memory_log log = {0};
    misas_stream_info before[3];

    append(&log, "longer");
    append(&log, "longer");
    append(&log, "back");
    delete_stream(&log, "back");
    size_t count = log.count;

    for (size_t i = 0; i < 3; i++) {
        before[i] = info_of(&log, names[i]);
    }
    for (size_t i = 0; i < 6; i++) {
        append(&log, names[i % 3]);
    }
    misas__memory_log_undo(&log, count);
    assert_int_equal(misas__memory_log_last_position(&log), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_same(info_of(&log, names[i]), before[i]);
    }
    misas__memory_log_clear(&log);
}

TEST(an_event_that_is_undone_is_not_found_by_its_id)
{
    misas__memory_log log = {0};

    append(&log, "a");
    misas_uuid id = log.events[0]->id;

    assert_ptr_equal(misas__memory_log_find(&log, id), log.events[0]);
    misas__memory_log_undo(&log, 0);
    assert_null(misas__memory_log_find(&log, id));
    append(&log, "a");
    assert_int_equal(log.events[0]->version, 1);
    assert_int_equal(log.events[0]->position, 1);
    misas__memory_log_clear(&log);
}
