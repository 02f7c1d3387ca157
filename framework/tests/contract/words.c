#include "contract/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

misas_uuid words_id(const char *word)
{
    misas_uuid id = {{0x01}};
    size_t size = strcspn(word, ": ");

    assert_true(size < sizeof id.bytes);
    memcpy(id.bytes + sizeof id.bytes - size, word, size);
    return id;
}

static void parse_word(misas_new_event *out, char *payload, char *type, size_t type_room)
{
    char *colon = strchr(payload, ':');

    if (payload[0] == '#') {
        out->id = words_id(payload + 1);
        payload++;
    }
    if (colon != NULL) {
        *colon = '\0';
    }
    snprintf(type, type_room, "test.v1.%s", colon != NULL ? colon + 1 : "Happened");
    out->type = type;
    out->payload = payload;
    out->payload_size = strlen(payload);
}

void words_parse(words *out, const char *text)
{
    char *rest = NULL;
    size_t used = 0;

    *out = (words){0};
    assert_true(strlen(text) < sizeof out->text);
    strcpy(out->text, text);
    for (char *word = strtok_r(out->text, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        assert_true(out->count < max_words);
        misas_new_event *event = &out->events[out->count++];

        parse_word(event, word, out->types + used, sizeof out->types - used);
        used += strlen(event->type) + 1;
    }
}

misas_error *words_try_append(misas_append_result *out, misas_event_store *store,
                              const char *stream, misas_expected_version expected, const char *text)
{
    words made;

    words_parse(&made, text);
    return misas_event_store_append(out, store, stream, expected, made.events, made.count);
}

misas_append_result words_append(misas_event_store *store, const char *stream,
                                 misas_expected_version expected, const char *text)
{
    misas_append_result result = {0};

    assert_no_error(words_try_append(&result, store, stream, expected, text));
    return result;
}

misas_subscription *words_subscribe(misas_event_store *store,
                                    const misas_subscription_options *options)
{
    misas_subscription *subscription = NULL;

    assert_no_error(misas_event_store_subscribe(&subscription, store, options));
    return subscription;
}

static misas_error *open_reader(misas_event_reader **out, misas_event_store *store,
                                const char *stream, const misas_read_options *options)
{
    return stream != NULL ? misas_event_store_read_stream(out, store, stream, options)
                          : misas_event_store_read_all(out, store, options);
}

void event_list_read(event_list *out, misas_event_store *store, const char *stream,
                     const misas_read_options *options)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    out->count = 0;
    assert_no_error(open_reader(&reader, store, stream, options));
    do {
        assert_no_error(misas_event_reader_next(&event, reader));
        if (event != NULL) {
            assert_true(out->count < sizeof out->events / sizeof out->events[0]);
            assert_no_error(misas_event_copy(&out->events[out->count++], event));
        }
    } while (event != NULL);
    misas_event_reader_free(reader);
}

void event_list_free(event_list *list)
{
    while (list->count > 0) {
        free(list->events[--list->count]);
    }
}

void event_list_write(char *buffer, size_t size, const event_list *list)
{
    size_t used = 0;

    buffer[0] = '\0';
    for (size_t i = 0; i < list->count && used < size; i++) {
        const misas_event *event = list->events[i];

        used += (size_t)snprintf(buffer + used, size - used, "%s%.*s", i > 0 ? " " : "",
                                 (int)event->payload_size, (const char *)event->payload);
    }
}

void words_assert_reads(misas_event_store *store, const char *stream,
                        const misas_read_options *options, const char *text, const char *file,
                        int line)
{
    event_list list;
    char read[2000];

    event_list_read(&list, store, stream, options);
    event_list_write(read, sizeof read, &list);
    event_list_free(&list);
    _assert_string_equal(read, text, file, line);
}

void words_assert_error_data(const misas_error *error, const char *name, const char *value,
                             const char *file, int line)
{
    const char *found = misas_error_data(error, name);

    if (found == NULL) {
        char said[1000];

        misas_error_write(said, sizeof said, error);
        print_error("there is no datum %s in the error: %s\n", name, said);
        _fail(file, line);
    } else {
        _assert_string_equal(found, value, file, line);
    }
}

void words_assert_conflict(misas_error *error, const char *stream, const char *expected,
                           const char *actual, const char *file, int line)
{
    if (!misas_error_is(error, MISAS_ERROR_CONCURRENCY)) {
        test_assert_error_is(error, MISAS_ERROR_CONCURRENCY, file, line);
        return;
    }
    words_assert_error_data(error, "stream", stream, file, line);
    words_assert_error_data(error, "expected", expected, file, line);
    words_assert_error_data(error, "actual", actual, file, line);
    _assert_true(misas_error_has_tag(error, MISAS_TAG_CONFLICT), "tagged conflict", file, line);
    misas_error_free(error);
}

static bool is_id_of_one(const char *id_text, const char *text)
{
    bool is_one = false;

    for (const char *word = text; *word != '\0'; word += strcspn(word, " ")) {
        char id[MISAS_UUID_TEXT_SIZE];

        word += strspn(word, " ");
        is_one = is_one || strcmp(misas_uuid_write(id, words_id(word)), id_text) == 0;
    }
    return is_one;
}

void words_assert_id_conflict(misas_error *error, const char *known_words, const char *file,
                              int line)
{
    const char *id = misas_error_data(error, "event_id");
    bool names_known = id != NULL && is_id_of_one(id, known_words);

    if (misas_error_is(error, MISAS_ERROR_EVENT_ID_CONFLICT) && !names_known) {
        print_error("the error names %s, which is not the id of any of %s\n",
                    id != NULL ? id : "none", known_words);
        _fail(file, line);
    }
    _assert_true(error == NULL || misas_error_has_tag(error, MISAS_TAG_CONFLICT), "conflict", file,
                 line);
    test_assert_error_is(error, MISAS_ERROR_EVENT_ID_CONFLICT, file, line);
}
