/* What is set aside, and what becomes of it. */
#include <string.h>

#include "checkpoint_contract/leaders.h"

static const misas__dead_letter_query all_letters = {.max = 100};

static void set_aside(test_leader *leader, const misas__dead_letter *letters, size_t count)
{
    assert_no_error(
        leader_write(leader, letters[count - 1].event.position, "x",
                     &(misas__batch){.dead_letters = letters, .dead_letter_count = count}));
}

static misas_error *try_to_settle(test_leader *leader, const int64_t *ids, size_t count)
{
    return leader_write(
        leader, 1, "settled",
        &(misas__batch){.settled_dead_letters = ids, .settled_dead_letter_count = count});
}

static const misas_field fields[] = {{"user", "J\303\266rg \"x\""}, {"trace", ""}, {NULL, NULL}};

static const misas__dead_letter rich = {
    .id = 77, /* not used, as well as the time */
    .set_aside_at_us = 77,
    .processor = "bank.board",
    .event = {.position = 42,
              .stream = "account-1",
              .version = 7,
              .id = {{1, 2, 0, 255}},
              .type = "test.v1.Opened",
              .type_version = 3,
              .recorded_at_us = INT64_C(-5),
              .payload = "a\0\xff",
              .payload_size = 3,
              .metadata = {"conversation", "cause", fields},
              .part = 1,
              .part_count = 3},
    .error = "\0\1e",
    .error_size = 3,
    .attempts = 12,
};

static void assert_rich_event(const misas_event *event)
{
    assert_int_equal(event->position, 42);
    assert_string_equal(event->stream, "account-1");
    assert_int_equal(event->version, 7);
    assert_true(misas_uuid_equal(event->id, rich.event.id));
    assert_string_equal(event->type, "test.v1.Opened");
    assert_int_equal(event->type_version, 3);
    assert_int_equal(event->recorded_at_us, -5);
    assert_int_equal(event->payload_size, 3);
    assert_memory_equal(event->payload, "a\0\xff", 3);
    assert_string_equal(event->metadata.correlation_id, "conversation");
    assert_string_equal(event->metadata.causation_id, "cause");
    assert_string_equal(misas_metadata_get(&event->metadata, "user"), fields[0].value);
    assert_string_equal(misas_metadata_get(&event->metadata, "trace"), "");
    assert_int_equal(event->part, 1);
    assert_int_equal(event->part_count, 3);
}

