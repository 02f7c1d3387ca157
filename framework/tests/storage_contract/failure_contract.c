/* A batch that can't be written whole leaves nothing behind. */
#include <string.h>

#include "storage_contract/batches.h"

/* A batch with something of each kind. */
static void fill(test_batch *batch)
{
    batch_handle(batch, "m1");
    batch_handle(batch, "m2");
    batch_append(batch, "a", 1, "a2");
    batch_append(batch, "new", MISAS_NO_STREAM, "n1 n2");
    batch_append(batch, "a", 1, "a3");
    batch_confirm(batch, "seen", 1);
    batch_send(batch, "do1");
    batch_predict(batch, "+p:T/k =old:T/other -gone ~T/doomed");
}

static test_side open_filled(void)
{
    test_side side = side_open(NULL);
    test_batch before = {.words_count = 0};

    side_append(&side, "seen", MISAS_NO_STREAM, "seen1");
    side_append(&side, "a", MISAS_NO_STREAM, "#a1");
    batch_send(&before, "sent");
    batch_predict(&before, "+old:T/k +gone:T +d1:T/doomed +there:T");
    assert_no_error(batch_write(&before, side.transaction));
    return side;
}

static void assert_nothing_was_written(const test_side *side)
{
    assert_all(side->store, "seen1 a1 sent");
    assert_predictions(side, "d1:T/doomed gone:T old:T/k there:T");
    assert_false(side_was_handled(side, "m1"));
    assert_false(side_was_handled(side, "m2"));
}

static void handle_again(test_batch *batch)
{
    batch_handle(batch, "#a1");
}

static void expect_another_version(test_batch *batch)
{
    batch_append(batch, "seen", 2, "seen3");
}

static void expect_no_stream(test_batch *batch)
{
    batch_append(batch, "seen", MISAS_NO_STREAM, "seen1");
}

static void expect_a_stream(test_batch *batch)
{
    batch_append(batch, "unknown", MISAS_STREAM_EXISTS, "u1");
}

static void confirm_another_version(test_batch *batch)
{
    batch_confirm(batch, "a", 2);
}

static void predict_again(test_batch *batch)
{
    batch_predict(batch, "+there:T");
}

static void predict_twice(test_batch *batch)
{
    batch_predict(batch, "+twice:T =third:T +twice:T");
}

static void append_a_known_event(test_batch *batch)
{
    batch_append(batch, "other", MISAS_NO_STREAM, "#a1");
}

static void send_again(test_batch *batch)
{
    batch_send(batch, "sent");
}

static void handle_one_twice(test_batch *batch)
{
    batch_handle(batch, "m1");
}

static void append_one_twice(test_batch *batch)
{
    batch_append(batch, "other", MISAS_NO_STREAM, "#x1 #x1");
}

static void append_to_a_stream_of_the_store(test_batch *batch)
{
    batch_append(batch, "$command-x", MISAS_NO_STREAM, "x1");
}

static void append_what_is_no_type(test_batch *batch)
{
    batch_append(batch, "other", MISAS_NO_STREAM, "o1");
    batch->events[batch->batch.event_count - 1].event.type = "no type";
}

static void send_what_is_no_type(test_batch *batch)
{
    batch_send(batch, "do2")->type = "no type";
}

static void send_without_uuid(test_batch *batch)
{
    batch_send(batch, "do2")->id = "not-a-uuid";
}

