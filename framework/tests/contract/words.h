/** Events written as words, so that a test reads as what it appends and what it then reads.
 *
 * A word is the payload of an event: "a1". Its type is test.v1.Happened, or what follows a colon:
 * "a1:Opened" is a test.v1.Opened. "#a1" has the id that words_id("a1") gives; otherwise the store
 * draws one.
 */
#ifndef MISAS_TESTS_CONTRACT_WORDS_H
#define MISAS_TESTS_CONTRACT_WORDS_H

#include "contract/fixture.h"
#include "support/test.h"

enum { max_words = 32 };

/** A list of names that ends with NULL: LIST("test.v1.Opened", "test.v1.Closed"). */
#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

typedef struct words {
    misas_new_event events[max_words];
    size_t count;
    char text[1000];  /* the payloads, one after the other */
    char types[1000]; /* the same for types */
} words;

/** Fills in the events; they point into `out`. */
void words_parse(words *out, const char *text);

misas_uuid words_id(const char *word);

/** Appends the words' events. `out` may be NULL. */
misas_error *words_try_append(misas_append_result *out, misas_event_store *store,
                              const char *stream, misas_expected_version expected,
                              const char *text);

/** As words_try_append; the test fails on an error. */
misas_append_result words_append(misas_event_store *store, const char *stream,
                                 misas_expected_version expected, const char *text);

/** A subscription; the test fails when there is none to be had. `options` may be NULL. */
misas_subscription *words_subscribe(misas_event_store *store,
                                    const misas_subscription_options *options);

/** What is read, copied; ends the test when reading fails. A NULL stream is `$all`. */
typedef struct event_list {
    misas_event *events[1000];
    size_t count;
} event_list;

void event_list_read(event_list *out, misas_event_store *store, const char *stream,
                     const misas_read_options *options);
void event_list_free(event_list *list);

/** Writes the payloads with a space between. */
void event_list_write(char *buffer, size_t size, const event_list *list);

/** Fails unless reading gives just these payloads, in this order. A NULL stream is `$all`. */
#define assert_reads(store, stream, options, text) \
    words_assert_reads((store), (stream), (options), (text), __FILE__, __LINE__)

/** Fails unless the store has nothing but these payloads, in this order. */
#define assert_all(store, text) assert_reads((store), NULL, NULL, (text))

void words_assert_reads(misas_event_store *store, const char *stream,
                        const misas_read_options *options, const char *text, const char *file,
                        int line);

/** Fails unless the datum called `name` is `value`. The error stays the caller's. */
#define assert_error_data(error, name, value) \
    words_assert_error_data((error), (name), (value), __FILE__, __LINE__)

void words_assert_error_data(const misas_error *error, const char *name, const char *value,
                             const char *file, int line);

/** Fails unless `error` is a MISAS_ERROR_CONCURRENCY with these data; frees it. */
#define assert_conflict(error, stream, expected, actual) \
    words_assert_conflict((error), (stream), (expected), (actual), __FILE__, __LINE__)

void words_assert_conflict(misas_error *error, const char *stream, const char *expected,
                           const char *actual, const char *file, int line);

/** Fails unless `error` is a MISAS_ERROR_EVENT_ID_CONFLICT that names the id of one of these words;
 * frees it. */
#define assert_id_conflict(error, known_words) \
    words_assert_id_conflict((error), (known_words), __FILE__, __LINE__)

void words_assert_id_conflict(misas_error *error, const char *known_words, const char *file,
                              int line);

#endif