TEST(what_is_set_aside_comes_back_whole)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    const misas__dead_letter *letters = NULL;
    misas__arena arena = {0};

    leader_take(&a);
    set_aside(&a, &rich, 1);
    assert_int_equal(leader_list_letters(&letters, &a, &all_letters, &arena), 1);
    assert_rich_event(&letters[0].event);
    assert_true(letters[0].id > 0);
    assert_string_equal(letters[0].processor, "bank.board");
    assert_int_equal(letters[0].error_size, 3);
    assert_memory_equal(letters[0].error, "\0\1e", 3);
    assert_int_equal(letters[0].attempts, 12);
    assert_true(letters[0].set_aside_at_us > INT64_C(1600000000000000));
    assert_false(letters[0].is_to_be_retried);
    misas__arena_free(&arena);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_message_with_nothing_in_it_can_be_set_aside)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "bank.board", "a");
    misas__dead_letter letter = dead_letter("bank.board", 1, "");
    const misas__dead_letter *letters = NULL;
    misas__arena arena = {0};

    letter.event.payload = NULL;
    letter.event.payload_size = 0;
    letter.error = NULL;
    leader_take(&a);
    set_aside(&a, &letter, 1);
    assert_int_equal(leader_list_letters(&letters, &a, &all_letters, &arena), 1);
    assert_int_equal(letters[0].event.payload_size, 0);
    assert_int_equal(letters[0].error_size, 0);
    assert_null(letters[0].event.metadata.correlation_id);
    assert_null(letters[0].event.metadata.causation_id);
    assert_null(misas_metadata_get(&letters[0].event.metadata, "user"));
    misas__arena_free(&arena);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(dead_letters_are_listed_by_what_is_asked_for)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "a", "a");
    misas__dead_letter four[] = {dead_letter("a", 1, "e"), dead_letter("b", 2, "e"),
                                 dead_letter("a", 3, "e"), dead_letter("a", 4, "e")};
    const misas__dead_letter *letters = NULL;
    misas__arena arena = {0};

    leader_take(&a);
    for (size_t i = 0; i < 4; i++) {
        four[i].is_to_be_retried = i == 1 || i == 3;
        set_aside(&a, &four[i], 1);
    }
    assert_int_equal(leader_list_letters(&letters, &a, &all_letters, &arena), 4);
    int64_t third = letters[2].id;

    assert_letters(&a, &all_letters, "a@1=e*1 b@2=e*1! a@3=e*1 a@4=e*1!");
    assert_letters(&a, (&(misas__dead_letter_query){.max = 3}), "a@1=e*1 b@2=e*1! a@3=e*1");
    assert_letters(&a, (&(misas__dead_letter_query){.max = 0}), "");
    assert_letters(&a, (&(misas__dead_letter_query){.max = SIZE_MAX, .from = third}),
                   "a@3=e*1 a@4=e*1!");
    assert_letters(&a, (&(misas__dead_letter_query){.max = 9, .from = INT64_MAX}), "");
    assert_letters(&a, (&(misas__dead_letter_query){.max = 9, .only_to_be_retried = true}),
                   "b@2=e*1! a@4=e*1!");
    assert_letters(&a, (&(misas__dead_letter_query){.processor = "a", .max = 2}),
                   "a@1=e*1 a@3=e*1");
    assert_letters(&a, (&(misas__dead_letter_query){.processor = "a", .from = third, .max = 9}),
                   "a@3=e*1 a@4=e*1!");
    assert_letters(
        &a, (&(misas__dead_letter_query){.processor = "a", .max = 9, .only_to_be_retried = true}),
        "a@4=e*1!");
    assert_letters(&a,
                   (&(misas__dead_letter_query){
                       .processor = "b", .from = third, .max = 9, .only_to_be_retried = true}),
                   "");
    assert_letters(&a, (&(misas__dead_letter_query){.processor = "c", .max = 9}), "");
    misas__arena_free(&arena);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_dead_letter_can_be_marked_to_be_retried_or_dropped)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "a", "a");
    const misas__dead_letter two[] = {dead_letter("a", 1, "e"), dead_letter("a", 2, "e")};
    bool is_found = false;

    leader_take(&a);
    set_aside(&a, two, 2);
    int64_t first = leader_letter_id(&a, &(misas__dead_letter_query){.max = 1});

    for (int i = 0; i < 2; i++) {
        assert_no_error(a.functions->retry_dead_letter(&is_found, storage, first));
        assert_true(is_found);
        assert_letters(&a, &all_letters, "a@1=e*1! a@2=e*1");
    }
    assert_no_error(a.functions->drop_dead_letter(&is_found, storage, first));
    assert_true(is_found);
    assert_letters(&a, &all_letters, "a@2=e*1");
    assert_no_error(a.functions->drop_dead_letter(&is_found, storage, first));
    assert_false(is_found);
    assert_no_error(a.functions->retry_dead_letter(&is_found, storage, first));
    assert_false(is_found);
    assert_no_error(a.functions->retry_dead_letter(&is_found, storage, -1));
    assert_false(is_found);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(what_was_handled_after_all_is_settled)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "a", "a");
    const misas__dead_letter three[] = {dead_letter("a", 1, "e"), dead_letter("a", 2, "e"),
                                        dead_letter("a", 3, "e")};
    const misas__dead_letter *letters = NULL;
    misas__arena arena = {0};

    leader_take(&a);
    set_aside(&a, three, 3);
    assert_int_equal(leader_list_letters(&letters, &a, &all_letters, &arena), 3);
    assert_no_error(try_to_settle(&a, (int64_t[]){letters[2].id, letters[0].id}, 2));
    assert_letters(&a, &all_letters, "a@2=e*1");
    misas__arena_free(&arena);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_batch_that_settles_what_is_not_there_any_more_leaves_nothing)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "a", "a");
    const misas__dead_letter letter = dead_letter("a", 1, "e");

    leader_take(&a);
    set_aside(&a, &letter, 1);
    int64_t id = leader_letter_id(&a, &all_letters);

    assert_error_is(try_to_settle(&a, (int64_t[]){id, id + 1}, 2), MISAS__ERROR_LEASE_LOST);
    assert_error_is(try_to_settle(&a, (int64_t[]){id, id}, 2), MISAS__ERROR_LEASE_LOST);
    assert_letters(&a, &all_letters, "a@1=e*1");
    assert_all(misas_storage_event_store(storage), "x");
    assert_no_error(try_to_settle(&a, &id, 1));
    assert_error_is(try_to_settle(&a, &id, 1), MISAS__ERROR_LEASE_LOST);
    assert_all(misas_storage_event_store(storage), "x settled");
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(a_message_is_set_aside_once_by_each_processor)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "a", "a");
    misas__dead_letter letter = dead_letter("a", 1, "first");
    const misas__dead_letter other = dead_letter("b", 1, "other");
    bool is_found = false;

    leader_take(&a);
    set_aside(&a, &letter, 1);
    int64_t id = leader_letter_id(&a, &all_letters);

    assert_no_error(a.functions->retry_dead_letter(&is_found, storage, id));
    letter.error = "again";
    letter.error_size = 5;
    letter.attempts = 4;
    set_aside(&a, &letter, 1);
    assert_int_equal(leader_letter_id(&a, &all_letters), id);
    assert_letters(&a, &all_letters, "a@1=again*4");
    letter.event.part = 1;
    set_aside(&a, &letter, 1);
    set_aside(&a, &other, 1);
    assert_letters(&a, &all_letters, "a@1=again*4 a@1=again*4 b@1=other*1");
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(of_a_message_that_one_batch_sets_aside_twice_the_last_time_counts)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "a", "a");
    const misas__dead_letter twice[] = {dead_letter("a", 1, "first"), dead_letter("a", 2, "e"),
                                        dead_letter("a", 1, "last")};

    leader_take(&a);
    set_aside(&a, twice, 3);
    assert_letters(&a, &all_letters, "a@1=last*1 a@2=e*1");
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