static const struct failure {
    void (*spoil)(test_batch *batch);
    const char *type;
    const char *name; /* of a datum; NULL: none */
    const char *value;
    const char *tag;
} failures[] = {
    {handle_again, MISAS__ERROR_HANDLED_MEANWHILE, NULL, NULL, MISAS_TAG_CONFLICT},
    {expect_another_version, MISAS_ERROR_CONCURRENCY, "stream", "seen", MISAS_TAG_CONFLICT},
    {expect_no_stream, MISAS_ERROR_CONCURRENCY, "actual", "1", MISAS_TAG_CONFLICT},
    {expect_a_stream, MISAS_ERROR_CONCURRENCY, "stream", "unknown", MISAS_TAG_CONFLICT},
    {confirm_another_version, MISAS_ERROR_CONCURRENCY, "stream", "a", MISAS_TAG_CONFLICT},
    {predict_again, MISAS_ERROR_PREDICTION_EXISTS, "id", "there", MISAS_TAG_ALREADY_EXISTS},
    {predict_twice, MISAS_ERROR_PREDICTION_EXISTS, "id", "twice", MISAS_TAG_ALREADY_EXISTS},
    {append_a_known_event, MISAS_ERROR_EVENT_ID_CONFLICT, "stream", "other", MISAS_TAG_CONFLICT},
    {send_again, MISAS_ERROR_CONCURRENCY, "actual", "1", MISAS_TAG_CONFLICT},
    {handle_one_twice, MISAS_ERROR_INVALID_ARGUMENT, "field", "id", MISAS_TAG_VALIDATION},
    {append_one_twice, MISAS_ERROR_INVALID_ARGUMENT, "field", "id", MISAS_TAG_VALIDATION},
    {append_to_a_stream_of_the_store, MISAS_ERROR_INVALID_ARGUMENT, "field", "stream",
     MISAS_TAG_VALIDATION},
    {append_what_is_no_type, MISAS_ERROR_INVALID_ARGUMENT, "field", "type", MISAS_TAG_VALIDATION},
    {send_what_is_no_type, MISAS_ERROR_INVALID_ARGUMENT, "field", "type", MISAS_TAG_VALIDATION},
    {send_without_uuid, MISAS_ERROR_UUID_INVALID, "value", "not-a-uuid", MISAS_TAG_VALIDATION},
};

static void assert_spoilt(const struct failure *failure, misas__transaction *transaction)
{
    test_batch batch = {.words_count = 0};

    fill(&batch);
    failure->spoil(&batch);
    misas_error *error = batch_write(&batch, transaction);

    assert_true(error == NULL || misas_error_has_tag(error, failure->tag));
    if (error != NULL && failure->name != NULL) {
        assert_error_data(error, failure->name, failure->value);
    }
    assert_error_is(error, failure->type);
}

TEST(a_batch_that_fails_leaves_nothing_behind_and_its_transaction_fit_for_the_next)
{
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        test_side side = open_filled();
        test_batch again = {.words_count = 0};

        assert_spoilt(&failures[i], side.transaction);
        assert_nothing_was_written(&side);
        side.transaction->functions->roll_back(side.transaction);
        assert_no_error(side.transaction->functions->begin(side.transaction));
        assert_no_error(side.transaction->functions->savepoint(side.transaction));
        assert_spoilt(&failures[i], side.transaction);
        side.transaction->functions->roll_back(side.transaction);
        assert_nothing_was_written(&side);
        fill(&again);
        assert_no_error(batch_write(&again, side.transaction));
        assert_all(side.store, "seen1 a1 sent a2 n1 n2 a3 do1");
        assert_predictions(&side, "old:T/other p:T/k there:T");
        assert_true(side_was_handled(&side, "m1"));
        side_close(&side);
    }
}

TEST(a_conflict_names_the_stream_with_its_expected_and_actual_version)
{
    test_side side = open_filled();
    test_batch batch = {.words_count = 0};

    batch_append(&batch, "fresh", MISAS_NO_STREAM, "f1");
    batch_append(&batch, "a", 7, "a8 a9");
    assert_conflict(batch_write(&batch, side.transaction), "a", "7", "1");
    batch.streams[1].expected = MISAS_NO_STREAM;
    assert_conflict(batch_write(&batch, side.transaction), "a", "no stream", "1");
    batch.streams[1] = (misas__batch_stream){"none", MISAS_STREAM_EXISTS};
    assert_conflict(batch_write(&batch, side.transaction), "none", "stream exists", "no stream");
    side_close(&side);
}

TEST(an_event_of_a_batch_may_be_as_large_as_the_options_say)
{
    test_side side = side_open(&(misas_event_store_options){.max_event_bytes = 4});
    test_batch batch = {.words_count = 0};

    batch_append(&batch, "a", MISAS_NO_STREAM, "four");
    batch_send(&batch, "large");
    assert_error_is(batch_write(&batch, side.transaction), MISAS_ERROR_EVENT_TOO_LARGE);
    batch.batch.command_count = 0;
    assert_no_error(batch_write(&batch, side.transaction));
    side_close(&side);
}

