#include "checkpoint_contract/leaders.h"

#include <stdio.h>
#include <string.h>

enum { take_over_timeout_ms = 15000 };

test_leader leader_new(misas_storage *storage, const char *processor, const char *owner)
{
    test_leader leader = {
        .storage = storage,
        .functions = &storage->backend->checkpoints,
        .key = {processor, MISAS__SOURCE_LOG, 0},
        .owner = owner,
    };

    assert_no_error(misas__transaction_new(&leader.transaction, storage));
    return leader;
}

void leader_free(test_leader *leader)
{
    leader->transaction->functions->free(leader->transaction);
}

bool leader_try(test_leader *leader)
{
    bool is_taken = false;

    assert_no_error(leader->functions->take(&leader->checkpoint, &is_taken, leader->storage,
                                            &leader->key, leader->owner));
    return is_taken;
}

void leader_take(test_leader *leader)
{
    assert_true(leader_try(leader));
}

static bool try_to_lead(void *leader)
{
    return leader_try(leader);
}

void leader_take_over(test_leader *leader)
{
    assert_true(test_wait_until(try_to_lead, leader, take_over_timeout_ms));
}

misas_error *leader_renew(const test_leader *leader)
{
    bool is_paused = false;

    return leader->functions->renew(&is_paused, leader->storage, &leader->key,
                                    leader->checkpoint.epoch);
}

misas_error *leader_attempt(const test_leader *leader, uint64_t position)
{
    int32_t attempts = 0;

    return leader->functions->attempt(&attempts, leader->storage, &leader->key,
                                      leader->checkpoint.epoch, position);
}

void leader_release(const test_leader *leader)
{
    assert_no_error(
        leader->functions->release(leader->storage, &leader->key, leader->checkpoint.epoch));
}

misas_error *leader_write(test_leader *leader, uint64_t position, const char *word,
                          const misas__batch *more)
{
    const misas__checkpoint_move move = {
        .key = leader->key, .epoch = leader->checkpoint.epoch, .position = position};
    const misas__batch_stream stream = {"done", MISAS_ANY_VERSION};
    misas__batch batch = more != NULL ? *more : (misas__batch){.checkpoint = NULL};
    misas__batch_event event = {.stream_index = 0};
    uint64_t version = 0;
    words made;

    words_parse(&made, word);
    event.event = made.events[0];
    batch.checkpoint = &move;
    batch.streams = &stream;
    batch.stream_count = 1;
    batch.events = &event;
    batch.event_count = 1;
    misas_error *error =
        leader->transaction->functions->write(&version, leader->transaction, &batch);

    if (error != NULL) {
        leader->transaction->functions->roll_back(leader->transaction);
    }
    return error;
}

void leader_reset(const test_leader *by, uint64_t position)
{
    bool is_found = false;

    assert_no_error(by->functions->reset(&is_found, by->storage, by->key.processor, position));
    assert_true(is_found);
}

static bool is_of(const misas__checkpoint_info *info, const misas__checkpoint_key *key)
{
    return strcmp(info->key.processor, key->processor) == 0 &&
           strcmp(info->key.source, key->source) == 0 && info->key.partition == key->partition;
}

misas__checkpoint_info leader_info(const test_leader *leader, misas__arena *arena)
{
    const misas__checkpoint_info *infos = NULL;
    size_t count = 0;
    size_t i = 0;

    assert_no_error(leader->functions->list(&infos, &count, leader->storage, arena));
    while (i < count && !is_of(&infos[i], &leader->key)) {
        i++;
    }
    assert_true(i < count);
    return infos[i];
}

void leader_assert(const test_leader *leader, uint64_t position, const char *owner)
{
    misas__arena arena = {0};
    const misas__checkpoint_info info = leader_info(leader, &arena);

    assert_int_equal(info.checkpoint.position, position);
    if (owner != NULL) {
        assert_non_null(info.owner);
        assert_string_equal(info.owner, owner);
    } else {
        assert_null(info.owner);
    }
    misas__arena_free(&arena);
}

misas__dead_letter dead_letter(const char *processor, uint64_t position, const char *error)
{
    return (misas__dead_letter){
        .processor = processor,
        .event = {.position = position,
                  .stream = "a",
                  .version = position,
                  .id = words_id("x"),
                  .type = "test.v1.Happened",
                  .type_version = 1,
                  .recorded_at_us = INT64_C(1700000000000000),
                  .payload = "content",
                  .payload_size = 7,
                  .part_count = 1},
        .error = error,
        .error_size = strlen(error),
        .attempts = 1,
    };
}

size_t leader_list_letters(const misas__dead_letter **out, const test_leader *leader,
                           const misas__dead_letter_query *query, misas__arena *arena)
{
    size_t count = 0;

    assert_no_error(
        leader->functions->list_dead_letters(out, &count, leader->storage, query, arena));
    return count;
}

void leader_assert_letters(const test_leader *leader, const misas__dead_letter_query *query,
                           const char *text, const char *file, int line)
{
    const misas__dead_letter *letters = NULL;
    misas__arena arena = {0};
    size_t count = leader_list_letters(&letters, leader, query, &arena);
    char found[2000] = "";
    size_t used = 0;

    for (size_t i = 0; i < count && used < sizeof found; i++) {
        const misas__dead_letter *each = &letters[i];

        used += (size_t)snprintf(
            found + used, sizeof found - used, "%s%s@%llu=%.*s*%d%s", i > 0 ? " " : "",
            each->processor, (unsigned long long)each->event.position, (int)each->error_size,
            (const char *)each->error, each->attempts, each->is_to_be_retried ? "!" : "");
    }
    misas__arena_free(&arena);
    _assert_string_equal(found, text, file, line);
}

int64_t leader_letter_id(const test_leader *leader, const misas__dead_letter_query *query)
{
    const misas__dead_letter *letters = NULL;
    misas__arena arena = {0};

    assert_int_equal(leader_list_letters(&letters, leader, query, &arena), 1);
    int64_t id = letters[0].id;

    misas__arena_free(&arena);
    return id;
}
