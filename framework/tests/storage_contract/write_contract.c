/* What a batch writes, and what is then found. */
#include <stdio.h>
#include <string.h>

#include "storage_contract/batches.h"

TEST(all_of_a_batch_is_written)
{
    test_side side = side_open(NULL);
    test_batch batch = {.words_count = 0};

    side_append(&side, "seen", MISAS_NO_STREAM, "seen1");
    batch_handle(&batch, "m1");
    batch_handle(&batch, "m2");
    batch_append(&batch, "a", MISAS_NO_STREAM, "a1 a2");
    batch_confirm(&batch, "seen", 1);
    batch_send(&batch, "do1");
    batch_predict(&batch, "+p:T/k =q:T");
    assert_no_error(batch_write(&batch, side.transaction));
    assert_true(side_was_handled(&side, "m1"));
    assert_true(side_was_handled(&side, "m2"));
    assert_false(side_was_handled(&side, "m3"));
    assert_all(side.store, "seen1 a1 a2 do1");
    assert_reads(side.store, "a", NULL, "a1 a2");
    assert_predictions(&side, "p:T/k q:T");
    assert_int_equal(batch.versions[0], 2);
    side_close(&side);
}

TEST(positions_follow_the_order_of_the_events_whatever_their_streams)
{
    test_side side = side_open(NULL);
    test_batch batch = {.words_count = 0};

    side_append(&side, "m", MISAS_NO_STREAM, "m1");
    batch_append(&batch, "z", MISAS_NO_STREAM, "z1");
    batch_append(&batch, "m", 1, "m2");
    batch_append(&batch, "a", MISAS_ANY_VERSION, "a1 a2");
    batch_append(&batch, "z", MISAS_NO_STREAM, "z2 z3");
    batch_append(&batch, "m", 1, "m3");
    batch_send(&batch, "zz");
    batch_send(&batch, "aa");
    assert_no_error(batch_write(&batch, side.transaction));
    assert_all(side.store, "m1 z1 m2 a1 a2 z2 z3 m3 zz aa");
    assert_reads(side.store, "z", NULL, "z1 z2 z3");
    assert_reads(side.store, "m", NULL, "m1 m2 m3");
    for (size_t i = 0; i < batch.batch.stream_count; i++) {
        misas_stream_info info;

        assert_no_error(misas_event_store_stream_info(&info, side.store, batch.streams[i].stream));
        assert_int_equal(batch.versions[i], info.last_version);
    }
    side_close(&side);
}

static void assert_metadata(const misas_metadata *metadata)
{
    assert_string_equal(metadata->correlation_id, "conversation");
    assert_string_equal(metadata->causation_id, "cause");
    assert_string_equal(misas_metadata_get(metadata, "user"), "J\303\266rg \"x\"");
}

static const misas_field fields[] = {{"user", "J\303\266rg \"x\""}, {NULL, NULL}};
static const misas_metadata metadata = {"conversation", "cause", fields};

TEST(a_sent_command_is_an_event_of_a_stream_of_its_own)
{
    test_side side = side_open(NULL);
    test_batch batch = {.words_count = 0};
    misas_envelope *command = batch_send(&batch, "do");
    char stream[80];
    event_list list;

    command->type_version = 3;
    command->payload = "\0\xff";
    command->payload_size = 2;
    command->metadata = metadata;
    assert_no_error(batch_write(&batch, side.transaction));
    snprintf(stream, sizeof stream, "%s%s", MISAS__COMMAND_STREAM_PREFIX, command->id);
    event_list_read(&list, side.store, stream, NULL);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.events[0]->version, 1);
    assert_true(misas_uuid_equal(list.events[0]->id, words_id("do")));
    assert_string_equal(list.events[0]->type, "test.v1.Do");
    assert_int_equal(list.events[0]->type_version, 3);
    assert_int_equal(list.events[0]->payload_size, 2);
    assert_memory_equal(list.events[0]->payload, "\0\xff", 2);
    assert_metadata(&list.events[0]->metadata);
    event_list_free(&list);
    side_close(&side);
}

TEST(an_event_of_a_batch_keeps_all_that_it_has)
{
    test_side side = side_open(NULL);
    test_batch batch = {.words_count = 0};
    event_list list;

    batch_append(&batch, "a", MISAS_NO_STREAM, "#one:Opened two");
    batch.events[0].event.type_version = 7;
    batch.events[0].event.metadata = metadata;
    batch.events[1].event.payload = NULL;
    batch.events[1].event.payload_size = 0;
    assert_no_error(batch_write(&batch, side.transaction));
    event_list_read(&list, side.store, "a", NULL);
    assert_true(misas_uuid_equal(list.events[0]->id, words_id("one")));
    assert_string_equal(list.events[0]->type, "test.v1.Opened");
    assert_int_equal(list.events[0]->type_version, 7);
    assert_metadata(&list.events[0]->metadata);
    assert_false(misas_uuid_is_none(list.events[1]->id));
    assert_int_equal(list.events[1]->type_version, 1);
    assert_int_equal(list.events[1]->payload_size, 0);
    event_list_free(&list);
    side_close(&side);
}