/* Streams in all the states they can be in. */
static test_side open_with_streams(void)
{
    test_side side = side_open(NULL);

    words_append(side.store, "five", MISAS_NO_STREAM, "1 2 3 4 5");
    words_append(side.store, "cut", MISAS_NO_STREAM, "1 2 3");
    words_append(side.store, "emptied", MISAS_NO_STREAM, "1 2 3");
    words_append(side.store, "deleted", MISAS_NO_STREAM, "1 2 3");
    words_append(side.store, "back", MISAS_NO_STREAM, "1 2 3");
    assert_no_error(misas_event_store_truncate_stream(side.store, "cut", 3));
    assert_no_error(misas_event_store_truncate_stream(side.store, "emptied", 4));
    assert_no_error(misas_event_store_delete_stream(side.store, "deleted", MISAS_ANY_VERSION));
    assert_no_error(misas_event_store_delete_stream(side.store, "back", MISAS_ANY_VERSION));
    words_append(side.store, "back", MISAS_NO_STREAM, "4");
    return side;
}

static const struct confirmed {
    const char *stream;
    uint64_t version;
    const char *actual;
} confirmed[] = {
    {"five", 5, "5"}, {"cut", 3, "3"},          {"emptied", 3, "3"}, {"deleted", 0, "no stream"},
    {"back", 4, "4"}, {"none", 0, "no stream"},
};

TEST(a_confirmation_holds_for_the_last_version_only)
{
    test_side side = open_with_streams();

    for (size_t i = 0; i < sizeof confirmed / sizeof confirmed[0]; i++) {
        for (uint64_t version = 0; version < 7; version++) {
            test_batch batch = {.words_count = 0};
            char expected[2] = {(char)('0' + version), '\0'};

            batch_confirm(&batch, "five", 5);
            batch_confirm(&batch, confirmed[i].stream, version);
            batch_confirm(&batch, "none", 0);
            misas_error *error = batch_write(&batch, side.transaction);

            if (version == confirmed[i].version) {
                assert_no_error(error);
            } else {
                assert_conflict(error, confirmed[i].stream, version > 0 ? expected : "no stream",
                                confirmed[i].actual);
            }
        }
    }
    side_close(&side);
}

/* What a stream becomes that a batch appends to, with another beside it. */
static void append_beside(test_side *side, const struct confirmed *to, uint64_t version,
                          uint64_t becomes)
{
    test_batch batch = {.words_count = 0};
    char expected[2] = {(char)('0' + version), '\0'};

    batch_append(&batch, "other", MISAS_NO_STREAM, "other1");
    batch_append(&batch, to->stream, (misas_expected_version)version, "next");
    batch_append(&batch, "other", MISAS_NO_STREAM, "other2");
    misas_error *error = batch_write(&batch, side->transaction);

    if (version == to->version) {
        assert_no_error(error);
        assert_int_equal(batch.versions[0], 2);
        assert_int_equal(batch.versions[1], becomes);
    } else {
        assert_conflict(error, to->stream, version > 0 ? expected : "no stream", to->actual);
        assert_reads(side->store, "other", NULL, "");
    }
}

TEST(a_batch_goes_on_where_a_stream_was_left_and_nowhere_else)
{
    static const uint64_t becomes[] = {6, 4, 4, 4, 5, 1};

    for (size_t i = 0; i < sizeof confirmed / sizeof confirmed[0]; i++) {
        for (uint64_t version = 0; version < 7; version++) {
            test_side side = open_with_streams();

            append_beside(&side, &confirmed[i], version, becomes[i]);
            side_close(&side);
        }
    }
}

TEST(the_first_of_several_confirmations_that_fail_is_named)
{
    test_side side = open_with_streams();
    test_batch batch = {.words_count = 0};

    batch_confirm(&batch, "cut", 3);
    batch_confirm(&batch, "five", 4);
    batch_confirm(&batch, "back", 1);
    assert_conflict(batch_write(&batch, side.transaction), "five", "4", "5");
    side_close(&side);
}
