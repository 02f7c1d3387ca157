#include "prediction_contract/due.h"

#include <stdio.h>
#include <string.h>

static test_due open_over(misas_storage *storage)
{
    test_due due = {.storage = storage};

    assert_no_error(misas__transaction_new(&due.transaction, storage));
    return due;
}

test_due due_open(void)
{
    return open_over(prediction_fixture_open());
}

test_due due_open_again(void)
{
    return open_over(prediction_fixture_open_again());
}

void due_close_again(test_due *due)
{
    due->transaction->functions->free(due->transaction);
    misas__arena_free(&due->arena);
}

void due_close(test_due *due)
{
    due_close_again(due);
    prediction_fixture_close(due->storage);
}

misas_error *due_change(test_due *due, misas__prediction_change_kind kind, const char *id,
                        int64_t due_at_us)
{
    const misas__prediction_change change = {
        .kind = kind, .prediction = {.id = id, .type = "test.v1.Due", .due_at_us = due_at_us}};

    return due->transaction->functions->write(
        NULL, due->transaction, &(misas__batch){.predictions = &change, .prediction_count = 1});
}

void due_add(test_due *due, const char *id, int64_t due_at_us)
{
    assert_no_error(due_change(due, MISAS__PREDICTION_ADD, id, due_at_us));
}

size_t due_claim(test_due *due, int64_t now_us, size_t max, int claim_ms)
{
    const misas__claim claim = {.now_us = now_us,
                                .max = max,
                                .claim_ms = claim_ms,
                                .types = due->types,
                                .progress = &due->progress};

    misas__arena_free(&due->arena);
    assert_no_error(due->storage->backend->predictions.claim(&due->claimed, &due->count,
                                                             due->storage, &claim, &due->arena));
    return due->count;
}

void due_assert_claims(test_due *due, int64_t now_us, const char *ids, const char *file, int line)
{
    char found[500] = "";

    due_claim(due, now_us, 100, a_minute_ms);
    for (size_t i = 0; i < due->count; i++) {
        size_t used = strlen(found);

        snprintf(found + used, sizeof found - used, "%s%s", i > 0 ? " " : "",
                 due->claimed[i].content.id);
    }
    _assert_string_equal(found, ids, file, line);
}

typedef struct waiting {
    test_due *due;
    int64_t now_us;
} waiting;

static bool has_claimed(void *argument)
{
    const waiting *self = argument;

    return due_claim(self->due, self->now_us, 1, 1) > 0;
}

void due_await(test_due *due, int64_t now_us)
{
    assert_true(test_wait_until(has_claimed, &(waiting){due, now_us}, 20000));
}

misas__prediction_reference due_reference(const test_due *due, size_t index)
{
    return (misas__prediction_reference){due->claimed[index].content.id,
                                         due->claimed[index].added_at_us};
}

misas_error *due_fire(test_due *due, const misas__prediction_reference *fired, size_t count)
{
    return due->transaction->functions->write(
        NULL, due->transaction, &(misas__batch){.fired = fired, .fired_count = count});
}

misas_error *due_fire_id(test_due *due, const char *id)
{
    return due_fire(due, &(misas__prediction_reference){.id = id}, 1);
}

bool due_is_there(test_due *due, misas__prediction_reference reference)
{
    bool found = false;

    assert_no_error(
        due->transaction->functions->find_predictions(&found, due->transaction, &reference, 1));
    return found;
}

uint64_t due_count(const test_due *due)
{
    uint64_t count = 0;

    assert_no_error(due->storage->backend->predictions.count(&count, due->storage));
    return count;
}