TEST(events_are_stamped_by_the_clock_of_the_options)
{
    misas_clock *clock = NULL;
    test_batch batch = {.words_count = 0};
    event_list list;

    assert_no_error(misas_clock_new_fixed(&clock, INT64_C(4102444800000001)));
    test_side side = side_open(&(misas_event_store_options){.clock = clock});

    batch_append(&batch, "a", MISAS_NO_STREAM, "a1 a2");
    batch_append(&batch, "b", MISAS_NO_STREAM, "b1");
    assert_no_error(batch_write(&batch, side.transaction));
    side_append(&side, "c", MISAS_NO_STREAM, "c1");
    event_list_read(&list, side.store, NULL, NULL);
    assert_int_equal(list.count, 4);
    for (size_t i = 0; i < list.count; i++) {
        assert_int_equal(list.events[i]->recorded_at_us, INT64_C(4102444800000001));
    }
    event_list_free(&list);
    side_close(&side);
    misas_clock_free(clock);
}

TEST(what_was_answered_comes_back)
{
    test_side side = side_open(NULL);
    test_batch batch = {.words_count = 0};
    misas__handled found[5] = {{.source = BATCH_SOURCE, .id = "refused"},
                               {.source = BATCH_SOURCE, .id = "unknown"},
                               {.source = BATCH_SOURCE, .id = "replied"},
                               {.source = "/test/other", .id = "replied"},
                               {.source = BATCH_SOURCE, .id = "empty"}};
    bool is_found[5] = {false};
    misas__arena arena = {0};

    batch_handle(&batch, "replied")->reply = (misas_reply){"test.v1.Reply", "a\0b", 3};
    batch_handle(&batch, "empty")->reply = (misas_reply){"test.v1.Empty", NULL, 0};
    misas__handled *refused = batch_handle(&batch, "refused");

    refused->error = "\1\0\2";
    refused->error_size = 3;
    assert_no_error(batch_write(&batch, side.transaction));
    assert_no_error(
        side.transaction->functions->find_handled(is_found, side.transaction, found, 5, &arena));
    assert_memory_equal(is_found, ((bool[]){true, false, true, false, true}), sizeof is_found);
    assert_null(found[0].reply.type);
    assert_int_equal(found[0].error_size, 3);
    assert_memory_equal(found[0].error, "\1\0\2", 3);
    assert_memory_equal(found[0].digest, refused->digest, misas__digest_size);
    assert_string_equal(found[2].reply.type, "test.v1.Reply");
    assert_int_equal(found[2].reply.payload_size, 3);
    assert_memory_equal(found[2].reply.payload, "a\0b", 3);
    assert_int_equal(found[2].error_size, 0);
    assert_string_equal(found[4].reply.type, "test.v1.Empty");
    assert_int_equal(found[4].reply.payload_size, 0);
    assert_string_equal(found[4].id, "empty");
    misas__arena_free(&arena);
    side_close(&side);
}

TEST(an_empty_batch_changes_nothing)
{
    test_side side = side_open(NULL);
    test_batch empty = {.words_count = 0};

    assert_no_error(batch_write(&empty, side.transaction));
    assert_no_error(side.transaction->functions->begin(side.transaction));
    assert_no_error(batch_write(&empty, side.transaction));
    assert_all(side.store, "");
    assert_predictions(&side, "");
    side_append(&side, "a", MISAS_NO_STREAM, "a1");
    assert_all(side.store, "a1");
    side_close(&side);
}

TEST(a_stream_of_a_batch_that_gets_no_event_has_no_result)
{
    test_side side = side_open(NULL);
    test_batch batch = {.words_count = 0};

    batch_append(&batch, "a", MISAS_NO_STREAM, "");
    batch.versions[0] = 5;
    assert_no_error(batch_write(&batch, side.transaction));
    assert_int_equal(batch.versions[0], 0);
    assert_all(side.store, "");
    side_close(&side);
}

