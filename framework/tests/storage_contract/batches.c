#include "storage_contract/batches.h"

#include <stdio.h>
#include <string.h>

test_side side_open(const misas_event_store_options *options)
{
    test_side side = {.storage = storage_fixture_open(options)};

    side.store = misas_storage_event_store(side.storage);
    assert_no_error(misas__transaction_new(&side.transaction, side.storage));
    return side;
}

void side_close(test_side *side)
{
    side->transaction->functions->free(side->transaction);
    storage_fixture_close(side->storage);
}

misas__handled *batch_handle(test_batch *batch, const char *id)
{
    misas__handled *handled = &batch->handled[batch->batch.handled_count++];

    handled->source = BATCH_SOURCE;
    handled->id = id;
    memset(handled->digest, id[strlen(id) - 1], sizeof handled->digest);
    return handled;
}

static size_t find_stream(test_batch *batch, const char *stream, misas_expected_version expected)
{
    size_t index = 0;

    while (index < batch->batch.stream_count && strcmp(batch->streams[index].stream, stream) != 0) {
        index++;
    }
    if (index == batch->batch.stream_count) {
        batch->streams[index] = (misas__batch_stream){stream, expected};
        batch->batch.stream_count++;
    }
    return index;
}

void batch_append(test_batch *batch, const char *stream, misas_expected_version expected,
                  const char *text)
{
    words *made = &batch->words[batch->words_count++];
    size_t index = find_stream(batch, stream, expected);

    words_parse(made, text);
    for (size_t i = 0; i < made->count; i++) {
        batch->events[batch->batch.event_count++] = (misas__batch_event){index, made->events[i]};
    }
}

void batch_confirm(test_batch *batch, const char *stream, uint64_t version)
{
    batch->confirmations[batch->batch.confirmation_count++] =
        (misas__confirmation){stream, version};
}

misas_envelope *batch_send(test_batch *batch, const char *word)
{
    size_t index = batch->batch.command_count++;

    batch->commands[index] = (misas_envelope){
        .id = misas_uuid_write(batch->command_ids[index], words_id(word)),
        .source = BATCH_SOURCE,
        .type = "test.v1.Do",
        .payload = word,
        .payload_size = strlen(word),
    };
    return &batch->commands[index];
}

/* Of "+a:T/k", the part after `before` and up to a character of `ends`; NULL when there is none. */
static const char *take_part(char part[24], const char *text, char before, const char *ends)
{
    const char *at = strchr(text, before);

    if (at == NULL) {
        return NULL;
    }
    snprintf(part, 24, "%.*s", (int)strcspn(at + 1, ends), at + 1);
    return part;
}

static void add_change(test_batch *batch, const char *text)
{
    static const char kinds[] = "+=-~";
    size_t index = batch->batch.prediction_count++;
    misas__prediction_change *change = &batch->predictions[index];
    bool has_id = text[0] != '~';

    *change = (misas__prediction_change){
        .kind = (misas__prediction_change_kind)(strchr(kinds, text[0]) - kinds)};
    change->prediction.id = has_id ? take_part(batch->texts[index][0], text, text[0], ":") : NULL;
    change->prediction.type = take_part(batch->texts[index][1], text, has_id ? ':' : text[0], "/");
    change->prediction.key = take_part(batch->texts[index][2], text, '/', "");
}

void batch_predict(test_batch *batch, const char *text)
{
    char copy[500];
    char *rest = NULL;

    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        add_change(batch, word);
    }
}

misas_error *batch_write(test_batch *batch, misas__transaction *transaction)
{
    batch->batch.handled = batch->handled;
    batch->batch.confirmations = batch->confirmations;
    batch->batch.streams = batch->streams;
    batch->batch.events = batch->events;
    batch->batch.commands = batch->commands;
    batch->batch.predictions = batch->predictions;
    return transaction->functions->write(batch->versions, transaction, &batch->batch);
}

void side_append(test_side *side, const char *stream, misas_expected_version expected,
                 const char *word)
{
    test_batch batch = {.words_count = 0};

    batch_handle(&batch, word);
    batch_append(&batch, stream, expected, word);
    assert_no_error(batch_write(&batch, side->transaction));
}

bool side_was_handled(const test_side *side, const char *id)
{
    misas__handled message = {.source = BATCH_SOURCE, .id = id};
    misas__arena arena = {0};
    bool found = false;

    assert_no_error(
        side->transaction->functions->find_handled(&found, side->transaction, &message, 1, &arena));
    misas__arena_free(&arena);
    return found;
}

/* "a:T/k" of each that the fixture writes. */
static void shorten(char *out, size_t size, char *written)
{
    char *rest = NULL;

    out[0] = '\0';
    for (char *each = strtok_r(written, " ", &rest); each != NULL;
         each = strtok_r(NULL, " ", &rest)) {
        const char *id = strsep(&each, ":");
        const char *type = strsep(&each, ":");
        const char *key = strsep(&each, ":");
        size_t used = strlen(out);

        snprintf(out + used, size - used, "%s%s:%s%s%s", used > 0 ? " " : "", id, type,
                 key[0] != '\0' ? "/" : "", key);
    }
}

void side_assert_predictions(const test_side *side, const char *text, const char *file, int line)
{
    char written[4000];
    char found[2000];

    storage_fixture_write_predictions(written, sizeof written, side->storage);
    shorten(found, sizeof found, written);
    _assert_string_equal(found, text, file, line);
}