TEST(one_batch_may_settle_a_message_and_set_it_aside_anew)
{
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "a", "a");
    const misas__dead_letter letter = dead_letter("a", 1, "e");

    leader_take(&a);
    set_aside(&a, &letter, 1);
    int64_t id = leader_letter_id(&a, &all_letters);
    const misas__batch both = {.dead_letters = &letter,
                               .dead_letter_count = 1,
                               .settled_dead_letters = &id,
                               .settled_dead_letter_count = 1};

    assert_no_error(leader_write(&a, 1, "both", &both));
    assert_letters(&a, &all_letters, "a@1=e*1");
    assert_true(leader_letter_id(&a, &all_letters) > id);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}

enum { many = 1000, of_batch = 250, of_page = 64 };

/* Reads page by page; each begins after the last id of the one before. */
static size_t count_by_pages(const test_leader *leader)
{
    misas__dead_letter_query query = {.processor = "a", .max = of_page};
    const misas__dead_letter *letters = NULL;
    misas__arena arena = {0};
    size_t total = 0;
    size_t count = 0;

    do {
        misas__arena_reset(&arena);
        count = leader_list_letters(&letters, leader, &query, &arena);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(letters[i].event.position, ++total);
            assert_true(letters[i].id >= query.from);
            query.from = letters[i].id + 1;
        }
    } while (count == of_page);
    misas__arena_free(&arena);
    return total;
}

TEST(many_dead_letters_are_read_page_by_page_and_settled_together)
{
    static misas__dead_letter letters[of_batch];
    static int64_t ids[many];
    misas_storage *storage = checkpoint_fixture_open();
    test_leader a = leader_new(storage, "a", "a");
    const misas__dead_letter other = dead_letter("b", 1, "e");
    const misas__dead_letter *listed = NULL;
    misas__arena arena = {0};

    leader_take(&a);
    for (size_t i = 0; i < many; i++) {
        letters[i % of_batch] = dead_letter("a", i + 1, "e");
        if (i % of_batch == of_batch - 1) {
            set_aside(&a, letters, of_batch);
            set_aside(&a, &other, 1);
        }
    }
    assert_int_equal(count_by_pages(&a), many);
    assert_int_equal(leader_list_letters(
                         &listed, &a, &(misas__dead_letter_query){"a", 0, 2 * many, false}, &arena),
                     many);
    for (size_t i = 0; i < many; i++) {
        ids[i] = listed[many - 1 - i].id;
    }
    assert_no_error(try_to_settle(&a, ids, many));
    assert_letters(&a, &all_letters, "b@1=e*1");
    misas__arena_free(&arena);
    leader_free(&a);
    checkpoint_fixture_close(storage);
}