TEST(a_batch_may_have_begun_before_it_is_written)
{
    test_side side = side_open(NULL);
    const misas__transaction_functions *functions = side.transaction->functions;

    for (uint64_t i = 0; i < 3; i++) {
        assert_no_error(functions->begin(side.transaction));
        assert_no_error(functions->begin(side.transaction));
        for (int handler = 0; handler < 3; handler++) {
            assert_no_error(functions->savepoint(side.transaction));
        }
        assert_no_error(functions->roll_back_to_savepoint(side.transaction));
        assert_no_error(functions->savepoint(side.transaction));
        assert_false(side_was_handled(&side, "unknown"));
        side_append(&side, "a", (misas_expected_version)i, i == 0 ? "a1" : i == 1 ? "a2" : "a3");
    }
    assert_all(side.store, "a1 a2 a3");
    side_close(&side);
}

TEST(what_was_rolled_back_can_begin_anew)
{
    test_side side = side_open(NULL);
    const misas__transaction_functions *functions = side.transaction->functions;

    functions->roll_back(side.transaction);
    assert_no_error(functions->begin(side.transaction));
    assert_no_error(functions->savepoint(side.transaction));
    functions->roll_back(side.transaction);
    functions->roll_back(side.transaction);
    assert_no_error(functions->begin(side.transaction));
    assert_no_error(functions->savepoint(side.transaction));
    side_append(&side, "a", MISAS_NO_STREAM, "a1");
    functions->roll_back(side.transaction);
    assert_all(side.store, "a1");
    side_close(&side);
}

enum { large = 500 };

/* A batch of a worker under load: each message has an event, a command and a prediction. */
typedef struct large_batch {
    char ids[large][MISAS_UUID_TEXT_SIZE];
    char streams[large][16];
    misas__handled handled[large];
    misas__batch_stream batch_streams[large];
    misas__batch_event events[2 * large];
    misas_envelope commands[large];
    misas__prediction_change predictions[large];
    uint64_t versions[large];
} large_batch;

/* Each stream gets its second event after all have had their first. */
static void fill_large(large_batch *filled)
{
    for (size_t i = 0; i < large; i++) {
        const char *id = misas_uuid_write(filled->ids[i], misas_uuid_new_v7());

        snprintf(filled->streams[i], sizeof filled->streams[i], "s-%zu", (i * 7) % large);
        filled->handled[i] = (misas__handled){.source = BATCH_SOURCE, .id = id};
        filled->batch_streams[i] = (misas__batch_stream){filled->streams[i], MISAS_NO_STREAM};
        filled->events[i] = (misas__batch_event){
            i, {.type = "test.v1.First", .payload = id, .payload_size = strlen(id)}};
        filled->events[large + i] = (misas__batch_event){i, {.type = "test.v1.Second"}};
        filled->commands[i] = (misas_envelope){.id = id, .type = "test.v1.Do"};
        filled->predictions[i] = (misas__prediction_change){
            MISAS__PREDICTION_ADD, {.id = id, .type = "test.v1.Due", .key = "k"}};
    }
}

static void assert_order_of_large(misas_event_store *store, const large_batch *filled)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    assert_no_error(misas_event_store_read_all(&reader, store, NULL));
    for (size_t i = 0; i < 3 * (size_t)large; i++) {
        assert_no_error(misas_event_reader_next(&event, reader));
        assert_non_null(event);
        if (i < 2 * (size_t)large) {
            assert_string_equal(event->stream, filled->streams[i % large]);
            assert_int_equal(event->version, i < large ? 1 : 2);
        } else {
            assert_string_equal(event->stream + strlen(MISAS__COMMAND_STREAM_PREFIX),
                                filled->ids[i % large]);
        }
    }
    assert_no_error(misas_event_reader_next(&event, reader));
    assert_null(event);
    misas_event_reader_free(reader);
}

TEST(a_batch_may_have_hundreds_of_messages)
{
    static large_batch filled;
    test_side side = side_open(NULL);
    const misas__batch batch = {.handled = filled.handled,
                                .handled_count = large,
                                .streams = filled.batch_streams,
                                .stream_count = large,
                                .events = filled.events,
                                .event_count = 2 * large,
                                .commands = filled.commands,
                                .command_count = large,
                                .predictions = filled.predictions,
                                .prediction_count = large};
    bool found[large];
    misas__arena arena = {0};

    fill_large(&filled);
    assert_no_error(side.transaction->functions->write(filled.versions, side.transaction, &batch));
    assert_order_of_large(side.store, &filled);
    assert_no_error(side.transaction->functions->find_handled(found, side.transaction,
                                                              filled.handled, large, &arena));
    for (size_t i = 0; i < large; i++) {
        assert_true(found[i]);
        assert_int_equal(filled.versions[i], 2);
    }
    misas__arena_free(&arena);
    assert_error_is(side.transaction->functions->write(filled.versions, side.transaction, &batch),
                    MISAS__ERROR_HANDLED_MEANWHILE);
    side_close(&side);
}
